"""Audacity labels: start TAB end TAB label, in seconds, one chapter a line."""

from __future__ import annotations

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import (
    Listing,
    Parsed,
    checked_title,
    one_line,
    seconds_at,
    tile,
)
from chapterize.timecode import format_seconds

__all__ = ["dumps", "loads", "scan"]


def dumps(chapters: Chapters) -> str:
    """One label for each chapter, from its start to its end."""
    return "".join(
        f"{format_seconds(chapter.start, digits=6)}\t{format_seconds(chapter.end, digits=6)}\t"
        f"{one_line(checked_title(chapter.title, number))}\n"
        for number, chapter in enumerate(chapters.chapters, 1)
    )


def loads(text: str, *, duration: float | None = None) -> Parsed:
    """Chapters from the labels; see `listing.tile` for errors and what is mended."""
    return tile(scan(text), duration)


def scan(text: str) -> Listing:
    """The labels as they stand; one whose end is its start is a point, with its end left open.

    Lines that begin with a backslash hold the frequencies of the label above, and are left out.

    Raises
    ------
    FormatError : a line without two times, or an end before its start.
    """
    marks = []
    has_frequencies = False
    for line, row in enumerate(text.split("\n"), 1):
        if not row.strip():
            continue
        if row.startswith("\\"):
            has_frequencies = True
            continue
        fields = row.split("\t", 2)
        if len(fields) < 2:
            raise FormatError(
                f"not a label: {row.strip()[:60]!r}",
                why="a label is start TAB end TAB text",
                line=line,
            )
        start, end = (seconds_at(field, line) for field in fields[:2])
        if end < start:
            raise FormatError("a label ends before it starts", line=line)
        title = fields[2].strip() if len(fields) > 2 else ""
        marks.append(Mark(start, title, end if end > start else None, line))
    notes = ("frequencies of the labels were left out",) if has_frequencies else ()
    return Listing(tuple(marks), None, notes)
