"""How unlike the text before and after each sentence is.

Index i always means "a chapter begins at sentence i"; element 0 is 0.0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "WINDOWS",
    "contrasts_of",
    "novelty",
    "running_sums",
    "standardise",
    "topic_drops",
    "window_contrasts",
    "window_products",
]

Floats = NDArray[np.float64]

WINDOWS = (2, 4, 8, 16, 32)
"""Sentences on each side that are compared."""

_DROP_WINDOW = 8

_BLOCK = 2048
"""Sentences compared at once, so that a day of speech does not fill the memory."""


def running_sums(vectors: NDArray[np.floating[Any]]) -> Floats:
    """The sum of all rows before each, and of all: shape (n, d) gives (n + 1, d)."""
    return np.vstack([np.zeros(vectors.shape[1]), np.cumsum(vectors, axis=0, dtype=np.float64)])


def window_contrasts(sums: Floats) -> Floats:
    """One minus the cosine between the windows before and after each sentence.

    Parameters
    ----------
    sums : shape (n_sentences + 1, d), the `running_sums` of the sentence vectors.

    Returns
    -------
    shape (len(WINDOWS), n_sentences), each value in [0, 2]. Windows are cut at the ends; where one
    side holds no known word the contrast is 0.
    """
    return contrasts_of(window_products(sums))


def window_products(sums: Floats) -> Floats:
    """Products of the windows before and after: of both, the first with itself, the second.

    Shape (3, len(WINDOWS), n_sentences). Those of vectors side by side are the sum of those of
    each. `sums` : as for `window_contrasts`.
    """
    n = len(sums) - 1
    products = np.zeros((3, len(WINDOWS), n))
    for start in range(0, n, _BLOCK):
        here = np.arange(start, min(n, start + _BLOCK))
        for found, window in zip(products.swapaxes(0, 1), WINDOWS, strict=True):
            before = sums[here] - sums[np.maximum(here - window, 0)]
            after = sums[np.minimum(here + window, n)] - sums[here]
            for row, (one, other) in enumerate(((before, after), (before, before), (after, after))):
                found[row, here] = np.einsum("ij,ij->i", one, other)
    return products


def contrasts_of(products: Floats) -> Floats:
    """One minus the cosine, from `window_products`; shape (len(WINDOWS), n_sentences)."""
    dots, before, after = products
    norms = np.sqrt(before * after)
    known = norms > 1e-9
    contrasts: Floats = np.where(known, 1.0 - dots / np.where(known, norms, 1.0), 0.0)
    return contrasts


def standardise(contrasts: Floats) -> Floats:
    """Contrasts in units of their spread within this video, in [-4, 6]; the same shape.

    Median and quartiles stand in for mean and deviation: a few strong boundaries are what is looked
    for and should not set the scale. The beginning, which has no contrast, does not count.
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


def topic_drops(contrasts: Floats, *, reach: int = 24) -> Floats:
    """In [0, 1]: by how much the contrast at a sentence exceeds the mean of those around it.

    `reach` sentences on each side are "around".
    """
    row = contrasts[WINDOWS.index(_DROP_WINDOW)]
    n = len(row)
    total = np.append(0.0, np.cumsum(row))
    here = np.arange(n)
    low, high = np.maximum(here - reach, 0), np.minimum(here + reach + 1, n)
    around = (total[high] - total[low]) / np.maximum(high - low, 1)
    drops: Floats = np.clip(row - around, 0.0, 1.0)
    drops[:1] = 0.0
    return drops
