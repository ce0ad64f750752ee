"""Labels with start and end: Audacity's label track, and LosslessCut's CSV and TSV.

Times are seconds, or h:mm:ss in LosslessCut's TSV and in its CSV for people.
"""

from __future__ import annotations

import csv
import io
import re

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import Listing, one_line, seconds_at
from chapterize.timecode import format_seconds

__all__ = [
    "dumps_audacity",
    "dumps_losslesscut",
    "recognises_audacity",
    "recognises_losslesscut",
    "scan_audacity",
    "scan_losslesscut",
]

recognises_audacity = re.compile(r"\d+(?:[.,]\d+)?\t\d+(?:[.,]\d+)?(?:\t|$)", re.MULTILINE).match
_SEMICOLONS = re.compile(r"[\d:.,]*;|start *;", re.IGNORECASE)
_TIME = r"(?:\d[\d:]*(?:[.,]\d+)?)?"
recognises_losslesscut = re.compile(
    r"[\d:.]*,[\d:.]*,|start(?P<mark>[,;\t]) *end(?:(?P=mark) *(?:label|name|title)?|\n|$)"
    rf"|(?=[\t;]?\d){_TIME}(?P<sign>[\t;]){_TIME}(?P=sign)",
    re.IGNORECASE,
).match


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
    """The rows of LosslessCut's CSV or TSV; a first row of column names is skipped.

    An empty start is the beginning of the media, an empty end is its end.

    Raises
    ------
    FormatError : broken quoting, a row of one field, unreadable times, or an end before its start.
    """
    marks: list[Mark] = []
    first = text.lstrip("\n").partition("\n")[0]
    delimiter = "\t" if "\t" in first else ";" if _SEMICOLONS.match(first) else ","
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    line = 1
    try:
        for row in reader:
            cells = [cell.strip().lower() for cell in row]
            if any(cells) and not (not marks and cells[:2] == ["start", "end"]):
                marks.append(_segment(row, line))
            line = reader.line_num + 1
    except csv.Error as error:
        raise FormatError("not CSV", why=str(error), line=line) from error
    return Listing(tuple(marks))


def _segment(row: list[str], line: int) -> Mark:
    if len(row) < 2:
        why = "a row is start,end,label, and times may be empty"
        raise FormatError(f"not a segment: {','.join(row)[:60]!r}", why=why, line=line)
    start, end = (seconds_at(cell, line) if cell.strip() else None for cell in row[:2])
    start = start or 0.0
    if end is not None and end < start:
        raise FormatError("a segment ends before it starts", line=line)
    title = row[2].strip() if len(row) > 2 else ""
    return Mark(start, title, end, line)
