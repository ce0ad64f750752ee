"""Tests of chapterize.segment.markers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Boundaries, Sentence, Signals, Vectors
from chapterize.segment import SegmentOptions, segment
from chapterize.segment.markers import marked_sentences

STARTS = np.arange(0.0, 600.0, 5.0)


def _marked(
    markers: list[float], starts: NDArray[np.float64], bonus: NDArray[np.float64], late: float = 2.0
) -> dict[int, float]:
    return marked_sentences(starts, bonus, Signals(markers=tuple(markers), lateness=late))


def test_a_marker_is_expected_a_little_late() -> None:
    assert _marked([203.0], STARTS, np.zeros(len(STARTS))) == {40: 203.0}
    assert _marked([199.0], STARTS, np.zeros(len(STARTS))) == {39: 199.0}


def test_a_time_that_is_exact_is_expected_at_its_sentence() -> None:
    assert _marked([200.0], STARTS, np.zeros(len(STARTS)), late=0.0) == {40: 200.0}


def test_a_better_sentence_near_the_marker_is_taken() -> None:
    bonus = np.zeros(len(STARTS))
    bonus[38] = 3.0
    assert _marked([203.0], STARTS, bonus) == {38: 203.0}
    bonus[30] = 9.0
    assert _marked([203.0], STARTS, bonus) == {38: 203.0}


def test_the_first_sentence_is_never_marked_and_a_sentence_is_marked_once() -> None:
    assert 0 not in _marked([1.0], STARTS, np.zeros(len(STARTS)))
    assert _marked([203.0, 203.5], STARTS, np.zeros(len(STARTS))) == {40: 203.0}
    assert _marked([20.0], STARTS[:1], np.zeros(1)) == {}
    assert _marked([200.0], np.array([0.0, 300.0]), np.zeros(2)) == {1: 200.0}


def _segment(markers: tuple[float, ...], options: SegmentOptions | None = None) -> Boundaries:
    sentences = [Sentence(at, at + 5.0, f"Sentence {at}.") for at in STARTS.tolist()]
    vectors = Vectors(np.tile(np.array([[1.0, 0.0]], dtype=np.float32), (len(sentences), 1)))
    return segment(
        sentences, vectors, 600.0, signals=Signals(markers=markers, lateness=2.0), options=options
    )


def test_chapters_start_at_the_markers_and_are_as_many() -> None:
    found = _segment((103.0, 203.0, 303.0, 403.0, 503.0))
    at = found.solutions[found.chosen]
    assert [found.starts[i] for i in at] == [0, 100, 200, 300, 400, 500]
    assert found.how == "from 5 markers"
    assert found.likely is None
    assert found.evidence[20].marker == 103.0
    assert found.evidence[21].marker is None


def test_few_markers_in_a_long_recording_are_not_all_chapters() -> None:
    found = _segment((103.0,))
    assert found.how == "estimated from the length"
    assert found.chosen > 2
    assert 20 in found.solutions[found.chosen]


def test_a_count_is_kept_with_markers() -> None:
    found = _segment((103.0, 203.0, 303.0), SegmentOptions(count=2))
    assert found.chosen == 2
    assert found.solutions[2][1] in (20, 40, 60)
