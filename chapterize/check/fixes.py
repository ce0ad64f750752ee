"""`fix`: correct chapters for a platform without inventing anything."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chapterize.characters import without_invisible
from chapterize.check.platforms import (
    CONTROLS,
    EMOJI,
    HTML,
    Platform,
    clock,
    count_ms,
    list_bytes,
    refuse_bad_duration,
    rules_of,
    shorten,
)
from chapterize.data import Chapters, Mark
from chapterize.errors import InputError
from chapterize.timecode import to_ms

__all__ = ["Fixed", "fix"]


@dataclass(frozen=True)
class Fixed:
    """Corrected chapters; `notes` say what was changed, a sentence each."""

    chapters: Chapters
    notes: tuple[str, ...]


def fix(marks: Sequence[Mark], platform: str, duration: float | None) -> Fixed:
    """Chapters that break as few rules of `platform` as possible, with nothing invented.

    Rows are sorted, rows past the end are left out, and the first row is moved to 0. A chapter
    that is too short is merged with the one before (the first with the one after); the longer one
    gives the title. Titles are cleaned and cut at a word. `check` still reports what cannot be
    corrected: too few chapters and missing titles.

    Raises
    ------
    InputError : there is no such platform, the duration is impossible or neither given nor in the
        last row, or no row is inside the media.
    """
    rules = rules_of(platform)
    if duration is None and marks:
        duration = max(marks, key=lambda mark: mark.start).end
    if duration is None:
        raise InputError(
            "the duration of the media is unknown",
            why="without it, the last chapter cannot be checked or corrected",
            hint="add --duration, in seconds or as h:mm:ss",
        )
    refuse_bad_duration(duration)
    notes: list[str] = []
    rows = _in_order(marks, duration, notes)
    rows = _merge_short(rows, rules, duration, notes)
    titles = [_fix_title(mark.title, rules, notes) for mark in rows]
    if rules.max_bytes is not None and list_bytes(rows, titles) > rules.max_bytes:
        titles = [shorten(title, characters=rules.shown_characters) for title in titles]
        notes.append(f"all titles were cut to {rules.shown_characters} characters to fit the limit")
    chapters = Chapters.from_starts([mark.start for mark in rows], titles, duration)
    return Fixed(chapters, tuple(notes))


def _in_order(marks: Sequence[Mark], duration: float, notes: list[str]) -> list[Mark]:
    for number, mark in enumerate(marks, 1):
        if not (math.isfinite(mark.start) and mark.start >= 0):
            raise InputError(f"chapter {number} ({mark.title!r}) starts at {mark.start} s")
    inside = [mark for mark in marks if to_ms(mark.start) < to_ms(duration)]
    if not inside:
        raise InputError(
            "no chapter is inside the media",
            why=f"the media ends at {clock(duration)}",
            hint="check --duration",
        )
    notes += [
        f"{mark.title!r} at {clock(mark.start)} was left out: the media ends at {clock(duration)}"
        for mark in marks
        if to_ms(mark.start) >= to_ms(duration)
    ]
    rows = sorted(inside, key=lambda mark: mark.start)
    if rows != inside:
        notes.append("the chapters were sorted by time")
    if to_ms(rows[0].start) != 0:
        notes.append(f"the first chapter was moved from {clock(rows[0].start)} to 0:00")
        rows[0] = replace(rows[0], start=0.0)
    return rows


def _merge_short(
    rows: list[Mark], rules: Platform, duration: float, notes: list[str]
) -> list[Mark]:
    """Rows that are long enough, except perhaps a single one."""
    least_ms = max(to_ms(rules.min_length), 1)
    ends = [*(mark.start for mark in rows[1:]), duration]
    kept: list[_Piece] = []
    for mark, end in zip(rows, ends, strict=True):
        length_ms = count_ms(end, rules) - count_ms(mark.start, rules)
        piece = _Piece(mark, length_ms, length_ms)
        # Only the first piece can still be too short when the next one is merged.
        if kept and min(length_ms, kept[-1].length_ms) < least_ms:
            kept[-1] = _merge(kept[-1], piece, notes)
        else:
            kept.append(piece)
    return [piece.mark for piece in kept]


@dataclass(frozen=True)
class _Piece:
    """A row, its length, and the length of the part that gave its title."""

    mark: Mark
    length_ms: int
    titled_ms: int


def _merge(before: _Piece, piece: _Piece, notes: list[str]) -> _Piece:
    winner = max(before, piece, key=lambda one: (bool(one.mark.title.strip()), one.titled_ms))
    loser = piece if winner is before else before
    notes.append(
        f"{loser.mark.title!r} at {clock(loser.mark.start)} was merged with "
        f"{winner.mark.title!r}: too short for a chapter"
    )
    return _Piece(
        replace(before.mark, title=winner.mark.title),
        before.length_ms + piece.length_ms,
        winner.titled_ms,
    )


def _fix_title(title: str, rules: Platform, notes: list[str]) -> str:
    fixed = without_invisible(title)
    fixed = fixed if rules.allows_emoji else EMOJI.sub(" ", fixed)
    if not rules.allows_html:
        fixed = HTML.sub(lambda found: html.unescape(found[0]) if found[0][0] == "&" else "", fixed)
    fixed = re.sub(" {2,}", " ", CONTROLS.sub(" ", fixed)).strip()
    for bad, instead in rules.forbidden:
        fixed = fixed.replace(bad, instead)
    most = rules.max_title_characters or rules.listed_characters
    fixed = shorten(fixed, characters=most, size_bytes=rules.max_title_bytes)
    if fixed != title:
        notes.append(f"the title {title[:60]!r} became {fixed[:60]!r}")
    return fixed
