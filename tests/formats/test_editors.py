"""Markers for video editors, read back by OpenTimelineIO and an XML parser."""

from __future__ import annotations

import re
import sys
from fractions import Fraction
from xml.etree import ElementTree

import opentimelineio
import pytest

from chapterize.data import Chapters
from chapterize.errors import FormatError, MissingDependency
from chapterize.formats import changes, editors
from chapterize.formats.frames import FrameRate, parse_frame_rate

TWO = Chapters.from_starts([0, 61.5], ["One | two", "Zwei – 二"], 120)


def test_the_text_is_what_resolve_exports() -> None:
    assert editors.dumps_edl(TWO, media="talk.mp4") == (
        "TITLE: talk.mp4\nFCM: NON-DROP FRAME\n"
        "\n001  001      V     C        01:00:00:00 01:00:00:01 01:00:00:00 01:00:00:01  \n"
        " |C:ResolveColorBlue |M:One ¦ two |D:1\n"
        "\n002  001      V     C        01:01:01:15 01:01:01:16 01:01:01:15 01:01:01:16  \n"
        " |C:ResolveColorBlue |M:Zwei – 二 |D:1\n"
    )
    assert "| became ¦ in 1 of 2 titles" in changes(TWO, "edl")[-1]


@pytest.mark.parametrize("text", ["23.976", "24", "25", "29.97", "30", "29.97df", "59.94df"])
def test_a_foreign_reader_finds_each_event_on_its_frame(text: str) -> None:
    rate = parse_frame_rate(text)
    chapters = Chapters.from_starts([0, 59.98, 60.1, 600.04, 7322.5], list("abcde"), 9000)
    timeline = opentimelineio.adapters.read_from_string(
        editors.dumps_edl(chapters, frame_rate=rate), "cmx_3600", rate=float(rate.exact)
    )
    (track,) = timeline.tracks
    found = [clip.source_range.start_time.value for clip in track.find_clips()]
    hour = opentimelineio.opentime.from_timecode(
        "01:00:00;00" if rate.is_drop else "01:00:00:00", float(rate.exact)
    ).value
    for start, frame in zip(chapters.starts, found, strict=True):
        assert (
            abs(Fraction(frame - hour) / rate.exact - Fraction(round(start * 1000), 1000))
            <= 1 / rate.exact / 2
        )


def test_drop_frame_follows_the_clock_and_says_so() -> None:
    chapters = Chapters.from_starts([0, 3600, 7200], ["a", "b", "c"], 9000)
    drop = editors.dumps_edl(chapters, frame_rate=parse_frame_rate("29.97df"))
    assert "FCM: DROP FRAME" in drop
    assert re.findall(r"C {8}(\S+)", drop) == ["01:00:00;00", "02:00:00;00", "03:00:00;00"]
    plain = editors.dumps_edl(chapters, frame_rate=parse_frame_rate("29.97"))
    # Without drop frame the timecode lags 3.6 s behind the clock in an hour.
    assert re.findall(r"C {8}(\S+)", plain) == ["01:00:00:00", "01:59:56:12", "02:59:52:24"]


def test_a_name_cannot_break_out_of_its_line() -> None:
    chapters = Chapters.from_starts([0], ["a |D:9\n002  001 x"], 10)
    rows = editors.dumps_edl(chapters).splitlines()
    assert rows[-1] == " |C:ResolveColorBlue |M:a ¦D:9 002 001 x |D:1"


def test_what_an_edl_cannot_number_is_refused_with_its_line() -> None:
    many = Chapters.from_starts(list(range(1000)), ["x"] * 1000, 2000)
    with pytest.raises(FormatError, match="1000 chapters, line 3002"):
        editors.dumps_edl(many)
    late = Chapters.from_starts([0, 23 * 3600], ["a", "b"], 90_000)
    with pytest.raises(FormatError, match=r"'b' starts after midnight.*line 8"):
        editors.dumps_edl(late)
    close = Chapters.from_starts([0, 0.01], ["a", "b"], 90)
    with pytest.raises(FormatError, match=r"same frame.*line 8") as caught:
        editors.dumps_edl(close, frame_rate=FrameRate(Fraction(25)))
    assert editors.dumps_edl(TWO).splitlines()[caught.value.line - 1].endswith("|D:1")  # type: ignore[operator]


