"""H.264 as stored in MP4 and Matroska: parameter sets in a record, NAL units with a length prefix.

Field names and the Exp-Golomb code are those of ITU-T H.264 (7.3.2 and 9.1), the configuration
record that of ISO/IEC 14496-15 (5.3.3.1).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = [
    "IDR",
    "ParameterSets",
    "is_reference",
    "join_records",
    "nal_units",
    "read_record",
    "set_ids",
]

IDR, _SPS, _PPS = 5, 7, 8
_SLICES = range(1, 6)
_WITH_CHROMA = {100, 110, 122, 244, 44, 83, 86, 118, 128}
_MAX_SETS = 31


class _Bits:
    """Reads bits and Exp-Golomb numbers of a NAL unit after its header byte."""

    def __init__(self, unit: bytes) -> None:
        payload = unit[1:].replace(b"\0\0\3", b"\0\0")  # emulation prevention
        self._bits = int.from_bytes(payload)
        self._left = 8 * len(payload)

    def take(self, n: int) -> int:
        self._left -= n
        if self._left < 0:
            raise ValueError("the parameter set is truncated")
        return (self._bits >> self._left) & ((1 << n) - 1)

    def number(self) -> int:
        """An unsigned Exp-Golomb number, ue(v)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        code = self.number()
        return (code + 1) // 2 if code % 2 else -(code // 2)


@dataclass(frozen=True)
class ParameterSets:
    """The configuration record of a track; `ids` are its sequence and picture parameter sets.

    `n_refs` is the maximum number of reference frames; `has_fields` : frames may be interlaced.
    """

    profile: int
    level: int
    length_bytes: int
    sequence: tuple[bytes, ...]
    picture: tuple[bytes, ...]
    ids: frozenset[int]
    n_refs: int
    has_fields: bool


def read_record(record: bytes | None) -> ParameterSets | None:
    """Parse a configuration record; None where it is damaged or not one (Annex B)."""
    if not record or len(record) < 7 or record[0] != 1:
        return None
    try:
        sequence, position = _read_units(record, 5, record[5] & 31)
        picture, _ = _read_units(record, position, record[position])
        n_refs, has_fields = zip(*map(_read_sequence, sequence), strict=True)
        ids = set_ids((*sequence, *picture))
    except (ValueError, IndexError, struct.error):
        return None
    profile, level, length_bytes = record[1], record[3], 1 + (record[4] & 3)
    return ParameterSets(
        profile, level, length_bytes, sequence, picture, ids, max(n_refs), any(has_fields)
    )


def _read_units(record: bytes, position: int, count: int) -> tuple[tuple[bytes, ...], int]:
    units = []
    position += 1
    for _ in range(count):
        (size,) = struct.unpack_from(">H", record, position)
        units.append(record[position + 2 : position + 2 + size])
        if len(units[-1]) != size:
            raise ValueError("the record is truncated")
        position += 2 + size
    return tuple(units), position


def _read_sequence(unit: bytes) -> tuple[int, bool]:
    """(maximum number of reference frames, whether frames may be coded as fields)."""
    bits = _Bits(unit)
    profile = bits.take(8)
    bits.take(16)
    bits.number()
    if profile in _WITH_CHROMA:
        _skip_chroma(bits)
    bits.number()
    order = bits.number()
    if order == 0:
        bits.number()
    elif order == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        for _ in range(bits.number()):
            bits.signed()
    n_refs = bits.number()
    bits.take(1)
    bits.number()
    bits.number()
    return n_refs, not bits.take(1)


def _skip_chroma(bits: _Bits) -> None:
    form = bits.number()
    if form == 3:
        bits.take(1)
    bits.number()
    bits.number()
    bits.take(1)
    if not bits.take(1):
        return
    for which in range(8 if form != 3 else 12):
        last = following = 8
        for _ in range((16 if which < 6 else 64) if bits.take(1) else 0):
            if following:
                following = (last + bits.signed()) % 256
            last = following or last


def set_ids(units: tuple[bytes, ...]) -> frozenset[int]:
    """The ids of the parameter sets among `units`."""
    ids = set()
    for unit in units:
        bits = _Bits(unit[:64])
        if unit[0] & 31 == _SPS:
            bits.take(24)
        if unit[0] & 31 in (_SPS, _PPS):
            ids.add(bits.number())
    return frozenset(ids)


def join_records(own: bytes, other: ParameterSets) -> bytes:
    """Return the record `own` with the sets of `other` added, so that decoders know both.

    Raises ValueError if a record cannot hold that many sets.
    """
    sequence, position = _read_units(own, 5, own[5] & 31)
    picture, end = _read_units(own, position, own[position])
    sequence += other.sequence
    picture += other.picture
    if max(len(sequence), len(picture)) > _MAX_SETS:
        raise ValueError("too many parameter sets")
    head = own[:5] + bytes([0xE0 | len(sequence)]) + _write_units(sequence)
    return head + bytes([len(picture)]) + _write_units(picture) + own[end:]


def _write_units(units: tuple[bytes, ...]) -> bytes:
    return b"".join(struct.pack(">H", len(unit)) + unit for unit in units)


def nal_units(packet: memoryview, length_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Yield (type, first 64 bytes at most) of each NAL unit in a packet."""
    position = 0
    while position + length_bytes < len(packet):
        size = int.from_bytes(packet[position : position + length_bytes])
        position += length_bytes
        yield packet[position] & 31, bytes(packet[position : position + min(size, 64)])
        position += size


def is_reference(packet: Any, length_bytes: int) -> bool:
    """Whether other frames may refer to the frame of a packet (nal_ref_idc, 7.4.1)."""
    units = nal_units(memoryview(packet), length_bytes)
    return next((head[0] & 0x60 != 0 for kind, head in units if kind in _SLICES), True)
