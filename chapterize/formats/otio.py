"""OpenTimelineIO: a timeline of one gap with a marker a chapter; written, not read.

The exact seconds stand in the metadata of each marker, under ``chapterize``; the marker itself
lies on a frame. Titles come through as they are. Made by the package opentimelineio (extra otio).
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from chapterize.data import Chapter, Chapters
from chapterize.errors import MissingDependency
from chapterize.formats.frames import DEFAULT, FrameRate, frame_rate_notes, frames_of
from chapterize.formats.listing import checked_title

__all__ = ["changes", "dumps"]


def dumps(
    chapters: Chapters, *, frame_rate: FrameRate | None = None, media: str | None = None
) -> str:
    """The timeline as JSON, its times on the frames of `frame_rate` (30 a second when None).

    Raises
    ------
    FormatError : two chapters in one frame, or half a character in a title. The line is the
        chapter's number.
    MissingDependency : the package opentimelineio is not there.
    """
    otio = _opentimelineio()
    rate = frame_rate or DEFAULT
    *starts, end = frames_of(chapters, rate.exact, lambda number: number)
    timeline = otio.schema.Timeline(PurePath(media or "").stem or "Chapters")
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    track.append(otio.schema.Gap(source_range=_span(otio, 0, end, rate)))
    timeline.tracks.append(track)
    for number, (chapter, frame) in enumerate(zip(chapters.chapters, starts, strict=True), 1):
        checked_title(chapter.title, number)
        timeline.tracks.markers.append(_marker(otio, chapter, frame, rate))
    text: str = timeline.to_json_string(indent=2)
    return text + "\n"


def changes(
    chapters: Chapters,
    *,
    frame_rate: FrameRate | None = None,
    media: str | None = None,
    stated_rate: float | None = None,
) -> tuple[str, ...]:
    """What `dumps` rounds, in words."""
    return frame_rate_notes(chapters, frame_rate, stated_rate)


def _marker(otio: Any, chapter: Chapter, frame: int, rate: FrameRate) -> Any:
    return otio.schema.Marker(
        name=chapter.title,
        marked_range=_span(otio, frame, 1, rate),
        color=otio.schema.MarkerColor.BLUE,
        metadata={"chapterize": {"start": chapter.start, "end": chapter.end}},
    )


def _span(otio: Any, start: int, length: int, rate: FrameRate) -> Any:
    per_second = float(rate.exact)
    return otio.opentime.TimeRange(
        otio.opentime.RationalTime(start, per_second),
        otio.opentime.RationalTime(length, per_second),
    )


def _opentimelineio() -> Any:
    try:
        import opentimelineio
    except ImportError as error:
        raise MissingDependency(
            "opentimelineio",
            install='pip install "chapterize[otio]"',
            why="OpenTimelineIO files are made by it",
        ) from error
    return opentimelineio
