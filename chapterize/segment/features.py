"""Input of the boundary scorer for each sentence."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chapterize.data import FloatArray, Sentence
from chapterize.segment.contrast import WINDOWS, WORD_WINDOWS, rises, standardise, word_contrasts

__all__ = ["N_BUCKETS", "N_FEATURES", "N_PLAIN", "gap_features", "opening_grams"]

_SHORTEST_RISE = 2
"""Index of the first window of words that is wide enough for its rises to be informative."""

N_PLAIN = 4 * len(WINDOWS) + 2
"""Number of leading features that use windows of sentences only."""
N_FEATURES = N_PLAIN + 6 * len(WORD_WINDOWS) - 2 * _SHORTEST_RISE

N_BUCKETS = 8192
"""Rows of the scorer's table of phrases; a phrase is known by its hash only."""

_OPENING = 10
"""Words at the start of a sentence that can announce something."""
_LONGEST_GRAM = 3
_LAST = 2

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def gap_features(
    vectors: tuple[FloatArray, FloatArray],
    contrasts: tuple[NDArray[np.float64], NDArray[np.float64]],
    sentences: Sequence[Sentence],
    has_cue: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Features of each sentence, shape (n, N_FEATURES).

    Contrasts of meaning and of wording over windows of sentences, standardised within this video
    and raw; cue words; length; the same contrasts over windows of words, and their rises.

    `vectors` : of the meaning and of the wording, shapes (n, d) and (n, e); `contrasts` : the
    `window_contrasts` of these; `has_cue` : shape (n,), whether the sentence has cue words.
    """
    lengths = np.array([len(sentence.text.split()) for sentence in sentences])
    by_words = [word_contrasts(each, np.maximum(lengths, 1.0)) for each in vectors]
    rows = [
        *(standardise(each) for each in contrasts),
        *(each - 0.5 for each in contrasts),
        has_cue[None],
        np.log1p(lengths)[None] / 3.0 - 0.7,
        *(standardise(each) for each in by_words),
        *(each - 0.5 for each in by_words),
        *(standardise(rises(each[_SHORTEST_RISE:])) for each in by_words),
    ]
    return np.vstack(rows).T.astype(np.float32)


def opening_grams(text: str) -> list[int]:
    """Buckets of the phrases that open a sentence, of its last words and of its final mark.

    An opening phrase is a run of one to three words among the first ten. Buckets ascend without
    repetition; all are in range(N_BUCKETS).
    """
    words = _WORD.findall(text.lower().replace("’", "'"))
    head = ["^", *words[:_OPENING]]
    grams = [
        " ".join(head[i : i + size])
        for size in range(1, _LONGEST_GRAM + 1)
        for i in range(len(head) - size + 1)
    ]
    last = text.rstrip()[-1:]
    grams.append("$" + ("a" if last.isalnum() else last))
    if words:
        grams.append("$ " + " ".join(words[-_LAST:]))
    grams.append(f"n{min(8, len(words).bit_length())}")
    return sorted({zlib.crc32(gram.encode("utf-8", "replace")) % N_BUCKETS for gram in grams})
