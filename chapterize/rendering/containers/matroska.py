"""Chapters in Matroska and WebM: the file is copied and edited in place.

The clusters stay where they are, so that cues and other positions remain valid. The new chapters go
into a gap (old chapters, padding) or to the end, the seek head refers to them, and what was there
before becomes padding.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from chapterize.data import Chapter
from chapterize.rendering.containers.copying import OnBytes, Unsuited, copy_file
from chapterize.timecode import to_ms

__all__ = ["write_matroska"]

_EBML, _SEGMENT, _SEEK_HEAD, _SEEK, _SEEK_ID, _SEEK_POSITION = (
    0x1A45DFA3, 0x18538067, 0x114D9B74, 0x4DBB, 0x53AB, 0x53AC,
)  # fmt: skip
_VOID, _CRC, _CHAPTERS = 0xEC, 0xBF, 0x1043A770
_EDITION, _EDITION_DEFAULT, _ATOM, _UID, _START, _END, _ENABLED = (
    0x45B9, 0x45DB, 0xB6, 0x73C4, 0x91, 0x92, 0x4598,
)  # fmt: skip
_DISPLAY, _STRING, _LANGUAGE = 0x80, 0x85, 0x437C


@dataclass(frozen=True)
class _Element:
    ident: int
    start: int
    body: int
    end: int


@dataclass
class _Gap:
    """A range of bytes that may be overwritten."""

    start: int
    end: int
    has_index: bool = False


def write_matroska(
    source: Path, target: Path, entries: Sequence[Chapter], on_bytes: OnBytes
) -> None:
    """Write `source` with the chapters `entries` (container time) into `target`.

    Raises Unsuited for clusters of unknown size (a live recording), and without a seek head or
    room for one.
    """
    with source.open("rb") as file:
        segment, children = _read_layout(file)
        index = _read_index(file, children)
    chapters = _chapters(entries)
    gaps = _find_gaps(children)
    home = next((gap for gap in gaps if gap.has_index), None)
    if home is None:
        raise Unsuited("no seek head")
    # Old chapters at the end of the file are cut off.
    has_tail = gaps[-1].end == segment.end and gaps[-1] is not home
    end = gaps.pop().start if has_tail else segment.end
    copy_file(source, target, on_bytes)
    with target.open("r+b") as out:
        for position in _candidates(gaps, home, index, segment.body, end, len(chapters)):
            entries_of_index = [*index, (_CHAPTERS, position - segment.body)]
            written = _lay_out(gaps, home, _index(entries_of_index), position, chapters)
            if written is not None:
                break
        else:
            raise Unsuited("no room for the seek head")
        for gap, content in written:
            out.seek(gap.start)
            out.write(content)
        if position == end:
            out.seek(end)
            out.write(chapters)
            end += len(chapters)
        if end != segment.end:
            out.truncate(end)
            _set_size(out, segment, end)


def _candidates(
    gaps: Sequence[_Gap],
    home: _Gap,
    index: Sequence[tuple[int, int]],
    body: int,
    end: int,
    size: int,
) -> Iterator[int]:
    """Where the chapters may start: right after the seek head, in another gap, or at the end."""
    grown = _index([*index, (_CHAPTERS, home.end - body)])
    for extra in (0, 1):
        yield home.start + len(grown) + extra
    for gap in gaps:
        if gap is not home and gap.end - gap.start >= size:
            yield gap.start
    yield end


def _lay_out(
    gaps: Sequence[_Gap], home: _Gap, index: bytes, position: int, chapters: bytes
) -> list[tuple[_Gap, bytes]] | None:
    """The new content of every gap, None when it does not fit."""
    written = []
    for gap in gaps:
        content = index if gap is home else b""
        if gap.start <= position < gap.end:
            if gap.start + len(content) != position:
                if gap.start + len(content) + 1 != position or gap is not home:
                    return None
                content = _widened(index)
            content += chapters
        n_left = gap.end - gap.start - len(content)
        if n_left == 1 and gap is home and content == index:
            content, n_left = _widened(index), 0
        if n_left < 0 or n_left == 1:
            return None
        written.append((gap, content + _void(n_left)))
    return written


def _read_layout(file: BinaryIO) -> tuple[_Element, list[_Element]]:
    """The segment and its children, which must all have a known size."""
    size = os.fstat(file.fileno()).st_size
    head = _read_element(file, 0, size)
    segment = _read_element(file, head.end, size, may_be_open=True)
    if head.ident != _EBML or segment.ident != _SEGMENT or segment.end != size:
        raise Unsuited("not one segment that fills the file")
    return segment, list(_children(file, segment))


def _read_element(file: BinaryIO, start: int, limit: int, *, may_be_open: bool = False) -> _Element:
    file.seek(start)
    data = file.read(12)
    ident, at = _vint(data, 0, keep_marker=True)
    size, body = _vint(data, at)
    if size == (1 << 7 * (body - at)) - 1:  # all ones: unknown
        if not may_be_open:
            raise Unsuited("an element without a size")
        return _Element(ident, start, start + body, limit)
    if start + body + size > limit:
        raise Unsuited("an element reaches past the end")
    return _Element(ident, start, start + body, start + body + size)


def _vint(data: bytes, at: int, *, keep_marker: bool = False) -> tuple[int, int]:
    """A number of variable width, and the position after it (RFC 8794)."""
    if at >= len(data) or data[at] == 0:
        raise Unsuited("not an EBML number")
    width = 9 - data[at].bit_length()
    if at + width > len(data):
        raise Unsuited("an EBML number is truncated")
    value = int.from_bytes(data[at : at + width])
    return (value if keep_marker else value & ((1 << 7 * width) - 1)), at + width


def _read_index(file: BinaryIO, children: Sequence[_Element]) -> list[tuple[int, int]]:
    """(id, position in the segment) of the entries of the first seek head, except chapters."""
    found = []
    head = next((child for child in children if child.ident == _SEEK_HEAD), None)
    for seek in _children(file, head) if head else ():
        fields = {}
        for inner in _children(file, seek) if seek.ident == _SEEK else ():
            file.seek(inner.body)
            fields[inner.ident] = int.from_bytes(file.read(inner.end - inner.body))
        if fields.keys() >= {_SEEK_ID, _SEEK_POSITION} and fields[_SEEK_ID] != _CHAPTERS:
            found.append((fields[_SEEK_ID], fields[_SEEK_POSITION]))
    return found


def _children(file: BinaryIO, parent: _Element) -> Iterator[_Element]:
    position = parent.body
    while position < parent.end:
        child = _read_element(file, position, parent.end)
        yield child
        position = child.end


def _find_gaps(children: Sequence[_Element]) -> list[_Gap]:
    """Ranges of padding, old chapters, the seek head, and a checksum that would become wrong."""
    gaps: list[_Gap] = []
    for child in children:
        is_index = child.ident == _SEEK_HEAD and not any(gap.has_index for gap in gaps)
        if not is_index and child.ident not in (_VOID, _CHAPTERS, _CRC):
            continue
        if gaps and gaps[-1].end == child.start:
            gaps[-1].end = child.end
            gaps[-1].has_index |= is_index
        else:
            gaps.append(_Gap(child.start, child.end, is_index))
    return gaps


def _set_size(out: BinaryIO, segment: _Element, end: int) -> None:
    out.seek(segment.start)
    _, at = _vint(head := out.read(12), 0)
    size, after = _vint(head, at)
    width = after - at
    unknown = (1 << 7 * width) - 1
    if size == unknown:
        return
    if end - segment.body >= unknown:
        raise Unsuited("the size of the segment has no room to grow")
    out.seek(segment.start + at)
    out.write((end - segment.body | 1 << 7 * width).to_bytes(width))


def _element(ident: int, body: bytes, *, width: int | None = None) -> bytes:
    name = ident.to_bytes((ident.bit_length() + 7) // 8)
    width = width or next(w for w in range(1, 9) if len(body) < (1 << 7 * w) - 1)
    return name + (len(body) | 1 << 7 * width).to_bytes(width) + body


def _number(ident: int, value: int) -> bytes:
    return _element(ident, value.to_bytes(max(1, (value.bit_length() + 7) // 8)))


def _void(size: int) -> bytes:
    """Padding of exactly `size` bytes: 0, or 2 and more."""
    if size == 0:
        return b""
    width = 1 if size < 128 else 8
    return _element(_VOID, bytes(size - 1 - width), width=width)


def _index(entries: Sequence[tuple[int, int]]) -> bytes:
    rows = (_number(_SEEK_ID, ident) + _number(_SEEK_POSITION, place) for ident, place in entries)
    return _element(_SEEK_HEAD, b"".join(_element(_SEEK, row) for row in rows))


def _widened(index: bytes) -> bytes:
    """The same seek head, one byte longer."""
    _, at = _vint(index, 4)
    return _element(_SEEK_HEAD, index[at:], width=at - 4 + 1)


def _chapters(entries: Sequence[Chapter]) -> bytes:
    edition = _number(_EDITION_DEFAULT, 1)
    for number, entry in enumerate(entries, 1):
        display = _element(_STRING, entry.title.encode("utf-8")) + _element(_LANGUAGE, b"und")
        times = ((_START, entry.start), (_END, entry.end))
        atom = _number(_UID, number)
        atom += b"".join(_number(kind, to_ms(time) * 1_000_000) for kind, time in times)
        atom += _number(_ENABLED, 1) + _element(_DISPLAY, display)
        edition += _element(_ATOM, atom)
    return _element(_CHAPTERS, _element(_EDITION, edition))
