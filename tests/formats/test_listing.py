from __future__ import annotations

import math

import pytest

from chapterize.data import Mark
from chapterize.errors import FormatError, InputError
from chapterize.formats.listing import Listing, one_line, tile


def listing(*rows: tuple[float, str] | tuple[float, str, float]) -> Listing:
    return Listing(
        tuple(
            Mark(row[0], row[1], row[2] if len(row) > 2 else None, line)
            for line, row in enumerate(rows, 1)
        )
    )


def test_rows_out_of_order_are_sorted_and_reported() -> None:
    parsed = tile(listing((0, "a"), (50, "c"), (20, "b")), 90)
    assert parsed.chapters.titles == ("a", "b", "c")
    assert parsed.notes == ("the chapters were out of order and have been sorted by time",)


def test_a_first_chapter_after_0_is_moved_and_reported() -> None:
    parsed = tile(listing((5.25, "a"), (50, "c")), 90)
    assert parsed.chapters.starts == (0.0, 50.0)
    assert parsed.notes == ("the first chapter was moved from 00:00:05.250 to 0:00",)


def test_gaps_overlaps_and_a_last_end_past_the_media_are_corrected_and_reported() -> None:
    parsed = tile(listing((0, "a", 8), (10, "b", 25), (20, "c", 95)), 90)
    assert [c.end for c in parsed.chapters.chapters] == [10, 20, 90]
    assert parsed.notes == (
        "gaps were closed after chapter 1",
        "overlaps were trimmed after chapter 2",
        "the last chapter ended at 1:35 and was shortened to the end, 1:30",
    )


def test_the_duration_of_the_caller_overrides_that_of_the_file() -> None:
    rows = Listing((Mark(0, "a", 60),), 60)
    assert tile(rows).chapters.duration == 60
    parsed = tile(rows, 75)
    assert parsed.chapters.duration == 75
    assert "extended" in parsed.notes[0]


@pytest.mark.parametrize("start", [-0.001, -5, math.nan, math.inf])
def test_impossible_times_are_refused_with_their_line(start: float) -> None:
    with pytest.raises(FormatError, match="line 2") as caught:
        tile(listing((0, "a"), (start, "b")), 90)
    assert caught.value.line == 2


def test_two_rows_in_one_millisecond_are_refused() -> None:
    with pytest.raises(FormatError, match=r"both start at 0:10, line 3"):
        tile(listing((0, "a"), (10, "b"), (10.0004, "c")), 90)


def test_a_row_at_the_end_of_the_media_is_refused_not_dropped() -> None:
    with pytest.raises(FormatError, match=r"'c' starts at 1:30, line 3") as caught:
        tile(listing((0, "a"), (10, "b"), (90, "c")), 90)
    assert "chapterize check --fix" in caught.value.hint


@pytest.mark.parametrize("duration", [0, -1, math.nan, math.inf, 0.0004])
def test_an_impossible_duration_is_refused(duration: float) -> None:
    with pytest.raises(InputError, match="a duration of"):
        tile(listing((0, "a")), duration)


def test_an_empty_listing_is_refused() -> None:
    with pytest.raises(FormatError, match="no chapters"):
        tile(Listing(()), 90)


def test_one_line_keeps_every_script_and_drops_controls() -> None:
    assert one_line(" a\r\n\tb\x00\x7f\u2028c  d ") == "a b c d"
    assert one_line("日本　語 👩‍💻 é") == "日本　語 👩‍💻 é"


def test_without_an_end_that_is_needed_the_duration_stays_unknown() -> None:
    with pytest.raises(InputError, match="duration of the media is unknown"):
        tile(listing((0, "a"), (50, "b")))
    parsed = tile(listing((0, "a"), (50, "b")), needs_end=False)
    assert (parsed.chapters.starts, parsed.duration) == ((0, 50), None)
    assert parsed.notes == ()
    assert tile(listing((0, "a", 50), (50, "b", 90)), needs_end=False).duration == 90
