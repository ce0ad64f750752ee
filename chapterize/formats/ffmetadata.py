"""FFmpeg's metadata text: ``;FFMETADATA1`` and ``[CHAPTER]`` sections.

The lists of chapters that ffmpeg, ffprobe and mkvinfo print on a console are read too.

Titles keep line breaks: these and ``= ; # \\`` are escaped. Other control characters become spaces.
END is always written, since ffmpeg loses titles without it. A title that ends in a backslash gets a
space after it, since ffmpeg joins a line that ends in a backslash, escaped or not, to the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import Listing, seconds_at
from chapterize.timecode import to_ms

__all__ = ["dumps", "recognises", "scan"]

_HEADER = ";FFMETADATA"
_PRINTED = re.compile(
    r"^[ \t]*Chapter #\d+[:.]\d+: start (?P<start>-?[\d.]+), end (?P<end>[\d.]+)[ \t]*$"
    r"(?P<fields>(?:\n(?![ \t]*Chapter #)[ \t]+[^\n:]*:.*)*)",
    re.MULTILINE,
)
_MKVINFO = re.compile(
    r"^[| ]*\+ (?:Chapter t|T)ime start: (?P<start>[\d:.]+)[ ]*$"
    r"(?P<fields>(?:\n(?![^\n]*[tT]ime start:)[| ]*\+[^\n]*)*)",
    re.MULTILINE,
)
_MKVINFO_END = re.compile(r"[tT]ime end: ([\d:.]+)")
_MKVINFO_TITLE = re.compile(r"\+ (?:Chapter s|S)tring: (.*)")
_PRINTED_TITLE = re.compile(r"^[ \t]*title[ \t]*:[ \t]?(.*)$", re.MULTILINE | re.IGNORECASE)
_SPECIAL = re.compile(r"[=;#\\\n]")
_ESCAPED = re.compile(r"\\(.?)", re.DOTALL)
_CONTROLS = dict.fromkeys((*range(10), *range(11, 32)), " ")
_FINAL_BACKSLASH = re.compile(r"\\ *$")
_HEADLESS = re.compile(r"\[CHAPTER\][ ]*\n(?:TIMEBASE|START)[ ]*=")
_NANOSECONDS = Fraction(1, 1_000_000_000)


def recognises(text: str) -> bool:
    """Whether `text` is metadata, or what ffmpeg or mkvinfo prints about chapters."""
    found = _HEADLESS.match(text) or _PRINTED.search(text) or _MKVINFO.search(text)
    return text.startswith(_HEADER) or found is not None


def dumps(chapters: Chapters) -> str:
    """A header and one ``[CHAPTER]`` section for each chapter, in milliseconds."""
    parts = [f"{_HEADER}1\n"]
    for chapter in chapters.chapters:
        title = chapter.title.replace("\r\n", "\n").replace("\r", "\n")
        escaped = _SPECIAL.sub(lambda found: "\\" + found[0], title.translate(_CONTROLS))
        escaped += " " if _FINAL_BACKSLASH.search(title) else ""
        parts.append(
            f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={to_ms(chapter.start)}\nEND={to_ms(chapter.end)}\n"
            f"title={escaped}\n"
        )
    return "".join(parts)


def scan(text: str) -> Listing:
    """The ``[CHAPTER]`` sections; other sections are skipped.

    Raises
    ------
    FormatError : neither header nor chapter at the start, or a chapter with unreadable times.
    """
    if not text.startswith(_HEADER) and (printed := _printed(text)):
        return Listing(printed)
    is_headless = _HEADLESS.match(text.lstrip()) is not None
    if not is_headless and not text.startswith(_HEADER):
        raise FormatError("not ffmetadata", why=f"the first line must be {_HEADER}1", line=1)
    marks: list[Mark] = []
    section: dict[str, str] | None = None
    opened = 0
    for line, row in _logical_lines(text):
        if row.startswith("[") and row.rstrip().endswith("]"):
            if section is not None:
                marks.append(_mark(section, opened))
            section = {} if row.strip().upper() == "[CHAPTER]" else None
            opened = line
        elif section is not None and (match := re.match(r"((?:[^\\=]|\\.)*)=", row, re.DOTALL)):
            section[_unescape(match[1]).strip().lower()] = _unescape(row[match.end() :])
    if section is not None:
        marks.append(_mark(section, opened))
    notes = (f"the first line, {_HEADER}1, is missing: ffmpeg needs it",) if is_headless else ()
    return Listing(tuple(marks), None, notes)


def _printed(text: str) -> tuple[Mark, ...]:
    """The chapters that ffmpeg or mkvinfo prints: times, and fields with the title."""
    marks = []
    for match in _PRINTED.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        title = _PRINTED_TITLE.search(match["fields"])
        start, end = (seconds_at(match[name], line) for name in ("start", "end"))
        marks.append(Mark(start, title[1].strip() if title else "", end, line))
    for match in _MKVINFO.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        title, stop = _MKVINFO_TITLE.search(match["fields"]), _MKVINFO_END.search(match["fields"])
        start = seconds_at(match["start"], line)
        until = seconds_at(stop[1], line) if stop else None
        marks.append(Mark(start, title[1].strip() if title else "", until, line))
    return tuple(marks)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Numbered lines without comments, joined where a backslash escapes the line break."""
    pending, first = "", 0
    for line, row in enumerate(text.split("\n"), 1):
        first = first if pending else line
        pending += row
        if (len(row) - len(row.rstrip("\\"))) % 2:
            pending += "\n"
            continue
        if pending.strip() and pending[0] not in ";#":
            yield first, pending
        pending = ""
    if pending:
        yield first, pending


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda found: found[1], text)


def _mark(section: dict[str, str], line: int) -> Mark:
    base = _NANOSECONDS
    if "timebase" in section:
        match = re.fullmatch(r"\s*(\d{1,10})/(\d{1,10})\s*", section["timebase"])
        if match is None or not int(match[1]) or not int(match[2]):
            raise FormatError(
                f"TIMEBASE={section['timebase']}", why="it must look like 1/1000", line=line
            )
        base = Fraction(int(match[1]), int(match[2]))
    title = section.get("title", "")
    if title.endswith(" ") and _FINAL_BACKSLASH.search(title):
        title = title[:-1]
    start = _ticks(section.get("start"), "START", line)
    end = _ticks(section["end"], "END", line) if "end" in section else None
    return Mark(float(start * base), title, None if end is None else float(end * base), line)


def _ticks(text: str | None, name: str, line: int) -> int:
    if text is None or not re.fullmatch(r"\s*-?\d{1,19}\s*", text):
        raise FormatError(
            f"a chapter with {name} {text or 'missing'}", why="it must be a whole number", line=line
        )
    return int(text)
