"""Lists of chapters as people write and paste them: a time and a title on each row.

Read are descriptions with a list in them, Markdown and HTML, titles on the row after or before
their times, and the lists that MediaInfo, mp4chaps and MP4Box print. A row whose time has to be
guessed is read, or left out, with a note that names its line.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from chapterize.data import Mark
from chapterize.formats.listing import Listing, numbered_scenes
from chapterize.formats.markup import Row, has_html, is_html, rows_of
from chapterize.formats.rows import (
    INSIDE,
    MEDIAINFO_ROW,
    Loose,
    first_language,
    in_seconds,
    is_bare,
    is_leading,
    is_meant,
    leading,
    loose,
    loose_trailing,
    separator,
    trailing,
)
from chapterize.formats.speech import refuse_speech
from chapterize.formats.times import clock, in_url

__all__ = ["recognises", "scan"]

# MP4Box and mp4chaps: 'Chapter #001 - 00:00:00.000 - "Title"'.
_QUOTED_ROW = re.compile(r'\s*Chapter\s*#\d+\s.*"(.*)"\s*')
_ARROW = "-->"
_RULE = re.compile(r"[-=_*~+|─━═▬–—\s]{3,}")
_ADDRESS = re.compile(r"https?://\S+")
_MOST_NAMED = 5
_FEWEST_IN_A_ROW = 3
_FARTHEST = 12


@dataclass
class _Found:
    """The chapters found so far, by the index of their row, and notes."""

    marks: dict[int, Mark]
    notes: list[str] = field(default_factory=list)


def recognises(text: str) -> bool:
    """Whether a row of `text` has a time."""
    if text.startswith("<") and not is_html(text):
        return False
    return bool(re.search(r"\d[:：∶]\d\d", text) or _find(rows_of(text)).marks)


def scan(text: str) -> Listing:
    """The rows of a list, or of a longer description with a list inside it.

    Accepted are ``0:00 Title``, ``00:00 - Title``, ``(1:02:03) Title`` and ``0:00 - 1:30 Title``,
    with bullets or numbers before them, and ``Title 0:00`` if no line starts with a time.

    Raises
    ------
    FormatError : a time below 0, an impossible one such as 3:75, or captions.
    """
    rows = _apart(rows_of(text))
    found = _first_list(_find(rows))
    marks = tuple(_with_titles(found.marks, rows).values())
    linked = [url for index in found.marks for url in rows[index].links if in_url(url) is None]
    notes = [*found.notes, *(["links of the chapters were left out"] if linked else [])]
    refuse_speech(marks)
    if not any(mark.title for mark in marks) and re.search(r"\bscenes?\b", text, re.IGNORECASE):
        marks = tuple(numbered_scenes(marks))
    return Listing(marks, None, tuple(notes), as_written=_with_html(text, marks))


def _with_html(text: str, marks: Sequence[Mark]) -> tuple[Mark, ...] | None:
    """`marks` with the HTML of their titles; None if the list has none."""
    if not has_html(text):
        return None
    found = _find(_apart(rows_of(text, keeps_html=True))).marks.values()
    titles = {mark.line: mark.title for mark in found}
    return tuple(replace(mark, title=titles.get(mark.line, mark.title)) for mark in marks)


def _find(rows: Sequence[Row]) -> _Found:
    """The rows with a time: a clock time first, or else nearly one, or else one at the end."""
    marks = {n: mark for n, row in enumerate(rows) if (mark := leading(row.text, row.line))}
    if marks:
        return _with_nearly(marks, rows)
    if found := _all_nearly(rows, loose):
        return found
    marks = {n: mark for n, row in enumerate(rows) if (mark := trailing(row.text, row.line))}
    if marks:
        return _with_nearly(marks, rows, loose_trailing)
    return _all_nearly(rows, loose_trailing) or _Found(_linked(rows))


def _first_list(found: _Found) -> _Found:
    """The chapters before a second list, below other rows or at the start of the first again."""
    marks = list(found.marks.items())
    again = [
        n
        for n, ((index, before), (below, mark)) in enumerate(pairwise(marks), 1)
        if mark.start <= before.start
        and (mark.start == marks[0][1].start or (n > 2 and below > index + 2))
    ]
    ascend = not again or all(a.start < b.start for (_, a), (_, b) in pairwise(marks[: again[0]]))
    if not again or again[0] < 2 or not ascend:
        return found
    line = marks[again[0]][1].line
    note = f"a second list, from line {line} on, was left out"
    return _Found(dict(marks[: again[0]]), [*found.notes, note])


def _apart(rows: list[Row]) -> list[Row]:
    """`rows`, with a list whose line breaks were lost, of three chapters or more, split again."""
    first = [n for n, row in enumerate(rows) if is_leading(row.text)]
    if len(first) != 1:
        return rows
    row = rows[first[0]]
    parts = [re.sub(r"\s*[-–—|,;•·/]$", "", part) for part in INSIDE.split(row.text)]
    marks = [mark for part in parts if (mark := leading(part, row.line))]
    if not len(marks) == len(parts) >= _FEWEST_IN_A_ROW or not _is_list(marks, False):
        return rows
    split = [replace(row, text=part) for part in parts]
    return [*rows[: first[0]], *split, *rows[first[0] + 1 :]]


def _with_nearly(
    marks: dict[int, Mark],
    rows: Sequence[Row],
    near: Callable[[str, int], Loose | None] = loose,
) -> _Found:
    """`marks` and the rows among them whose time is nearly one, if it fits between theirs."""
    places = sorted(marks)
    gap = 1 if len(marks) == 1 or _has_blank(places, rows) else 0
    found = {n: each for n, row in enumerate(rows) if (each := near(row.text, row.line))}
    known = {*marks, *found}
    read: list[Loose] = []
    left_out: dict[int, str] = {}
    for index, each in found.items():
        if index in marks:
            continue
        at = bisect(places, index)
        before = places[at - 1] if at else None
        after = places[at] if at < len(places) else None
        if None in (before, after):
            end = places[at - 1] if at else places[at]
            if not _touches(rows, index, end, known, gap):
                continue
        if each.mark is not None and _fits(each.mark, marks, before, after):
            marks[index] = each.mark
            places.insert(at, index)
            read.append(each)
        else:
            left_out[index] = f"{each.written!r} is no time that fits there: write it like 1:02:03"
    left_out |= _odd_rows(marks, rows, left_out)
    notes = [
        f"line {rows[index].line} was left out, since {why}"
        for index, why in sorted(left_out.items())[:_MOST_NAMED]
    ]
    if more := len(left_out) - len(notes):
        notes.append(f"{more} more lines were left out for reasons like these")
    notes = [*_notes_of(read), *notes]
    return _Found(dict(sorted(marks.items())), notes)


def _odd_rows(marks: dict[int, Mark], rows: Sequence[Row], named: Container[int]) -> dict[int, str]:
    """Why a row among the chapters is none, one line after the other, although it is meant as one.

    `named` : rows that have a note already.
    """
    low, high = _with_edges(marks, rows)
    meant = {n for n in range(low, high + 1) if n not in marks and is_meant(rows[n].text)}
    odd = {}
    for n in range(low, high + 1):
        sides = [side for side in (n - 1, n + 1) if low <= side <= high]
        if n in marks or n in named or not all(side in marks or side in meant for side in sides):
            continue
        text = repr(rows[n].text.strip()[:60])
        if n in meant:
            odd[n] = f"it does not start with a time like 1:02:03: {text}"
        elif all(side in marks and marks[side].title for side in sides):
            mark = trailing(rows[n].text, rows[n].line)
            if mark is not None and _fits(mark, marks, n - 1, n + 1):
                odd[n] = f"its time is at the end and not at the start: {text}"
    return odd


def _with_edges(marks: dict[int, Mark], rows: Sequence[Row]) -> tuple[int, int]:
    """The first and the last row of a list, with rows of broken times right before or after it."""

    def is_broken(n: int) -> bool:
        return 0 <= n < len(rows) and ":" in rows[n].text[:12] and is_meant(rows[n].text)

    low, high = min(marks), max(marks)
    while is_broken(low - 1):
        low -= 1
    while is_broken(high + 1):
        high += 1
    return low, high


def _has_blank(places: Sequence[int], rows: Sequence[Row]) -> bool:
    return any(not rows[n].text.strip() for a, b in pairwise(places) for n in range(a + 1, b))


def _touches(rows: Sequence[Row], index: int, end: int, known: set[int], gap: int) -> bool:
    """Whether a row before or after the list belongs to it: only rows with times are between.

    `gap` : blank rows that are allowed between two rows of the list. A row of text is allowed
    after a time that has none on its row.
    """
    blanks = 0
    low, high = sorted((index, end))
    if high - low > _FARTHEST:
        return False
    for n in range(low + 1, high):
        if n in known:
            blanks = 0
        elif rows[n].text.strip():
            if n - 1 not in known or not is_bare(rows[n - 1].text):
                return False
        else:
            blanks += 1
            if blanks > gap:
                return False
    return True


def _fits(mark: Mark, marks: dict[int, Mark], before: int | None, after: int | None) -> bool:
    later = before is None or marks[before].start < mark.start
    return later and (after is None or mark.start < marks[after].start)


def _all_nearly(
    rows: Sequence[Row], near_time: Callable[[str, int], Loose | None]
) -> _Found | None:
    """A list in which no row has a clock time, such as ``0.00 Title`` and ``6.40 Title``."""
    near = {n: found for n, row in enumerate(rows) if (found := near_time(row.text, row.line))}
    marks = {n: each.mark for n, each in near.items() if each.mark is not None}
    if not _is_list(list(marks.values()), any(each.from_zero for each in near.values())):
        seconds = {
            n: in_seconds(row.text, row.line) for n, row in enumerate(rows) if row.text.strip()
        }
        near = {n: each for n, each in seconds.items() if each is not None}
        marks = {n: each.mark for n, each in near.items() if each.mark is not None}
        if len(near) < len(seconds) or not _is_list(list(marks.values()), True):
            return None
    return _Found(marks, _notes_of([near[n] for n in marks]))


def _is_list(marks: Sequence[Mark], from_zero: bool) -> bool:
    ascend = all(before.start < after.start for before, after in pairwise(marks))
    return len(marks) > 1 and ascend and not (from_zero and marks[0].start > 0)


def _notes_of(read: Sequence[Loose]) -> list[str]:
    """One note that names each line, or the first few."""
    named = [
        f"line {near.line}: {near.written} was read as {clock(near.mark.start)}"
        for near in read
        if near.mark
    ]
    more = [f"and {len(named) - _MOST_NAMED} more like these"] if named[_MOST_NAMED:] else []
    return ["; ".join(named[:_MOST_NAMED] + more)] if named else []


def _linked(rows: Sequence[Row]) -> dict[int, Mark]:
    """A list whose times are only in its addresses: ``[Title](https://youtu.be/x?t=400)``."""
    marks = {}
    for n, row in enumerate(rows):
        addresses = (*row.links, *_ADDRESS.findall(row.text))
        times = [seconds for url in addresses if (seconds := in_url(url)) is not None]
        title = re.sub(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+", "", _ADDRESS.sub("", row.text))
        title = re.sub(r"^[\s:|–—-]+(?=\s)|\s[\s:|–—-]+$|:\s*$", "", title).strip()
        if len(times) == 1 and title:
            marks[n] = leading(title, row.line) or Mark(times[0], title, None, row.line)
    return marks if _is_list(list(marks.values()), False) else {}


def _with_titles(marks: dict[int, Mark], rows: Sequence[Row]) -> dict[int, Mark]:
    """`marks` with the titles that are on other rows, and without what programs add to titles."""
    if all(MEDIAINFO_ROW.match(rows[n].text) for n in marks):
        return {n: replace(mark, title=first_language(mark.title)) for n, mark in marks.items()}
    if all(_QUOTED_ROW.fullmatch(rows[n].text) for n in marks):
        return {n: replace(mark, title=mark.title.strip('"')) for n, mark in marks.items()}
    are_bare = not any(mark.title for mark in marks.values())
    titles = _titles_before(marks, rows) if are_bare else None
    if titles is None:
        titles = {n: _title_after(n, marks, rows, anywhere=are_bare) for n in marks}
    marks = {n: replace(mark, title=mark.title or titles[n]) for n, mark in marks.items()}
    signs = {separator(rows[n].text.strip(), mark.title) for n, mark in marks.items()}
    # What all rows have after their times is a separator.
    sign = signs.pop() if len(marks) > 1 and len(signs) == 1 else ""
    return {n: replace(m, title=m.title.removeprefix(sign)) for n, m in marks.items()}


def _titles_before(marks: dict[int, Mark], rows: Sequence[Row]) -> dict[int, str] | None:
    """The rows before the times, if those are the titles and not the rows after them."""

    def texts(step: int) -> dict[int, int]:
        """The next row of text on one side of each time, up to the next time."""
        found = {}
        for n in marks:
            at = n + step
            while 0 <= at < len(rows) and not rows[at].text.strip():
                at += step
            if 0 <= at < len(rows) and at not in marks:
                found[n] = at
        return found

    if not marks or any(_ARROW in rows[n].text for n in marks):
        return None
    before, after = texts(-1), texts(1)
    if len(before) < len(marks):
        return None
    is_close_before = all(at == n - 1 for n, at in before.items())
    is_close_after = len(after) == len(marks) and all(at == n + 1 for n, at in after.items())
    is_last_alone = max(marks) not in after
    if is_last_alone or (is_close_before and not is_close_after):
        return {n: rows[at].text.strip() for n, at in before.items()}
    return None


def _title_after(n: int, marks: dict[int, Mark], rows: Sequence[Row], *, anywhere: bool) -> str:
    """The title below a time: on the next row, or `anywhere` before the next time.

    Below a start and an end, ``0:00 --> 1:30``, it may have several rows.
    """
    lines: list[str] = []
    anywhere = anywhere and _ARROW not in rows[n].text
    for at in range(n + 1, len(rows)):
        text = rows[at].text.strip()
        if at in marks or _RULE.fullmatch(text) or (not text and (lines or not anywhere)):
            break
        if text:
            lines.append(text)
            if marks[n].end is None:
                break
    return " ".join(lines)
