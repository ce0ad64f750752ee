"""Cut MP3 without a gap: frames borrow room in those before them (the bit reservoir).

A copied part would start with up to 0.2 s of silence. So it starts with a silent frame that holds
the borrowed bytes, as Sebastian Gesemann's pcutmp3 does, and with frames that the decoder has to
know. How many samples players then drop is in the LAME tag, for those that play without gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chapterize.ffmpeg import open_container

__all__ = ["N_RESERVE", "carrier", "hide_start", "n_decoded", "n_hidden"]

N_RESERVE = 16
"""Frames before a part that may hold bytes that its first frames need."""

_N_DECODED = 2
_HEAD = 4096  # bytes in which the tag is found, after an ID3 tag
_DECODER_DELAY = 529  # samples that every player drops besides those of the tag
_MOST = 4095
# Offsets in the tag, from its word "Xing" or "Info".
_ENCODER, _DELAY, _CHECKSUM = 120, 141, 154
_RESERVOIR = {True: 511, False: 255}  # bytes, by whether it is MPEG-1
# Kilobits per second of layer III, by index; and hertz.
_RATES = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_HERTZ = (44_100, 48_000, 32_000)


def n_decoded(n_before: int) -> int:
    """How many of `n_before` frames are written before a part; the others are in its carrier."""
    return min(_N_DECODED, n_before)


def n_hidden(n_before: int) -> int:
    """How many frames of a part players drop, with the carrier."""
    return 1 + n_decoded(n_before)


def carrier(frames: Sequence[bytes], like: bytes) -> bytes | None:
    """A silent frame that holds the last bytes of the main data of `frames`.

    `like` is a frame of the same stream. None if it is not layer III.
    """
    if len(like) < 4 or like[0] != 0xFF or like[1] & 0xE6 != 0xE2:
        return None
    is_first = like[1] & 0x18 == 0x18
    held = b"".join(frame[_side_end(frame) :] for frame in frames)[-_RESERVOIR[is_first] :]
    hertz = _HERTZ[like[2] >> 2 & 3] >> {0x18: 0, 0x10: 1, 0x00: 2}[like[1] & 0x18]
    # Without a checksum, without padding, and with room for the bytes.
    head = bytearray(like[:4])
    head[1] |= 1
    start = _side_end(head)
    for index, kilobits in enumerate(_RATES[is_first]):
        size = (144 if is_first else 72) * kilobits * 1000 // hertz
        if size >= start + len(held):
            head[2] = index << 4 | head[2] & 0x0C
            return bytes(head) + bytes(size - 4 - len(held)) + held
    return None


def _side_end(frame: bytes | bytearray) -> int:
    """Where the main data of a frame starts, after header, checksum and side information."""
    is_mono = frame[3] >> 6 == 3
    side = (17 if is_mono else 32) if frame[1] & 8 else (9 if is_mono else 17)
    return 4 + 2 * (not frame[1] & 1) + side


def hide_start(path: Path, n_frames: int) -> None:
    """Let players drop the first `n_frames` frames of an MP3 that FFmpeg wrote."""
    with open_container(path) as container:
        rate = container.streams.audio[0].sample_rate
    samples = n_frames * (1152 if rate >= 32_000 else 576) - _DECODER_DELAY
    with path.open("r+b") as file:
        head = file.read(10)
        size = 0
        if head[:3] == b"ID3":
            size = 10 + sum((byte & 127) << 7 * n for n, byte in enumerate(head[9:5:-1]))
        file.seek(size)
        frame = bytearray(file.read(_HEAD))
        tag = max(frame.find(b"Xing", 0, 64), frame.find(b"Info", 0, 64))
        if tag < 0 or frame[tag + _ENCODER : tag + _ENCODER + 3] != b"Lav":
            return
        at = tag + _DELAY
        pad = int.from_bytes(frame[at : at + 3]) & _MOST
        frame[at : at + 3] = (min(samples, _MOST) << 12 | pad).to_bytes(3)
        at = tag + _CHECKSUM
        frame[at : at + 2] = _checksum(frame[:at]).to_bytes(2)
        file.seek(size)
        file.write(frame[: at + 2])


def _checksum(data: bytes | bytearray) -> int:
    """CRC-16 with the polynomial 0x8005, least significant bit first."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
