"""Bootstrap intervals against known values."""

from __future__ import annotations

import numpy as np
import pytest

from chapterize.evaluate.bootstrap import N_DRAWS, macro_figure, resample


def test_the_interval_of_a_large_sample_is_the_normal_interval() -> None:
    values = np.random.default_rng(1).normal(10.0, 2.0, 400)
    found = macro_figure({"s": values})
    reach = 1.96 * values.std() / 20
    assert found.low == pytest.approx(values.mean() - reach, abs=0.03)
    assert found.high == pytest.approx(values.mean() + reach, abs=0.03)
    assert found.value == pytest.approx(values.mean())


def test_two_documents_give_three_possible_means() -> None:
    draws = resample(np.array([0.0, 1.0]), seed="s")
    assert set(draws) == {0.0, 0.5, 1.0}
    assert np.mean(draws == 0.5) == pytest.approx(0.5, abs=0.05)
    assert len(draws) == N_DRAWS


def test_one_document_has_no_interval() -> None:
    found = macro_figure({"s": np.array([0.3])})
    assert (found.value, found.low, found.high, found.n) == (0.3, None, None, 1)
    assert macro_figure({"a": np.array([0.1, 0.2]), "b": np.array([0.3])}).low is None


def test_the_draws_are_the_same_every_time_and_differ_between_sources() -> None:
    values = np.arange(30.0)
    assert macro_figure({"a": values}) == macro_figure({"a": values})
    assert not np.array_equal(resample(values, seed="a"), resample(values, seed="b"))


def test_two_methods_are_resampled_together() -> None:
    hard = np.random.default_rng(2).random(20)
    ours = resample(hard + 0.1, seed="s")
    theirs = resample(hard, seed="s")
    assert ours - theirs == pytest.approx(np.full(N_DRAWS, 0.1))


def test_f1_is_that_of_mean_precision_and_mean_recall() -> None:
    # Means of .5 and .25: 2 · .125 / .75. The mean of both F1 would be 0.
    values = np.array([[1.0, 0.0], [0.0, 0.5]])
    assert macro_figure({"s": values}, statistic="f1").value == pytest.approx(1 / 3)
    assert macro_figure({"s": np.zeros((3, 2))}, statistic="f1").value == 0.0


def test_the_difference_of_two_methods_is_paired() -> None:
    hard = np.random.default_rng(2).random((20, 2)) / 2
    found = macro_figure({"s": hard}, statistic="f1", less={"s": hard})
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)
    ahead = macro_figure({"s": hard[:, 0] + 0.1}, less={"s": hard[:, 0]})
    assert [ahead.low, ahead.value, ahead.high] == pytest.approx([0.1, 0.1, 0.1])


def test_macro_is_the_mean_of_sources_and_not_of_documents() -> None:
    many, few = np.linspace(0.0, 0.2, 50), np.array([0.9, 0.9])
    found = macro_figure({"many": many, "few": few})
    assert found.value == pytest.approx(0.5)
    assert found.n == 52
    assert found.low is not None
    assert found.high is not None
    # Only the first source varies, and it has half the weight.
    alone = macro_figure({"many": many})
    assert alone.low is not None
    assert alone.high is not None
    assert found.high - found.low == pytest.approx((alone.high - alone.low) / 2)


def test_ratios_are_summarised_by_their_median() -> None:
    values = np.array([0.5, 1.0, 9.0])
    assert macro_figure({"s": values}, statistic="median").value == 1.0
