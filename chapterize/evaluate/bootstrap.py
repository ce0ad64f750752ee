"""Percentile intervals of a mean over documents, from bootstrap samples of the documents."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["N_DRAWS", "Figure", "Statistic", "macro_figure", "resample"]

Floats = NDArray[np.float64]
Statistic = Literal["mean", "median"]

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

    `values` : shape (n_documents,), n_documents > 0; the result has shape (N_DRAWS,). The same
    `seed` and number of documents give the same draws, so the draws of two methods, and of their
    difference, are paired.
    """
    drawn = values[_drawn(seed, len(values))]
    result: Floats = np.median(drawn, axis=1) if statistic == "median" else drawn.mean(axis=1)
    return result


# A table of 217 documents and seven methods takes 0.6 s instead of 1.6 s with the draws cached.
@lru_cache(maxsize=16)
def _drawn(seed: str, n: int) -> NDArray[np.int64]:
    digest = hashlib.sha256(seed.encode("utf-8")).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
    return rng.integers(0, n, (N_DRAWS, n))


def macro_figure(sources: Mapping[str, Floats], *, statistic: Statistic = "mean") -> Figure:
    """The mean over sources of `statistic` over the documents of each.

    Documents are resampled within their source. The sources are fixed, so the interval does not
    cover the variation between sources.
    """
    n = sum(len(values) for values in sources.values())
    middle = np.median if statistic == "median" else np.mean
    value = float(np.mean([middle(values) for values in sources.values()]))
    if any(len(values) < 2 for values in sources.values()):
        return Figure(value, None, None, n)
    draws = [resample(values, seed=name, statistic=statistic) for name, values in sources.items()]
    tail = (100.0 - _LEVEL) / 2
    low, high = np.percentile(np.mean(draws, axis=0), [tail, 100.0 - tail])
    return Figure(value, float(low), float(high), n)
