"""Contrasts over windows of words."""

from __future__ import annotations

import numpy as np
import pytest

from chapterize.segment.contrast import running_sums, window_contrasts
from chapterize.segment.word_windows import WORD_WINDOWS, rises, word_contrasts


def _two_topics(n: int) -> np.ndarray:
    vectors = np.zeros((2 * n, 2), dtype=np.float32)
    vectors[:n, 0] = vectors[n:, 1] = 1.0
    return vectors


@pytest.mark.parametrize("length", [3.0, 10.0, 31.0])
def test_the_contrast_peaks_where_the_topic_changes_however_long_sentences_are(
    length: float,
) -> None:
    contrasts = word_contrasts(_two_topics(150), np.full(300, length))
    assert contrasts.shape == (len(WORD_WINDOWS), 300)
    for row in contrasts:
        assert row.argmax() == 150
        assert row[150] == pytest.approx(1.0)


def test_sentences_of_ten_words_give_what_windows_of_sentences_give() -> None:
    vectors = np.random.default_rng(2).normal(size=(80, 6)).astype(np.float32)
    by_words = word_contrasts(vectors, np.full(80, 10.0))
    np.testing.assert_allclose(by_words[:4], window_contrasts(running_sums(vectors))[:4], atol=1e-6)


def test_a_window_takes_the_part_of_a_sentence_that_lies_inside() -> None:
    vectors = np.eye(3, dtype=np.float32)
    contrasts = word_contrasts(vectors, np.array([40.0, 10.0, 30.0]))
    # Before the last: ten words of the second sentence and ten of the first.
    assert contrasts[0, 2] == pytest.approx(1.0)
    same = word_contrasts(vectors[[0, 1, 0]], np.array([40.0, 10.0, 30.0]))
    assert same[0, 2] == pytest.approx(1.0 - np.sqrt(0.5))


def test_nothing_known_gives_no_contrast() -> None:
    assert not word_contrasts(np.zeros((5, 3), dtype=np.float32), np.ones(5)).any()


def test_a_long_talk_is_compared_in_pieces_without_a_seam() -> None:
    random = np.random.default_rng(6)
    vectors, words = random.normal(size=(2300, 4)).astype(np.float32), np.full(2300, 12.0)
    late = word_contrasts(vectors[1900:], words[1900:])
    np.testing.assert_allclose(word_contrasts(vectors, words)[:, 2000:], late[:, 100:], atol=1e-6)


def test_rises_count_from_the_valleys_on_both_sides() -> None:
    found = rises(np.array([[0.2, 0.1, 0.5, 0.9, 0.4, 0.6], [1.0] * 6]))
    np.testing.assert_allclose(found[0], [0.1, 0.0, 0.4, 1.3, 0.0, 0.2], atol=1e-12)
    assert not found[1].any()
