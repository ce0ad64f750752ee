"""Closeness of two lists of chapters, in seconds."""

import pytest

from chapterize.evaluate import f1, match_starts, tiou_f1


def test_pairs_are_one_to_one_and_nearest_first() -> None:
    assert match_starts([100.0], [95.0, 101.0], 10.0) == 1
    assert match_starts([100.0, 108.0], [107.0], 10.0) == 1
    assert match_starts([100.0, 108.0], [107.0, 99.0], 10.0) == 2


def test_a_pair_just_beyond_the_tolerance_does_not_count() -> None:
    assert match_starts([100.0], [110.0], 10.0) == 1
    assert match_starts([100.0], [110.1], 10.0) == 0


def test_the_first_start_earns_nothing() -> None:
    assert f1([0.0, 50.0], [0.0, 90.0], 5.0) == 0.0
    assert f1([0.0, 50.0], [0.0, 52.0, 90.0], 5.0) == pytest.approx(2 / 3)
    assert f1([0.0], [0.0], 5.0) == 1.0
    assert f1([0.0, 50.0], [0.0], 5.0) == 0.0


def test_tiou_is_one_for_the_same_list_and_counts_thresholds_between() -> None:
    assert tiou_f1([0.0, 50.0], [0.0, 50.0], 100.0) == pytest.approx(1.0)
    # One chapter of 100 s over two of 50 s: IoU .5 with each, found at the first threshold alone.
    assert tiou_f1([0.0, 50.0], [0.0], 100.0) == pytest.approx(0.1)
    # 41 of 50 s and 50 of 59 s: IoU .82 and .847 pass the seven thresholds up to .80.
    assert tiou_f1([0.0, 50.0], [0.0, 41.0], 100.0) == pytest.approx(0.7)
