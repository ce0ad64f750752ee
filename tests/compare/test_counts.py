"""Counts that know more than the length."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from chapterize.compare.counts import ONE_CLICK, better_counts, lists_of
from chapterize.data import Boundaries
from chapterize.evaluate import Document
from chapterize.segment import SegmentOptions
from tests.compare.documents import document


def divided(n_counts: int = 40, **changes: object) -> Boundaries:
    """An hour with every number of chapters up to `n_counts`, evenly spaced."""
    starts = np.arange(0.0, 3600.0, 5.0)
    solutions = {
        n: tuple(int(at) for at in np.linspace(0, len(starts), n, endpoint=False))
        for n in range(1, n_counts + 1)
    }
    fields = {"chosen": 9, "granularities": {"coarse": 5, "normal": 9, "fine": 15}} | changes
    return Boundaries(
        starts=starts,
        scores=np.zeros(len(starts), dtype=np.float32),
        confidence=np.zeros(len(starts), dtype=np.float32),
        evidence=(),
        solutions=solutions,
        how="",
        **fields,  # type: ignore[arg-type]
    )


def hour(name: str, n_chapters: int, **changes: object) -> Document:
    return document(name, duration=3600.0, boundaries=tuple(range(n_chapters)), **changes)


def counts(n_others: list[int], n_own: int = 9) -> dict[str, list[int]]:
    own = hour("own", n_own)
    others = [hour(f"o{at}", n) for at, n in enumerate(n_others)]
    lists = lists_of([own, *others])
    return better_counts(own, divided(), lists, SegmentOptions())


def test_one_fine_document_makes_the_next_finer_and_three_more_so() -> None:
    found = counts([30, 30, 30])
    (one,), (three,) = set(found["1 earlier"]), set(found["3 earlier"])
    assert 9 < one < three < 30


def test_the_document_itself_is_never_learned_from() -> None:
    assert counts([9, 9, 9, 9], n_own=40)["3 earlier"] == counts([9, 9, 9, 9], n_own=2)["3 earlier"]


def test_draws_differ_and_are_the_same_every_time() -> None:
    found = counts([4, 30])["1 earlier"]
    assert len(found) == 10
    assert len(Counter(found)) == 2
    assert found == counts([4, 30])["1 earlier"]


def test_methods_without_enough_documents_are_left_out() -> None:
    assert list(counts([9, 9])) == ["1 earlier", ONE_CLICK]
    assert list(counts([])) == [ONE_CLICK]
    # One chapter says nothing about how finely people cut.
    assert list(counts([1, 1])) == [ONE_CLICK]


def test_documents_without_times_are_a_source_of_their_own() -> None:
    own = hour("own", 9)
    lists = lists_of([own, hour("other", 9, is_timed=False)])
    assert list(better_counts(own, divided(), lists, SegmentOptions())) == [ONE_CLICK]


@pytest.mark.parametrize(("n_own", "chosen"), [(2, 5), (6, 5), (8, 9), (9, 9), (12, 15), (90, 15)])
def test_one_click_takes_the_granularity_nearest_to_the_reference(n_own: int, chosen: int) -> None:
    assert counts([], n_own=n_own)[ONE_CLICK] == [chosen]
