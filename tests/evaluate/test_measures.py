"""Measures, worked by hand and against segeval."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from chapterize.evaluate import (
    boundary_similarity,
    chunk_hits,
    f1,
    match_starts,
    pk,
    reliability,
    rouge_l,
    tiou_f1,
    title_rouge,
    window_diff,
)
from chapterize.evaluate.measures import window_size

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import segeval


def masses(division: tuple[int, ...], n_units: int) -> tuple[int, ...]:
    return tuple(int(width) for width in np.diff([*division, n_units]))


def random_pairs(n_pairs: int) -> list[tuple[tuple[int, ...], tuple[int, ...], int]]:
    """Pairs of divisions of one text; some are dense, so that neighbours form chains."""
    rng = np.random.default_rng(5)
    pairs = []
    for _ in range(n_pairs):
        n_units = int(rng.integers(3, 60))
        both = []
        for _ in range(2):
            count = int(rng.integers(1, min(n_units, 25) + 1))
            inner = rng.choice(np.arange(1, n_units), count - 1, replace=False)
            both.append((0, *sorted(inner.tolist())))
        pairs.append((both[0], both[1], n_units))
    return pairs


PAIRS = random_pairs(150)


def test_pk_agrees_with_segeval() -> None:
    for true, found, n in PAIRS:
        theirs = segeval.pk(masses(found, n), masses(true, n))
        assert pk(true, found, n) == pytest.approx(float(theirs)), (true, found, n)


def test_window_diff_agrees_with_segeval() -> None:
    for true, found, n in PAIRS:
        theirs = segeval.window_diff(masses(found, n), masses(true, n))
        assert window_diff(true, found, n) == pytest.approx(float(theirs)), (true, found, n)


def test_boundary_similarity_agrees_with_segeval() -> None:
    for true, found, n in PAIRS:
        theirs = segeval.boundary_similarity(masses(found, n), masses(true, n), n_t=2)
        assert boundary_similarity(true, found) == pytest.approx(float(theirs)), (true, found, n)


def test_the_window_size_agrees_with_segeval_on_halves() -> None:
    for n_units in range(2, 60):
        for division in ((0,), (0, 1)):
            theirs = segeval.compute_window_size(masses(division, n_units))
            assert window_size(division, n_units) == theirs


def test_a_boundary_one_unit_off_counts_half() -> None:
    assert boundary_similarity((0, 10), (0, 10)) == 1.0
    assert boundary_similarity((0, 10), (0, 11)) == pytest.approx(0.5)
    assert boundary_similarity((0, 10), (0, 12)) == 0.0
    assert boundary_similarity((0, 10, 20), (0, 10)) == pytest.approx(0.5)
    assert boundary_similarity((0,), (0,)) == 1.0


def test_pk_without_boundaries_is_the_share_of_windows_with_one() -> None:
    # 20 units in two segments: windows of 5; the boundary is in 5 of 15.
    assert window_size((0, 10), 20) == 5
    assert pk((0, 10), (0,), 20) == pytest.approx(1 / 3)
    assert window_diff((0, 10), (0,), 20) == pytest.approx(1 / 3)


def test_window_diff_counts_an_extra_boundary_that_pk_ignores() -> None:
    # Two boundaries instead of one: the ends of a window are in different segments either way.
    assert pk((0, 10), (0, 10, 11), 20) < window_diff((0, 10), (0, 10, 11), 20)


def test_a_text_shorter_than_its_window_has_no_error() -> None:
    assert pk((0,), (0, 1), 2) == 0.0
    assert window_diff((0, 1), (0,), 2) == 0.0


def test_pairs_are_one_to_one_and_nearest_first() -> None:
    assert match_starts([100.0], [95.0, 101.0], 10.0) == 1
    assert match_starts([100.0, 108.0], [107.0], 10.0) == 1
    assert match_starts([100.0, 108.0], [107.0, 99.0], 10.0) == 2


def test_a_pair_just_beyond_the_tolerance_does_not_count() -> None:
    assert match_starts([100.0], [110.0], 10.0) == 1
    assert match_starts([100.0], [110.1], 10.0) == 0


def test_the_first_start_does_not_count() -> None:
    assert f1([0.0, 50.0], [0.0, 90.0], 5.0) == 0.0
    assert f1([0.0, 50.0], [0.0, 52.0, 90.0], 5.0) == pytest.approx(2 / 3)
    assert f1([0.0], [0.0], 5.0) == 1.0
    assert f1([0.0, 50.0], [0.0], 5.0) == 0.0


def test_a_chunk_with_several_starts_counts_once_and_the_first_start_does_not() -> None:
    # Chunks 2 and 8 of ten hold a start of the reference, 2, 3 and 8 one of ours.
    true, found = [0.0, 13.0, 17.9, 50.0], [0.0, 12.0, 18.0, 53.0]
    assert chunk_hits(true, found, 60.0) == pytest.approx((2 / 3, 1.0))
    assert chunk_hits([0.0], [0.0, 12.0], 60.0) == (0.0, 0.0)


def test_starts_in_an_incomplete_last_chunk_do_not_count() -> None:
    # 65 s have ten whole chunks; a start at their very end belongs to the last one.
    assert chunk_hits([0.0, 60.0], [0.0, 55.0], 65.0) == (1.0, 1.0)
    assert chunk_hits([0.0, 61.0], [0.0, 61.0], 65.0) == (0.0, 0.0)
    assert chunk_hits([0.0, 2.0], [0.0, 2.0], 5.0) == (0.0, 0.0)


def test_tiou_averages_over_its_thresholds() -> None:
    assert tiou_f1([0.0, 50.0], [0.0, 50.0], 100.0) == pytest.approx(1.0)
    # One chapter of 100 s over two of 50 s: IoU .5 with each, found at the first threshold only.
    assert tiou_f1([0.0, 50.0], [0.0], 100.0) == pytest.approx(0.1)
    # 41 of 50 s and 50 of 59 s: IoU .82 and .847 pass the seven thresholds up to .80.
    assert tiou_f1([0.0, 50.0], [0.0, 41.0], 100.0) == pytest.approx(0.7)


def test_rouge_is_the_f1_of_the_longest_common_subsequence() -> None:
    # "the cat the mat" of 6 and 5 words: 2 * 4 / 11.
    assert rouge_l("the cat sat on the mat", "the cat lay, the mat") == pytest.approx(8 / 11)
    # Order counts: "police ended" is not in sequence with "the gunman".
    assert rouge_l("police killed the gunman", "the gunman killed police") == pytest.approx(4 / 8)
    assert rouge_l("Bread", "stars") == 0.0


def test_case_and_punctuation_do_not_count() -> None:
    assert rouge_l("Let's bake: Bread!", "let s bake bread") == 1.0


def test_titles_without_words_score_zero() -> None:
    assert rouge_l("…", "…") == 0.0
    assert rouge_l("", "bread") == 0.0


def test_scripts_without_spaces_are_compared_by_characters() -> None:
    # Three of the four characters in sequence, of five and four.
    assert rouge_l("星空の観察", "星の観測") == pytest.approx(2 * 3 / 9)
    assert rouge_l("Python入門", "python 入門") == 1.0


def test_the_same_division_is_compared_title_by_title() -> None:
    found = title_rouge((0, 5), ("bread", "stars"), (0, 5), ("bread", "bread"), 10)
    assert found == pytest.approx(0.5)


def test_each_reference_chapter_is_compared_with_the_one_that_covers_it_most() -> None:
    # [0, 6) shares 2 units with "a" and 4 with "b"; [6, 10) is inside "b".
    titles = ("b", "b")
    assert title_rouge((0, 6), titles, (0, 2), ("a", "b"), 10) == 1.0
    # Equal shares: the earlier.
    assert title_rouge((0,), ("a",), (0, 5), ("a", "b"), 10) == 1.0


def test_chapters_without_a_title_are_left_out() -> None:
    assert title_rouge((0, 5), (None, "stars"), (0, 5), ("x", "stars"), 10) == 1.0
    assert title_rouge((0,), (None,), (0,), ("x",), 10) is None


def test_the_calibration_error_is_the_gap_weighted_by_bin_size() -> None:
    # Four at .35, one of them true, and a true one at .9: 0.8 * 0.10 + 0.2 * 0.10.
    found = reliability([0.35] * 4 + [0.9], [True, False, False, False, True])
    assert found.error == pytest.approx(0.8 * 0.10 + 0.2 * 0.10)
    assert found.n == 5
    assert [each.n for each in found.bins] == [0, 0, 0, 4, 0, 0, 0, 0, 0, 1]
    assert found.bins[3].hits == pytest.approx(0.25)
    assert found.bins[0].hits is None


def test_perfect_confidence_has_no_error_and_1_is_in_the_last_bin() -> None:
    found = reliability([1.0, 1.0, 0.0], [True, True, False])
    assert found.error == 0.0
    assert found.bins[-1].n == 2
    assert (found.bins[-1].low, found.bins[-1].high) == (0.9, 1.0)


def test_without_boundaries_there_is_no_calibration_error() -> None:
    assert reliability([], []).error is None
