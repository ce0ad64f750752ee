"""Percentile intervals of a value over documents, from bootstrap samples of the documents."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["N_DRAWS", "Figure", "Statistic", "macro_figure", "resample"]

Floats = NDArray[np.float64]
Statistic = Literal["mean", "median", "f1"]
"""How the values of documents become one; ``f1`` combines mean precision and mean recall."""

N_DRAWS = 2000
_LEVEL = 95.0


@dataclass(frozen=True)
class Figure:
    """A value over `n` documents and its 95 % interval.

    The interval is None if a source has a single document.
    """

    value: float
    low: float | None
    high: float | None
    n: int


def resample(values: Floats, *, seed: str, statistic: Statistic = "mean") -> Floats:
    """`statistic` of `N_DRAWS` samples of the documents, drawn with replacement.

    `values` : shape (n_documents,), or (n_documents, 2) with precision and recall for ``f1``;
    n_documents > 0. The result has shape (N_DRAWS,). The same `seed` and number of documents give
    the same draws, so the draws of two methods are paired.
    """
    return _combined(values[_drawn(seed, len(values))], statistic, axis=1)


def _combined(values: Floats, statistic: Statistic, *, axis: int) -> Floats:
    if statistic == "median":
        return np.asarray(np.median(values, axis=axis))
    middle = np.asarray(values.mean(axis=axis))
    if statistic == "mean":
        return middle
    precision, recall = middle[..., 0], middle[..., 1]
    return np.asarray(2 * precision * recall / np.maximum(precision + recall, 1e-12))


# A table of 217 documents and seven methods takes 0.6 s instead of 1.6 s with the draws cached.
@lru_cache(maxsize=16)
def _drawn(seed: str, n: int) -> NDArray[np.int64]:
    digest = hashlib.sha256(seed.encode("utf-8")).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
    return rng.integers(0, n, (N_DRAWS, n))


def macro_figure(
    sources: Mapping[str, Floats],
    *,
    statistic: Statistic = "mean",
    less: Mapping[str, Floats] | None = None,
) -> Figure:
    """The mean over sources of `statistic` over the documents of each.

    `less` : values of another method for the same documents, whose statistic is subtracted.
    Documents are resampled within their source. The sources are fixed, so the interval does not
    cover the variation between sources.
    """
    n = sum(len(values) for values in sources.values())
    value = _mean_over(sources, less, lambda name, values: _combined(values, statistic, axis=0))
    if any(len(values) < 2 for values in sources.values()):
        return Figure(float(value), None, None, n)
    draws = _mean_over(
        sources, less, lambda name, values: resample(values, seed=name, statistic=statistic)
    )
    tail = (100.0 - _LEVEL) / 2
    low, high = np.percentile(draws, [tail, 100.0 - tail])
    return Figure(float(value), float(low), float(high), n)


def _mean_over(
    sources: Mapping[str, Floats],
    less: Mapping[str, Floats] | None,
    combine: Callable[[str, Floats], Floats],
) -> Floats:
    found = np.mean([combine(name, values) for name, values in sources.items()], axis=0)
    return np.asarray(found if less is None else found - _mean_over(less, None, combine))
