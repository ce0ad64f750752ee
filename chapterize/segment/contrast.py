"""How unlike the text before and after each sentence is.

Index i always means "a chapter begins at sentence i"; element 0 is 0.0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["WINDOWS", "novelty", "topic_drops", "window_contrasts"]

Floats = NDArray[np.float64]

WINDOWS = (2, 4, 8, 16, 32)
"""Sentences on each side that are compared."""

_DROP_WINDOW = 8


def window_contrasts(sums: Floats) -> Floats:
    """One minus the cosine between the windows before and after each sentence.

    Parameters
    ----------
    sums : shape (n_sentences + 1, d), the sum of all sentence vectors before each sentence.

    Returns
    -------
    shape (len(WINDOWS), n_sentences), each value in [0, 2]. Windows are cut at the ends; where one
    side holds no known word the contrast is 0.
    """
    n = len(sums) - 1
    here = np.arange(n)
    rows = np.zeros((len(WINDOWS), n))
    for row, window in zip(rows, WINDOWS, strict=True):
        before = sums[here] - sums[np.maximum(here - window, 0)]
        after = sums[np.minimum(here + window, n)] - sums[here]
        norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
        dots = np.einsum("ij,ij->i", before, after)
        known = norms > 1e-9
        row[known] = 1.0 - dots[known] / norms[known]
    return rows


def novelty(contrasts: Floats) -> Floats:
    """Mean over the windows of each contrast, standardised within this video; element 0 is 0.0.

    Median and quartiles stand in for mean and deviation: a few strong boundaries are what is looked
    for and should not set the scale.
    """
    if contrasts.shape[1] < 2:
        return np.zeros(contrasts.shape[1])
    inner = contrasts[:, 1:]
    low, middle, high = np.percentile(inner, [25, 50, 75], axis=1)[:, :, None]
    standard = (inner - middle) / np.maximum((high - low) / 1.349, 1e-6)
    return np.append(0.0, np.clip(standard, -4.0, 6.0).mean(axis=0))


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
