"""Frame rates, timecodes and the grid of frames."""

from __future__ import annotations

from fractions import Fraction

import pytest
from opentimelineio import opentime

from chapterize.data import Chapters
from chapterize.errors import FormatError, InputError
from chapterize.formats import changes
from chapterize.formats.frames import (
    FrameRate,
    frame_rate_notes,
    frames_of,
    known_rate,
    parse_frame_rate,
    rounding_note,
    timecode,
)

NTSC = FrameRate(Fraction(30_000, 1001))
DROP = FrameRate(Fraction(30_000, 1001), is_drop=True)


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("25", Fraction(25)),
        ("30.0", Fraction(30)),
        ("29.97", Fraction(30_000, 1001)),
        ("30000/1001", Fraction(30_000, 1001)),
        ("23.976", Fraction(24_000, 1001)),
        ("23.98", Fraction(24_000, 1001)),
        ("24", Fraction(24)),
        ("59.94ndf", Fraction(60_000, 1001)),
    ],
)
def test_rates_are_exact_however_they_are_written(text: str, exact: Fraction) -> None:
    assert parse_frame_rate(text) == FrameRate(exact)


def test_drop_frame_is_asked_for_and_only_where_it_exists() -> None:
    assert parse_frame_rate("29.97 df") == DROP
    with pytest.raises(InputError, match="drop frame at 25"):
        parse_frame_rate("25df")


@pytest.mark.parametrize("text", ["", "0", "17", "-25", "1/0", "25fps", "nan", "9999999999"])
def test_rates_that_no_editor_uses_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="no editor uses"):
        parse_frame_rate(text)


def test_the_average_rate_of_a_screen_recording_is_no_known_rate() -> None:
    assert known_rate(27.31) is None
    assert known_rate(0) is None
    assert known_rate(29.97002997) == NTSC


@pytest.mark.parametrize("drop", [False, True])
@pytest.mark.parametrize("exact", [NTSC.exact, Fraction(60_000, 1001)])
def test_timecodes_are_those_of_opentimelineio(exact: Fraction, drop: bool) -> None:
    rate = FrameRate(exact, drop)
    near_jumps = [minute * 60 * rate.counted + by for minute in range(75) for by in range(-150, 6)]
    for frame in (f for f in near_jumps if f >= 0):
        theirs = opentime.RationalTime(frame, float(exact)).to_timecode(float(exact), drop)
        assert timecode(frame, rate) == theirs


def test_a_start_that_was_a_frame_comes_back_as_that_frame() -> None:
    rate = NTSC.exact
    frames = [0, 1, 17, 1799, 107_892, 1_000_003]
    chapters = Chapters.from_starts([float(f / rate) for f in frames], ["x"] * 6, 40_000)
    assert frames_of(chapters, rate, lambda number: number)[:-1] == tuple(frames)
    assert rounding_note(chapters, rate) == ()


def test_two_chapters_in_one_frame_are_refused_with_their_line() -> None:
    chapters = Chapters.from_starts([0, 1, 1.01], ["a", "b", "c"], 60)
    with pytest.raises(FormatError, match=r"'c' starts in the same frame.*line 30") as caught:
        frames_of(chapters, Fraction(25), lambda number: number * 10)
    assert caught.value.line == 30


def test_a_last_chapter_below_half_a_frame_lasts_one_frame() -> None:
    chapters = Chapters.from_starts([0, 1], ["a", "b"], 1.001)
    assert frames_of(chapters, Fraction(25), lambda number: number) == (0, 25, 26)


def test_rounding_is_reported_with_its_largest_move() -> None:
    chapters = Chapters.from_starts([0, 1, 61.51], ["a", "b", "c"], 90)
    (note,) = rounding_note(chapters, Fraction(25))
    assert note == (
        "1 of 3 starts were rounded to the nearest of 25 frames a second, by at most 10.0 ms"
        " (at 1:01)"
    )


@pytest.mark.parametrize("rate", ["23.976", "29.97", "59.94", "119.88"])
def test_rates_are_printed_as_people_write_them(rate: str) -> None:
    chapters = Chapters.from_starts([0, 1.513], ["a", "b"], 90)
    (note,) = frame_rate_notes(chapters, parse_frame_rate(rate), None)
    assert f"the nearest of {rate} frames a second" in note


@pytest.mark.parametrize("name", ["edl", "fcpxml", "premiere", "otio"])
def test_a_rate_that_the_video_states_is_never_called_unknown(name: str) -> None:
    chapters = Chapters.from_starts([0, 1], ["a", "b"], 90)
    for exact in (Fraction(24_000, 1001), Fraction(30_000, 1001), Fraction(60_000, 1001)):
        stated = float(exact)
        rate = known_rate(stated)
        notes = changes(chapters, name, frame_rate=rate, stated_rate=stated)
        assert not any("counted at" in note for note in notes)
    start = "01:00:00:00"
    (odd,) = changes(chapters, name, stated_rate=12.5, start_timecode=start)
    assert "counted at 30 a second, because no editor uses the 12.5 of the video" in odd
    (unknown,) = changes(chapters, name, start_timecode=start)
    assert "counted at 30 a second, because the rate is unknown" in unknown
    # Only an EDL does not state its rate.
    assert ("in a timeline of another rate" in unknown) == (name == "edl")
