"""Reliability tables."""

from __future__ import annotations

import pytest

from chapterize.evaluate import reliability


def test_the_error_is_the_gap_weighted_by_what_the_bins_hold() -> None:
    # Four at .35 of which one is true, one at .9 that is: 0.8 * 0.10 + 0.2 * 0.10.
    found = reliability([0.35] * 4 + [0.9], [True, False, False, False, True])
    assert found.error == pytest.approx(0.8 * 0.10 + 0.2 * 0.10)
    assert found.n == 5
    assert [each.n for each in found.bins] == [0, 0, 0, 4, 0, 0, 0, 0, 0, 1]
    assert found.bins[3].hits == pytest.approx(0.25)
    assert found.bins[0].hits is None


def test_a_perfect_statement_has_no_error_and_certainty_has_its_bin() -> None:
    found = reliability([1.0, 1.0, 0.0], [True, True, False])
    assert found.error == 0.0
    assert found.bins[-1].n == 2
    assert (found.bins[-1].low, found.bins[-1].high) == (0.9, 1.0)


def test_no_boundary_has_no_error() -> None:
    assert reliability([], []).error is None
