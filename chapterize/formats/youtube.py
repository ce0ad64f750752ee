"""The list under a YouTube video: ``0:00 Title``, one chapter a line.

Times are whole seconds, rounded down. This module refuses what cannot be written;
`chapterize.check` reports what YouTube would not show, such as too few or too short chapters.
"""

from __future__ import annotations

import re

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import Listing, one_line, seconds_at
from chapterize.timecode import format_clock

__all__ = ["MAX_BYTES", "dumps", "scan"]

MAX_BYTES = 5000
"""The longest description YouTube accepts, in bytes."""

_TIME = r"(?:\d{1,3}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?"
_DASH = r"[-–—‒−]"
_NUMBER = r"(?:\d{1,3}[.)]\s+)?"
_SIGNS = r"*+•·‣▪▶►→>#~|\u2190-\u2bff\u3001-\u303f\U0001f000-\U0001faff\ufe0f"
_BULLET = rf"(?:[{_SIGNS}]\s*|[-–—]\s+)*"
# A list row: bullets, the time, perhaps "- end", a separator, the title.
_LEADING = re.compile(
    rf"\s*{_BULLET}{_NUMBER}(?P<open>[(\[])?(?P<start>{_TIME})(?:\s*{_DASH}\s*(?P<end>{_TIME}))?"
    rf"(?(open)[)\]])(?=\s|$|:\s|[^\w:.,])(?:\s*(?:{_DASH}|[|:=>→・])+(?=\s)|[:|]|{_DASH})?(?P<title>.*)"
)
_TRAILING = re.compile(rf"(?:^|(?<=\s))(?P<open>[(\[])?(?P<start>{_TIME})(?(open)[)\]])$")
_LONGEST_ROW = 1000
_NEGATIVE = re.compile(rf"\s*[-−](?P<start>{_TIME})\s")
# After a bare time, the start of such a title would be read as a separator.
_NEEDS_DASH = re.compile(rf"(?:{_DASH}|[|:=>→・])+(?:\s|$)|{_DASH}\s*\d|[:|]")


def dumps(chapters: Chapters) -> str:
    """One line for each chapter, with a final line break.

    Raises
    ------
    FormatError : two chapters in one second, an empty title, ``<`` or ``>`` in a title, or more
        than 5000 bytes in total; the error names the line.
    """
    lines: list[str] = []
    size, second_before = 0, -1
    for number, chapter in enumerate(chapters.chapters, 1):
        title = one_line(chapter.title)
        _refuse(title, number)
        second = int(round(chapter.start * 1000) // 1000)
        if second == second_before:
            raise FormatError(
                f"{title!r} starts in the same second as the chapter before it",
                why="YouTube counts in whole seconds",
                hint="merge the two (chapterize check --for youtube --fix does)",
                line=number,
            )
        second_before = second
        dash = "- " if _NEEDS_DASH.match(title) else ""
        lines.append(f"{format_clock(chapter.start)} {dash}{title}\n")
        size += len(lines[-1].encode("utf-8"))
        if size > MAX_BYTES + 1:  # without the final line break
            raise FormatError(
                f"the list exceeds {MAX_BYTES} bytes",
                why="YouTube accepts no longer description",
                hint="shorten the titles (chapterize check --for youtube --fix does)",
                line=number,
            )
    return "".join(lines)


def scan(text: str) -> Listing:
    """The rows of a list, or of a longer description with a list inside it.

    Accepted are ``0:00 Title``, ``00:00 - Title``, ``(1:02:03) Title`` and ``0:00 - 1:30 Title``,
    with bullets or numbers before them, and ``Title 0:00`` if no line starts with a time.

    Raises
    ------
    FormatError : a time below 0, or an impossible one such as 3:75.
    """
    # A longer line is running text, not a row of a list.
    rows = [(line, row) for line, row in enumerate(text.split("\n"), 1) if len(row) <= _LONGEST_ROW]
    marks = [mark for line, row in rows if (mark := _leading(row, line))]
    return Listing(tuple(marks or [mark for line, row in rows if (mark := _trailing(row, line))]))


def _leading(row: str, line: int) -> Mark | None:
    if match := _NEGATIVE.match(row):
        raise FormatError(
            f"the time -{match['start']} is below 0",
            hint="if the dash is a bullet, put a space after it",
            line=line,
        )
    match = _LEADING.fullmatch(row)
    if match is None:
        return None
    start, end = seconds_at(match["start"], line), match["end"]
    return Mark(start, match["title"].strip(), seconds_at(end, line) if end else None, line)


def _trailing(row: str, line: int) -> Mark | None:
    row = row.strip()
    match = _TRAILING.search(row[-20:])
    if match is None:
        return None
    title = row[: len(row) - len(match[0])].rstrip()
    title = re.sub(rf"(?:\s{_DASH}|[|:])$", "", title)
    title = re.sub(rf"^(?:[*•·▶►]|{_DASH}\s)\s*", "", title).strip()
    return Mark(seconds_at(match["start"], line), title, None, line) if title else None


def _refuse(title: str, number: int) -> None:
    if not title:
        why = "YouTube needs a title in every line"
        raise FormatError("a chapter has no title", why=why, line=number)
    if "<" in title or ">" in title:
        raise FormatError(
            f"{title!r} holds < or >",
            why="YouTube accepts no angle brackets in a description",
            hint="remove them (chapterize check --for youtube --fix does)",
            line=number,
        )
