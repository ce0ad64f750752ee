"""MP4 boxes (ISO 14496-12): a reader, a maker, and the boxes that hold chapters.

Chapters are stored in a QuickTime text track and in the Nero chapter list. Every reader of boxes
raises `Unsuited` for a malformed one.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import BinaryIO

from chapterize.data import Chapter
from chapterize.rendering.containers.copying import Unsuited
from chapterize.timecode import to_ms

__all__ = [
    "NERO_CHAPTERS",
    "NERO_TITLE_BYTES",
    "TITLE_BYTES",
    "Box",
    "chapter_list",
    "chapter_track",
    "make_box",
    "read_top_boxes",
    "text_samples",
]

NERO_CHAPTERS = 255
NERO_TITLE_BYTES = 255
"""What the Nero chapter list can hold: it counts both in one byte."""

TITLE_BYTES = 0xFFFF
"""The longest title in the QuickTime track."""

_TIMESCALE = 1000
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_UNDETERMINED = 0x55C4  # "und", five bits a letter
_IN_MOVIE_BUT_DISABLED = 2
_UTF8 = struct.pack(">I4sI", 12, b"encd", 0x100)


@dataclass(frozen=True)
class Box:
    """A box: the offsets of its header, of its body, and of its end, in `data` or in a file."""

    kind: bytes
    start: int
    body: int
    end: int
    data: bytes | bytearray = b""

    @property
    def whole(self) -> bytes:
        """The box with its header."""
        return bytes(self.data[self.start : self.end])

    def boxes(self) -> Iterator[Box]:
        """Yield the children; skip the zeros that may end a `udta`."""
        position = self.body
        while position + 8 <= self.end:
            head = self.data[position : min(position + 16, self.end)]
            if not any(head[:8]):
                return
            box = replace(_parse_header(head, position, self.end), data=self.data)
            if box.end < box.body or box.end > self.end:
                raise Unsuited("a box reaches past its parent")
            yield box
            position = box.end

    def first(self, *path: bytes) -> Box | None:
        """Return the first box along `path`, None when there is none."""
        found: Box | None = self
        for wanted in path:
            if found is not None:
                found = next((box for box in found.boxes() if box.kind == wanted), None)
        return found

    def bytes(self, offset: int = 0, size: int | None = None) -> bytes:
        """Return `size` bytes of the body from `offset` on, all of the rest without `size`."""
        start = self.body + offset
        end = self.end if size is None else start + size
        if end > self.end:
            raise Unsuited("a box is too short")
        return bytes(self.data[start:end])


def read_top_boxes(file: BinaryIO) -> list[Box]:
    """Read the headers of the top-level boxes; the last one may end past the file."""
    size = os.fstat(file.fileno()).st_size
    boxes: list[Box] = []
    position = 0
    while position + 8 <= size:
        file.seek(position)
        boxes.append(_parse_header(file.read(16), position, size))
        if boxes[-1].end < boxes[-1].body:
            raise Unsuited(f"a top-level {boxes[-1].kind!r}")
        position = boxes[-1].end
    return boxes


def _parse_header(head: bytes | bytearray, start: int, limit: int) -> Box:
    """Parse up to 16 bytes of a box; a size of 0 means that it reaches up to `limit`."""
    size, kind = struct.unpack_from(">I4s", head)
    body = start + 8
    if size == 1 and len(head) == 16:
        (size,) = struct.unpack_from(">Q", head, 8)
        body += 8
    elif size == 0:
        size = limit - start
    return Box(kind, start, body, start + size)


def make_box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box: its size, its kind, and `parts` as its body."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def text_samples(entries: Sequence[Chapter]) -> bytes:
    """Return the samples of the text track, one after the other."""
    return b"".join(_sample(entry.title) for entry in entries)


def chapter_list(entries: Sequence[Chapter]) -> bytes:
    """Return the `chpl` box, with long titles cut; no bytes if there are too many chapters."""
    if len(entries) > NERO_CHAPTERS:
        return b""
    rows = []
    for index, entry in enumerate(entries):
        title = _cut(entry.title).encode("utf-8")
        start_ms = to_ms(entry.start) if index else 0
        rows.append(struct.pack(">QB", start_ms * 10_000, len(title)) + title)
    return make_box(b"chpl", struct.pack(">IIB", 0x01000000, 0, len(entries)), *rows)


def _cut(title: str) -> str:
    """A title of at most 255 bytes, without half a character at its end."""
    if len(title.encode("utf-8")) <= NERO_TITLE_BYTES:
        return title
    return title.encode("utf-8")[: NERO_TITLE_BYTES - 3].decode("utf-8", "ignore").rstrip() + "…"


def chapter_track(
    entries: Sequence[Chapter],
    track_id: int,
    movie_timescale: int,
    limit_ms: int | None,
    is_wide: bool,
) -> tuple[bytes, int]:
    """Return the `trak` box, and where in it the file offset of `text_samples` belongs.

    The first chapter starts at 0, as MP4 requires. The last one ends at `limit_ms` at the latest: a
    longer one would make the whole file longer.
    """
    starts = [0, *(to_ms(entry.start) for entry in entries[1:])]
    end = to_ms(entries[-1].end)
    if limit_ms is not None and starts[-1] < limit_ms < end:
        end = limit_ms
    lengths = [after - before for before, after in pairwise([*starts, end])]
    sizes = [len(_sample(entry.title)) for entry in entries]
    offset = struct.pack(">IIQ", 0, 1, 0) if is_wide else struct.pack(">III", 0, 1, 0)
    chunks = make_box(b"co64" if is_wide else b"stco", offset)
    table = make_box(
        b"stbl",
        make_box(b"stsd", struct.pack(">II", 0, 1), _description()),
        make_box(b"stts", struct.pack(">II", 0, len(lengths)),
            *(struct.pack(">II", 1, length) for length in lengths)),
        make_box(b"stsc", struct.pack(">IIIII", 0, 1, 1, len(entries), 1)),
        make_box(b"stsz", struct.pack(f">III{len(sizes)}I", 0, 0, len(sizes), *sizes)),
        chunks,
    )  # fmt: skip
    link = make_box(
        b"dinf", make_box(b"dref", struct.pack(">II", 0, 1), make_box(b"url ", b"\0\0\0\1"))
    )
    media = make_box(
        b"mdia",
        _media_header(end),
        make_box(b"hdlr", struct.pack(">II4s12x", 0, 0, b"text"), b"\0"),
        make_box(b"minf", _text_header(), link, table),
    )
    track = make_box(b"trak", _track_header(track_id, end * movie_timescale // _TIMESCALE), media)
    return track, len(track) - (8 if is_wide else 4)


def _sample(title: str) -> bytes:
    text = title.encode("utf-8")
    return struct.pack(">H", len(text)) + text + _UTF8


def _track_header(track_id: int, length: int) -> bytes:
    tail = bytes(16) + _MATRIX + bytes(8)
    if length < 0xFFFFFFFF:
        head = struct.pack(">IIIIII", _IN_MOVIE_BUT_DISABLED, 0, 0, track_id, 0, length)
    else:
        flags = 0x01000000 | _IN_MOVIE_BUT_DISABLED
        head = struct.pack(">IQQIIQ", flags, 0, 0, track_id, 0, length)
    return make_box(b"tkhd", head, tail)


def _media_header(length_ms: int) -> bytes:
    if length_ms < 0xFFFFFFFF:
        head = struct.pack(">IIIII", 0, 0, 0, _TIMESCALE, length_ms)
    else:
        head = struct.pack(">IQQIQ", 0x01000000, 0, 0, _TIMESCALE, length_ms)
    return make_box(b"mdhd", head, struct.pack(">HH", _UNDETERMINED, 0))


def _text_header() -> bytes:
    general = make_box(b"gmin", struct.pack(">IH3HHH", 0, 0x40, 0x8000, 0x8000, 0x8000, 0, 0))
    return make_box(b"gmhd", general, make_box(b"text", _MATRIX))


def _description() -> bytes:
    # QuickTime's text sample description: flags, alignment, colours, box and font are all 0.
    return make_box(b"text", struct.pack(">6xH", 1), bytes(44))
