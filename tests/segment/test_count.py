"""The number of chapters when nobody says."""

import pytest

from chapterize.segment.count import estimate_count


def test_longer_media_get_more_chapters_but_not_in_proportion() -> None:
    hour, four_hours = estimate_count(3600.0), estimate_count(14_400.0)
    assert hour < four_hours < 4 * hour


def test_there_is_never_less_than_one_chapter() -> None:
    assert estimate_count(0.5) == 1.0


@pytest.mark.parametrize(("minutes", "low", "high"), [(15, 4, 7), (52, 6, 11), (150, 9, 18)])
def test_common_lengths_get_common_counts(minutes: float, low: int, high: int) -> None:
    assert low <= estimate_count(minutes * 60) <= high
