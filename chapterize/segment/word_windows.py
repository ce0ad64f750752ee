"""How unlike the text before and after each sentence is, over as many words on either side.

Sentences of raw utterances are short, and windows of them see little; windows of words see as much
of every kind of speech, as those of TextTiling (Hearst 1997) do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chapterize.segment.contrast import contrasts_of, running_sums

if TYPE_CHECKING:
    from chapterize.data import FloatArray

__all__ = ["WORD_WINDOWS", "rises", "word_contrasts"]

Floats = NDArray[np.float64]

WORD_WINDOWS = (20, 40, 80, 160, 320)
"""Words on each side that are compared."""

_BLOCK = 2048
"""Sentences compared at once, so that a day of speech does not fill the memory."""


def word_contrasts(vectors: FloatArray, n_words: Floats) -> Floats:
    """One minus the cosine between the windows before and after each sentence.

    A sentence weighs what it has words, and a window takes of it what lies inside. Windows are cut
    at the ends; where one side holds no known word the contrast is 0.

    Parameters
    ----------
    vectors : shape (n_sentences, d).
    n_words : shape (n_sentences,), all above 0.

    Returns
    -------
    shape (len(WORD_WINDOWS), n_sentences), each value in [0, 2].
    """
    n = len(vectors)
    places = np.append(0.0, np.cumsum(n_words))
    sums = running_sums(vectors * n_words[:, None].astype(np.float32))

    def sums_at(words: Floats) -> Floats:
        words = np.clip(words, 0.0, places[-1])
        i = np.clip(np.searchsorted(places, words, side="right") - 1, 0, n - 1)
        inside = ((words - places[i]) / n_words[i])[:, None]
        found: Floats = sums[i] * (1 - inside) + sums[i + 1] * inside
        return found

    products = np.zeros((3, len(WORD_WINDOWS), n))
    for start in range(0, n, _BLOCK):
        here = np.arange(start, min(n, start + _BLOCK))
        for found, window in zip(products.swapaxes(0, 1), WORD_WINDOWS, strict=True):
            before = sums[here] - sums_at(places[here] - window)
            after = sums_at(places[here] + window) - sums[here]
            for row, (one, other) in enumerate(((before, after), (before, before), (after, after))):
                found[row, here] = np.einsum("ij,ij->i", one, other)
    return contrasts_of(products)


def rises(contrasts: Floats) -> Floats:
    """How far each contrast rises above the nearest valley on its left and on its right, summed.

    The depth scores of TextTiling, turned over. `contrasts` : shape (k, n); the same is returned.
    """
    found = np.zeros_like(contrasts)
    for row, heights in zip(found, contrasts, strict=True):
        values = heights.tolist()
        left, right = _valleys(values), _valleys(values[::-1])[::-1]
        row[:] = 2 * heights - np.array(left) - np.array(right)
    return found


def _valleys(values: Sequence[float]) -> list[float]:
    """The least value on the way down to the left, for each."""
    lows: list[float] = []
    for number, value in enumerate(values):
        is_uphill = number > 0 and values[number - 1] <= value
        lows.append(lows[-1] if is_uphill else value)
    return lows
