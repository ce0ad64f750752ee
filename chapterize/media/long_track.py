"""One long track of an MP4, M4A or MOV: which samples its ends are, and the tables of those."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from chapterize.media.sample_table import (
    Box,
    RunReader,
    SampleTable,
    UnusualFile,
    read_at,
    walk,
)

if TYPE_CHECKING:
    from chapterize.media.sample_table import IntArray

__all__ = ["LongTrack", "make_box", "only", "read_header"]

KEPT_SAMPLES = 10_000
"""Samples kept at each end: minutes, where the first look and the last one take seconds."""

TAIL_SECONDS = 20.0  # the last look goes back ten seconds, and a little for the key frame
_MOST_STEP = (1 << 32) - (1 << 20)  # FFmpeg takes steps above this for negative ones
_LEVELS = (b"trak", b"mdia", b"minf", b"stbl")


class LongTrack:
    """A track of a movie: its tables, and which of its samples the ends are."""

    def __init__(self, file: BinaryIO, box: Box) -> None:
        self.box = box
        self._levels = {b"trak": walk(file, box.body, box.end)}
        boxes = self._levels[b"trak"]
        for kind in _LEVELS[1:]:
            parent = only(boxes, kind)
            boxes = self._levels[kind] = walk(file, parent.body, parent.end)
        self.id = read_header(file, only(self._levels[b"trak"], b"tkhd"))
        self._timescale = read_header(file, only(self._levels[b"mdia"], b"mdhd"))
        is_sampled = any(box.kind == b"stsz" for box in boxes)
        self.n_samples = self.table(file).n_samples if is_sampled else 0

    def table(self, file: BinaryIO) -> SampleTable:
        """The tables of all its samples, read from `file` as they are needed."""
        return SampleTable(file, self._levels[b"stbl"])

    def check(self, file: BinaryIO, size_bytes: int, moov: Box, movie_timescale: int) -> None:
        """Find the ends. Raises UnusualFile for a track that is not plain.

        An edit counts its length in units of `movie_timescale` to the second.
        """
        table = self.table(file)
        table.check()
        _check_references(file, self._levels[b"minf"])
        self.head = KEPT_SAMPLES
        self.tail = self._find_key(table, self.n_samples - KEPT_SAMPLES)
        steps = RunReader(table.runs(b"stts"))
        early = steps.skip(self.head // 2)
        late = early + steps.skip(self.head - 1 - self.head // 2)
        self._gap = steps.skip(self.tail - self.head + 1)
        self._rest = steps.skip(self.n_samples - self.tail)
        if not 0 < self._timescale <= self._rest / TAIL_SECONDS:
            raise UnusualFile("its end is too short")
        if self._gap + self._rest > _MOST_STEP:
            raise UnusualFile("it is too long for one step")
        unit = Fraction(self._timescale, max(1, movie_timescale))
        for start, length in _read_edits(file, self._levels[b"trak"]):
            if start > early or start + length * unit < late + self._gap:
                raise UnusualFile("an edit begins or ends in the middle")
        for offsets, sizes in table.samples(0, self.n_samples):
            ends = offsets + sizes
            if np.any(ends > size_bytes) or np.any((offsets < moov.end) & (ends > moov.start)):
                raise UnusualFile("the file is cut off, or its sizes are wrong")

    @property
    def hole(self) -> float:
        """Seconds between the two ends."""
        return self._gap / self._timescale

    def _find_key(self, table: SampleTable, last: int) -> int:
        """The last sample up to `last` (counted from 0) at which decoding can begin."""
        if b"stss" not in table.boxes:
            return last
        key = 0
        for rows in table.entries(b"stss", 1):
            numbers = rows[rows <= last + 1]
            key = int(numbers.max()) if numbers.size else key
        if key - 1 <= max(self.head, last - 2 * KEPT_SAMPLES):
            raise UnusualFile("its key frames are far apart")
        return key - 1

    def rebuild(self, file: BinaryIO, *, with_tail: bool) -> bytes:
        """The `trak` box that names the first samples, and the last ones when `with_tail`."""
        tail = self.tail if with_tail else self.n_samples
        gap = self._gap if with_tail else self._gap + self._rest
        body = _Cut(file, self.table(file), self.head, tail, gap).boxes()
        below = b"stbl"
        for kind in reversed(_LEVELS[:-1]):
            new = make_box(below, body)
            body = b"".join(
                new if box.kind == below else read_at(file, box.start, box.end - box.start)
                for box in self._levels[kind]
            )
            below = kind
        return make_box(below, body)


class _Cut:
    """The tables of one track for its samples [0, head) and [tail, end)."""

    def __init__(self, file: BinaryIO, table: SampleTable, head: int, tail: int, gap: int) -> None:
        self._file, self._table, self._gap = file, table, gap
        self._head, self._tail, self._end = head, tail, table.n_samples

    def boxes(self) -> bytes:
        table = self._table
        ends = ((0, self._head), (self._tail, self._end))
        kept = [block for span in ends if span[0] < span[1] for block in table.samples(*span)]
        offsets = np.concatenate([offsets for offsets, _ in kept])
        sizes = np.concatenate([sizes for _, sizes in kept])
        new = {
            b"stsz": _table(bytes(8), sizes, ">u4"),
            b"stsc": _table(bytes(4), np.array([[1, 1, 1]]), ">u4"),
            b"stco": _table(bytes(4), offsets, ">u4"),
            b"co64": _table(bytes(4), offsets, ">u8"),
            b"stts": _table(bytes(4), self._steps(), ">u4"),
            # Which samples others depend on, and how far before a cut to begin: not needed.
            **dict.fromkeys((b"sdtp", b"sbgp", b"sgpd", b"free"), b""),
        }
        if b"ctts" in table.boxes:
            version = read_at(self._file, table.boxes[b"ctts"].body, 4)
            new[b"ctts"] = _table(version, self._shifts(), ">u4")
        if b"stss" in table.boxes:
            new[b"stss"] = _table(bytes(4), self._keys(), ">u4")
        parts = []
        for kind, box in table.boxes.items():
            if kind not in new:
                parts.append(read_at(self._file, box.start, box.end - box.start))
            elif new[kind]:
                parts.append(make_box(kind, new[kind]))
        return b"".join(parts)

    def _steps(self) -> IntArray:
        reader = RunReader(self._table.runs(b"stts"))
        head = np.stack(reader.take(self._head - 2), axis=1)
        one = np.stack(reader.take(1), axis=1)
        reader.skip(self._tail - self._head + 1)
        tail = np.stack(reader.take(self._end - self._tail), axis=1)
        rows = self._table.count(b"stts")
        if rows <= 2 and len(head) == 1 and head[0, 1] == one[0, 1]:
            # FFmpeg takes one run, and a last step of its own, for a constant frame rate.
            head, one = head + np.array([[1, 0]]), one[:0]
        return np.concatenate([head, one, np.array([[1, self._gap]]), tail])

    def _shifts(self) -> IntArray:
        reader = RunReader(self._table.runs(b"ctts"))
        head = np.stack(reader.take(self._head), axis=1)
        reader.skip(self._tail - self._head)
        return np.concatenate([head, np.stack(reader.take(self._end - self._tail), axis=1)])

    def _keys(self) -> IntArray:
        kept: list[IntArray] = []
        for rows in self._table.entries(b"stss", 1):
            numbers = rows[:, 0]
            kept.append(numbers[numbers <= self._head])
            kept.append(numbers[numbers > self._tail] - (self._tail - self._head))
        keys = np.concatenate(kept)
        if not keys.size:
            raise UnusualFile("no key frame at its ends")
        return keys


def only(boxes: list[Box], kind: bytes) -> Box:
    """The one box of this kind; UnusualFile when there is none, or another."""
    found = [box for box in boxes if box.kind == kind]
    if len(found) != 1:
        raise UnusualFile(f"{len(found)} boxes {kind!r}")
    return found[0]


def read_header(file: BinaryIO, box: Box) -> int:
    """The number behind the two dates: the id in `tkhd`, the timescale in `mdhd`."""
    (version,) = read_at(file, box.body, 1)
    return int.from_bytes(read_at(file, box.body + (20 if version == 1 else 12), 4))


def _read_edits(file: BinaryIO, boxes: list[Box]) -> list[tuple[int, int]]:
    """Start (in the track's unit) and length (in the movie's) of the one edit, if there is any.

    Raises UnusualFile for more than one behind an empty one, and for another speed.
    """
    edits = [box for box in boxes if box.kind == b"edts"]
    lists = [one for box in edits for one in walk(file, box.body, box.end) if one.kind == b"elst"]
    if not lists:
        return []
    version, n_edits = struct.unpack(">B3xI", read_at(file, lists[0].body, 8))
    if n_edits > 2 or len(lists) > 1:
        raise UnusualFile("many edits")
    form = ">QqI" if version == 1 else ">IiI"
    data = read_at(file, lists[0].body + 8, struct.calcsize(form) * n_edits)
    rows = list(struct.iter_unpack(form, data))
    is_plain = all(rate == 1 << 16 for _, _, rate in rows)
    if not is_plain or any(start != -1 for _, start, _ in rows[:-1]):
        raise UnusualFile("edits that repeat, leave out or slow down")
    if rows and rows[-1][1] < 0:
        raise UnusualFile("nothing is shown")
    return [(start, length) for length, start, _ in rows[-1:]]


def _check_references(file: BinaryIO, boxes: list[Box]) -> None:
    """Raise UnusualFile unless all the samples lie in the file itself."""
    information = only(boxes, b"dinf")
    references = only(walk(file, information.body, information.end), b"dref")
    for box in walk(file, references.body + 8, references.end):
        if not read_at(file, box.body, 4)[3] & 1:
            raise UnusualFile("its samples lie in another file")


def _table(head: bytes, rows: IntArray, form: str) -> bytes:
    return head + struct.pack(">I", len(rows)) + rows.astype(form).tobytes()


def make_box(kind: bytes, *parts: bytes) -> bytes:
    """A box with `parts` end to end as its body."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body
