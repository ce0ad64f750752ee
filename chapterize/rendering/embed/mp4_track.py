"""The boxes that hold chapters in an MP4: a QuickTime text track and the Nero chapter list."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import pairwise

from chapterize.data import Chapter
from chapterize.timecode import to_ms

__all__ = ["box", "chapter_list", "chapter_track", "text_samples"]

_TIMESCALE = 1000
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_UNDETERMINED = 0x55C4  # "und", five bits a letter
_IN_MOVIE_BUT_DISABLED = 2
_UTF8 = struct.pack(">I4sI", 12, b"encd", 0x100)


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of ISO 14496-12: its size, its kind, its content."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def text_samples(entries: Sequence[Chapter]) -> bytes:
    """The samples of the text track, one behind the other."""
    return b"".join(_sample(entry.title) for entry in entries)


def chapter_list(entries: Sequence[Chapter]) -> bytes:
    """The `chpl` box: at most 255 entries, titles at most 255 bytes (the caller sees to it)."""
    rows = []
    for index, entry in enumerate(entries):
        title = entry.title.encode("utf-8")
        start_ms = to_ms(entry.start) if index else 0
        rows.append(struct.pack(">QB", start_ms * 10_000, len(title)) + title)
    return box(b"chpl", struct.pack(">IIB", 0x01000000, 0, len(entries)), *rows)


def chapter_track(
    entries: Sequence[Chapter],
    track_id: int,
    movie_timescale: int,
    limit_ms: int | None,
    is_wide: bool,
) -> tuple[bytes, int]:
    """The `trak` box, and where in it the file offset of `text_samples` belongs.

    The first chapter begins at 0: an MP4 has no chapter before which there is none. The last ends
    at `limit_ms` at the latest, since a longer one would make the whole file longer.
    """
    starts = [0, *(to_ms(entry.start) for entry in entries[1:])]
    end = to_ms(entries[-1].end)
    if limit_ms is not None and starts[-1] < limit_ms < end:
        end = limit_ms
    lengths = [after - before for before, after in pairwise([*starts, end])]
    sizes = [len(_sample(entry.title)) for entry in entries]
    offset = struct.pack(">IIQ", 0, 1, 0) if is_wide else struct.pack(">III", 0, 1, 0)
    chunks = box(b"co64" if is_wide else b"stco", offset)
    table = box(
        b"stbl",
        box(b"stsd", struct.pack(">II", 0, 1), _description()),
        box(b"stts", struct.pack(">II", 0, len(lengths)),
            *(struct.pack(">II", 1, length) for length in lengths)),
        box(b"stsc", struct.pack(">IIIII", 0, 1, 1, len(entries), 1)),
        box(b"stsz", struct.pack(f">III{len(sizes)}I", 0, 0, len(sizes), *sizes)),
        chunks,
    )  # fmt: skip
    link = box(b"dinf", box(b"dref", struct.pack(">II", 0, 1), box(b"url ", b"\0\0\0\1")))
    media = box(
        b"mdia",
        _media_header(end),
        box(b"hdlr", struct.pack(">II4s12x", 0, 0, b"text"), b"\0"),
        box(b"minf", _text_header(), link, table),
    )
    track = box(b"trak", _track_header(track_id, end * movie_timescale // _TIMESCALE), media)
    return track, len(track) - (8 if is_wide else 4)


def _sample(title: str) -> bytes:
    text = title.encode("utf-8")
    return struct.pack(">H", len(text)) + text + _UTF8


def _track_header(track_id: int, length: int) -> bytes:
    tail = struct.pack(">8xhhhh", 0, 0, 0, 0) + _MATRIX + struct.pack(">II", 0, 0)
    if length < 0xFFFFFFFF:
        head = struct.pack(">IIIIII", _IN_MOVIE_BUT_DISABLED, 0, 0, track_id, 0, length)
    else:
        flags = 0x01000000 | _IN_MOVIE_BUT_DISABLED
        head = struct.pack(">IQQIIQ", flags, 0, 0, track_id, 0, length)
    return box(b"tkhd", head, tail)


def _media_header(length_ms: int) -> bytes:
    if length_ms < 0xFFFFFFFF:
        head = struct.pack(">IIIII", 0, 0, 0, _TIMESCALE, length_ms)
    else:
        head = struct.pack(">IQQIQ", 0x01000000, 0, 0, _TIMESCALE, length_ms)
    return box(b"mdhd", head, struct.pack(">HH", _UNDETERMINED, 0))


def _text_header() -> bytes:
    general = box(b"gmin", struct.pack(">IH3HHH", 0, 0x40, 0x8000, 0x8000, 0x8000, 0, 0))
    return box(b"gmhd", general, box(b"text", _MATRIX))


def _description() -> bytes:
    # QuickTime's text sample description: flags, alignment, colours, box and font all at rest.
    style = struct.pack(">II3H4H8xHHBH3HB", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    return box(b"text", struct.pack(">6xH", 1), style)
