"""The estimated number of chapters, the natural counts, and confidence."""

from __future__ import annotations

import numpy as np
import pytest

from chapterize.data import Boundaries, Sentence
from chapterize.segment import other_divisions
from chapterize.segment.estimates import (
    N_CLUES,
    confidence,
    confidence_clues,
    count_clues,
    estimate_count,
    granularities,
    length_count,
)
from chapterize.segment.model import shipped_model

SOLUTIONS = {3: (0, 10, 40), 4: (0, 10, 25, 40), 5: (0, 10, 25, 41, 50)}


def said(text: str, n: int = 200) -> list[Sentence]:
    return [Sentence(4.0 * i, 4.0 * i + 3.5, text) for i in range(n)]


def errors(explained: float, n: int = 200, most: int = 40) -> dict[int, float]:
    """An error curve that drops by `explained` per sentence at any count above one."""
    return {1: float(n)} | dict.fromkeys(range(2, most), n * (1.0 - explained))


def test_longer_media_get_more_chapters_but_not_in_proportion() -> None:
    hour, four_hours = length_count(3600.0), length_count(14_400.0)
    assert hour < four_hours < 4 * hour


def test_the_estimate_is_at_least_one_chapter() -> None:
    assert length_count(0.5) == 1.0
    assert estimate_count(np.array([1.0, -9.0, 1.0, -4.0]), np.array([0.0, 1.0, 0.0, 0.0])) == 1.0


@pytest.mark.parametrize(("minutes", "low", "high"), [(15, 4, 7), (52, 6, 11), (150, 9, 18)])
def test_common_lengths_get_common_counts(minutes: float, low: int, high: int) -> None:
    assert low <= length_count(minutes * 60) <= high


def test_clearer_topic_changes_give_more_chapters() -> None:
    coefficients = shipped_model().count
    text = "This is what we wanted to say about it today."
    counts = [
        estimate_count(count_clues(said(text), 2400.0, errors(part)), coefficients)
        for part in (0.02, 0.04, 0.07)
    ]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_clues_outside_the_trained_range_are_clipped() -> None:
    short, shorter = ("Yes indeed we do.", "Yes.")
    known = count_clues(said(short), 2400.0, errors(0.08))
    np.testing.assert_array_equal(known, count_clues(said(shorter), 2400.0, errors(0.5)))


def test_words_are_estimated_in_scripts_without_spaces() -> None:
    clues = count_clues(said("今日は新しい発酵の話をしてから質問に答えます"), 2400.0, errors(0.04))
    assert np.exp(clues[2]) == pytest.approx(22 / 2.2, abs=0.1)


def test_natural_counts_are_where_the_cost_curve_bends() -> None:
    costs = {count: 100.0 - count for count in range(1, 40)}
    for bend in (5, 22):
        costs |= {count: costs[count] - 8.0 for count in range(bend, 40)}
    assert granularities(costs, 10) == {"coarse": 5, "normal": 10, "fine": 22}


def test_a_count_without_a_solution_is_not_offered() -> None:
    assert granularities({1: 5.0, 2: 4.0, 3: 3.5}, 2) == {"normal": 2}
    assert granularities({}, 1) == {"normal": 1}


@pytest.mark.parametrize(
    ("chosen", "counts", "note"),
    [
        (9, {"coarse": 5, "normal": 9, "fine": 14},
         "9 chapters. For fewer: --count 5; for more: --count 14."),
        (9, {"normal": 9, "fine": 14}, "9 chapters. For more: --count 14."),
        (1, {"normal": 1, "fine": 2}, "1 chapter. For more: --count 2."),
        (9, {"normal": 9}, None),
    ],
)  # fmt: skip
def test_the_note_offers_fewer_and_more_chapters(
    chosen: int, counts: dict[str, int], note: str | None
) -> None:
    nothing = np.zeros(1)
    single = nothing.astype(np.float32)
    boundaries = Boundaries(nothing, single, single, (), {}, chosen, "", granularities=counts)
    assert other_divisions(boundaries) == note


def clues_of(scores: np.ndarray | None = None, has_cue: np.ndarray | None = None) -> np.ndarray:
    given = np.zeros(60) if scores is None else scores
    return confidence_clues(SOLUTIONS, 4, given, np.zeros(60, bool) if has_cue is None else has_cue)


def test_a_boundary_that_nearby_divisions_share_has_high_agreement() -> None:
    agreement = clues_of()[:, 1]
    assert clues_of().shape == (60, N_CLUES)
    assert agreement[10] == agreement[40] == 1.0  # 41 is a sentence away
    assert 0.0 < agreement[25] < 1.0
    assert agreement[30] == 0.0


def test_confidence_rises_with_agreement_score_and_cue_words() -> None:
    scores, has_cue = np.zeros(60), np.zeros(60, dtype=bool)
    scores[25], has_cue[25] = 3.0, True
    for coefficients in shipped_model().confidence.values():
        plain = confidence(clues_of(), coefficients)
        assert plain[10] > plain[25] > plain[30]
        assert confidence(clues_of(scores, has_cue), coefficients)[25] > plain[25]
        assert plain[0] == 1.0
        assert ((plain >= 0.0) & (plain <= 1.0)).all()
