"""Markers of DaVinci Resolve and OpenTimelineIO."""

from __future__ import annotations

import json
from typing import Any

import opentimelineio as otio
import pytest

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats.frames import FrameClock, parse_frame_rate

THREE = Chapters.from_starts([0, 400.24, 725.52], ["Kiln", "Wax", "Firing"], 1140)


def starts(text: str, rate: str | None = None, start: str | None = None) -> list[float]:
    clock = FrameClock(parse_frame_rate(rate) if rate else None, start)
    return [mark.start for mark in formats.scan(text, clock=clock).marks]


@pytest.mark.parametrize("rate", ["23.976", "24", "25", "29.97", "29.97df", "30", "59.94df", "60"])
@pytest.mark.parametrize("start", [None, "00:00:00:00", "10:00:00:00"])
def test_an_edl_is_read_back(rate: str, start: str | None) -> None:
    chapters = Chapters.from_starts([0, 59.98, 60.1, 600.04, 7322.5], list("abcde"), 9000)
    counted = parse_frame_rate(rate)
    text = formats.dumps(chapters, "edl", frame_rate=counted, start_timecode=start)
    listing = formats.scan(text, "edl", FrameClock(counted, start))
    frame = float(1 / counted.exact)
    for mark, wanted in zip(listing.marks, chapters.starts, strict=True):
        assert mark.start == pytest.approx(wanted, abs=frame / 2 + 0.001)
    assert [mark.title for mark in listing.marks] == list("abcde")
    assert formats.recognise(text) == "edl"


def test_the_start_of_a_timeline_is_found_and_reported() -> None:
    at_one = formats.scan(formats.dumps(THREE, "edl"))
    assert [mark.start for mark in at_one.marks] == pytest.approx(THREE.starts, abs=0.02)
    assert "starts at 01:00:00:00; --start-timecode sets another" in at_one.notes[0]
    at_ten = formats.scan(formats.dumps(THREE, "edl", start_timecode="10:00:00:00"))
    assert [mark.start for mark in at_ten.marks] == pytest.approx(THREE.starts, abs=0.02)
    at_zero = formats.scan(formats.dumps(THREE, "edl", start_timecode="00:00:00:00"))
    assert [mark.start for mark in at_zero.marks] == pytest.approx(THREE.starts, abs=0.02)
    assert not any("--start-timecode" in note for note in at_zero.notes)


RESOLVE = """TITLE: Timeline 1
FCM: NON-DROP FRAME

001  001      V     C        01:00:00:00 01:00:00:01 01:00:00:00 01:00:00:01  \n\
 |C:ResolveColorBlue |M:Kiln |D:1

002  001      V     C        01:06:40:06 01:06:40:07 01:06:40:06 01:06:40:07  \n\
Wax and resist |C:ResolveColorRed |M:Marker 2 |D:1

003  001      V     C        01:12:05:12 01:12:05:13 01:12:05:12 01:12:05:13  \n\
see slide 4 |C:ResolveColorRed |M:Firing |D:50
"""


def test_notes_of_resolve_are_titles_where_a_marker_has_no_name() -> None:
    assert starts(RESOLVE, "25") == [0, 400.24, 725.48]
    assert [mark.title for mark in formats.scan(RESOLVE).marks] == [
        "Kiln",
        "Wax and resist",
        "Firing",
    ]
    assert "30 frames a second; --frame-rate" in formats.scan(RESOLVE).notes[1]


def test_a_drop_frame_timeline_is_counted_as_one() -> None:
    row = "001  001 V C  00:10:00:00 00:10:00:01 00:10:00:00 00:10:00:01\n |M:a |D:1\n"
    drop = starts(f"TITLE: x\nFCM: DROP FRAME\n{row}")
    assert drop == pytest.approx([600], abs=0.001)
    assert starts(f"TITLE: x\nFCM: NON-DROP FRAME\n{row}", "29.97") == [600.6]
    assert starts(row.replace("10:00:0", "10:00;0")) == pytest.approx([600], abs=0.001)


