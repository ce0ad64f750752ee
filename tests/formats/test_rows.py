"""One row of a list."""

from __future__ import annotations

import pytest

from chapterize.errors import FormatError
from chapterize.formats import rows


@pytest.mark.parametrize(
    ("row", "start", "title"),
    [
        ("0:05 Title", 5, "Title"),
        ("[0:05]Title", 5, "Title"),
        ("( 0:05 ) Title", 5, "Title"),
        ("Chapter 2: 0:05 - Title", 5, "Title"),
        ("#2 0:05 Title", 5, "Title"),
        ("0:05, Title", 5, "Title"),
        ("0：05 Title", 5, "Title"),
    ],
)
def test_a_row_that_starts_with_a_time(row: str, start: float, title: str) -> None:
    mark = rows.leading(row, 1)
    assert mark is not None
    assert (mark.start, mark.title) == (start, title)
    assert rows.is_leading(row)


@pytest.mark.parametrize("row", ["0:05pm Title", "00:00:05;12 Title", "Title 0:05", "room 2:01 x"])
def test_a_row_that_starts_otherwise(row: str) -> None:
    assert rows.leading(row, 1) is None


def test_a_time_below_zero_is_refused() -> None:
    with pytest.raises(FormatError, match="below 0, line 3"):
        rows.leading("-0:05 Title", 3)


def test_a_row_that_ends_with_a_time_or_a_range() -> None:
    mark = rows.trailing("- Title ...... (0:05 - 1:00)", 1)
    assert mark is not None
    assert (mark.start, mark.end, mark.title) == (5, 60, "Title")


def test_a_row_whose_time_is_nearly_one_says_how_it_is_written() -> None:
    near = rows.loose("- 6.40 – Wax", 2)
    assert near is not None
    assert near.mark is not None
    assert (near.written, near.mark.start, near.mark.title) == ("6.40", 400, "Wax")
    assert rows.loose("24.12. Christmas", 1) is None
    assert rows.loose("6.40 € for two", 1) is None


def test_a_row_that_starts_with_seconds() -> None:
    near = rows.in_seconds("400.25 Wax", 1)
    assert near is not None
    assert near.mark is not None
    assert (near.mark.start, near.mark.title) == (400.25, "Wax")
