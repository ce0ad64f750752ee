"""Read markers of DaVinci Resolve (EDL) and of OpenTimelineIO.

Without markers, they are lists of cuts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from chapterize.data import Mark
from chapterize.errors import FormatError
from chapterize.formats.frames import FrameClock
from chapterize.formats.json_tree import is_number, parse_object
from chapterize.formats.listing import Listing, numbered_scenes

__all__ = ["recognises_edl", "recognises_otio", "scan_edl", "scan_otio"]

_TC = r"(\d\d:\d\d:\d\d[:;.]\d\d)"
_EVENT = re.compile(
    r"[ \t]*(\d{1,6})[ \t]+(\S.*?)[ \t]+(\S+)[ \t]+[CDWK]\S*[ \t]+(?:\d+[ \t]+)?"
    + r"[ \t]+".join([_TC] * 4)
    + r"[ \t]*"
)
_MARKER = re.compile(r"(?P<note>[^|]*)(?:\|C:[^|]*)?\|M:(?P<name>.*?)\s*(?:\|D:\d{1,7}.*)?")
_UNNAMED = re.compile(r"(?:Marker\s*\d*)?", re.IGNORECASE)
_CLIP = re.compile(r"\*\s*(?:FROM|TO) CLIP NAME:\s*(.*)", re.IGNORECASE)

recognises_edl = re.compile(rf"(?:[^\n]*\n){{0,12}}?{_EVENT.pattern}(?:\n|$)").match


def recognises_otio(text: str) -> bool:
    """Whether `text` is the JSON of OpenTimelineIO."""
    return text.startswith("{") and '"OTIO_SCHEMA"' in text[:4096]


def scan_edl(text: str, clock: FrameClock | None = None) -> Listing:
    """The markers that DaVinci Resolve exports, or the video cuts of any CMX3600 list.

    A list is taken to start at the hour of its first event, since timelines start at 01:00:00:00
    or 10:00:00:00 more often than chapters are hours apart.

    Raises
    ------
    FormatError : no events, or a timecode that cannot be.
    """
    events = _events(text)
    if not events:
        why = "an event looks like 001 001 V C, and four timecodes"
        raise FormatError("no events in the EDL", why=why)
    clock = (clock or FrameClock()).started([each.record[0] for each in events])
    markers = [each for each in events if each.marker is not None]
    video = [each for each in events if each.track.startswith("V")]
    cuts = [each for each in video or events if each.reel.upper() != "BL"]
    marks = [each.mark(clock) for each in markers or cuts]
    if not markers:
        marks = numbered_scenes(marks)
    return Listing(tuple(marks), None, clock.notes)


class _Event:
    """An event of an EDL; `marker` is the name of a marker, or its note if it has no name."""

    def __init__(self, match: re.Match[str], line: int, *, is_drop: bool) -> None:
        self.reel, self.track, self.line = match[2], match[3], line
        times = (match[6], match[7])
        self.record = tuple(
            f"{time[:8]}{';' if is_drop or time[8] != ':' else ':'}{time[9:]}" for time in times
        )
        self.clip = ""
        self.marker: str | None = None

    def mark(self, clock: FrameClock) -> Mark:
        start, end = (clock.seconds(time, self.line) for time in self.record)
        assert start is not None
        if self.marker is None:
            return Mark(start, self.clip, end, self.line)
        return Mark(start, self.marker, None, self.line)


def _events(text: str) -> list[_Event]:
    events: list[_Event] = []
    is_drop = False
    for line, row in enumerate(text.split("\n"), 1):
        if re.match(r"\s*FCM ?:", row):
            is_drop = "NON" not in row.upper()
        elif match := _EVENT.fullmatch(row[:1000]):
            events.append(_Event(match, line, is_drop=is_drop))
        elif events and "|M:" in row and (match := _MARKER.fullmatch(row)):
            name, note = match["name"].strip(), match["note"].strip()
            events[-1].marker = note if note and _UNNAMED.fullmatch(name) else name
        elif events and (match := _CLIP.match(row)):
            events[-1].clip = match[1].strip()
    return events


def scan_otio(text: str) -> Listing:
    """The markers of an OpenTimelineIO timeline, its tracks and clips; without them its cuts.

    Raises
    ------
    FormatError : broken JSON, no markers, or unreadable times.
    """
    document = parse_object(text)
    stack = document.get("tracks", document)
    marks = sorted(_otio(stack, Fraction(0), 0), key=lambda mark: mark.start)
    marks = marks or numbered_scenes(list(_otio_cuts(stack)))
    if not marks:
        raise FormatError("no markers in the timeline", hint="add markers")
    return Listing(tuple(marks))


def _otio(item: object, at: Fraction, depth: int) -> Iterator[Mark]:
    """The markers of an item that starts at `at`, and of the items inside it."""
    if not isinstance(item, dict) or depth > 64:
        return
    first = _otio_time(item.get("source_range"), "start_time") or Fraction(0)
    for marker in _rows(item, "markers"):
        start = _otio_time(marker.get("marked_range"), "start_time")
        if start is None:
            raise FormatError("a marker without marked_range", why="it is its time")
        own = _inside(_inside(marker, "metadata"), "chapterize")
        name = marker.get("name")
        exact = own.get("start"), own.get("end")
        if is_number(exact[0]) and is_number(exact[1]):
            yield Mark(float(exact[0]), str(name or ""), float(exact[1]))
        else:
            yield Mark(float(at + start - first), str(name or "").strip())
    reached = at
    is_track = str(item.get("OTIO_SCHEMA", "")).startswith("Track")
    for child in _rows(item, "children"):
        yield from _otio(child, reached, depth + 1)
        if is_track:
            reached += _otio_length(child)


def _otio_cuts(stack: object) -> Iterator[Mark]:
    """The clips of the first track."""
    tracks = _rows(stack, "children") if isinstance(stack, dict) else []
    reached = Fraction(0)
    for clip in _rows(tracks[0], "children") if tracks else []:
        start, reached = reached, reached + _otio_length(clip)
        if str(clip.get("OTIO_SCHEMA", "")).startswith("Clip") and reached > start:
            yield Mark(float(start), str(clip.get("name") or "").strip(), float(reached))


def _otio_length(item: dict[str, Any]) -> Fraction:
    length = _otio_time(item.get("source_range"), "duration")
    if length is None:
        length = _otio_time(_inside(item, "media_reference").get("available_range"), "duration")
    is_transition = str(item.get("OTIO_SCHEMA", "")).startswith("Transition")
    return Fraction(0) if is_transition or length is None else length


def _otio_time(span: object, name: str) -> Fraction | None:
    time = span.get(name) if isinstance(span, dict) else None
    if not isinstance(time, dict):
        return None
    value, rate = time.get("value"), time.get("rate")
    if not is_number(value) or not is_number(rate) or rate <= 0:
        raise FormatError(f"not a time: {time!r}"[:80], why="it has a value and a rate")
    return Fraction(value) / Fraction(rate)


def _rows(item: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = item.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _inside(item: dict[str, Any], key: str) -> dict[str, Any]:
    inner = item.get(key)
    return inner if isinstance(inner, dict) else {}
