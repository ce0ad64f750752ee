"""`check`: the rules of a platform that the rows of a chapter file break.

Rows are checked unchanged, so wrong order and times out of range are found, which `Chapters` cannot
hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chapterize.check.platforms import (
    CONTROLS,
    Platform,
    clock,
    count_ms,
    list_bytes,
    refuse_bad_duration,
    rules_of,
    shorten,
)
from chapterize.data import Mark
from chapterize.errors import InputError
from chapterize.timecode import to_ms

__all__ = ["Finding", "check"]


@dataclass(frozen=True)
class Finding:
    """A broken rule: its id, what is wrong, how to correct it, and where.

    `chapter` counts from 1 in the order of the file, and `line` is the line in the file; both are
    None if the whole list is concerned. `is_fixable` : `fix` corrects it. `is_warning` : the
    platform accepts it, but shows it badly.
    """

    rule: str
    message: str
    fix: str
    chapter: int | None = None
    line: int | None = None
    is_fixable: bool = False
    is_warning: bool = False


def check(
    marks: Sequence[Mark], platform: str, *, duration: float | None = None
) -> tuple[Finding, ...]:
    """Every rule of `platform` that the rows `marks` break, in the order of the file.

    `duration` is that of the media, in seconds. Without it, the length of the last chapter and
    times past the end are not checked.

    Raises
    ------
    InputError : there is no such platform, `duration` is not above 0, or a start is not finite.
    """
    rules = rules_of(platform)
    refuse_bad_duration(duration)
    if not all(math.isfinite(mark.start) for mark in marks):
        raise InputError("the start of a chapter is not a finite number")
    found: list[Finding] = []
    for check_part in (_check_count, _check_times, _check_lengths, _check_titles, _check_size):
        found += check_part(marks, rules, duration)
    return tuple(sorted(found, key=lambda finding: finding.chapter or 0))


def _check_count(marks: Sequence[Mark], rules: Platform, _: float | None) -> list[Finding]:
    found = []
    if len(marks) < rules.min_chapters:
        found.append(
            Finding(
                f"{rules.name}-at-least-{rules.min_chapters}",
                f"{len(marks)} chapters; {rules.name} shows none if there are fewer than "
                f"{rules.min_chapters}",
                "add chapters, or draft again with --count",
            )
        )
    if rules.max_chapters is not None and len(marks) > rules.max_chapters:
        found.append(
            Finding(
                f"{rules.name}-at-most-{rules.max_chapters}",
                f"{len(marks)} chapters; {rules.name} holds at most {rules.max_chapters}",
                "draft again with a smaller --count, or use matroska",
            )
        )
    return found


def _check_times(marks: Sequence[Mark], rules: Platform, duration: float | None) -> list[Finding]:
    found: list[Finding] = []
    finding = _adder(rules, found)
    earliest = min((mark.start for mark in marks), default=0.0)
    if marks and rules.starts_at_zero and count_ms(earliest, rules) != 0:
        number = next(n for n, mark in enumerate(marks, 1) if mark.start == earliest)
        finding(
            "first-at-zero",
            f"the first chapter is at {clock(earliest)}",
            "move it to 0:00",
            number,
            marks[number - 1],
        )
    for number, mark in enumerate(marks, 1):
        if mark.start < 0:
            finding("not-negative", f"a start at {mark.start} s", "correct it", number, mark, False)
        elif duration is not None and to_ms(mark.start) >= to_ms(duration):
            message = f"starts at {clock(mark.start)}, the media ends at {clock(duration)}"
            finding("within-duration", message, "leave it out", number, mark)
    for number, (before, mark) in enumerate(pairwise(marks), 2):
        if mark.start < before.start:
            message = f"{clock(mark.start)} follows {clock(before.start)}"
            finding("ascending", message, "sort the chapters by time", number, mark)
    return found


def _check_lengths(marks: Sequence[Mark], rules: Platform, duration: float | None) -> list[Finding]:
    found: list[Finding] = []
    finding = _adder(rules, found)
    rows = sorted(enumerate(marks, 1), key=lambda row: row[1].start)
    ends = [mark.start for _, mark in rows[1:]] + [duration]
    for (number, mark), end in zip(rows, ends, strict=True):
        if end is None or (duration is not None and mark.start >= duration):
            continue
        length_ms = count_ms(end, rules) - count_ms(mark.start, rules)
        if length_ms <= 0:
            unit = "second" if rules.whole_seconds else "millisecond"
            message = f"the next chapter starts in the same {unit}, {clock(mark.start)}"
            finding("distinct-times", message, "merge it with its neighbour", number, mark)
        elif length_ms < to_ms(rules.min_length):
            message = f"{length_ms / 1000:g} s long; the minimum is {rules.min_length:g} s"
            finding("min-length", message, "merge it with its neighbour", number, mark)
    return found


def _check_titles(marks: Sequence[Mark], rules: Platform, _: float | None) -> list[Finding]:
    found: list[Finding] = []
    finding = _adder(rules, found)
    for number, mark in enumerate(marks, 1):
        title, shown = mark.title, repr(mark.title[:60])
        if not title.strip():
            name = f"{rules.name}-title-empty"
            is_warning = not rules.is_title_needed
            found.append(
                Finding(name, "no title", "add a title", number, mark.line, False, is_warning)
            )
        if CONTROLS.search(title):
            message = f"{shown} has line breaks or control characters"
            finding("title-one-line", message, "make it one line", number, mark)
        for bad, instead in rules.forbidden:
            if bad in title:
                remedy = f"replace it with {instead}"
                finding("title-characters", f"{shown} contains {bad}", remedy, number, mark)
        size = len(title.encode("utf-8", "replace"))
        if rules.max_title_bytes is not None and size > rules.max_title_bytes:
            message = f"{shown} has {size} bytes; the maximum is {rules.max_title_bytes}"
            finding("title-bytes", message, "cut it at a word", number, mark)
        found += _check_width(mark, number, rules)
    return found


def _check_width(mark: Mark, number: int, rules: Platform) -> list[Finding]:
    length = len(mark.title)
    for limit, place, is_fixable in (
        (rules.listed_characters, "in the list", True),
        (rules.shown_characters, "under the pointer", False),
    ):
        if limit is not None and length > limit:
            return [
                Finding(
                    f"{rules.name}-title-{limit}",
                    f"{mark.title[:60]!r} has {length} characters and is cut {place} at {limit}",
                    "cut it at a word" if is_fixable else "shorten it if its end matters",
                    number,
                    mark.line,
                    is_fixable=is_fixable,
                    is_warning=True,
                )
            ]
    return []


def _check_size(marks: Sequence[Mark], rules: Platform, _: float | None) -> list[Finding]:
    if rules.max_bytes is None:
        return []
    size = list_bytes(marks, [mark.title for mark in marks])
    if size <= rules.max_bytes:
        return []
    message = f"the list has {size} bytes; the maximum is {rules.max_bytes}"
    short = [shorten(mark.title, characters=rules.shown_characters) for mark in marks]
    is_fixable = list_bytes(marks, short) <= rules.max_bytes
    remedy = "shorten the titles" if is_fixable else "use fewer chapters"
    return [Finding(f"{rules.name}-bytes", message, remedy, is_fixable=is_fixable)]


def _adder(rules: Platform, found: list[Finding]) -> Callable[..., None]:
    def add(
        rule: str, message: str, remedy: str, number: int, mark: Mark, is_fixable: bool = True
    ) -> None:
        name = f"{rules.name}-{rule}"
        found.append(Finding(name, message, remedy, number, mark.line, is_fixable))

    return add
