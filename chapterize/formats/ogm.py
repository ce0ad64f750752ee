"""Numbered rows, a time and a name for each chapter: OGM text and Vorbis comments.

OGM counts from 1: ``CHAPTER01=00:00:00.000`` and ``CHAPTER01NAME=Title``. Vorbis comments, which
``vorbiscomment`` and ``metaflac`` import into Ogg and FLAC, count from 0: ``CHAPTER000=…``. Titles
have one line. Neither format stores ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import Listing, one_line, refuse_more, seconds_at
from chapterize.timecode import format_timestamp

__all__ = [
    "MAX_OGM",
    "MAX_VORBIS",
    "dumps_ogm",
    "dumps_vorbis",
    "recognises_ogm",
    "recognises_vorbis",
    "scan_ogm",
    "scan_vorbis",
]

MAX_OGM = 999
"""The largest number of three digits, which is what OGM readers accept."""

MAX_VORBIS = 1000
"""Numbers have three digits and start at 0."""

# The numbers of Vorbis comments have three digits, those of OGM mostly two.
recognises_ogm = re.compile(r"CHAPTER(?!\d{3}(?:NAME)?\s*=)\d+(?:NAME)?\s*=", re.IGNORECASE).match
_FIRST_VORBIS = re.compile(r"CHAPTER\d{3}(?:NAME|URL)?\s*=", re.IGNORECASE)
_FIRST_TAG = re.compile(r"[ -<>-}]+=")
_ANY_VORBIS = re.compile(r"^CHAPTER\d{3}=", re.IGNORECASE | re.MULTILINE)
_ROW = re.compile(r"\s*CHAPTER(\d{1,4})(NAME)?\s*=(.*)", re.IGNORECASE)
_TAG = re.compile(r"[ -<>-}]+=.*")
_CHAPTER = re.compile(r"\s*CHAPTER\d{1,4}(?:NAME)?\s*=", re.IGNORECASE)
_LINK = re.compile(r"\s*CHAPTER\d{1,4}URL\s*=", re.IGNORECASE)


def recognises_vorbis(text: str) -> bool:
    """Whether `text` is Vorbis comments with chapters, perhaps among other comments of a file."""
    is_comment = _FIRST_TAG.match(text) and _ANY_VORBIS.search(text)
    return bool(is_comment or _FIRST_VORBIS.match(text))


def dumps_ogm(chapters: Chapters) -> str:
    """Two rows a chapter.

    Raises
    ------
    FormatError : more than 999 chapters.
    """
    return _numbered(chapters, most=MAX_OGM, first=1, digits=2)


def dumps_vorbis(chapters: Chapters) -> str:
    """Two comments a chapter.

    Raises
    ------
    FormatError : more than 1000 chapters.
    """
    return _numbered(chapters, most=MAX_VORBIS, first=0, digits=3)


def _numbered(chapters: Chapters, *, most: int, first: int, digits: int) -> str:
    refuse_more(chapters, most, of="", instead="webvtt", line=2 * most + 1)
    lines = []
    for number, chapter in enumerate(chapters.chapters, first):
        title = one_line(chapter.title)
        lines.append(f"CHAPTER{number:0{digits}d}={format_timestamp(chapter.start)}\n")
        lines.append(f"CHAPTER{number:0{digits}d}NAME={title}\n")
    return "".join(lines)


def scan_ogm(text: str) -> Listing:
    """The chapters, in the order of their time rows.

    Raises
    ------
    FormatError : a row of another kind, a name without its time, or a number used twice.
    """
    rows = enumerate(text.split("\n"), 1)
    return Listing(_pair_rows([(line, row) for line, row in rows if row.strip()]))


def scan_vorbis(text: str) -> Listing:
    """The chapters, in the order of their time rows; other comments are skipped.

    Raises
    ------
    FormatError : a line that is not a comment, a name without its time, or a number used twice.
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
    return Listing(_pair_rows(rows), None, notes)


def _pair_rows(rows: Sequence[tuple[int, str]]) -> tuple[Mark, ...]:
    """Chapters from rows of times and of names, each with its line, matched by number."""
    times: dict[int, tuple[float, int]] = {}
    names: dict[int, tuple[str, int]] = {}
    for line, row in rows:
        match = _ROW.fullmatch(row)
        if match is None:
            raise FormatError(
                f"not an OGM chapter row: {row.strip()[:60]!r}",
                why="rows look like CHAPTER01=00:00:00.000 and CHAPTER01NAME=Title",
                line=line,
            )
        number, value = int(match[1]), match[3].strip()
        if number in (names if match[2] else times):
            raise FormatError(f"chapter {number} appears twice", line=line)
        if match[2]:
            names[number] = value, line
        else:
            times[number] = seconds_at(value, line), line
    for number, (_, line) in names.items():
        if number not in times:
            raise FormatError(f"chapter {number} has a name but no time", line=line)
    return tuple(
        Mark(start, names.get(number, ("", 0))[0], None, line)
        for number, (start, line) in times.items()
    )
