"""The number of chapters when nobody says, and the numbers a video divides into naturally."""

from __future__ import annotations

import numpy as np
import pytest

from chapterize.data import Sentence
from chapterize.segment.count import (
    count_clues,
    estimate_count,
    granularities,
    length_count,
)
from chapterize.segment.model import shipped_model


def said(text: str, n: int = 200) -> list[Sentence]:
    return [Sentence(4.0 * i, 4.0 * i + 3.5, text) for i in range(n)]


def errors(explained: float, n: int = 200, most: int = 40) -> dict[int, float]:
    """A curve that takes `explained` of each sentence's error away at any count above one."""
    return {1: float(n)} | dict.fromkeys(range(2, most), n * (1.0 - explained))


def test_longer_media_get_more_chapters_but_not_in_proportion() -> None:
    hour, four_hours = length_count(3600.0), length_count(14_400.0)
    assert hour < four_hours < 4 * hour


def test_there_is_never_less_than_one_chapter() -> None:
    assert length_count(0.5) == 1.0
    assert estimate_count(np.array([1.0, -9.0, 1.0, -4.0]), np.array([0.0, 1.0, 0.0, 0.0])) == 1.0


@pytest.mark.parametrize(("minutes", "low", "high"), [(15, 4, 7), (52, 6, 11), (150, 9, 18)])
def test_common_lengths_get_common_counts(minutes: float, low: int, high: int) -> None:
    assert low <= length_count(minutes * 60) <= high


def test_the_more_topics_part_the_more_chapters_there_are() -> None:
    coefficients = shipped_model().count
    text = "This is what we wanted to say about it today."
    counts = [
        estimate_count(count_clues(said(text), 2400.0, errors(part)), coefficients)
        for part in (0.02, 0.04, 0.07)
    ]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_clues_beyond_what_was_learned_are_taken_as_the_nearest_that_was() -> None:
    short, shorter = ("Yes indeed we do.", "Yes.")
    known = count_clues(said(short), 2400.0, errors(0.08))
    np.testing.assert_array_equal(known, count_clues(said(shorter), 2400.0, errors(0.5)))


def test_a_script_without_spaces_has_sentences_of_many_words() -> None:
    clues = count_clues(said("今日は新しい発酵の話をしてから質問に答えます"), 2400.0, errors(0.04))
    assert np.exp(clues[2]) == pytest.approx(22 / 2.2, abs=0.1)


def test_natural_counts_are_where_the_curve_bends() -> None:
    costs = {count: 100.0 - count for count in range(1, 40)}
    for bend in (5, 22):
        costs |= {count: costs[count] - 8.0 for count in range(bend, 40)}
    assert granularities(costs, 10) == {"coarse": 5, "normal": 10, "fine": 22}


def test_a_division_that_is_not_to_be_had_is_no_granularity() -> None:
    assert granularities({1: 5.0, 2: 4.0, 3: 3.5}, 2) == {"normal": 2}
    assert granularities({}, 1) == {"normal": 1}
