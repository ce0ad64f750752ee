"""Read markers in XML: Final Cut Pro, Premiere and Final Cut 7 (xmeml), Kdenlive and Shotcut.

A sequence without markers is read as a list of cuts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from chapterize.data import Mark
from chapterize.errors import FormatError
from chapterize.formats import player_json
from chapterize.formats.frames import FrameClock, FrameRate
from chapterize.formats.json_tree import parse_json
from chapterize.formats.listing import Listing, numbered_scenes, seconds_at
from chapterize.xml_tree import Element, parse_xml, root_matcher

__all__ = [
    "recognises_fcpxml",
    "recognises_mlt",
    "recognises_xmeml",
    "scan_fcpxml",
    "scan_mlt",
    "scan_xmeml",
]

_TIME = re.compile(r"(\d{1,18})(?:/(\d{1,12}))?s")
_NO_MARKERS = "add markers, or export the list of chapters in another format"

recognises_fcpxml = root_matcher("fcpxml")
recognises_mlt = root_matcher("mlt")
recognises_xmeml = root_matcher("xmeml")


def scan_fcpxml(text: str) -> Listing:
    """The chapter markers of a Final Cut Pro project; without them its other markers, or its cuts.

    Raises
    ------
    FormatError : broken or dangerous XML, another root, no markers, or unreadable times.
    """
    root = _root(text, "fcpxml")
    sequence = next((each for each in root.walk() if each.local == "sequence"), None)
    if sequence is None:
        raise FormatError("no <sequence> in the project", why="it is the timeline", line=root.line)
    origin = _fcp_seconds(sequence, "tcStart") or Fraction(0)
    found = [
        (each, at - origin) for spine in sequence.all("spine") for each, at in _fcp(spine, None)
    ]
    chapters = [row for row in found if row[0].local == "chapter-marker"]
    marks = [
        Mark(float(at), marker.attributes.get("value", "").strip(), None, marker.line)
        for marker, at in chapters or found
    ]
    if not marks:
        marks = numbered_scenes(
            [
                Mark(float(at - origin), clip.attributes.get("name", "").strip(), None, clip.line)
                for spine in sequence.all("spine")
                for clip, at in _fcp_clips(spine)
            ]
        )
    if not marks:
        raise FormatError("no markers in the project", hint=_NO_MARKERS, line=sequence.line)
    length = _fcp_seconds(sequence, "duration")
    return Listing(tuple(sorted(marks, key=lambda mark: mark.start)), float(length or 0) or None)


def _fcp_clips(spine: Element) -> Iterator[tuple[Element, Fraction]]:
    """The clips of the main storyline, with their times; neither gaps nor transitions."""
    reached = Fraction(0)
    for child in spine.children:
        offset = _fcp_seconds(child, "offset")
        at = offset if offset is not None else reached
        reached = at + (_fcp_seconds(child, "duration") or 0)
        if child.local.endswith("clip") or child.local == "video":
            yield child, at


def _fcp(parent: Element, base: Fraction | None) -> Iterator[tuple[Element, Fraction]]:
    """Every marker below `parent`, with its time; `base` is the time of the parent's own 0."""
    reached = Fraction(0)
    for child in parent.children:
        if child.local in ("marker", "chapter-marker"):
            yield child, (base or Fraction(0)) + (_fcp_seconds(child, "start") or 0)
            continue
        offset = _fcp_seconds(child, "offset")
        at = (base or Fraction(0)) + offset if offset is not None else reached
        reached = at + (_fcp_seconds(child, "duration") or 0)
        yield from _fcp(child, at - (_fcp_seconds(child, "start") or 0))


def _fcp_seconds(element: Element, name: str) -> Fraction | None:
    value = element.attributes.get(name)
    if value is None:
        return None
    match = _TIME.fullmatch(value.strip())
    if match is None or (match[2] and not int(match[2])):
        why = "Final Cut writes times like 1001/30000s"
        raise FormatError(f"not a time: {value[:40]!r}", why=why, line=element.line)
    return Fraction(int(match[1]), int(match[2] or 1))


def scan_xmeml(text: str) -> Listing:
    """The markers of a sequence or clip, those of its clips, or the cuts of its first video track.

    Raises
    ------
    FormatError : broken or dangerous XML, another root, no sequence, or unreadable times.
    """
    root = _root(text, "xmeml")
    holders = [each for each in root.walk() if each.local in ("sequence", "clip")]
    if not holders:
        raise FormatError("no <sequence> in the XML", why="it is the timeline", line=root.line)
    chosen = next((each for each in holders if each.all("marker")), holders[0])
    rate = _xmeml_rate(chosen)
    clock = FrameClock(rate)
    rows = [(each, _whole(each, "in")) for each in chosen.all("marker")]
    clips = [each for each in chosen.walk() if each.local == "clipitem"]
    rows = rows or [
        (marker, _whole(clip, "start") + _whole(marker, "in") - _whole(clip, "in"))
        for clip in clips
        for marker in clip.all("marker")
    ]
    marks = [
        Mark(clock.at(frame, marker.line), _marker_name(marker), None, marker.line)
        for marker, frame in sorted(rows, key=lambda row: row[1])
    ] or _xmeml_cuts(chosen, clock)
    if not marks:
        raise FormatError("no markers in the sequence", hint=_NO_MARKERS, line=chosen.line)
    length = _whole(chosen, "duration") if chosen.all("duration") else 0
    return Listing(
        tuple(marks),
        clock.at(length) if length > 0 else None,
        frame_rate=float(rate.exact) if rate else None,
    )


