"""Tracks of one MP4 moved into another: those that ffmpeg cannot copy.

Timecode, GoPro and Apple metadata, camera motion and other data tracks are cut to an interval of
the player's clock. Their sample tables are written again; their descriptions stay as they are.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from chapterize.rendering.containers.copying import Unsuited
from chapterize.rendering.containers.mp4.boxes import Box, make_box

__all__ = [
    "Interval",
    "MovedTrack",
    "chapter_track_ids",
    "handler_of",
    "move_track",
    "references",
    "sample_regions",
    "track_id",
]

_TIMECODE = b"tmcd"
_MAX_SAMPLES = 1 << 26


@dataclass(frozen=True)
class Interval:
    """Seconds of presentation in the source that the new file shows, and the new timescale."""

    start: float
    end: float
    timescale: int


@dataclass(frozen=True)
class MovedTrack:
    """A `trak` box with the id `number`, for the track `source_id` of the source.

    `offsets_at` is where in it the chunk offsets belong, of 8 bytes each; `chunks` are the offsets
    relative to the first sample. `regions` are (offset, size) of the samples in the source;
    `content` replaces them where it is not empty.
    """

    source_id: int
    number: int
    box: bytes
    offsets_at: int
    chunks: tuple[int, ...]
    regions: tuple[tuple[int, int], ...]
    content: bytes = b""

    @property
    def size(self) -> int:
        """Number of bytes of all samples."""
        return len(self.content) or sum(size for _, size in self.regions)


@dataclass(frozen=True)
class _Samples:
    """Decode times and durations in ticks; sizes, file offsets, numbers of their description."""

    times: NDArray[np.int64]
    durations: NDArray[np.int64]
    sizes: NDArray[np.int64]
    offsets: NDArray[np.int64]
    kinds: NDArray[np.int64]

    def part(self, chosen: NDArray[np.bool_]) -> _Samples:
        rows = (self.times, self.durations, self.sizes, self.offsets, self.kinds)
        return _Samples(*(row[chosen] for row in rows))


def track_id(track: Box) -> int:
    """Return the id in the header of a `trak` box."""
    header = track.first(b"tkhd")
    if header is None:
        raise Unsuited("a track without a header")
    return int.from_bytes(header.bytes(20 if header.bytes(0, 1) == b"\1" else 12, 4))


def handler_of(track: Box) -> bytes:
    """Return what a `trak` box holds: ``vide``, ``soun``, ``meta``, ``tmcd``; empty if unknown."""
    handler = track.first(b"mdia", b"hdlr")
    return b"" if handler is None else handler.bytes(8, 4)


def chapter_track_ids(movie: Box) -> set[int]:
    """Ids of tracks that others name as their chapters, unless they are enabled media tracks."""
    named: set[int] = set()
    disabled: set[int] = set()
    for track in movie.boxes():
        if track.kind != b"trak":
            continue
        references = track.first(b"tref", b"chap")
        if references is not None:
            ids = references.bytes()
            named |= {int.from_bytes(ids[at : at + 4]) for at in range(0, len(ids), 4)}
        header = track.first(b"tkhd")
        is_text = handler_of(track) in (b"text", b"sbtl", b"subt")
        if is_text or (header is not None and not header.bytes(3, 1)[0] & 1):
            disabled.add(track_id(track))
    return named & disabled


def move_track(
    track: Box, movie_timescale: int, span: Interval, new_ids: Mapping[int, int], data: bytes
) -> MovedTrack | None:
    """Return the part of `track` that is presented in `span`; None if there is none.

    `new_ids` maps ids of the source to those of the new file; it has that of `track`. `data` is the
    first sample, which is needed to move a timecode on. Raises Unsuited for several edits, composed
    samples, and tables that contradict each other.
    """
    timescale, samples = _timescale(track), _read_samples(track)
    delay, skipped, shown = _edits(track)
    late = Fraction(delay, movie_timescale or 1) - Fraction(skipped, timescale)
    begins = samples.times / timescale + float(late)
    ends = begins + samples.durations / timescale
    last = float(Fraction(delay + shown, movie_timescale or 1)) if shown else float("inf")
    chosen = (ends > span.start + 1e-6) & (begins < min(span.end, last) - 1e-6)
    if not chosen.any():
        return None
    kept, content = samples.part(chosen), b""
    first, end = float(begins[chosen][0]), min(float(ends[chosen][-1]), span.end, last)
    if handler_of(track) == _TIMECODE and len(kept.sizes) == 1 and first < span.start:
        content = _later_timecode(track, data, span.start - first)
    # Samples at the edges become shorter: readers differ about edits that begin inside a sample.
    kept.durations[-1] -= round((float(ends[chosen][-1]) - end) * timescale)
    kept.durations[0] -= round(max(0.0, span.start - first) * timescale)
    np.clip(kept.durations, 0, 0xFFFFFFFF, out=kept.durations)
    offset = max(0.0, first - span.start)
    edits = [(max(0, round((end - span.start - offset) * span.timescale)), 0)]
    if delay_ticks := round(offset * span.timescale):
        edits.insert(0, (delay_ticks, -1))
    duration = sum(ticks for ticks, _ in edits)
    box, at, chunks = _rebuild(track, kept, edits, duration, new_ids)
    source_id = track_id(track)
    return MovedTrack(source_id, new_ids[source_id], box, at, chunks, _regions(kept), content)


def sample_regions(track: Box) -> tuple[tuple[int, int], ...]:
    """Return (offset, size) of the samples of a `trak` box, neighbours joined, in their order."""
    return _regions(_read_samples(track))


def _timescale(track: Box) -> int:
    header = track.first(b"mdia", b"mdhd")
    if header is None:
        raise Unsuited("a track without a media header")
    ticks = int.from_bytes(header.bytes(20 if header.bytes(0, 1) == b"\1" else 12, 4))
    if not ticks:
        raise Unsuited("a track without a timescale")
    return ticks


def _read_samples(track: Box) -> _Samples:
    table = track.first(b"mdia", b"minf", b"stbl")
    found = {box.kind: box for box in table.boxes()} if table else {}
    wide = b"co64" in found
    if not {b"stts", b"stsc", b"stsz", b"co64" if wide else b"stco"} <= found.keys():
        raise Unsuited("a track without a sample table")
    if b"ctts" in found:
        raise Unsuited("a track whose samples are reordered")
    one, count = struct.unpack(">II", found[b"stsz"].bytes(4, 8))
    if count > _MAX_SAMPLES:
        raise Unsuited("a track of too many samples")
    sizes = np.full(count, one) if one else _rows(found[b"stsz"], 1, 12, count)[:, 0]
    steps, runs = _rows(found[b"stts"], 2), _rows(found[b"stsc"], 3)
    n_chunks = int.from_bytes(found[b"co64" if wide else b"stco"].bytes(4, 4))
    if wide:
        halves = _rows(found[b"co64"], 2)
        chunks = (halves[:, 0] << 32) + halves[:, 1]
    else:
        chunks = _rows(found[b"stco"], 1)[:, 0]
    lengths = np.diff(np.append(runs[:, 0], n_chunks + 1))
    is_whole = steps[:, 0].sum() == count == (runs[:, 1] * lengths).sum()
    if np.any(lengths < 0) or lengths.sum() != n_chunks or not is_whole:
        raise Unsuited("sample tables that contradict each other")
    durations = np.repeat(steps[:, 1], steps[:, 0])
    per_chunk = np.repeat(runs[:, 1], lengths)
    kinds = np.repeat(np.repeat(runs[:, 2], lengths), per_chunk)
    before = np.cumsum(sizes) - sizes
    starts = np.repeat(np.cumsum(per_chunk) - per_chunk, per_chunk)
    offsets = np.repeat(chunks, per_chunk) + before - before[starts]
    return _Samples(np.cumsum(durations) - durations, durations, sizes, offsets, kinds)


def _rows(box: Box, width: int, at: int = 8, count: int | None = None) -> NDArray[np.int64]:
    """A table of 32-bit numbers in a box that counts its rows."""
    n_rows = int.from_bytes(box.bytes(4, 4)) if count is None else count
    raw = box.bytes(at, 4 * width * n_rows)
    return np.frombuffer(raw, ">u4").astype(np.int64).reshape(-1, width)


def _edits(track: Box) -> tuple[int, int, int]:
    """Delay in ticks of the movie, media ticks skipped, and movie ticks shown (0: all)."""
    box = track.first(b"edts", b"elst")
    if box is None:
        return 0, 0, 0
    form = ">Qqi" if box.bytes(0, 1) == b"\1" else ">Iii"
    size = struct.calcsize(form)
    count = int.from_bytes(box.bytes(4, 4))
    edits = [struct.unpack(form, box.bytes(8 + size * n, size)) for n in range(count)]
    delay = 0
    while edits and edits[0][1] == -1:
        delay += edits.pop(0)[0]
    if len(edits) > 1:
        raise Unsuited("a track of several edits")
    return (delay, edits[0][1], edits[0][0]) if edits else (delay, 0, 0)


def _later_timecode(track: Box, data: bytes, seconds: float) -> bytes:
    """The sample of a timecode track (QuickTime: a frame number), `seconds` later."""
    description = track.first(b"mdia", b"minf", b"stbl", b"stsd")
    if description is None or len(data) != 4:
        raise Unsuited("a timecode of another form")
    # Entry: size, name, 6 + 2 bytes, reserved, flags, timescale, frame duration.
    ticks, frame = struct.unpack(">II", description.bytes(8 + 24, 8))
    if not frame:
        raise Unsuited("a timecode without a frame rate")
    return struct.pack(">I", (int.from_bytes(data) + round(seconds * ticks / frame)) & 0xFFFFFFFF)


def _regions(kept: _Samples) -> tuple[tuple[int, int], ...]:
    """The bytes of the samples in order, neighbours joined."""
    ends = kept.offsets + kept.sizes
    if not len(ends):
        return ()
    breaks = np.flatnonzero(kept.offsets[1:] != ends[:-1]) + 1
    firsts, stops = np.append(0, breaks), np.append(breaks, len(ends))
    return tuple(
        (int(kept.offsets[a]), int(ends[b - 1] - kept.offsets[a]))
        for a, b in zip(firsts, stops, strict=True)
    )


def _rebuild(
    track: Box,
    kept: _Samples,
    edits: list[tuple[int, int]],
    duration: int,
    new_ids: Mapping[int, int],
) -> tuple[bytes, int, tuple[int, ...]]:
    """The `trak` box, where its chunk offsets are, and the start of each chunk in the samples."""
    breaks = np.flatnonzero(np.diff(kept.kinds)) + 1
    firsts = np.append(0, breaks)
    counts = np.diff(np.append(firsts, len(kept.sizes)))
    before = np.cumsum(kept.sizes) - kept.sizes
    chunks = tuple(int(before[first]) for first in firsts)
    rows = zip(range(1, len(firsts) + 1), counts, kept.kinds[firsts], strict=True)
    steps = np.flatnonzero(np.diff(kept.durations)) + 1
    runs = np.diff(np.append(np.append(0, steps), len(kept.durations)))
    lengths = kept.durations[np.append(0, steps)]
    timing = (struct.pack(">II", int(n), int(t)) for n, t in zip(runs, lengths, strict=True))
    offsets = make_box(b"co64", struct.pack(">II", 0, len(chunks)), bytes(8 * len(chunks)))
    table = (
        make_box(b"stts", struct.pack(">II", 0, len(runs)), *timing),
        make_box(b"stsc", struct.pack(">II", 0, len(firsts)),
                 *(struct.pack(">III", *map(int, row)) for row in rows)),
        make_box(b"stsz", struct.pack(">III", 0, 0, len(kept.sizes)),
                 kept.sizes.astype(">u4").tobytes()),
        offsets,
    )  # fmt: skip
    listed = (struct.pack(">QqI", length, start, 0x10000) for length, start in edits)
    head = struct.pack(">II", 0x01000000, len(edits))
    edit_list = make_box(b"edts", make_box(b"elst", head, *listed))
    box = _with_table(track, b"".join(table), int(kept.durations.sum()))
    parts = [_header(track, new_ids[track_id(track)], duration), edit_list]
    found = references(track, new_ids)
    parts.append(make_box(b"tref", found) if found else b"")
    skipped = (b"tkhd", b"edts", b"tref", b"mdia")
    parts += [one.whole for one in track.boxes() if one.kind not in skipped]
    whole = make_box(b"trak", *parts, box)
    return whole, len(whole) - 8 * len(chunks), chunks


def _with_table(track: Box, table: bytes, length: int) -> bytes:
    """The `mdia` box with the new sample table at its end."""
    media = track.first(b"mdia")
    info = track.first(b"mdia", b"minf")
    names = track.first(b"mdia", b"minf", b"stbl", b"stsd")
    header = track.first(b"mdia", b"mdhd")
    if media is None or info is None or names is None or header is None:
        raise Unsuited("a track without a description")
    new = bytearray(header.whole)
    if header.bytes(0, 1) == b"\1":
        struct.pack_into(">Q", new, 8 + 24, length)
    else:
        struct.pack_into(">I", new, 8 + 16, min(length, 0xFFFFFFFE))
    others = [_named(one) for one in media.boxes() if one.kind not in (b"mdhd", b"minf")]
    inner = [one.whole for one in info.boxes() if one.kind != b"stbl"]
    stbl = make_box(b"stbl", names.whole, table)
    return make_box(b"mdia", bytes(new), *others, make_box(b"minf", *inner, stbl))


def _named(box: Box) -> bytes:
    """A box of `mdia`; the name in `hdlr` without the length with which QuickTime starts it."""
    body = box.bytes()
    if box.kind == b"hdlr" and len(body) > 25 and body[24] == len(body) - 25:
        return make_box(b"hdlr", body[:24], body[25:], b"\0")
    return box.whole


def _header(track: Box, number: int, duration: int) -> bytes:
    header = track.first(b"tkhd")
    if header is None:
        raise Unsuited("a track without a header")
    new = bytearray(header.whole)
    if header.bytes(0, 1) == b"\1":
        struct.pack_into(">I", new, 8 + 20, number)
        struct.pack_into(">Q", new, 8 + 28, duration)
    else:
        struct.pack_into(">I", new, 8 + 12, number)
        struct.pack_into(">I", new, 8 + 20, min(duration, 0xFFFFFFFE))
    return bytes(new)


def references(track: Box, new_ids: Mapping[int, int]) -> bytes:
    """Return the references of a track with new ids, without those that `new_ids` lacks."""
    box = track.first(b"tref")
    parts = []
    for one in box.boxes() if box else ():
        raw = one.bytes()
        ids = (int.from_bytes(raw[at : at + 4]) for at in range(0, len(raw), 4))
        if found := [new_ids[number] for number in ids if number in new_ids]:
            parts.append(make_box(one.kind, struct.pack(f">{len(found)}I", *found)))
    return b"".join(parts)
