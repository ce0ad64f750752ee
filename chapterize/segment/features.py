"""What the boundary scorer is told of each sentence."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Sentence
from chapterize.segment.contrast import WINDOWS, standardise

__all__ = ["N_BUCKETS", "N_FEATURES", "gap_features", "opening_grams"]

N_FEATURES = 4 * len(WINDOWS) + 2

N_BUCKETS = 8192
"""Rows of the scorer's table of phrases; phrases are told apart by their hash alone."""

_OPENING = 10
"""Words of a sentence in which it can announce something."""
_LONGEST_GRAM = 3
_LAST = 2

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def gap_features(
    meaning: NDArray[np.float64],
    wording: NDArray[np.float64],
    sentences: Sequence[Sentence],
    cued: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Contrasts of both kinds, standardised within this video and as they are; cue words; length.

    `meaning` and `wording` : shape (len(WINDOWS), n), as `window_contrasts` gives them. `cued` :
    shape (n,). Returns shape (n, N_FEATURES).
    """
    lengths = np.array([len(sentence.text.split()) for sentence in sentences])
    rows = [
        standardise(meaning),
        standardise(wording),
        meaning - 0.5,
        wording - 0.5,
        cued[None],
        np.log1p(lengths)[None] / 3.0 - 0.7,
    ]
    return np.vstack(rows).T.astype(np.float32)


def opening_grams(text: str) -> list[int]:
    """Bucket of each run of one to three words at the beginning, of the last words and the mark.

    Ascending, each once; all in range(N_BUCKETS).
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
