"""LosslessCut's CSV: ``start,end,label`` in seconds, one chapter a row.

An empty start is the beginning of the file, an empty end its end, whatever its length.
"""

from __future__ import annotations

import csv
import io

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
    """The rows, labels quoted where they need it; every end is written, so the duration is kept."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    for number, chapter in enumerate(chapters.chapters, 1):
        title = one_line(checked_title(chapter.title, number))
        writer.writerow([format_seconds(chapter.start), format_seconds(chapter.end), title])
    return target.getvalue()


def loads(text: str, *, duration: float | None = None) -> Parsed:
    """Chapters from the rows; see `listing.tile` for errors and what is mended."""
    return tile(scan(text), duration)


def scan(text: str) -> Listing:
    """The rows as they stand; a first row of column names is passed over.

    Raises
    ------
    FormatError : broken quoting, a row without three fields, unreadable times, or an end before
        its start.
    """
    marks = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row) and not (line == 1 and _is_heading(row)):
                marks.append(_mark(row, line))
            line = reader.line_num + 1
    except csv.Error as error:
        raise FormatError("not CSV", why=str(error), line=line) from error
    return Listing(tuple(marks))


def _is_heading(row: list[str]) -> bool:
    return [cell.strip().lower() for cell in row[:2]] == ["start", "end"]


def _mark(row: list[str], line: int) -> Mark:
    if len(row) < 2:
        raise FormatError(
            f"not a segment: {','.join(row)[:60]!r}",
            why="a row is start,end,label, and times may be empty",
            line=line,
        )
    start, end = (seconds_at(cell, line) if cell.strip() else None for cell in row[:2])
    start = start or 0.0
    if end is not None and end < start:
        raise FormatError("a segment ends before it starts", line=line)
    title = row[2].strip() if len(row) > 2 else ""
    return Mark(start, title, end, line)
