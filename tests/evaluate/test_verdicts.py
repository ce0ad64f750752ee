"""Verdicts on titles: shares and their intervals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapterize.evaluate import VERDICTS, Judged, count_verdicts, wilson


def test_the_interval_is_that_of_wilson() -> None:
    # Newcombe 1998, table I: 81 of 263, and 0 of 20.
    found = wilson(81, 263)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20).high == pytest.approx(0.1611, abs=5e-5)


@given(st.integers(1, 500), st.data())
def test_the_share_is_inside_its_interval_and_the_interval_in_0_to_1(
    n: int, data: st.DataObject
) -> None:
    found = wilson(data.draw(st.integers(0, n)), n)
    assert found.low is not None
    assert found.high is not None
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0
    assert found.n == n


def judged(method: str, verdict: str | None, title: str = "Bread") -> Judged:
    return Judged(method, "kitchen", title, "Baking bread", verdict)


def test_verdicts_are_counted_by_method() -> None:
    found = count_verdicts(
        [judged("b", "keep"), judged("a", "edit"), judged("b", "delete"), judged("b", None)]
    )
    assert list(found) == ["b", "a"]
    assert (found["b"].n, found["b"].n_open) == (2, 1)
    assert [found["b"].shares[each].value for each in VERDICTS] == [0.5, 0.0, 0.5]
    assert found["a"].shares["edit"].value == 1.0


def test_rouge_is_over_the_judged_titles() -> None:
    rows = [judged("a", "keep", "Baking bread"), judged("a", "edit", "Bread")]
    found = count_verdicts([*rows, judged("a", None, "Taxes")])["a"]
    assert found.rouge == pytest.approx((1.0 + 2 / 3) / 2)


def test_a_method_without_verdicts_has_no_shares() -> None:
    found = count_verdicts([judged("a", None)])["a"]
    assert (found.n, found.n_open, dict(found.shares), found.rouge) == (0, 1, {}, None)