FCP_TITLES = ['"One" & <two>', "Zwei – 二", "a\nb\x00\uffff"]
FCP_CHAPTERS = Chapters.from_starts([0, 61.5, 3700.123], FCP_TITLES, 4000.02)


def seconds(text: str | None) -> Fraction:
    match = re.fullmatch(r"(\d+)(?:/(\d+))?s", text or "")
    assert match, text
    return Fraction(int(match[1]), int(match[2] or 1))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("23.976", "2398"),
        ("24", "24"),
        ("25", "25"),
        ("29.97", "2997"),
        ("29.97df", "2997"),
        ("30", "30"),
        ("50", "50"),
        ("59.94", "5994"),
        ("60", "60"),
        ("48", None),
    ],
)
def test_every_final_cut_time_is_a_whole_number_of_frames(text: str, name: str | None) -> None:
    rate = parse_frame_rate(text)
    root = ElementTree.fromstring(editors.dumps_fcpxml(FCP_CHAPTERS, frame_rate=rate))
    (form,) = root.iter("format")
    assert form.get("name") == (f"FFVideoFormat1080p{name}" if name else None)
    frame = seconds(form.get("frameDuration"))
    assert frame == 1 / rate.exact
    (sequence,) = root.iter("sequence")
    assert sequence.get("format") == form.get("id")
    assert sequence.get("tcFormat") == ("DF" if rate.is_drop else "NDF")
    for element in root.iter():
        for key in ("start", "offset", "duration", "tcStart", "posterOffset"):
            if key in element.attrib:
                assert (seconds(element.get(key)) / frame).denominator == 1
    markers = list(root.iter("chapter-marker"))
    for marker, start in zip(markers, FCP_CHAPTERS.starts, strict=True):
        assert abs(seconds(marker.get("start")) - Fraction(round(start * 1000), 1000)) <= frame / 2


def test_final_cut_markers_keep_their_names_and_are_inside_the_gap() -> None:
    root = ElementTree.fromstring(editors.dumps_fcpxml(FCP_CHAPTERS, media='it\'s a "talk".mp4'))
    assert [m.get("value") for m in root.findall(".//spine/gap/chapter-marker")] == [
        '"One" & <two>',
        "Zwei – 二",
        "a b",
    ]
    assert root.find("library/event/project").get("name") == 'it\'s a "talk"'  # type: ignore[union-attr]
    (gap,) = root.iter("gap")
    assert seconds(gap.get("duration")) == Fraction(120_001, 30)


def test_final_cut_markers_in_one_frame_are_refused_with_their_line() -> None:
    close = Chapters.from_starts([0, 5, 5.01], ["a", "b", "c"], 90)
    with pytest.raises(FormatError, match="same frame") as caught:
        editors.dumps_fcpxml(close)
    row = editors.dumps_fcpxml(FCP_CHAPTERS).splitlines()[caught.value.line - 1]  # type: ignore[operator]
    assert 'value="a b"' in row


def test_a_guessed_rate_is_reported() -> None:
    assert any("counted at 30 a second" in note for note in changes(FCP_CHAPTERS, "fcpxml"))
    known = changes(FCP_CHAPTERS, "fcpxml", frame_rate=parse_frame_rate("25"))
    assert sorted(note[:12] for note in known) == ["2 of 3 start", "line breaks "]


THREE = Chapters.from_starts([0, 61.5, 3700.123], ["One", 'a\nb | "c"', "二"], 4000)


@pytest.mark.parametrize("text", ["23.976", "25", "29.97", "60"])
def test_opentimelineio_reads_markers_on_their_frames(text: str) -> None:
    rate = parse_frame_rate(text)
    timeline = opentimelineio.adapters.read_from_string(
        editors.dumps_otio(THREE, frame_rate=rate, media="talk.mp4"), "otio_json"
    )
    assert timeline.name == "talk"
    assert abs(timeline.duration().to_seconds() - 4000) <= 0.5 / float(rate.exact) + 1e-9
    markers = timeline.tracks.markers
    assert [marker.name for marker in markers] == list(THREE.titles)
    for marker, chapter in zip(markers, THREE.chapters, strict=True):
        start = marker.marked_range.start_time
        assert start.rate == float(rate.exact)
        assert start.value == int(start.value)
        assert abs(start.to_seconds() - chapter.start) <= 0.5 / float(rate.exact) + 1e-9
        assert dict(marker.metadata["chapterize"]) == {"start": chapter.start, "end": chapter.end}


