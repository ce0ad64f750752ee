"""Measures on unit indices, by hand and against segeval."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from chapterize.evaluate import boundary_similarity, pk, window_diff
from chapterize.evaluate.units import window_size

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import segeval


def masses(division: tuple[int, ...], n_units: int) -> tuple[int, ...]:
    return tuple(int(width) for width in np.diff([*division, n_units]))


def random_pairs(n_pairs: int) -> list[tuple[tuple[int, ...], tuple[int, ...], int]]:
    """Pairs of divisions of one text, dense ones among them, so that neighbours chain."""
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


def test_the_window_agrees_with_segeval_where_halves_are_rounded() -> None:
    for n_units in range(2, 60):
        for division in ((0,), (0, 1)):
            theirs = segeval.compute_window_size(masses(division, n_units))
            assert window_size(division, n_units) == theirs


def test_a_boundary_beside_the_true_one_counts_half() -> None:
    assert boundary_similarity((0, 10), (0, 10)) == 1.0
    assert boundary_similarity((0, 10), (0, 11)) == pytest.approx(0.5)
    assert boundary_similarity((0, 10), (0, 12)) == 0.0
    assert boundary_similarity((0, 10, 20), (0, 10)) == pytest.approx(0.5)
    assert boundary_similarity((0,), (0,)) == 1.0


def test_pk_of_no_boundary_is_the_share_of_windows_with_one() -> None:
    # 20 units in two segments: windows of 5, of which 5 of 15 hold the boundary.
    assert window_size((0, 10), 20) == 5
    assert pk((0, 10), (0,), 20) == pytest.approx(1 / 3)
    assert window_diff((0, 10), (0,), 20) == pytest.approx(1 / 3)


def test_window_diff_sees_what_pk_does_not() -> None:
    # Two boundaries where there is one: both windows' ends lie apart either way.
    assert pk((0, 10), (0, 10, 11), 20) < window_diff((0, 10), (0, 10, 11), 20)


def test_a_text_shorter_than_its_window_is_without_fault() -> None:
    assert pk((0,), (0, 1), 2) == 0.0
    assert window_diff((0, 1), (0,), 2) == 0.0
