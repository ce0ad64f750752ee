"""Chapters as Vorbis comments: ``CHAPTER000=00:00:00.000`` and ``CHAPTER000NAME=Title``.

The lines are what ``vorbiscomment`` and ``metaflac`` import into Ogg and FLAC. Titles are written
on one line. The format gives no ends.
"""

from __future__ import annotations

import re

from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats.listing import Listing, Parsed, checked_title, one_line, tile
from chapterize.formats.ogm import pair_rows
from chapterize.timecode import format_timestamp

__all__ = ["MAX_CHAPTERS", "dumps", "loads", "scan"]

MAX_CHAPTERS = 1000
"""Numbers have three digits and begin at 0."""

_TAG = re.compile(r"[ -<>-}]+=.*")
_CHAPTER = re.compile(r"\s*CHAPTER\d{1,4}(?:NAME)?\s*=", re.IGNORECASE)
_LINK = re.compile(r"\s*CHAPTER\d{1,4}URL\s*=", re.IGNORECASE)


def dumps(chapters: Chapters) -> str:
    """Two comments for each chapter.

    Raises
    ------
    FormatError : more than 1000 chapters.
    """
    if len(chapters) > MAX_CHAPTERS:
        raise FormatError(
            f"{len(chapters)} chapters",
            why=f"the format numbers no more than {MAX_CHAPTERS}",
            hint="write another format, such as webvtt",
            line=2 * MAX_CHAPTERS + 1,
        )
    lines = []
    for number, chapter in enumerate(chapters.chapters):
        title = one_line(checked_title(chapter.title, number + 1))
        lines.append(f"CHAPTER{number:03d}={format_timestamp(chapter.start)}\n")
        lines.append(f"CHAPTER{number:03d}NAME={title}\n")
    return "".join(lines)


def loads(text: str, *, duration: float | None = None) -> Parsed:
    """Chapters from the comments; see `listing.tile` for errors and what is mended."""
    return tile(scan(text), duration)


def scan(text: str) -> Listing:
    """The chapters in the order of their times' lines; other comments are passed over.

    Raises
    ------
    FormatError : a line that is no comment, a name without its time, or a number used twice.
    """
    rows: list[tuple[int, str]] = []
    has_links = False
    for line, row in enumerate(text.split("\n"), 1):
        if _CHAPTER.match(row):
            rows.append((line, row))
        elif _LINK.match(row):
            has_links = True
        elif row.strip() and not _TAG.fullmatch(row):
            raise FormatError(
                f"not a Vorbis comment: {row.strip()[:60]!r}",
                why="comments look like CHAPTER000=00:00:00.000 and CHAPTER000NAME=Title",
                line=line,
            )
    notes = ("links of the chapters were left out",) if has_links else ()
    return Listing(pair_rows(rows), None, notes)