CUTS = """* CREATED WITH PYSCENEDETECT 0.7
TITLE: talk
FCM: NON-DROP FRAME

001  AX V     C        00:00:00:00 00:06:40:06 00:00:00:00 00:06:40:06
002  AX V     C        00:06:40:06 00:12:05:12 00:06:40:06 00:12:05:12
003  BL V     C        00:12:05:12 00:12:06:00 00:12:05:12 00:12:06:00
004  AX V     D    024 00:12:06:00 00:19:00:00 00:12:06:00 00:19:00:00
"""
SHUTTER = """TITLE : talk.edl
000001  /home/me/my_talk.mp4 V     C        00:00:00:00 00:06:40:06 00:00:00:00 00:06:40:06
000002  /home/me/my_talk.mp4 A     C        00:00:00:00 00:06:40:06 00:00:00:00 00:06:40:06
000004  /home/me/my_talk_cut.mp4 V     C        00:06:40:06 00:19:00:00 00:06:40:06 00:19:00:00
000005  /home/me/my_talk_cut.mp4 A     C        00:06:40:06 00:19:00:00 00:06:40:06 00:19:00:00
"""


def test_cuts_are_numbered_scenes_and_state_the_length() -> None:
    listing = formats.scan(CUTS, clock=FrameClock(parse_frame_rate("25")))
    parsed = formats.tile(listing)
    assert parsed.chapters.starts == (0, 400.24, 726)
    assert parsed.chapters.titles == ("Scene 1", "Scene 2", "Scene 3")
    assert parsed.chapters.duration == 1140
    assert starts(SHUTTER, "25") == [0, 400.24]


def test_names_of_clips_are_titles() -> None:
    rows = CUTS.replace("BL V", "AX V").splitlines()
    named = "\n".join(f"{row}\n* FROM CLIP NAME: {row[:3]}.mov" for row in rows if row[:2] == "00")
    assert [m.title for m in formats.scan(named).marks] == [f"00{n}.mov" for n in range(1, 5)]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("TITLE: x\n", "no events"),
        (CUTS.replace("00:06:40:06 00:12", "00:06:40:29 00:12"), "not a timecode at 25"),
        (CUTS.replace("00:06:40:06 00:12", "00:66:40:06 00:12"), "not a timecode at 25"),
    ],
)
def test_a_broken_edl_says_why(text: str, what: str) -> None:
    with pytest.raises(FormatError, match=what):
        formats.scan(text, "edl", FrameClock(parse_frame_rate("25")))


def test_a_timecode_before_the_start_is_an_error_with_its_line() -> None:
    with pytest.raises(FormatError, match="before 02:00:00:00, line 4") as caught:
        starts(RESOLVE, "25", "02:00:00:00")
    assert "--start-timecode" in caught.value.hint


def test_opentimelineio_is_read_back_exactly() -> None:
    chapters = Chapters.from_starts([0, 61.501, 3700.123], ["One", 'a\nb | "c"', "二"], 4000)
    parsed = formats.loads(formats.dumps(chapters, "otio", start_timecode="01:00:00:00"))
    assert parsed.chapters == chapters
    assert parsed.notes == ()


def marker(name: str, frame: float) -> Any:
    at = otio.opentime.RationalTime(frame, 25)
    return otio.schema.Marker(name, otio.opentime.TimeRange(at, otio.opentime.RationalTime(1, 25)))


def test_markers_of_tracks_and_clips_are_at_their_place_in_the_timeline() -> None:
    def span(first: int, length: int) -> Any:
        return otio.opentime.TimeRange(
            otio.opentime.RationalTime(first, 25), otio.opentime.RationalTime(length, 25)
        )

    timeline = otio.schema.Timeline("talk")
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    track.append(otio.schema.Clip("a", source_range=span(100, 250)))
    clip = otio.schema.Clip("b", source_range=span(1000, 250))
    clip.markers.append(marker("in b", 1025))
    track.append(clip)
    timeline.tracks.append(track)
    timeline.tracks.markers.append(marker("top", 50))
    listing = formats.scan(timeline.to_json_string())
    assert [(m.start, m.title) for m in listing.marks] == [(2, "top"), (11, "in b")]
    clip.markers.clear()
    timeline.tracks.markers.clear()
    cuts = formats.scan(timeline.to_json_string())
    assert [(m.start, m.end, m.title) for m in cuts.marks] == [(0, 10, "a"), (10, 20, "b")]


@pytest.mark.parametrize(
    "document",
    [
        {"OTIO_SCHEMA": "Timeline.1", "tracks": {"markers": []}},
        {"OTIO_SCHEMA": "Timeline.1", "tracks": None},
        {"OTIO_SCHEMA": "Timeline.1", "tracks": {"markers": [{"name": "a"}]}},
        {
            "OTIO_SCHEMA": "Timeline.1",
            "tracks": {"markers": [{"marked_range": {"start_time": {"value": 1, "rate": 0}}}]},
        },
    ],
)
def test_a_broken_timeline_is_a_format_error(document: Any) -> None:
    with pytest.raises(FormatError):
        formats.loads(json.dumps(document), duration=9)