def _xmeml_cuts(sequence: Element, clock: FrameClock) -> list[Mark]:
    """The clips of the first video track; at a transition, a start or end is -1."""
    track = next((each for each in sequence.walk() if each.local == "track"), Element("", 0))
    marks = []
    reached = 0
    for clip in track.all("clipitem"):
        start, end = (_whole(clip, name) for name in ("start", "end"))
        length = _whole(clip, "out") - _whole(clip, "in")
        if start < 0:
            start = end - length if end >= 0 else reached
        reached = end if end >= 0 else start + length
        if 0 <= start < reached:
            title = clip.value("name").strip()
            marks.append(Mark(clock.at(start), title, clock.at(reached), clip.line))
    return numbered_scenes(marks)


def _marker_name(marker: Element) -> str:
    return marker.value("name").strip() or marker.value("comment").strip()


def _xmeml_rate(holder: Element) -> FrameRate | None:
    rates = [*holder.all("rate"), *(each for each in holder.walk() if each.local == "rate")]
    rate = rates[0] if rates else None
    if rate is None or not re.fullmatch(r"\s*[1-9]\d{0,2}\s*", rate.value("timebase")):
        return None
    is_ntsc = rate.value("ntsc").strip().upper() == "TRUE"
    return FrameRate(int(rate.value("timebase")) * Fraction(1000, 1001 if is_ntsc else 1000))


def _whole(element: Element, name: str) -> int:
    text = element.value(name).strip()
    if not re.fullmatch(r"-?\d{1,12}", text):
        what = f"<{name}> is {text[:40]!r}"
        raise FormatError(what, why="it must be a whole number of frames", line=element.line)
    return int(text)


def scan_mlt(text: str) -> Listing:
    """The guides of a Kdenlive project, or the markers of a Shotcut project.

    Raises
    ------
    FormatError : broken or dangerous XML, another root, no markers, or unreadable times.
    """
    root = _root(text, "mlt")
    clock = FrameClock(_mlt_rate(root))
    marks: list[Mark] = []
    for element in root.walk():
        name = element.attributes.get("name", "")
        if element.local == "properties" and name == "shotcut:markers":
            marks += [_shotcut_mark(each, clock) for each in element.all("properties")]
        elif name.startswith("kdenlive:") and name.endswith(".guides") and not marks:
            marks += _guides(element, clock)
        elif name.startswith("kdenlive:guide."):
            start = seconds_at(name.removeprefix("kdenlive:guide."), element.line)
            marks.append(Mark(start, element.text.strip(), None, element.line))
    if not marks:
        raise FormatError("no markers in the project", hint=_NO_MARKERS, line=root.line)
    return Listing(tuple(marks), _shotcut_length(root, clock), clock.notes)


def _shotcut_length(root: Element, clock: FrameClock) -> float | None:
    """The length of a Shotcut timeline, which states its last frame."""
    for tractor in root.all("tractor"):
        out = tractor.attributes.get("out", "")
        is_timeline = any(each.attributes.get("name") == "shotcut" for each in tractor.children)
        if is_timeline and clock.rate and re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3}", out):
            return seconds_at(out, tractor.line) + clock.at(1)
    return None


def _mlt_rate(root: Element) -> FrameRate | None:
    profile = next((each.attributes for each in root.all("profile")), {})
    parts = [profile.get(f"frame_rate_{part}", "") for part in ("num", "den")]
    if not all(re.fullmatch(r"[1-9]\d{0,8}", part) for part in parts):
        return None
    return FrameRate(Fraction(int(parts[0]), int(parts[1])))


def _guides(element: Element, clock: FrameClock) -> list[Mark]:
    try:
        rows = parse_json(element.text) if element.text.strip() else []
    except FormatError as error:
        raise FormatError(error.what, why=error.why, line=element.line) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FormatError("the guides are no list of objects", line=element.line)
    reader = player_json.Rows(clock)
    return [reader.mark(row, number) for number, row in enumerate(rows, 1)]


def _shotcut_mark(marker: Element, clock: FrameClock) -> Mark:
    values = {each.attributes.get("name", ""): each.text.strip() for each in marker.children}
    times: list[float | None] = []
    for text in (values.get("start"), values.get("end")):
        if not text:
            times.append(None)
        elif re.fullmatch(r"\d{1,9}", text):
            times.append(clock.at(int(text), marker.line))
        else:
            counted = clock.seconds(text, marker.line)
            times.append(seconds_at(text, marker.line) if counted is None else counted)
    if times[0] is None:
        raise FormatError("a marker without start", why="start is its time", line=marker.line)
    # A marker that ends where it starts is a point.
    end = times[1] if times[1] is not None and times[1] > times[0] else None
    return Mark(times[0], values.get("text", ""), end, marker.line)


def _root(text: str, name: str) -> Element:
    root = parse_xml(text)
    if root.local != name:
        raise FormatError(
            f"the XML is a <{root.local}>", why=f"it must be a <{name}>", line=root.line
        )
    return root
