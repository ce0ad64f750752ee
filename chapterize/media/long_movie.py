"""Long MP4, M4A and MOV opened by their two ends, so that the index of packets stays small.

PyAV is given a view of the file in which `moov` names only the first samples of each long track,
or the first and the last ones; codecs, edit lists, tags and chapters stand there as they are.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from chapterize.ffmpeg import open_container
from chapterize.media.long_track import LongTrack, make_box, only, read_header
from chapterize.media.sample_table import Box, UnusualFile, read_at, walk

if TYPE_CHECKING:
    from av.container import InputContainer

__all__ = ["LongMovie", "find_long_movie"]

LONG_SAMPLES = 100_000
"""A track with more samples than this is cut; shorter files are opened as always."""
_MOST_BYTES = 1 << 26  # of a header without its long tables: pictures and tags
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
        timescale = read_header(file, only(boxes, b"mvhd"))
        tracks = [LongTrack(file, box) for box in boxes if box.kind == b"trak"]
        self.tracks = {track.id: track for track in tracks if track.n_samples > LONG_SAMPLES}
        for track in self.tracks.values():
            track.check(file, self.size_bytes, self._moov, timescale)

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
        return make_box(parent.kind, *parts)


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
