"""The list under a YouTube video: ``0:00 Title``, one chapter a line.

Whole seconds, rounded down. What YouTube would not show at all (too few, too short chapters) is
the matter of `chapterize.check`; what cannot be written is refused here.
"""

from __future__ import annotations

import re

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import Listing, Parsed, checked_title, one_line, seconds_at, tile
from chapterize.timecode import format_clock

__all__ = ["MAX_BYTES", "dumps", "loads", "scan"]

MAX_BYTES = 5000
"""The longest description YouTube takes, in bytes."""

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
# A title that begins like this would lose its beginning when it is read after a bare time.
_NEEDS_DASH = re.compile(rf"(?:{_DASH}|[|:=>→・])+(?:\s|$)|{_DASH}\s*\d|[:|]")


def dumps(chapters: Chapters) -> str:
    """One line for each chapter, titles brought to one line each; ends with a line break.

    Raises
    ------
    FormatError : two chapters in one second, an empty title, ``<`` or ``>``, or more than 5000
        bytes in all; the error names the line.
    """
    lines: list[str] = []
    size, second_before = 0, -1
    for number, chapter in enumerate(chapters.chapters, 1):
        title = one_line(checked_title(chapter.title, number))
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
        if size > MAX_BYTES + 1:  # the last line break need not be pasted
            raise FormatError(
                f"the list passes {MAX_BYTES} bytes",
                why="YouTube takes no longer description",
                hint="shorten the titles (chapterize check --for youtube --fix does)",
                line=number,
            )
    return "".join(lines)


def loads(text: str, *, duration: float | None = None) -> Parsed:
    """Chapters from a list, or from a longer description with a list inside it.

    Read are ``0:00 Title``, ``00:00 - Title``, ``(1:02:03) Title``, ``0:00 - 1:30 Title`` with
    bullets or numbers before them, and ``Title 0:00`` where no line begins with a time.
    See `listing.tile` for errors and what is mended.
    """
    return tile(scan(text), duration)


def scan(text: str) -> Listing:
    """The rows as they stand, in the order of the text.

    Raises
    ------
    FormatError : a time below 0 or one that no clock shows.
    """
    # What is longer is running text, not a row of a list.
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
    end = match["end"]
    return Mark(
        seconds_at(match["start"], line),
        match["title"].strip(),
        None if end is None else seconds_at(end, line),
        line,
    )


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
        raise FormatError(
            "a chapter has no title", why="YouTube needs one in every line", line=number
        )
    if "<" in title or ">" in title:
        raise FormatError(
            f"{title!r} holds < or >",
            why="YouTube takes no angle brackets in a description",
            hint="take them out (chapterize check --for youtube --fix does)",
            line=number,
        )
