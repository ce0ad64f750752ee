"""The sample tables of MP4, M4A and MOV, read piece by piece from the file.

FFmpeg keeps about 70 bytes for every packet of the file, which for ten hours is more than all
else together. Here a table stays on the disk and is read in blocks (ISO/IEC 14496-12, 8.6 and
8.7), so memory does not grow with the length. Whatever is unusual raises `UnusualFile`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]

__all__ = ["Box", "RunReader", "SampleTable", "UnusualFile", "read_at", "walk"]

_ENTRIES_PER_READ = 8192
_CHUNKS_PER_READ = 4096
_SAMPLES_PER_READ = 1 << 14
_MOST_BOXES = 1000
# What a long track may hold beside its samples; everything else (encryption, partial key frames,
# a size of its own for each field) means something that we do not follow.
_KNOWN_TABLES = frozenset(
    (
        *(b"stsd", b"stts", b"ctts", b"stss", b"stsz", b"stsc", b"stco", b"co64"),
        *(b"cslg", b"sdtp", b"sbgp", b"sgpd", b"free"),
    )
)
_ENCRYPTED = frozenset((b"enca", b"encv", b"drms", b"drmi"))


class UnusualFile(Exception):
    """This file is not for us: FFmpeg is to read it in its usual way."""


@dataclass(frozen=True)
class Box:
    """Where a box begins, where its body does, and where both end: bytes of the file."""

    kind: bytes
    start: int
    body: int
    end: int


def read_at(file: BinaryIO, position: int, size: int) -> bytes:
    """Exactly `size` bytes; UnusualFile when they cannot be read."""
    try:
        file.seek(position)
        data = file.read(size)
    except (OSError, ValueError) as error:
        raise UnusualFile(str(error)) from error
    if len(data) != size:
        raise UnusualFile("the file ends inside a box")
    return data


def walk(file: BinaryIO, start: int, end: int) -> list[Box]:
    """The boxes that fill [start, end); UnusualFile when they do not."""
    boxes: list[Box] = []
    position = start
    while position + 8 <= end:
        size, kind = struct.unpack(">I4s", read_at(file, position, 8))
        body = position + 8
        if size == 1:
            (size,) = struct.unpack(">Q", read_at(file, body, 8))
            body += 8
        elif size == 0:
            size = end - position
        if size < body - position or position + size > end or len(boxes) == _MOST_BOXES:
            raise UnusualFile(f"a {kind!r} box does not fit")
        boxes.append(Box(kind, position, body, position + size))
        position += size
    return boxes


class RunReader:
    """A run-length table, from (counts, values) blocks, taken from its beginning onwards."""

    def __init__(self, blocks: Iterable[tuple[IntArray, IntArray]]) -> None:
        self._blocks = iter(blocks)
        self._counts = self._values = np.empty(0, np.int64)

    def take(self, n_items: int) -> tuple[IntArray, IntArray]:
        """Counts and values of the runs that make up the next `n_items` items."""
        taken = [(self._counts[:0], self._values[:0])]
        while n_items > 0:
            if not self._counts.size:
                try:
                    self._counts, self._values = next(self._blocks)
                except StopIteration:
                    raise UnusualFile("a table is too short") from None
                continue
            ends = np.cumsum(self._counts)
            n_whole = int(np.searchsorted(ends, n_items, "right"))
            counts, values = self._counts[:n_whole], self._values[:n_whole]
            self._counts, self._values = self._counts[n_whole:].copy(), self._values[n_whole:]
            n_items -= int(counts.sum())
            taken.append((counts, values))
            if self._counts.size and n_items:
                taken.append((np.array([n_items]), self._values[:1]))
                self._counts[0] -= n_items
                n_items = 0
        return (
            np.concatenate([counts for counts, _ in taken]),
            np.concatenate([values for _, values in taken]),
        )

    def expand(self, n_items: int) -> IntArray:
        """The next `n_items` values, one each."""
        counts, values = self.take(n_items)
        return np.repeat(values, counts)

    def skip(self, n_items: int) -> int:
        """Pass over `n_items` items and return the sum of their values."""
        total = 0
        for begin in range(0, n_items, _ENTRIES_PER_READ):
            counts, values = self.take(min(_ENTRIES_PER_READ, n_items - begin))
            total += int(counts @ values)
        return total


class SampleTable:
    """One track whose samples have their own sizes each; nothing of its length is held.

    Raises
    ------
    UnusualFile : the tables do not add up, or hold what we do not follow.
    """

    def __init__(self, file: BinaryIO, boxes: Iterable[Box]) -> None:
        self._file = file
        found = list(boxes)
        self.boxes = {box.kind: box for box in found}
        if b"stsz" not in self.boxes or len(self.boxes) < len(found):
            raise UnusualFile("no table of sample sizes, or a table twice")
        sizes = self.boxes[b"stsz"]
        common_size, self.n_samples = struct.unpack(">II", read_at(file, sizes.body + 4, 8))
        if common_size:
            self.n_samples = 0  # raw sound, which FFmpeg keeps by the chunk

    def check(self) -> None:
        """Raise UnusualFile unless everything about this track is plain and adds up."""
        file, boxes = self._file, self.boxes
        offsets = boxes.get(b"stco") or boxes.get(b"co64")
        if not _KNOWN_TABLES.issuperset(boxes) or offsets is None:
            raise UnusualFile("a table that we do not know")
        if not {b"stsd", b"stts", b"stsc"} <= boxes.keys() or {b"stco", b"co64"} <= boxes.keys():
            raise UnusualFile("a table is missing, or there twice")
        n_descriptions, _, kind = struct.unpack(">II4s", read_at(file, boxes[b"stsd"].body + 4, 12))
        if n_descriptions != 1 or kind in _ENCRYPTED:
            raise UnusualFile("encrypted, or of more than one kind")
        for grouping in (b"sbgp", b"sgpd"):
            if grouping in boxes and read_at(file, boxes[grouping].body + 4, 4) != b"roll":
                raise UnusualFile("its samples are grouped")
        if boxes[b"stsz"].body + 12 + 4 * self.n_samples > boxes[b"stsz"].end:
            raise UnusualFile("the table of sizes is cut off")
        totals = {sum(int(n @ v) for n, v in self._chunk_runs())}
        for kind in {b"stts", b"ctts"} & boxes.keys():
            totals.add(sum(int(counts.sum()) for counts, _ in self.runs(kind)))
        if totals != {self.n_samples}:
            raise UnusualFile("the tables do not add up")

    def entries(self, kind: bytes, width: int) -> Iterator[IntArray]:
        """The rows of a table in blocks, shape (n_rows, width), 32-bit numbers without a sign."""
        box = self.boxes[kind]
        n_rows = self.count(kind)
        if box.body + 8 + 4 * width * n_rows > box.end:
            raise UnusualFile(f"the {kind!r} table is cut off")
        for row in range(0, n_rows, _ENTRIES_PER_READ):
            n_here = min(_ENTRIES_PER_READ, n_rows - row)
            data = read_at(self._file, box.body + 8 + 4 * width * row, 4 * width * n_here)
            yield np.frombuffer(data, ">u4").astype(np.int64).reshape(n_here, width)

    def count(self, kind: bytes) -> int:
        """How many rows the table of this kind says it has."""
        return int.from_bytes(read_at(self._file, self.boxes[kind].body + 4, 4))

    def runs(self, kind: bytes) -> Iterator[tuple[IntArray, IntArray]]:
        """Counts and values of `stts` or `ctts`, in blocks."""
        for rows in self.entries(kind, 2):
            if kind == b"stts" and np.any(rows[:, 1] >= 1 << 31):
                raise UnusualFile("time runs backwards")
            yield rows[:, 0], rows[:, 1]

    def _chunk_runs(self) -> Iterator[tuple[IntArray, IntArray]]:
        """Numbers of chunks, and the samples in each of them, in blocks."""
        last = np.array([[1, 0, 1]])
        n_chunks = self.count(b"stco" if b"stco" in self.boxes else b"co64")
        for rows in chain(self.entries(b"stsc", 3), [np.array([[n_chunks + 1, 0, 1]])]):
            joined = np.concatenate([last, rows])
            counts = np.diff(joined[:, 0])
            if np.any(counts < 0) or np.any(rows[:, 2] != 1):
                raise UnusualFile("chunks out of order, or of more than one kind")
            yield counts, joined[:-1, 1]
            last = joined[-1:]

    def samples(self, first: int, stop: int) -> Iterator[tuple[IntArray, IntArray]]:
        """Offsets and sizes in bytes of the samples [first, stop), in blocks."""
        kind = b"stco" if b"stco" in self.boxes else b"co64"
        width = 4 if kind == b"stco" else 8
        box = self.boxes[kind]
        per_chunk = RunReader(self._chunk_runs())
        n_chunks, position = self.count(kind), 0
        if box.body + 8 + width * n_chunks > box.end:
            raise UnusualFile("the table of chunks is cut off")
        for chunk in range(0, n_chunks, _CHUNKS_PER_READ):
            counts = per_chunk.expand(min(_CHUNKS_PER_READ, n_chunks - chunk))
            begin, position = position, position + int(counts.sum())
            if position <= first:
                continue
            where = box.body + 8 + width * chunk
            data = read_at(self._file, where, width * len(counts))
            chunk_offsets = np.frombuffer(data, f">u{width}").astype(np.int64)
            for offsets, sizes in self._lay_out(chunk_offsets, counts, begin, min(position, stop)):
                wanted = slice(max(0, first - begin), None)
                begin += len(sizes)
                if begin > first:
                    yield offsets[wanted], sizes[wanted]
            if position >= stop:
                return

    def _lay_out(
        self, chunk_offsets: IntArray, counts: IntArray, begin: int, stop: int
    ) -> Iterator[tuple[IntArray, IntArray]]:
        """Offsets and sizes of the samples [begin, stop), the first ones in these chunks."""
        firsts = begin + np.cumsum(counts) - counts
        sizes_at = self.boxes[b"stsz"].body + 12
        n_before = 0  # bytes of the chunk that the part before this one has ended in
        for here in range(begin, stop, _SAMPLES_PER_READ):
            numbers = np.arange(here, min(here + _SAMPLES_PER_READ, stop))
            data = read_at(self._file, sizes_at + 4 * here, 4 * len(numbers))
            sizes = np.frombuffer(data, ">u4").astype(np.int64)
            ends = np.cumsum(sizes)
            chunks = np.searchsorted(firsts, numbers, "right") - 1
            first_here = firsts[chunks] - here
            starts = np.where(first_here < 0, -n_before, (ends - sizes)[np.maximum(first_here, 0)])
            yield chunk_offsets[chunks] + ends - sizes - starts, sizes
            n_before = int(ends[-1] - starts[-1])

    def timed_samples(self, first: int, stop: int) -> Iterator[tuple[IntArray, IntArray, IntArray]]:
        """Offsets, sizes and decoding times (from 0, in the track's unit), in blocks."""
        steps = RunReader(self.runs(b"stts"))
        time = steps.skip(first)
        for offsets, sizes in self.samples(first, stop):
            deltas = steps.expand(len(offsets))
            ends = time + np.cumsum(deltas)
            yield offsets, sizes, ends - deltas
            time = int(ends[-1])
