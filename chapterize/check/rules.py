"""`check`: the rules of a platform that the rows of a chapter file break.

Rows are checked unchanged, so wrong order and times out of range are found, which `Chapters` cannot
hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

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
    parts = (_check_count, _check_times, _check_lengths, _check_titles, _check_size)
    found = [
        replace(
            finding,
            rule=f"{platform}-{finding.rule}",
            line=None if finding.chapter is None else marks[finding.chapter - 1].line,
        )
        for part in parts
        for finding in part(marks, rules, duration)
    ]
    return tuple(sorted(found, key=lambda finding: finding.chapter or 0))


# The parts leave out the name of the platform and the line, which `check` adds.


def _check_count(
    marks: Sequence[Mark], rules: Platform, duration: float | None
) -> Iterator[Finding]:
    counted, least, most = f"{len(marks)} chapters", rules.min_chapters, rules.max_chapters
    if len(marks) < least:
        message = f"{counted}; {rules.name} shows none if there are fewer than {least}"
        yield Finding(f"at-least-{least}", message, "add chapters, or draft again with --count")
    if most is not None and len(marks) > most:
        message = f"{counted}; {_holder(rules)} holds at most {most}"
        remedy = "draft again with a smaller --count, or use matroska"
        yield Finding(f"at-most-{most}", message, remedy, is_warning=rules.has_second_list)
    advised = rules.advised_per_hour
    if advised is not None and duration is not None:
        most = max(rules.min_chapters, round(advised * duration / 3600))
        if len(marks) > most:
            message = f"{counted}; {rules.name} advises at most {most} here, {advised} an hour"
            remedy = f"draft again with --count {most}"
            yield Finding("per-hour", message, remedy, is_warning=True)


def _holder(rules: Platform) -> str:
    """What has the limits of a platform."""
    return "the Nero list of mp4" if rules.has_second_list else rules.name


def _check_times(
    marks: Sequence[Mark], rules: Platform, duration: float | None
) -> Iterator[Finding]:
    number, first = min(enumerate(marks, 1), key=lambda row: row[1].start, default=(0, None))
    if first is not None and rules.starts_at_zero and count_ms(first.start, rules) != 0:
        message = f"the first chapter is at {clock(first.start)}"
        yield Finding("first-at-zero", message, "move it to 0:00", number, is_fixable=True)
    for number, mark in enumerate(marks, 1):
        if mark.start < 0:
            yield Finding("not-negative", f"a start at {mark.start} s", "correct it", number)
        elif duration is not None and to_ms(mark.start) >= to_ms(duration):
            message = f"starts at {clock(mark.start)}, the media ends at {clock(duration)}"
            yield Finding("within-duration", message, "leave it out", number, is_fixable=True)
    for number, (before, mark) in enumerate(pairwise(marks), 2):
        if mark.start < before.start:
            message = f"{clock(mark.start)} follows {clock(before.start)}"
            yield Finding(
                "ascending", message, "sort the chapters by time", number, is_fixable=True
            )


def _check_lengths(
    marks: Sequence[Mark], rules: Platform, duration: float | None
) -> Iterator[Finding]:
    rows = sorted(enumerate(marks, 1), key=lambda row: row[1].start)
    ends = [*(mark.start for _, mark in rows), duration][1:]
    remedy = "merge it with its neighbour"
    for (number, mark), end in zip(rows, ends, strict=True):
        if end is None or (duration is not None and mark.start >= duration):
            continue
        length_ms = count_ms(end, rules) - count_ms(mark.start, rules)
        if length_ms <= 0:
            unit = "second" if rules.whole_seconds else "millisecond"
            message = f"the next chapter starts in the same {unit}, {clock(mark.start)}"
            yield Finding("distinct-times", message, remedy, number, is_fixable=True)
        elif length_ms < to_ms(rules.min_length):
            message = f"{length_ms / 1000:g} s long; the minimum is {rules.min_length:g} s"
            yield Finding("min-length", message, remedy, number, is_fixable=True)


def _check_titles(marks: Sequence[Mark], rules: Platform, _: float | None) -> Iterator[Finding]:
    for number, title in enumerate((mark.title for mark in marks), 1):
        shown = repr(title[:60])
        if not without_invisible(title).strip():
            is_warning = not rules.is_title_needed
            yield Finding("title-empty", "no title", "add a title", number, is_warning=is_warning)
        if CONTROLS.search(title):
            message = f"{shown} has line breaks or control characters"
            yield Finding("title-one-line", message, "make it one line", number, is_fixable=True)
        if title != without_invisible(title):
            message, remedy = f"{shown} has characters that nobody sees", "remove them"
            yield Finding("title-invisible", message, remedy, number, None, True, True)
        if not rules.allows_html and (found := HTML.search(title)):
            message = f"{shown} has HTML, {found[0][:30]!r}, which is shown as it is"
            yield Finding("title-html", message, "remove it", number, is_fixable=True)
        for bad, instead in rules.forbidden:
            if bad in title:
                message, remedy = f"{shown} contains {bad}", f"replace it with {instead}"
                yield Finding("title-characters", message, remedy, number, is_fixable=True)
        if not rules.allows_emoji and EMOJI.search(title):
            message = f"{shown} has an emoji"
            yield Finding("title-emoji", message, "remove it", number, is_fixable=True)
        if rules.advised_words is not None and len(title.split()) > rules.advised_words:
            message = (
                f"{shown} has {len(title.split())} words; at most {rules.advised_words} are advised"
            )
            yield Finding("title-words", message, "shorten it", number, is_warning=True)
        size, most = len(title.encode("utf-8", "replace")), rules.max_title_bytes
        if most is not None and size > most:
            message = f"{shown} has {size} bytes; the maximum of {_holder(rules)} is {most}"
            is_warning = rules.has_second_list
            yield Finding(
                "title-bytes", message, "cut it at a word", number, None, True, is_warning
            )
        yield from _check_width(title, number, rules)


def _check_width(title: str, number: int, rules: Platform) -> Iterator[Finding]:
    for limit, place, remedy in (
        (rules.max_title_characters, "", "cut it at a word"),
        (rules.listed_characters, "in the list", "cut it at a word"),
        (rules.shown_characters, "under the pointer", "shorten it if its end matters"),
    ):
        if limit is not None and len(title) > limit:
            message = f"{title[:60]!r} has {len(title)} characters"
            message += f" and is cut {place} at {limit}" if place else f"; the maximum is {limit}"
            is_fixable = limit != rules.shown_characters
            is_warning = bool(place)
            yield Finding(f"title-{limit}", message, remedy, number, None, is_fixable, is_warning)
            return


def _check_size(marks: Sequence[Mark], rules: Platform, _: float | None) -> Iterator[Finding]:
    size, most = list_bytes(marks, [mark.title for mark in marks]), rules.max_bytes
    if most is not None and size > most:
        message = f"the list has {size} bytes; the maximum is {most}"
        short = [shorten(mark.title, characters=rules.shown_characters) for mark in marks]
        is_fixable = list_bytes(marks, short) <= most
        remedy = "shorten the titles" if is_fixable else "use fewer chapters"
        yield Finding("bytes", message, remedy, is_fixable=is_fixable)