def test_a_missing_package_is_reported_with_its_install_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentimelineio", None)
    with pytest.raises(MissingDependency) as caught:
        editors.dumps_otio(THREE)
    assert caught.value.install == "pip install opentimelineio"


def test_otio_markers_in_one_frame_are_refused() -> None:
    with pytest.raises(FormatError, match=r"same frame.*line 2"):
        editors.dumps_otio(Chapters.from_starts([0, 0.01], ["a", "b"], 10))


def test_premiere_gets_a_sequence_with_markers() -> None:
    text = editors.dumps_premiere(
        FCP_CHAPTERS,
        frame_rate=parse_frame_rate("29.97df"),
        media="my talk.mp4",
        start_timecode="01:00:00:00",
    )
    root = ElementTree.fromstring(text)
    assert root.tag == "xmeml"
    (sequence,) = root.findall("sequence")
    assert sequence.findtext("name") == "my talk"
    assert sequence.findtext("rate/timebase") == "30"
    assert sequence.findtext("rate/ntsc") == "TRUE"
    assert sequence.findtext("timecode/string") == "01:00:00;00"
    assert sequence.findtext("timecode/frame") == "107892"
    assert [marker.findtext("name") for marker in sequence.findall("marker")] == [
        '"One" & <two>',
        "Zwei – 二",
        "a b",
    ]
    assert [int(marker.findtext("in") or "") for marker in sequence.findall("marker")] == [
        0,
        1843,
        110_893,
    ]
    close = Chapters.from_starts([0, 5, 5.01], ["a", "b", "c"], 90)
    with pytest.raises(FormatError, match="same frame") as caught:
        editors.dumps_premiere(close)
    row = editors.dumps_premiere(FCP_CHAPTERS).splitlines()[caught.value.line - 1]  # type: ignore[operator]
    assert "<name>a b</name>" in row


@pytest.mark.parametrize("start", ["00:00:00:00", "10:00:00:00", "01:00:00;02"])
def test_a_timeline_starts_where_it_is_told(start: str) -> None:
    rate = parse_frame_rate("29.97df" if ";" in start else "25")
    text = editors.dumps_edl(TWO, frame_rate=rate, start_timecode=start)
    (first, *_) = re.findall(r"C {8}(\S+)", text)
    assert first.replace(";", ":") == start.replace(";", ":")
    timeline = opentimelineio.adapters.read_from_string(
        editors.dumps_otio(TWO, frame_rate=rate, start_timecode=start), "otio_json"
    )
    assert timeline.global_start_time.to_timecode().replace(";", ":") == start.replace(";", ":")
    root = ElementTree.fromstring(editors.dumps_fcpxml(TWO, frame_rate=rate, start_timecode=start))
    (sequence,) = root.iter("sequence")
    (gap,) = root.iter("gap")
    assert sequence.get("tcStart") == gap.get("offset")
    assert (seconds(sequence.get("tcStart")) == 0) == (start == "00:00:00:00")


@pytest.mark.parametrize("start", ["soon", "01:00:00:25", "01:60:00:00"])
def test_a_start_that_is_no_timecode_is_refused(start: str) -> None:
    for write in (editors.dumps_edl, editors.dumps_fcpxml, editors.dumps_premiere):
        with pytest.raises(FormatError, match="not a timecode"):
            write(TWO, frame_rate=parse_frame_rate("25"), start_timecode=start)


def test_where_an_edl_starts_is_reported_unless_it_is_set() -> None:
    assert "starts at 01:00:00:00; --start-timecode" in changes(TWO, "edl")[0]
    told = changes(TWO, "edl", start_timecode="00:00:00:00")
    assert not any("--start-timecode" in note for note in told)
