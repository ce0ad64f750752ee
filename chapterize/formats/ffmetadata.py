"""FFmpeg's metadata text: ``;FFMETADATA1`` and ``[CHAPTER]`` sections.

``= ; # \\`` and line breaks in titles are escaped, so line breaks come through; other control
characters become spaces. END is always written: without it ffmpeg loses the titles. A title that
ends in a backslash gets a space after it in the file, since ffmpeg takes any backslash at the end
of a line, escaped or not, for the mark of a line that goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import Listing, Parsed, checked_title, tile
from chapterize.timecode import to_ms

__all__ = ["dumps", "loads", "scan"]

_HEADER = ";FFMETADATA"
_SPECIAL = re.compile(r"[=;#\\\n]")
_ESCAPED = re.compile(r"\\(.?)", re.DOTALL)
_CONTROLS = dict.fromkeys((*range(10), *range(11, 32)), " ")
_FINAL_BACKSLASH = re.compile(r"\\ *$")
_NANOSECONDS = Fraction(1, 1_000_000_000)


def dumps(chapters: Chapters) -> str:
    """The text, in milliseconds."""
    parts = [f"{_HEADER}1\n"]
    for number, chapter in enumerate(chapters.chapters, 1):
        title = checked_title(chapter.title, number).replace("\r\n", "\n").replace("\r", "\n")
        escaped = _SPECIAL.sub(lambda found: "\\" + found[0], title.translate(_CONTROLS))
        escaped += " " if _FINAL_BACKSLASH.search(title) else ""
        parts.append(
            f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={to_ms(chapter.start)}\nEND={to_ms(chapter.end)}\n"
            f"title={escaped}\n"
        )
    return "".join(parts)


def loads(text: str, *, duration: float | None = None) -> Parsed:
    """Chapters from the text; see `listing.tile` for errors and what is mended."""
    return tile(scan(text), duration)


def scan(text: str) -> Listing:
    """The ``[CHAPTER]`` sections as they stand; other sections are passed over.

    Raises
    ------
    FormatError : no header, or a chapter whose times cannot be read.
    """
    if not text.startswith(_HEADER):
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
    return Listing(tuple(marks))


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their number, joined where a backslash escapes the break; no comments."""
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
            raise FormatError(f"TIMEBASE={section['timebase']}", why="want 1/1000", line=line)
        base = Fraction(int(match[1]), int(match[2]))
    title = section.get("title", "")
    if title.endswith(" ") and _FINAL_BACKSLASH.search(title):
        title = title[:-1]
    start = _ticks(section.get("start"), "START", line)
    end = _ticks(section["end"], "END", line) if "end" in section else None
    return Mark(
        float(start * base),
        title,
        None if end is None else float(end * base),
        line,
    )


def _ticks(text: str | None, name: str, line: int) -> int:
    if text is None or not re.fullmatch(r"\s*-?\d{1,19}\s*", text):
        raise FormatError(
            f"a chapter with {name} {text or 'missing'}", why="it must be a whole number", line=line
        )
    return int(text)
