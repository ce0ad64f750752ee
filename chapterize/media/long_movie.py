"""Long MP4, M4A and MOV opened by their two ends, so that the index of packets stays small.

PyAV is given a view of the file in which `moov` names only the first samples of each long track,
or the first and the last ones; codecs, edit lists, tags and chapters stand there as they are.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from chapterize.ffmpeg import open_container
from chapterize.media.sample_table import (
    Box,
    RunReader,
    SampleTable,
    UnusualFile,
    read_at,
    walk,
)

if TYPE_CHECKING:
    from av.container import InputContainer

    from chapterize.media.sample_table import IntArray

__all__ = ["LongMovie", "find_long_movie"]

LONG_SAMPLES = 100_000
"""A track with more samples than this is cut; shorter files are opened as always."""
KEPT_SAMPLES = 10_000
"""Samples kept at each end: minutes, where the first look and the last one take seconds."""

TAIL_SECONDS = 20.0  # the last look goes back ten seconds, and a little for the key frame
_MOST_BYTES = 1 << 26  # of a header without its long tables: pictures and tags
_MOST_STEP = (1 << 32) - (1 << 20)  # FFmpeg takes steps above this for negative ones
_LEVELS = (b"trak", b"mdia", b"minf", b"stbl")
_FRAGMENTED = frozenset((b"moof", b"mvex", b"cmov"))


def find_long_movie(path: Path) -> LongMovie | None:
    """The file, when it is a plain MP4, M4A or MOV with a track of many samples, else None."""
    try:
        with path.open("rb") as file:
            if read_at(file, 4, 4) not in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
                return None
            movie = LongMovie(path, file)
            return movie if movie.tracks else None
    except (OSError, UnusualFile):
        return None


class LongMovie:
    """What is needed to open `path` by its ends; holds no table."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self.size_bytes = path.stat().st_size
        top = walk(file, 0, self.size_bytes)
        movies = [box for box in top if box.kind == b"moov"]
        if len(movies) != 1 or _FRAGMENTED & {box.kind for box in top}:
            raise UnusualFile("in fragments, or without one header")
        self._moov = movies[0]
        boxes = walk(file, self._moov.body, self._moov.end)
        if _FRAGMENTED & {box.kind for box in boxes}:
            raise UnusualFile("in fragments, or compressed")
        tracks = [LongTrack(file, box) for box in boxes if box.kind == b"trak"]
        self.tracks = {track.id: track for track in tracks if track.n_samples > LONG_SAMPLES}
        for track in self.tracks.values():
            track.check(file, self.size_bytes)

    @property
    def hole(self) -> float:
        """Seconds between the two ends, where they are least."""
        return min(track.hole for track in self.tracks.values())

    @contextmanager
    def open(self, *, with_tail: bool) -> Iterator[InputContainer]:
        """PyAV's container of the first samples, and of the last ones behind them.

        Raises
        ------
        MediaError, UnusualFile, OSError : it has to be opened in the usual way.
        """
        with self.path.open("rb") as file:
            moov = self._rebuild(file, self._moov, with_tail)
            room = self._moov.end - self._moov.start - len(moov)
            if room < 8 and room != 0:
                raise UnusualFile("the short header is longer than the long one")
            # What is left of the old header becomes a box that is passed over.
            moov += struct.pack(">I4s", room, b"free") if room else b""
            view = _View(file, self.size_bytes, self._moov.start, moov)
            with open_container(self.path, view) as container:
                yield container

    def _rebuild(self, file: BinaryIO, parent: Box, with_tail: bool) -> bytes:
        parts, size = [], 0
        for box in walk(file, parent.body, parent.end):
            track = next((one for one in self.tracks.values() if one.box == box), None)
            size += 0 if track else box.end - box.start
            if size > _MOST_BYTES:
                raise UnusualFile("a very long header")
            if track is None:
                parts.append(read_at(file, box.start, box.end - box.start))
            else:
                parts.append(track.rebuild(file, with_tail=with_tail))
        return _box(parent.kind, *parts)


