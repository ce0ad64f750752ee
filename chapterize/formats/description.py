"""The list of chapters inside the description of a video, replaced without touching the rest.

A list is at least two lines with times in ascending order, one after the other, the first at 0:00,
or three or more that start within the first minute. The new list has the bullets, separators and
links of the old one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import one_line
from chapterize.formats.text_lists import scan
from chapterize.formats.youtube import dumps
from chapterize.timecode import format_clock

__all__ = ["PLACE", "Described", "describe"]

PLACE = "{chapters}"
"""Where a list goes for the first time; without it, at the end."""

_FEWEST = 2
_FEWEST_LATE, _LATEST = 3, 60.0
"""Rows and start, in seconds, of a list that does not start at 0:00; 18:00 is a time of day."""
_NEAR = 2
"""Lines after a list in which another row shows that it goes on."""
_LINE_END = re.compile(r"(\r\n|\n|\r)")
_TIME = re.compile(r"(?<![\d:])(?:(\d+):)?(\d+):\d{2}(?![\d:])")
_LINK_TIME = re.compile(r"(?<=[?&#]t=)\d+")
_NUMBER = re.compile(r"\d+(?=[.)]\s)")


@dataclass(frozen=True)
class Described:
    """A description with its new list.

    `old` is the list that was replaced, empty if there was none, and `line` where the new one
    starts, from 1.
    """

    text: str
    old: str
    line: int


@dataclass(frozen=True)
class _Row:
    """A line of a description with a time, from 0."""

    line: int
    mark: Mark


@dataclass(frozen=True)
class _Style:
    """How a list writes its rows: `pattern` has the places of number, time and title."""

    pattern: str = "{time} {title}"
    like: str = "0:00"

    def row(self, number: int, start: float, title: str) -> str:
        """One line of the list."""
        values = {"n": str(number), "time": _as_in(self.like, start), "title": title}
        values["t"] = str(int(start))
        return re.sub(r"\{(n|time|title|t)\}", lambda found: values[found[1]], self.pattern)


def describe(text: str, chapters: Chapters) -> Described:
    """`text` with the list of `chapters` in place of the one it has; all else stays as it is.

    The list goes where the text has ``{chapters}``, else where its old list is, else to the end.

    Raises
    ------
    FormatError : the text has several lists or places, or its list has other lines in between; or
        YouTube would not accept `chapters` (see `youtube.dumps`).
    """
    parts = _LINE_END.split(text)
    lines, ends = parts[::2], parts[1::2]
    plain = _rows(chapters, _Style())
    end_of_line = ends[0] if ends else "\n"
    if PLACE in text:
        return _placed(text, end_of_line.join(plain))
    block = _block(lines)
    if not block:
        return _appended(text, end_of_line, plain, len(lines))
    first, last = block[0].line, block[-1].line
    # The rows keep the line breaks of the first one, and blank lines if they are between them.
    after_first = range(first, block[1].line)
    between = "".join(f"{lines[n] if n > first else ''}{ends[n]}" for n in after_first)
    new = between.join(_rows(chapters, _style_of(lines, block)))
    start, end = 2 * first, 2 * last + 1
    before, old, after = ("".join(p) for p in (parts[:start], parts[start:end], parts[end:]))
    return Described(f"{before}{new}{after}", old, first + 1)


def _placed(text: str, rows: str) -> Described:
    if (n_places := text.count(PLACE)) > 1:
        raise FormatError(
            f"there are {n_places} places for the chapters",
            why=f"{PLACE} stands for one list",
            hint=f"delete all {PLACE} but one",
        )
    line = len(_LINE_END.findall(text[: text.index(PLACE)])) + 1
    return Described(text.replace(PLACE, rows), "", line)


def _appended(text: str, end_of_line: str, rows: Sequence[str], n_lines: int) -> Described:
    """`text` with a list after its end, and a blank line before it."""
    bare = text.removeprefix("\ufeff")
    missing = 0 if not bare else 1 if bare.endswith(("\n", "\r")) else 2
    if bare.endswith(end_of_line * 2):
        missing = 0
    new = f"{text}{end_of_line * missing}{end_of_line.join(rows)}{end_of_line}"
    return Described(new, "", n_lines + missing if bare else 1)


def _rows(chapters: Chapters, style: _Style) -> list[str]:
    # What YouTube does not accept is refused there.
    plain = [row.partition(" ")[2] for row in dumps(chapters).splitlines()]
    if not style.pattern.endswith("{time} {title}"):
        plain = [one_line(title) for title in chapters.titles]
    rows = enumerate(zip(chapters.starts, plain, strict=True), 1)
    return [style.row(number, start, title) for number, (start, title) in rows]


def _block(lines: Sequence[str]) -> list[_Row]:
    """The rows of the only list; empty if there is none."""
    rows = [_Row(n, mark) for n, text in enumerate(lines) if (mark := _mark(text))]
    blocks, late, at = [], [], 0
    while at < len(rows):
        block = _run(lines, rows[at:])
        at += len(block)
        start = block[0].mark.start
        if start < 1.0:
            _refuse_interrupted(lines, block, rows[at:])
            blocks += [block] if len(block) >= _FEWEST else []
        elif start < _LATEST and len(block) >= _FEWEST_LATE:
            late.append(block)
    blocks = blocks or late
    if len(blocks) > 1:
        places = " and ".join(str(block[0].line + 1) for block in blocks)
        raise FormatError(
            f"there are {len(blocks)} lists of chapters, at lines {places}",
            why="it is not clear which one to replace",
            hint=f"delete one, or put {PLACE} where the chapters belong instead of both",
        )
    return blocks[0] if blocks else []


def _mark(line: str) -> Mark | None:
    """The row in one line, None if there is none."""
    if not _TIME.search(line):
        return None
    try:
        marks = scan(line.removeprefix("\ufeff")).marks
    except FormatError:
        return None
    return marks[0] if marks else None


def _run(lines: Sequence[str], rows: Sequence[_Row]) -> list[_Row]:
    """The first of `rows` that follow each other, all with or all without a blank line between."""
    run = [rows[0]]
    gap = 1
    for before, row in pairwise(rows):
        step = row.line - before.line
        is_blank = step == 2 and not lines[before.line + 1].strip()
        if len(run) == 1 and is_blank:
            gap = 2
        if step != gap or (step == 2 and not is_blank) or row.mark.start <= before.mark.start:
            break
        run.append(row)
    return run


def _refuse_interrupted(
    lines: Sequence[str], block: Sequence[_Row], following: Sequence[_Row]
) -> None:
    """Raise FormatError if the list goes on after lines that are not rows."""
    last = block[-1]
    if not following or following[0].mark.start <= last.mark.start:
        return
    between = lines[last.line + 1 : following[0].line]
    is_near = 0 < len(between) <= _NEAR and all(text.strip() for text in between)
    # A paragraph below each row.
    is_apart = len(block) == 1 and len(_ascending(following)) >= _FEWEST_LATE - 1
    if is_near or is_apart:
        raise FormatError(
            f"the list that starts at line {block[0].line + 1} has other lines in between",
            why="they would be lost, or mixed with the new list",
            hint=f"put {PLACE} where the chapters belong, and delete the old list",
            line=last.line + 2,
        )


def _ascending(rows: Sequence[_Row]) -> Sequence[_Row]:
    """The first of `rows` whose times ascend."""
    falls = (n for n, (a, b) in enumerate(pairwise(rows), 1) if b.mark.start <= a.mark.start)
    return rows[: next(falls, len(rows))]


def _style_of(lines: Sequence[str], block: Sequence[_Row]) -> _Style:
    """The style that all rows share; that of a plain list if they differ."""
    patterns = {_pattern(lines[row.line], row.mark) for row in block}
    first = lines[block[0].line]
    time = _TIME.search(first)
    pattern = patterns.pop()
    if patterns or pattern is None or time is None:
        return _Style()
    return _Style(pattern, time[0])


def _pattern(line: str, mark: Mark) -> str | None:
    """A row with places instead of its number, time and title; None if it has no title."""
    time = _TIME.search(line)
    if time is None or not mark.title:
        return None
    rest = line[time.end() :]
    if mark.title in rest:
        at = time.end() + rest.rindex(mark.title)
        before, between = line[: time.start()], line[time.end() : at]
        order = f"{{time}}{_LINK_TIME.sub('{t}', between)}{{title}}"
        after = line[at + len(mark.title) :]
    elif mark.title in line:
        at = line.index(mark.title)
        if number := re.match(r"\d+[.)]\s+", mark.title):
            return _pattern(line, replace(mark, title=mark.title[number.end() :]))
        before, between = line[:at], line[at + len(mark.title) : time.start()]
        order, after = f"{{title}}{between}{{time}}", rest
    else:
        return None
    return f"{_NUMBER.sub('{n}', before)}{order}{after}"


def _as_in(like: str, seconds: float) -> str:
    """A time written as `like`: ``00:05`` and ``0:00:05`` have leading zeros."""
    shortest = _TIME.fullmatch(like)
    if shortest is None:
        return format_clock(seconds)
    hours, minutes, secs = int(seconds) // 3600, int(seconds) // 60 % 60, int(seconds) % 60
    width = len(like.split(":")[0])
    if shortest[1] is not None or hours:
        return f"{hours:0{width}}:{minutes:02}:{secs:02}"
    return f"{minutes:0{width}}:{secs:02}"
