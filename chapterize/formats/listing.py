"""The rows of a chapter file, and how they become chapters that tile the media."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from chapterize.characters import without_invisible
from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError, InputError
from chapterize.timecode import format_clock, format_timestamp, parse_time, to_ms

__all__ = [
    "Listing",
    "Parsed",
    "checked_title",
    "length_of",
    "marks_of",
    "nested",
    "numbered_scenes",
    "one_line",
    "refuse_more",
    "seconds_at",
    "tile",
]

# Control characters, line breaks and Unicode's line separators become spaces.
_BREAKS = dict.fromkeys((*range(32), *range(127, 160), 8232, 8233), " ")


# Assumed length of a last chapter whose end is unknown and not written: too short for no platform.
_SOME_LENGTH = 3600.0


@dataclass(frozen=True)
class Listing:
    """The rows of a file, unchanged and in its order.

    `duration` (seconds), `frame_rate` (frames a second) and `media`, the name of the media file,
    are None unless the file states them. `as_written` are the rows with the HTML of their titles,
    which a platform may show as it is; None if they have none.
    """

    marks: tuple[Mark, ...]
    duration: float | None = None
    notes: tuple[str, ...] = ()
    frame_rate: float | None = None
    media: str | None = None
    as_written: tuple[Mark, ...] | None = None


@dataclass(frozen=True)
class Parsed:
    """Chapters read from a file; `notes` say what was corrected, a sentence each.

    `duration` (seconds) is None if nobody said how long the media is, as `tile` then allows.
    """

    chapters: Chapters
    marks: tuple[Mark, ...]
    notes: tuple[str, ...] = ()
    duration: float | None = None


def one_line(title: str) -> str:
    """`title` on one line: no invisible or control characters or line breaks, no double spaces."""
    return re.sub(" {2,}", " ", without_invisible(title).translate(_BREAKS)).strip()


def checked_title(title: str, number: int) -> str:
    """`title`, if it can be written as UTF-8.

    Raises
    ------
    FormatError : it holds a lone surrogate.
    """
    try:
        title.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FormatError(
            f"the title of chapter {number} cannot be written",
            why="it holds half a character (a lone surrogate)",
            hint="type the title again",
        ) from error
    return title


def refuse_more(chapters: Chapters, most: int, *, of: str, instead: str, line: int) -> None:
    """Raise FormatError if there are more than `most` chapters; `line` is that of the first one."""
    if len(chapters) > most:
        raise FormatError(
            f"{len(chapters)} chapters",
            why=f"the format holds at most {most}{of}",
            hint=f"write another format, such as {instead}",
            line=line,
        )


def seconds_at(text: str, line: int) -> float:
    """Seconds from a time as text, as `parse_time`; a FormatError names the `line`."""
    try:
        return parse_time(text)
    except FormatError as error:
        raise FormatError(error.what, why=error.why, hint=error.hint, line=line) from error


def marks_of(chapters: Chapters) -> tuple[Mark, ...]:
    """`chapters` as the rows of a file, without line numbers."""
    return tuple(Mark(c.start, c.title, c.end) for c in chapters.chapters)


def nested(outer: Mark, inner: Sequence[Mark]) -> list[Mark]:
    """A chapter and the chapters inside it, in one row; two that start together become one."""
    if inner and to_ms(inner[0].start) == to_ms(outer.start):
        first = inner[0]
        joined = f"{outer.title}: {first.title}" if outer.title else first.title
        return [Mark(first.start, joined, first.end, first.line), *inner[1:]]
    end = inner[0].start if inner else outer.end
    return [Mark(outer.start, outer.title, end, outer.line), *inner]


def numbered_scenes(marks: Sequence[Mark]) -> list[Mark]:
    """Cuts in order, one at each time; they get numbers if all titles are empty or the same."""
    first = {mark.start: mark for mark in reversed(marks)}
    kept = sorted(first.values(), key=lambda mark: mark.start)
    titles = {mark.title for mark in kept}
    if len(titles) > 1 or (len(kept) == 1 and titles != {""}):
        return kept
    return [Mark(m.start, f"Scene {n}", m.end, m.line) for n, m in enumerate(kept, 1)]


def tile(listing: Listing, duration: float | None = None, *, needs_end: bool = True) -> Parsed:
    """Chapters that tile [0, duration) from the rows of a file.

    Rows are sorted, the first is moved to 0, gaps are closed, overlaps trimmed, and the last end is
    set to the duration; a note reports each change. `duration` overrides that of the file. Without
    `needs_end`, neither has to give it: the last chapter then has some length, which is for formats
    that do not store it.

    Raises
    ------
    InputError : the end is needed, and neither the file nor the caller gives the duration.
    FormatError : no rows, a time below 0, two rows in one millisecond, or a row that starts at or
        after the end.
    """
    if not listing.marks:
        hint = "in a list, a chapter is a row like 1:02 Title"
        raise FormatError("no chapters found", why="no row has a time that can be read", hint=hint)
    for number, mark in enumerate(listing.marks, 1):
        _refuse_bad_times(mark, number)
    notes = list(listing.notes)
    marks = sorted(listing.marks, key=lambda mark: to_ms(mark.start))
    if marks != list(listing.marks):
        notes.append("the chapters were out of order and have been sorted by time")
    known = length_of(listing, duration)
    total = known if known is not None else length_of(listing, needs_end=needs_end)
    if total is None:
        raise InputError(
            "the duration of the media is unknown",
            why="this file gives the start of its last chapter, but not its end",
            hint="add --duration, in seconds or as h:mm:ss",
        )
    if not (math.isfinite(total) and to_ms(total) > 0):
        raise InputError(f"a duration of {total} s", why="a duration must be above 0")
    _refuse_empty(marks, total)
    notes += _what_changes(marks, total)
    unseen = [n for n, mark in enumerate(marks, 1) if mark.title != without_invisible(mark.title)]
    if unseen:
        rows = ", ".join(map(str, unseen))
        notes.append(f"characters that nobody sees were removed from the title of chapter {rows}")
    titles = [mark.title for mark in marks]
    chapters = Chapters.from_starts([mark.start for mark in marks], titles, total)
    return Parsed(chapters, listing.marks, tuple(notes), None if known is None else total)


def length_of(
    listing: Listing, duration: float | None = None, *, needs_end: bool = True
) -> float | None:
    """How long the media is (seconds): `duration`, or else what the file states; None if unknown.

    Without `needs_end`, an unknown end is some time after the start of the last chapter.
    """
    if duration is not None or listing.duration is not None or not listing.marks:
        return listing.duration if duration is None else duration
    last = max(listing.marks, key=lambda mark: mark.start)
    if last.end is not None:
        return max(mark.end for mark in listing.marks if mark.end is not None)
    return None if needs_end else last.start + _SOME_LENGTH


def _refuse_bad_times(mark: Mark, number: int) -> None:
    for name, value in (("starts", mark.start), ("ends", mark.end)):
        if value is not None and not (math.isfinite(value) and value >= 0):
            raise FormatError(
                f"chapter {number} ({mark.title!r}) {name} at {value} s",
                why="a time is a number of seconds, 0 or more",
                line=mark.line,
            )


def _refuse_empty(marks: Sequence[Mark], total: float) -> None:
    for before, after in pairwise(marks):
        if to_ms(before.start) == to_ms(after.start):
            what = f"{before.title!r} and {after.title!r} both start at {_clock(after.start)}"
            raise FormatError(what, why="a chapter cannot be empty", line=after.line)
    for mark in marks:
        if to_ms(mark.start) >= to_ms(total):
            raise FormatError(
                f"{mark.title!r} starts at {_clock(mark.start)}",
                why=f"the media ends at {_clock(total)}",
                hint="is this the right recording? chapterize check --fix removes the row",
                line=mark.line,
            )


def _what_changes(marks: Sequence[Mark], total: float) -> list[str]:
    notes = []
    if to_ms(marks[0].start) != 0:
        notes.append(f"the first chapter was moved from {_clock(marks[0].start)} to 0:00")
    uneven: dict[str, list[str]] = {"gaps were closed": [], "overlaps were trimmed": []}
    for number, (mark, after) in enumerate(pairwise(marks), 1):
        if mark.end is not None and to_ms(mark.end) != to_ms(after.start):
            change = "gaps were closed" if mark.end < after.start else "overlaps were trimmed"
            uneven[change].append(str(number))
    notes += [f"{change} after chapter {', '.join(at)}" for change, at in uneven.items() if at]
    end = marks[-1].end
    if end is not None and to_ms(end) != to_ms(total):
        notes.append(
            f"the last chapter ended at {_clock(end)} and was "
            f"{'shortened' if end > total else 'extended'} to the end, {_clock(total)}"
        )
    return notes


def _clock(seconds: float) -> str:
    return format_timestamp(seconds) if to_ms(seconds) % 1000 else format_clock(seconds)
