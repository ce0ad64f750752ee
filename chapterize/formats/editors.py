"""Markers for video editors: DaVinci Resolve (EDL), Final Cut, Premiere and OpenTimelineIO.

All of them place chapters on frames; `editor_lists` and `editor_xml` read them. Titles have one
line, except in OpenTimelineIO, which keeps them unchanged. A timeline starts at `start_timecode`,
by default at 01:00:00:00 in EDL, as in Resolve, and at 00:00:00:00 in the others.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from chapterize.data import Chapter, Chapters
from chapterize.errors import FormatError, MissingDependency
from chapterize.formats.frames import (
    DEFAULT,
    FrameRate,
    frame_rate_notes,
    frames_of,
    parse_timecode,
    timecode,
)
from chapterize.formats.listing import one_line, refuse_more
from chapterize.xml_tree import FORBIDDEN

__all__ = [
    "EDL_START",
    "MAX_EVENTS",
    "changes_edl",
    "dumps_edl",
    "dumps_fcpxml",
    "dumps_otio",
    "dumps_premiere",
    "require_otio",
]

EDL_START = "01:00:00:00"
"""Where the timecode of an EDL starts by default."""

MAX_EVENTS = 999
"""Event numbers of an EDL have three digits."""

_EDL_COLOUR = "ResolveColorBlue"
_HOURS_A_DAY = 24
# The other formats write seconds, or the rate next to the frames.
_EDL_RISK = "; in a timeline of another rate the chapters would be misplaced"

# Rates with a format name in Final Cut; for others the duration of a frame is enough.
_FCP_RATES = ("23.98", "24", "25", "29.97", "30", "50", "59.94", "60")
_FCP_HEAD_LINES = 12
_PREMIERE_HEAD_LINES = 12


def dumps_edl(
    chapters: Chapters,
    *,
    frame_rate: FrameRate | None = None,
    media: str | None = None,
    start_timecode: str | None = None,
) -> str:
    """A CMX3600 EDL with one event of one frame for each chapter, as DaVinci Resolve imports it.

    ``|`` separates the fields of a marker, so ``¦`` replaces it in titles.

    Raises
    ------
    FormatError : more than 999 chapters, two in one frame, a start that is no timecode, or a
        chapter after midnight of the timecode.
    """
    rate = frame_rate or DEFAULT
    line = _edl_line(MAX_EVENTS + 1)
    refuse_more(chapters, MAX_EVENTS, of=" events", instead="fcpxml", line=line)
    kind = "DROP FRAME" if rate.is_drop else "NON-DROP FRAME"
    parts = [f"TITLE: {one_line(media or '') or 'chapters'}\nFCM: {kind}\n"]
    start_timecode = start_timecode or EDL_START
    first = parse_timecode(start_timecode, rate)
    frames = frames_of(chapters, rate.exact, _edl_line)
    for number, (chapter, frame) in enumerate(zip(chapters.chapters, frames, strict=False), 1):
        name = one_line(chapter.title).replace("|", "¦")
        start, end = (timecode(first + at, rate) for at in (frame, frame + 1))
        if int(end[:2]) >= _HOURS_A_DAY:
            raise FormatError(
                f"{chapter.title!r} starts after midnight of the timecode",
                why=f"the timecode starts at {start_timecode} and ends at midnight",
                hint="set an earlier start with --start-timecode, or write another format",
                line=_edl_line(number),
            )
        parts.append(
            f"\n{number:03d}  001      V     C        {start} {end} {start} {end}  \n"
            f" |C:{_EDL_COLOUR} |M:{name} |D:1\n"
        )
    return "".join(parts)


def changes_edl(
    chapters: Chapters, rate: FrameRate | None, stated_rate: float | None
) -> tuple[str, ...]:
    """What `dumps_edl` replaces, and the notes of `frame_rate_notes`."""
    notes = frame_rate_notes(chapters, rate, stated_rate, _EDL_RISK)
    if barred := sum("|" in title for title in chapters.titles):
        notes += (
            f"| became ¦ in {barred} of {len(chapters)} titles: | separates the fields of a marker",
        )
    return notes


def _edl_line(number: int) -> int:
    return 3 * number + 2


def dumps_fcpxml(
    chapters: Chapters,
    *,
    frame_rate: FrameRate | None = None,
    media: str | None = None,
    start_timecode: str | None = None,
) -> str:
    """A Final Cut Pro project: one gap with a ``<chapter-marker>`` for each chapter.

    Every time is a whole number of frames, written as a fraction of seconds, as Final Cut
    requires.

    Raises
    ------
    FormatError : two chapters in one frame, or a start that is no timecode.
    """
    rate = frame_rate or DEFAULT
    first = _fcp_time(parse_timecode(start_timecode, rate) if start_timecode else 0, rate)
    *starts, end = frames_of(chapters, rate.exact, lambda number: _FCP_HEAD_LINES + number)
    name = quoteattr(_xml_line(PurePath(media or "").stem) or "Chapters")
    known = f"{float(rate.exact):.2f}".removesuffix(".00")
    size = f'name="FFVideoFormat1080p{known.replace(".", "")}" ' if known in _FCP_RATES else ""
    markers = [
        f'              <chapter-marker start="{_fcp_time(frame, rate)}" '
        f'duration="{_fcp_time(1, rate)}" '
        f"value={quoteattr(_xml_line(chapter.title))}"
        f' posterOffset="0s"/>\n'
        for chapter, frame in zip(chapters.chapters, starts, strict=True)
    ]
    length = _fcp_time(end, rate)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n<fcpxml version="1.9">\n'
        "  <resources>\n"
        f'    <format id="r1" {size}frameDuration="{_fcp_time(1, rate)}" '
        'width="1920" height="1080"/>\n'
        "  </resources>\n  <library>\n"
        f"    <event name={name}>\n      <project name={name}>\n"
        f'        <sequence format="r1" duration="{length}" tcStart="{first}"'
        f' tcFormat="{"DF" if rate.is_drop else "NDF"}">\n'
        "          <spine>\n"
        f'            <gap name="Gap" offset="{first}" start="0s" duration="{length}">\n'
        f"{''.join(markers)}"
        "            </gap>\n          </spine>\n        </sequence>\n"
        "      </project>\n    </event>\n  </library>\n</fcpxml>\n"
    )


def _fcp_time(frames: int, rate: FrameRate) -> str:
    """Frames as Final Cut writes seconds: ``0s``, ``1001/30000s``, ``300/3000s``."""
    if not frames:
        return "0s"
    scale = 100 if rate.exact.denominator == 1 else 1
    return f"{frames * rate.exact.denominator * scale}/{rate.exact.numerator * scale}s"


def _xml_line(text: str) -> str:
    return one_line(text.translate(FORBIDDEN))


def dumps_premiere(
    chapters: Chapters,
    *,
    frame_rate: FrameRate | None = None,
    media: str | None = None,
    start_timecode: str | None = None,
) -> str:
    """An empty sequence with a marker for each chapter, in the XML of Final Cut 7 (xmeml).

    Premiere imports no other list of markers; Resolve imports it as well.

    Raises
    ------
    FormatError : two chapters in one frame, or a start that is no timecode.
    """
    rate = frame_rate or DEFAULT
    first = parse_timecode(start_timecode, rate) if start_timecode else 0
    *starts, end = frames_of(chapters, rate.exact, lambda number: _PREMIERE_HEAD_LINES + number)
    is_ntsc = rate.exact.denominator != 1
    counted = f"<rate><timebase>{rate.counted}</timebase><ntsc>{str(is_ntsc).upper()}</ntsc></rate>"
    name = escape(_xml_line(PurePath(media or "").stem) or "Chapters")
    markers = [
        f"    <marker><comment></comment><name>{escape(_xml_line(chapter.title))}</name>"
        f"<in>{frame}</in><out>-1</out></marker>\n"
        for chapter, frame in zip(chapters.chapters, starts, strict=True)
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n<xmeml version="4">\n'
        f'  <sequence id="sequence-1">\n    <name>{name}</name>\n'
        f"    <duration>{end}</duration>\n    {counted}\n"
        f"    <timecode>{counted}<string>{timecode(first, rate)}</string><frame>{first}</frame>"
        f"<displayformat>{'DF' if rate.is_drop else 'NDF'}</displayformat></timecode>\n"
        "    <media>\n"
        f"      <video><format><samplecharacteristics>{counted}<width>1920</width>"
        "<height>1080</height><pixelaspectratio>square</pixelaspectratio>"
        "</samplecharacteristics></format><track></track></video>\n"
        "      <audio><track></track></audio>\n    </media>\n"
        f"{''.join(markers)}  </sequence>\n</xmeml>\n"
    )


def dumps_otio(
    chapters: Chapters,
    *,
    frame_rate: FrameRate | None = None,
    media: str | None = None,
    start_timecode: str | None = None,
) -> str:
    """An OpenTimelineIO timeline: one gap, and a marker for each chapter.

    A marker is on a frame; its metadata holds the exact seconds, under ``chapterize``.

    Raises
    ------
    FormatError : two chapters in one frame. The line is the number of the chapter.
    MissingDependency : the package opentimelineio is not installed.
    """
    otio = require_otio()
    rate = frame_rate or DEFAULT
    *starts, end = frames_of(chapters, rate.exact, lambda number: number)
    timeline = otio.schema.Timeline(PurePath(media or "").stem or "Chapters")
    if start_timecode:
        first = parse_timecode(start_timecode, rate)
        timeline.global_start_time = otio.opentime.RationalTime(first, float(rate.exact))
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    track.append(otio.schema.Gap(source_range=_otio_range(otio, 0, end, rate)))
    timeline.tracks.append(track)
    for chapter, frame in zip(chapters.chapters, starts, strict=True):
        timeline.tracks.markers.append(_otio_marker(otio, chapter, frame, rate))
    text: str = timeline.to_json_string(indent=2)
    return text + "\n"


def require_otio() -> Any:
    """The package opentimelineio; MissingDependency if it is not installed."""
    try:
        import opentimelineio
    except ImportError as error:
        raise MissingDependency(
            "opentimelineio",
            install="pip install opentimelineio",
            why="it writes OpenTimelineIO files",
        ) from error
    return opentimelineio


def _otio_marker(otio: Any, chapter: Chapter, frame: int, rate: FrameRate) -> Any:
    return otio.schema.Marker(
        name=chapter.title.replace("\0", " "),  # it ends a text of OpenTimelineIO
        marked_range=_otio_range(otio, frame, 1, rate),
        color=otio.schema.MarkerColor.BLUE,
        metadata={"chapterize": {"start": chapter.start, "end": chapter.end}},
    )


def _otio_range(otio: Any, start: int, length: int, rate: FrameRate) -> Any:
    per_second = float(rate.exact)
    return otio.opentime.TimeRange(
        otio.opentime.RationalTime(start, per_second),
        otio.opentime.RationalTime(length, per_second),
    )
