"""Timeline markers for DaVinci Resolve, as a CMX3600 EDL that it imports; written, not read.

The timecode begins at 01:00:00:00, as Resolve's timelines do. ``|`` parts the fields of a marker,
so in a name it becomes ``¦``. Names are written on one line.
"""

from __future__ import annotations

from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats.frames import (
    DEFAULT,
    FrameRate,
    frame_rate_notes,
    frames_of,
    timecode,
)
from chapterize.formats.listing import checked_title, one_line

__all__ = ["MAX_EVENTS", "changes", "dumps"]

MAX_EVENTS = 999
"""Event numbers have three digits."""

_COLOUR = "ResolveColorBlue"
_DAY = 24
# The other formats write seconds, or the rate beside the frames.
_RISK = "; in a timeline of another rate the chapters would lie elsewhere"


def dumps(
    chapters: Chapters, *, frame_rate: FrameRate | None = None, media: str | None = None
) -> str:
    """One event of one frame for each chapter, counted at `frame_rate` (30 when it is None).

    Raises
    ------
    FormatError : more than 999 chapters, two in one frame, or one past 23 hours, where the
        timecode passes midnight.
    """
    rate = frame_rate or DEFAULT
    if len(chapters) > MAX_EVENTS:
        raise FormatError(
            f"{len(chapters)} chapters",
            why=f"an EDL numbers no more than {MAX_EVENTS} events",
            hint="write another format, such as fcpxml",
            line=_line_of(MAX_EVENTS + 1),
        )
    kind = "DROP FRAME" if rate.is_drop else "NON-DROP FRAME"
    parts = [f"TITLE: {one_line(media or '') or 'chapters'}\nFCM: {kind}\n"]
    first = _frames_before(rate)
    frames = frames_of(chapters, rate.exact, _line_of)
    for number, (chapter, frame) in enumerate(zip(chapters.chapters, frames, strict=False), 1):
        name = one_line(checked_title(chapter.title, number)).replace("|", "¦")
        start, end = (timecode(first + at, rate) for at in (frame, frame + 1))
        if int(end[:2]) >= _DAY:
            raise FormatError(
                f"{chapter.title!r} starts after 23 hours",
                why="the timecode begins at 01:00:00:00 and ends at midnight",
                hint="write another format, such as fcpxml",
                line=_line_of(number),
            )
        parts.append(
            f"\n{number:03d}  001      V     C        {start} {end} {start} {end}  \n"
            f" |C:{_COLOUR} |M:{name} |D:1\n"
        )
    return "".join(parts)


def changes(
    chapters: Chapters,
    *,
    frame_rate: FrameRate | None = None,
    media: str | None = None,
    stated_rate: float | None = None,
) -> tuple[str, ...]:
    """What `dumps` rounds and replaces, in words."""
    notes = frame_rate_notes(chapters, frame_rate, stated_rate, _RISK)
    if barred := sum("|" in title for title in chapters.titles):
        notes += (
            f"| became ¦ in {barred} of {len(chapters)} titles, for | parts the fields of a marker",
        )
    return notes


def _frames_before(rate: FrameRate) -> int:
    """Frames from 00:00:00:00 to 01:00:00:00; drop frame leaves 54 minutes' numbers out."""
    return 3600 * rate.counted - (54 * rate.counted // 15 if rate.is_drop else 0)


def _line_of(number: int) -> int:
    return 3 * number + 2
