"""Contrasts between the text before and after a sentence, over sentences and over words."""

from __future__ import annotations

import numpy as np
import pytest

from chapterize.segment.contrast import (
    WINDOWS,
    WORD_WINDOWS,
    contrasts_of,
    novelty,
    rises,
    running_sums,
    topic_drops,
    window_contrasts,
    window_products,
    word_contrasts,
)


def _two_topics(n: int) -> np.ndarray:
    vectors = np.zeros((2 * n, 2))
    vectors[:n, 0] = vectors[n:, 1] = 1.0
    return vectors


def test_contrast_peaks_at_the_first_sentence_of_the_new_topic() -> None:
    contrasts = window_contrasts(running_sums(_two_topics(40)))
    assert contrasts.shape == (len(WINDOWS), 80)
    for row in contrasts:
        assert row.argmax() == 40
        assert row[40] == 1.0


def test_element_zero_is_zero_everywhere() -> None:
    contrasts = window_contrasts(running_sums(np.random.default_rng(1).normal(size=(50, 8))))
    assert not contrasts[:, 0].any()
    assert novelty(contrasts)[0] == 0.0
    assert topic_drops(contrasts)[0] == 0.0


def test_zero_vectors_give_no_contrast_and_no_nan() -> None:
    contrasts = window_contrasts(running_sums(np.zeros((10, 1))))
    assert not contrasts.any()
    assert np.isfinite(novelty(contrasts)).all()


def test_drops_are_between_zero_and_one_and_highest_at_the_change() -> None:
    drops = topic_drops(window_contrasts(running_sums(_two_topics(40))))
    assert drops.min() >= 0.0
    assert drops.max() <= 1.0
    assert drops.argmax() == 40


def test_one_sentence_has_no_novelty() -> None:
    assert novelty(window_contrasts(np.array([[0.0], [1.0]]))).tolist() == [0.0]


def test_products_of_concatenated_vectors_are_the_sum_over_the_parts() -> None:
    random = np.random.default_rng(4)
    first, second = random.normal(size=(2, 60, 8))
    together = window_products(running_sums(np.hstack([first, second])))
    apart = window_products(running_sums(first)) + window_products(running_sums(second))
    np.testing.assert_allclose(together, apart, atol=1e-9)
    np.testing.assert_allclose(
        contrasts_of(apart), window_contrasts(running_sums(np.hstack([first, second]))), atol=1e-9
    )


def test_windows_of_sentences_cross_block_boundaries() -> None:
    vectors = np.random.default_rng(6).normal(size=(2100, 4))
    whole = window_contrasts(running_sums(vectors))
    late = window_contrasts(running_sums(vectors[1900:]))
    np.testing.assert_allclose(whole[:, 2000:], late[:, 100:], atol=1e-9)


@pytest.mark.parametrize("length", [3.0, 10.0, 31.0])
def test_contrast_over_words_peaks_at_the_topic_change_for_any_sentence_length(
    length: float,
) -> None:
    contrasts = word_contrasts(_two_topics(150).astype(np.float32), np.full(300, length))
    assert contrasts.shape == (len(WORD_WINDOWS), 300)
    for row in contrasts:
        assert row.argmax() == 150
        assert row[150] == pytest.approx(1.0)


def test_with_ten_words_per_sentence_both_kinds_of_windows_agree() -> None:
    vectors = np.random.default_rng(2).normal(size=(80, 6)).astype(np.float32)
    by_words = word_contrasts(vectors, np.full(80, 10.0))
    np.testing.assert_allclose(by_words[:4], window_contrasts(running_sums(vectors))[:4], atol=1e-6)


def test_a_window_takes_the_covered_part_of_a_sentence() -> None:
    vectors = np.eye(3, dtype=np.float32)
    contrasts = word_contrasts(vectors, np.array([40.0, 10.0, 30.0]))
    # Before the last: ten words of the second sentence and ten of the first.
    assert contrasts[0, 2] == pytest.approx(1.0)
    same = word_contrasts(vectors[[0, 1, 0]], np.array([40.0, 10.0, 30.0]))
    assert same[0, 2] == pytest.approx(1.0 - np.sqrt(0.5))


def test_zero_vectors_give_no_contrast_over_words() -> None:
    assert not word_contrasts(np.zeros((5, 3), dtype=np.float32), np.ones(5)).any()


def test_windows_of_words_cross_block_boundaries() -> None:
    random = np.random.default_rng(6)
    vectors, words = random.normal(size=(2300, 4)).astype(np.float32), np.full(2300, 12.0)
    late = word_contrasts(vectors[1900:], words[1900:])
    np.testing.assert_allclose(word_contrasts(vectors, words)[:, 2000:], late[:, 100:], atol=1e-6)


def test_rises_are_measured_from_the_valleys_on_both_sides() -> None:
    found = rises(np.array([[0.2, 0.1, 0.5, 0.9, 0.4, 0.6], [1.0] * 6]))
    np.testing.assert_allclose(found[0], [0.1, 0.0, 0.4, 1.3, 0.0, 0.2], atol=1e-12)
    assert not found[1].any()
