from __future__ import annotations

import re
from fractions import Fraction

import opentimelineio
import pytest

from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats import edl
from chapterize.formats.frames import FrameRate, parse_frame_rate

TWO = Chapters.from_starts([0, 61.5], ["One | two", "Zwei – 二"], 120)


def test_the_text_is_what_resolve_exports() -> None:
    assert edl.dumps(TWO, media="talk.mp4") == (
        "TITLE: talk.mp4\nFCM: NON-DROP FRAME\n"
        "\n001  001      V     C        01:00:00:00 01:00:00:01 01:00:00:00 01:00:00:01  \n"
        " |C:ResolveColorBlue |M:One ¦ two |D:1\n"
        "\n002  001      V     C        01:01:01:15 01:01:01:16 01:01:01:15 01:01:01:16  \n"
        " |C:ResolveColorBlue |M:Zwei – 二 |D:1\n"
    )
    assert "| became ¦ in 1 of 2 titles" in edl.changes(TWO)[-1]


@pytest.mark.parametrize("text", ["23.976", "24", "25", "29.97", "30", "29.97df", "59.94df"])
def test_a_foreign_reader_finds_each_event_on_its_frame(text: str) -> None:
    rate = parse_frame_rate(text)
    chapters = Chapters.from_starts([0, 59.98, 60.1, 600.04, 7322.5], list("abcde"), 9000)
    timeline = opentimelineio.adapters.read_from_string(
        edl.dumps(chapters, frame_rate=rate), "cmx_3600", rate=float(rate.exact)
    )
    (track,) = timeline.tracks
    found = [clip.source_range.start_time.value for clip in track.find_clips()]
    hour = opentimelineio.opentime.from_timecode(
        "01:00:00;00" if rate.is_drop else "01:00:00:00", float(rate.exact)
    ).value
    for start, frame in zip(chapters.starts, found, strict=True):
        assert (
            abs(Fraction(frame - hour) / rate.exact - Fraction(round(start * 1000), 1000))
            <= rate.duration / 2
        )


def test_drop_frame_shows_the_clock_and_says_so() -> None:
    chapters = Chapters.from_starts([0, 3600, 7200], ["a", "b", "c"], 9000)
    drop = edl.dumps(chapters, frame_rate=parse_frame_rate("29.97df"))
    assert "FCM: DROP FRAME" in drop
    assert re.findall(r"C {8}(\S+)", drop) == ["01:00:00;00", "02:00:00;00", "03:00:00;00"]
    plain = edl.dumps(chapters, frame_rate=parse_frame_rate("29.97"))
    # Without drop frame the timecode lags 3.6 s behind the clock in an hour.
    assert re.findall(r"C {8}(\S+)", plain) == ["01:00:00:00", "01:59:56:12", "02:59:52:24"]


def test_a_name_cannot_break_out_of_its_line() -> None:
    chapters = Chapters.from_starts([0], ["a |D:9\n002  001 x"], 10)
    rows = edl.dumps(chapters).splitlines()
    assert rows[-1] == " |C:ResolveColorBlue |M:a ¦D:9 002 001 x |D:1"


def test_what_an_edl_cannot_number_is_refused_with_its_line() -> None:
    many = Chapters.from_starts(list(range(1000)), ["x"] * 1000, 2000)
    with pytest.raises(FormatError, match="1000 chapters, line 3002"):
        edl.dumps(many)
    late = Chapters.from_starts([0, 23 * 3600], ["a", "b"], 90_000)
    with pytest.raises(FormatError, match=r"'b' starts after 23 hours, line 8"):
        edl.dumps(late)
    close = Chapters.from_starts([0, 0.01], ["a", "b"], 90)
    with pytest.raises(FormatError, match=r"same frame.*line 8") as caught:
        edl.dumps(close, frame_rate=FrameRate(Fraction(25)))
    assert edl.dumps(TWO).splitlines()[caught.value.line - 1].endswith("|D:1")  # type: ignore[operator]
