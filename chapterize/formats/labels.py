"""Labels with start and end: Audacity's label track, and tables, as LosslessCut's and others.

A table has commas, semicolons or tabs, and times as seconds or h:mm:ss.
"""

from __future__ import annotations

import csv
import io
import re

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import Listing, one_line, seconds_at
from chapterize.timecode import format_seconds, parse_time

__all__ = [
    "dumps_audacity",
    "dumps_losslesscut",
    "recognises_audacity",
    "recognises_losslesscut",
    "scan_audacity",
    "scan_losslesscut",
]

recognises_audacity = re.compile(r"\d+(?:[.,]\d+)?\t\d+(?:[.,]\d+)?(?:\t|$)", re.MULTILINE).match
_TIME = r"(?:\d[\d:]*(?:[.,]\d+)?)?"
_ROW = re.compile(
    rf"[\d:.]*,[\d:.]*,|(?=[\t;]?\d)(?!\d{{1,4}}[\t;]\d+:){_TIME}(?P<sign>[\t;]){_TIME}(?P=sign)"
    r"|(?:[\d:.]*\d:\d\d(?:\.\d+)?,(?:\"[^\n]*\"|[^\s\d,][^\n]*)\n*)+\Z"
)
recognises_losslesscut = _ROW.match


def dumps_audacity(chapters: Chapters) -> str:
    """One label a chapter: start TAB end TAB title."""
    return "".join(
        f"{format_seconds(chapter.start, digits=6)}\t{format_seconds(chapter.end, digits=6)}\t"
        f"{one_line(chapter.title)}\n"
        for chapter in chapters.chapters
    )


def scan_audacity(text: str) -> Listing:
    """The labels of an Audacity label track.

    A label whose end equals its start is a point: it has no end. Lines that start with a backslash
    hold the frequencies of the label above; they are left out.

    Raises
    ------
    FormatError : a line without two times, or an end before its start.
    """
    marks = []
    notes: tuple[str, ...] = ()
    for line, row in enumerate(text.split("\n"), 1):
        if not row.strip():
            continue
        if row.startswith("\\"):
            notes = ("frequencies of the labels were left out",)
            continue
        fields = row.split("\t", 2)
        if len(fields) < 2:
            what = f"not a label: {row.strip()[:60]!r}"
            raise FormatError(what, why="a label is start TAB end TAB text", line=line)
        start = seconds_at(fields[0], line)
        end = seconds_at(fields[1], line) if fields[1].strip() else start
        if end < start:
            raise FormatError("a label ends before it starts", line=line)
        title = fields[2].strip() if len(fields) > 2 else ""
        marks.append(Mark(start, title, end if end > start else None, line))
    return Listing(tuple(marks), None, notes)


def dumps_losslesscut(chapters: Chapters) -> str:
    """One row a chapter: ``start,end,label``; every end is written, so the duration is kept."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    for chapter in chapters.chapters:
        title = one_line(chapter.title)
        writer.writerow([format_seconds(chapter.start), format_seconds(chapter.end), title])
    return target.getvalue()


def scan_losslesscut(text: str) -> Listing:
    """The rows of start, end and title, or of start and title; a first row of names is skipped.

    An empty start is the beginning of the media, an empty end is its end.

    Raises
    ------
    FormatError : broken quoting, a row of one field, unreadable times, or an end before its start.
    """
    delimiter = _delimiter(text.lstrip().partition("\n")[0])
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise FormatError("not CSV", why=str(error), line=line) from error
    if rows and [cell.strip().lower() for cell in rows[0][1][:2]] == ["start", "end"]:
        del rows[0]
    has_ends = not rows or any(len(row) != 2 or _is_time(row[1]) for _, row in rows)
    columns = (0, 1, 2) if has_ends else (0, None, 1)
    has_more = any(
        cell.strip() for _, row in rows for n, cell in enumerate(row) if n not in columns
    )
    notes = ["other columns of the table were left out"] if has_more else []
    if has_ends and len(rows) > 1 and all(_is_whole(row[:2]) for _, row in rows):
        notes.append("times are read as seconds; for frames: --from frames --frame-rate 25")
    return Listing(tuple(_segment(row, line, columns) for line, row in rows), None, tuple(notes))


def _delimiter(row: str) -> str:
    """What separates the cells of a table, by its first row: a tab, a semicolon or a comma."""
    if "\t" in row:
        return "\t"
    return ";" if ";" in row and not re.match(r"[\d:.]*,[\d:.]*,", row) else ","


def _is_whole(cells: list[str]) -> bool:
    return any(cells) and all(re.fullmatch(r"\s*\d*\s*", cell) for cell in cells)


def _is_time(text: str) -> bool:
    try:
        return bool(text.strip()) and parse_time(text) >= 0
    except FormatError:
        return False


def _segment(row: list[str], line: int, columns: tuple[int, int | None, int | None]) -> Mark:
    if len(row) < 2:
        why = "a row is start,end,label, and times may be empty"
        raise FormatError(f"not a segment: {','.join(row)[:60]!r}", why=why, line=line)
    first, last, title = ("" if n is None or n >= len(row) else row[n].strip() for n in columns)
    start = seconds_at(first, line) if first else 0.0
    end = seconds_at(last, line) if last else None
    if end is not None and end < start:
        raise FormatError("a segment ends before it starts", line=line)
    return Mark(start, title, end, line)
