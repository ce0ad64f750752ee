"""Input of the boundary scorer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chapterize.data import Sentence
from chapterize.segment.contrast import running_sums, window_contrasts
from chapterize.segment.features import N_BUCKETS, N_FEATURES, gap_features, opening_grams


def _features(
    table: np.ndarray, wording: np.ndarray, sentences: Sequence[Sentence], has_cue: np.ndarray
) -> np.ndarray:
    meaning, spoken = (window_contrasts(running_sums(each)) for each in (table, wording))
    return gap_features((table, wording), (meaning, spoken), sentences, has_cue)


def test_similar_openings_share_phrases_and_others_do_not() -> None:
    first = opening_grams("So, let's talk about rollups for a moment.")
    second = opening_grams("so let’s talk about the weather, shall we?")
    other = opening_grams("Nobody had expected the price of copper")
    assert len({*first} & {*second}) > 8
    assert len({*first} & {*other}) <= 2
    assert first == sorted(set(first))
    assert 0 <= min(first) <= max(first) < N_BUCKETS


def test_only_the_opening_and_the_end_of_a_sentence_matter() -> None:
    opening = "now we come to the second part of the whole thing"
    first, second = (opening_grams(f"{opening} and {middle} it ends here") for middle in "ab")
    assert first == second
    assert opening_grams("Is it?") != opening_grams("Is it.")


def test_empty_and_damaged_text_have_phrases() -> None:
    for text in ("", "?!", "\ud800 broken", "次の話題です"):
        assert opening_grams(text)


def test_each_sentence_has_a_row_whatever_the_scale_of_the_vectors() -> None:
    random = np.random.default_rng(3)
    table, wording = random.normal(size=(2, 30, 8)).astype(np.float32)
    sentences = [Sentence(i, i + 1, "some words here") for i in range(30)]
    has_cue = np.arange(30) == 7
    rows = _features(table, wording, sentences, has_cue)
    halved = _features(table / 2, wording / 2, sentences, has_cue)
    assert rows.shape == (30, N_FEATURES)
    np.testing.assert_allclose(rows, halved, atol=1e-3)
    assert rows[:, 20].tolist() == has_cue.tolist()


def test_sentences_without_words_have_features() -> None:
    zeros = np.zeros((3, 4), dtype=np.float32)
    rows = _features(zeros, zeros, [Sentence(i, i + 1, "") for i in range(3)], np.zeros(3, bool))
    assert np.isfinite(rows).all()
