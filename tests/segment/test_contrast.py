"""Contrasts between the text before and after a sentence."""

from __future__ import annotations

import numpy as np

from chapterize.segment.contrast import (
    WINDOWS,
    contrasts_of,
    novelty,
    running_sums,
    topic_drops,
    window_contrasts,
    window_products,
)


def _two_topics(n: int) -> np.ndarray:
    vectors = np.zeros((2 * n, 2))
    vectors[:n, 0] = vectors[n:, 1] = 1.0
    return vectors


def test_the_contrast_peaks_at_the_sentence_that_begins_the_new_topic() -> None:
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


def test_products_of_vectors_side_by_side_are_the_sum_of_those_of_each() -> None:
    random = np.random.default_rng(4)
    first, second = random.normal(size=(2, 60, 8))
    together = window_products(running_sums(np.hstack([first, second])))
    apart = window_products(running_sums(first)) + window_products(running_sums(second))
    np.testing.assert_allclose(together, apart, atol=1e-9)
    np.testing.assert_allclose(
        contrasts_of(apart), window_contrasts(running_sums(np.hstack([first, second]))), atol=1e-9
    )


def test_a_long_talk_is_compared_in_pieces_without_a_seam() -> None:
    vectors = np.random.default_rng(6).normal(size=(2100, 4))
    whole = window_contrasts(running_sums(vectors))
    late = window_contrasts(running_sums(vectors[1900:]))
    np.testing.assert_allclose(whole[:, 2000:], late[:, 100:], atol=1e-9)
