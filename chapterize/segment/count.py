"""How many chapters, when nobody says; and the numbers a video divides into naturally."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Boundaries, Sentence

__all__ = ["count_clues", "estimate_count", "granularities", "length_count", "other_divisions"]

_LEVEL = 1.95
_SLOPE = 0.4
"""Read off 227 documents with gold chapters from four sources (podcasts, talks, recordings of
work): where times are true, the logarithm of the count rises by 0.40 to 0.51 for that of the
length; the level is the geometric mean over the sources."""

_MINUTES_A_CHAPTER = 5.0
"""At so many minutes a chapter it is looked how much of the squared error division takes away."""

# What lies outside of these is not known from the training, and taken as the nearest that is.
_WORDS = (4.0, 16.0)
_EXPLAINED = (0.01, 0.08)

_SIGNS_A_WORD = 2.2
_LONGEST_WORD = 12
"""Characters between spaces on average; more, and the script sets none."""

_COARSE = (0.35, 0.7)
_FINE = (1.5, 2.8)
"""Where a coarser and a finer division are looked for, as shares of the normal count."""


def length_count(duration: float) -> float:
    """The number of chapters to aim at, 1.0 or more, for `duration` seconds of unknown content."""
    return max(1.0, _LEVEL * math.pow(duration / 60, _SLOPE))


def count_clues(
    sentences: Sequence[Sentence], duration: float, errors: Mapping[int, float]
) -> NDArray[np.float64]:
    """One, and the logarithms of minutes, words a sentence, and squared error that division takes.

    Long sentences come of prepared speech, short ones of people who interrupt each other. The
    error is that taken away from each sentence's by one chapter every five minutes.
    `errors` : by count, as `best_partitions` gives them. Shape (4,).
    """
    words = float(np.median([_n_words(sentence.text) for sentence in sentences]))
    wanted = max(2.0, duration / 60 / _MINUTES_A_CHAPTER)
    usual = min(errors, key=lambda count: abs(count - wanted))
    explained = (max(errors.values()) - errors[usual]) / len(sentences)
    bounded = [np.clip(words, *_WORDS), np.clip(explained, *_EXPLAINED)]
    return np.array([1.0, np.log(max(duration, 1.0) / 60), *np.log(bounded)])


def _n_words(text: str) -> float:
    n_words = max(1, len(text.split()))
    return len(text) / _SIGNS_A_WORD if len(text) > _LONGEST_WORD * n_words else n_words


def estimate_count(clues: NDArray[np.float64], coefficients: NDArray[np.float64]) -> float:
    """The number of chapters to aim at, 1.0 or more."""
    return max(1.0, float(np.exp(clues @ coefficients)))


def granularities(costs: Mapping[int, float], normal: int) -> dict[str, int]:
    """Counts for ``coarse``, ``normal`` and ``fine``: where the curve of costs bends most.

    A count is natural where one chapter less would cost much and one more would gain little.
    `costs` : of the best division into each count.
    """

    def bend(count: int) -> float:
        return costs[count - 1] - 2.0 * costs[count] + costs[count + 1]

    found = {"normal": normal}
    for name, (low, high) in (("coarse", _COARSE), ("fine", _FINE)):
        near = [
            count
            for count in costs
            if low * normal <= count <= high * normal
            and count > 1
            and count != normal
            and {count - 1, count + 1} <= costs.keys()
        ]
        if near:
            found[name] = max(near, key=lambda count: (bend(count), -count))
    return {name: found[name] for name in ("coarse", "normal", "fine") if name in found}


def other_divisions(boundaries: Boundaries) -> str | None:
    """A sentence that names the coarser and finer divisions, if there are any."""
    others = [
        f"--count {count} ({name})"
        for name, count in boundaries.granularities.items()
        if count != boundaries.chosen
    ]
    if not others:
        return None
    return f"Natural divisions besides these {boundaries.chosen}: {' or '.join(others)}."
