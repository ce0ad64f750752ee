"""Times are formatted and parsed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapterize.errors import FormatError
from chapterize.timecode import format_clock, format_length, format_timestamp, parse_time, to_ms

TIMES = st.floats(0.0, 400_000.0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0:00"),
        (9.999, "0:09"),
        (59.9999999, "1:00"),
        (725.0, "12:05"),
        (3599.999, "59:59"),
        (3600.0, "1:00:00"),
        (36_000.0 + 62.5, "10:01:02"),
    ],
)
def test_a_clock_shows_whole_seconds_like_a_player(seconds: float, text: str) -> None:
    assert format_clock(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "00:00:00.000"), (3723.45, "01:02:03.450"), (59.9996, "00:01:00.000")],
)
def test_a_timestamp_has_milliseconds(seconds: float, text: str) -> None:
    assert format_timestamp(seconds) == text


def test_a_timestamp_takes_more_digits_and_another_separator() -> None:
    assert format_timestamp(1.5, digits=9) == "00:00:01.500000000"
    assert format_timestamp(1.5, separator=",") == "00:00:01,500"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(8.2, "8 s"), (59.7, "1 min 0 s"), (725.0, "12 min 5 s"), (7380.0, "2 h 3 min")],
)
def test_a_length_reads_as_people_say_it(seconds: float, text: str) -> None:
    assert format_length(seconds) == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0:00", 0.0),
        ("1:02:03.5", 3723.5),
        ("62:03", 3723.0),
        ("00:01:02,500", 62.5),
        ("62.5", 62.5),
        ("62,5", 62.5),
        (" 7 ", 7.0),
        ("100:00:00", 360_000.0),
        ("00:00.000000001", 1e-9),
    ],
)
def test_times_are_parsed_as_people_and_programs_write_them(text: str, seconds: float) -> None:
    assert parse_time(text) == pytest.approx(seconds, abs=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "1:60",
        "1:60:00",
        "-1:00",
        "-5",
        "1:2:3:4",
        "1:00.",
        ":30",
        "1e3",
        "nan",
        "１:00x",
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="not a time") as caught:
        parse_time(text)
    assert caught.value.hint


@given(TIMES)
def test_a_parsed_timestamp_is_the_same_millisecond(seconds: float) -> None:
    assert to_ms(parse_time(format_timestamp(seconds))) == to_ms(seconds)


@given(TIMES)
def test_a_parsed_clock_is_less_than_a_second_early(seconds: float) -> None:
    assert 0.0 <= to_ms(seconds) / 1000 - parse_time(format_clock(seconds)) < 1.0
