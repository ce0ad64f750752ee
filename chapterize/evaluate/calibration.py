"""Whether a stated confidence means what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["N_BINS", "Bin", "Reliability", "reliability"]

N_BINS = 10


@dataclass(frozen=True)
class Bin:
    """Boundaries whose confidence lies in [`low`, `high`), in the last bin up to 1.0 itself.

    `confidence` is their mean and `hits` the share that is true, both None in an empty bin.
    """

    low: float
    high: float
    n: int
    confidence: float | None
    hits: float | None


@dataclass(frozen=True)
class Reliability:
    """A reliability table; `error` is the expected calibration error, None without a boundary."""

    bins: tuple[Bin, ...]
    error: float | None
    n: int


def reliability(confidence: Sequence[float], is_hit: Sequence[bool]) -> Reliability:
    """Table of ten bins of equal width, and the expected calibration error (Guo et al. 2017).

    The error is the gap between confidence and share of hits, averaged over the bins by what they
    hold.
    """
    stated, true = np.asarray(confidence, dtype=float), np.asarray(is_hit, dtype=float)
    place = np.minimum((stated * N_BINS).astype(int), N_BINS - 1)
    bins, error = [], 0.0
    for number in range(N_BINS):
        inside = place == number
        n = int(inside.sum())
        mean = float(stated[inside].mean()) if n else None
        hits = float(true[inside].mean()) if n else None
        if mean is not None and hits is not None:
            error += n / len(stated) * abs(mean - hits)
        bins.append(Bin(number / N_BINS, (number + 1) / N_BINS, n, mean, hits))
    return Reliability(tuple(bins), error if len(stated) else None, len(stated))