class LongTrack:
    """A track of a movie: its tables, and which of its samples the ends are."""

    def __init__(self, file: BinaryIO, box: Box) -> None:
        self.box = box
        self._levels = {b"trak": walk(file, box.body, box.end)}
        boxes = self._levels[b"trak"]
        for kind in _LEVELS[1:]:
            parent = _only(boxes, kind)
            boxes = self._levels[kind] = walk(file, parent.body, parent.end)
        self.id = _read_header(file, _only(self._levels[b"trak"], b"tkhd"))
        self._timescale = _read_header(file, _only(self._levels[b"mdia"], b"mdhd"))
        is_sampled = any(box.kind == b"stsz" for box in boxes)
        self.n_samples = self.table(file).n_samples if is_sampled else 0

    def table(self, file: BinaryIO) -> SampleTable:
        """The tables of all its samples, read from `file` as they are needed."""
        return SampleTable(file, self._levels[b"stbl"])

    def check(self, file: BinaryIO, size_bytes: int) -> None:
        """Find the ends. Raises UnusualFile for a track that is not plain."""
        table = self.table(file)
        table.check()
        _check_edits(file, self._levels[b"trak"])
        _check_references(file, self._levels[b"minf"])
        self.head = KEPT_SAMPLES
        self.tail = self._find_key(table, self.n_samples - KEPT_SAMPLES)
        steps = RunReader(table.runs(b"stts"))
        steps.skip(self.head - 1)
        self._gap = steps.skip(self.tail - self.head + 1)
        self._rest = steps.skip(self.n_samples - self.tail)
        if not 0 < self._timescale <= self._rest / TAIL_SECONDS:
            raise UnusualFile("its end is too short")
        if self._gap + self._rest > _MOST_STEP:
            raise UnusualFile("it is too long for one step")
        for offsets, sizes in table.samples(0, self.n_samples):
            if np.any(offsets + sizes > size_bytes):
                raise UnusualFile("the file is cut off")

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
            new = _box(below, body)
            body = b"".join(
                new if box.kind == below else read_at(file, box.start, box.end - box.start)
                for box in self._levels[kind]
            )
            below = kind
        return _box(below, body)


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
            b"stco": b"",
            b"co64": b"",
            b"stts": _table(bytes(4), self._steps(), ">u4"),
            # Which samples others depend on, and how far before a cut to begin: not needed.
            **dict.fromkeys((b"sdtp", b"sbgp", b"sgpd", b"free"), b""),
        }
        if b"ctts" in table.boxes:
            version = read_at(self._file, table.boxes[b"ctts"].body, 4)
            new[b"ctts"] = _table(version, self._shifts(), ">u4")
        if b"stss" in table.boxes:
            new[b"stss"] = _table(bytes(4), self._keys(), ">u4")
        parts = [_box(b"co64", _table(bytes(4), offsets, ">u8"))]
        for kind, box in table.boxes.items():
            if kind not in new:
                parts.append(read_at(self._file, box.start, box.end - box.start))
            elif new[kind]:
                parts.append(_box(kind, new[kind]))
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
            head, one = head + [[1, 0]], one[:0]
        return np.concatenate([head, one, [[1, self._gap]], tail])

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


class _View(io.RawIOBase):
    """`file` with other bytes from `start` on; reads and seeks, and never writes."""

    def __init__(self, file: BinaryIO, size: int, start: int, patch: bytes) -> None:
        self._file, self._size, self._start, self._patch = file, size, start, patch
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        end = self._size if size < 0 else min(self._size, self._position + size)
        inside = self._position - self._start
        if 0 <= inside < len(self._patch):
            data = self._patch[inside : inside + max(0, end - self._position)]
        else:
            if self._position < self._start:
                end = min(end, self._start)
            self._file.seek(self._position)
            data = self._file.read(max(0, end - self._position))
        self._position += len(data)
        return data


def _only(boxes: list[Box], kind: bytes) -> Box:
    found = [box for box in boxes if box.kind == kind]
    if len(found) != 1:
        raise UnusualFile(f"{len(found)} boxes {kind!r}")
    return found[0]


def _read_header(file: BinaryIO, box: Box) -> int:
    """The number behind the two dates: the id in `tkhd`, the timescale in `mdhd`."""
    (version,) = read_at(file, box.body, 1)
    return int.from_bytes(read_at(file, box.body + (20 if version == 1 else 12), 4))


def _check_edits(file: BinaryIO, boxes: list[Box]) -> None:
    """Raise UnusualFile for more than one edit behind an empty one, or another speed."""
    edits = [box for box in boxes if box.kind == b"edts"]
    for box in chain.from_iterable(walk(file, one.body, one.end) for one in edits):
        if box.kind != b"elst":
            continue
        version, n_edits = struct.unpack(">B3xI", read_at(file, box.body, 8))
        if n_edits > 2 or len(edits) > 1:
            raise UnusualFile("many edits")
        form = ">QqI" if version == 1 else ">IiI"
        data = read_at(file, box.body + 8, struct.calcsize(form) * n_edits)
        times = [(time, rate) for _, time, rate in struct.iter_unpack(form, data)]
        is_plain = all(rate == 1 << 16 for _, rate in times)
        if not is_plain or any(time != -1 for time, _ in times[:-1]):
            raise UnusualFile("edits that repeat, leave out or slow down")


def _check_references(file: BinaryIO, boxes: list[Box]) -> None:
    """Raise UnusualFile unless all the samples lie in the file itself."""
    information = _only(boxes, b"dinf")
    references = _only(walk(file, information.body, information.end), b"dref")
    for box in walk(file, references.body + 8, references.end):
        if not read_at(file, box.body, 4)[3] & 1:
            raise UnusualFile("its samples lie in another file")


def _table(head: bytes, rows: IntArray, form: str) -> bytes:
    return head + struct.pack(">I", len(rows)) + rows.astype(form).tobytes()


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body
