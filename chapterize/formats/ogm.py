"""OGM simple chapters: ``CHAPTER01=00:00:00.000`` and ``CHAPTER01NAME=Title``.

Titles are written on one line. The format gives no ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import Listing, Parsed, checked_title, one_line, seconds_at, tile
from chapterize.timecode import format_timestamp

__all__ = ["MAX_CHAPTERS", "dumps", "loads", "pair_rows", "scan"]

MAX_CHAPTERS = 999
"""The most that readers with three digits of number take."""

_ROW = re.compile(r"\s*CHAPTER(\d{1,4})(NAME)?\s*=(.*)", re.IGNORECASE)


def dumps(chapters: Chapters) -> str:
    """Two lines for each chapter.

    Raises
    ------
    FormatError : more than 999 chapters.
    """
    lines = []
    for number, chapter in enumerate(chapters.chapters, 1):
        if number > MAX_CHAPTERS:
            raise FormatError(
                f"{len(chapters)} chapters",
                why=f"the format numbers no more than {MAX_CHAPTERS}",
                hint="write another format, such as webvtt",
                line=2 * number - 1,
            )
        title = one_line(checked_title(chapter.title, number))
        lines.append(f"CHAPTER{number:02d}={format_timestamp(chapter.start)}\n")
        lines.append(f"CHAPTER{number:02d}NAME={title}\n")
    return "".join(lines)


def loads(text: str, *, duration: float | None = None) -> Parsed:
    """Chapters from the rows; see `listing.tile` for errors and what is mended."""
    return tile(scan(text), duration)


def scan(text: str) -> Listing:
    """The chapters in the order of their times' lines.

    Raises
    ------
    FormatError : a line that is neither, a name without its time, or a number used twice.
    """
    rows = [(line, row) for line, row in enumerate(text.split("\n"), 1) if row.strip()]
    return Listing(pair_rows(rows))


def pair_rows(rows: Sequence[tuple[int, str]]) -> tuple[Mark, ...]:
    """Times and names, each with its line, brought together by number; errors as `scan`."""
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
            raise FormatError(f"chapter {number} stands there twice", line=line)
        if match[2]:
            names[number] = value, line
        else:
            times[number] = seconds_at(value, line), line
    for number, (_, line) in names.items():
        if number not in times:
            raise FormatError(f"chapter {number} has a name and no time", line=line)
    return tuple(
        Mark(start, names.get(number, ("", 0))[0], None, line)
        for number, (start, line) in times.items()
    )
