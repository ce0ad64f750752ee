"""How different the text before and after each sentence is.

Index i always means "a chapter begins at sentence i"; element 0 is 0.0. Windows are measured in
sentences, and in words: sentences from raw speech are short, and only windows of words then cover
as much text as those of TextTiling (Hearst 1997).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chapterize.data import FloatArray

__all__ = [
    "WINDOWS",
    "WORD_WINDOWS",
    "contrasts_of",
    "novelty",
    "rises",
    "running_sums",
    "standardise",
    "topic_drops",
    "window_contrasts",
    "window_products",
    "word_contrasts",
]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

WINDOWS = (2, 4, 8, 16, 32)
"""Sentences on each side that are compared."""

WORD_WINDOWS = (20, 40, 80, 160, 320)
"""Words on each side that are compared."""

_DROP_WINDOW = 8
_DROP_REACH = 24
"""Sentences on each side that make up the mean."""

_BLOCK = 2048
"""Sentences compared at once, to bound the memory that a day of speech takes."""


def running_sums(vectors: NDArray[np.floating[Any]]) -> Floats:
    """Sum of all rows before each index: shape (n, d) gives (n + 1, d)."""
    return np.vstack([np.zeros(vectors.shape[1]), np.cumsum(vectors, axis=0, dtype=np.float64)])


def window_contrasts(sums: Floats) -> Floats:
    """One minus the cosine between the windows of sentences before and after each sentence.

    `sums` : shape (n_sentences + 1, d), the `running_sums` of the sentence vectors. The result has
    shape (len(WINDOWS), n_sentences), each value in [0, 2]. Windows are cut at the ends; the
    contrast is 0 if one side has no known word.
    """
    return contrasts_of(window_products(sums))


def window_products(sums: Floats) -> Floats:
    """Inner products of the windows: before with after, before with itself, after with itself.

    Shape (3, len(WINDOWS), n_sentences). The products of concatenated vectors are the sum of the
    products of the parts. `sums` : as for `window_contrasts`.
    """
    n = len(sums) - 1

    def sides(here: Indices, window: int) -> tuple[Floats, Floats]:
        before = sums[here] - sums[np.maximum(here - window, 0)]
        return before, sums[np.minimum(here + window, n)] - sums[here]

    return _products(n, WINDOWS, sides)


def word_contrasts(vectors: FloatArray, n_words: Floats) -> Floats:
    """One minus the cosine between the windows of words before and after each sentence.

    A sentence is weighted by its number of words; a window that ends inside a sentence takes the
    fraction of it that it covers. The result has shape (len(WORD_WINDOWS), n_sentences) and is
    otherwise that of `window_contrasts`.
    `vectors` : shape (n_sentences, d); `n_words` : shape (n_sentences,), all above 0.
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

    def sides(here: Indices, window: int) -> tuple[Floats, Floats]:
        before = sums[here] - sums_at(places[here] - window)
        return before, sums_at(places[here] + window) - sums[here]

    return contrasts_of(_products(n, WORD_WINDOWS, sides))


def _products(
    n: int, windows: Sequence[int], sides: Callable[[Indices, int], tuple[Floats, Floats]]
) -> Floats:
    """`sides` gives the sums of the windows before and after the sentences at some indices."""
    products = np.zeros((3, len(windows), n))
    for start in range(0, n, _BLOCK):
        here = np.arange(start, min(n, start + _BLOCK))
        for found, window in zip(products.swapaxes(0, 1), windows, strict=True):
            before, after = sides(here, window)
            for row, (one, other) in enumerate(((before, after), (before, before), (after, after))):
                found[row, here] = np.einsum("ij,ij->i", one, other)
    return products


def contrasts_of(products: Floats) -> Floats:
    """One minus the cosine, from `window_products`; shape (n_windows, n_sentences)."""
    dots, before, after = products
    norms = np.sqrt(before * after)
    known = norms > 1e-9
    contrasts: Floats = np.where(known, 1.0 - dots / np.where(known, norms, 1.0), 0.0)
    return contrasts


def standardise(contrasts: Floats) -> Floats:
    """Contrasts in units of their spread within this video, in [-4, 6]; the same shape.

    Median and quartiles replace mean and deviation, so that a few strong boundaries do not set
    the scale. The first sentence, which has no contrast, is left out.
    """
    inner = contrasts[:, 1:] if contrasts.shape[1] > 1 else contrasts
    low, middle, high = np.percentile(inner, [25, 50, 75], axis=1)[:, :, None]
    spread = np.maximum((high - low) / 1.349, 1e-3)
    standard: Floats = np.clip((contrasts - middle) / spread, -4.0, 6.0)
    return standard


def novelty(contrasts: Floats) -> Floats:
    """Mean over the windows of the standardised contrasts; element 0 is 0.0."""
    mean: Floats = standardise(contrasts).mean(axis=0)
    mean[0] = 0.0
    return mean


def topic_drops(contrasts: Floats) -> Floats:
    """How much the contrast at a sentence exceeds the mean around it, clipped to [0, 1]."""
    row = contrasts[WINDOWS.index(_DROP_WINDOW)]
    n = len(row)
    total = np.append(0.0, np.cumsum(row))
    here = np.arange(n)
    low, high = np.maximum(here - _DROP_REACH, 0), np.minimum(here + _DROP_REACH + 1, n)
    around = (total[high] - total[low]) / np.maximum(high - low, 1)
    drops: Floats = np.clip(row - around, 0.0, 1.0)
    drops[:1] = 0.0
    return drops


def rises(contrasts: Floats) -> Floats:
    """How far each contrast rises above the nearest valley on its left and on its right, summed.

    The depth scores of TextTiling, upside down. `contrasts` : shape (k, n); the result has the
    same shape.
    """
    found = np.zeros_like(contrasts)
    for row, heights in zip(found, contrasts, strict=True):
        values = heights.tolist()
        left, right = _valleys(values), _valleys(values[::-1])[::-1]
        row[:] = 2 * heights - np.array(left) - np.array(right)
    return found


def _valleys(values: Sequence[float]) -> list[float]:
    """For each value, the lowest one reached by walking downhill to the left."""
    lows: list[float] = []
    for number, value in enumerate(values):
        is_uphill = number > 0 and values[number - 1] <= value
        lows.append(lows[-1] if is_uphill else value)
    return lows
