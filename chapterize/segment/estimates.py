"""Estimates fitted to people's chapters: their number, and the confidence of each boundary."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Boundaries, Sentence

__all__ = [
    "N_CLUES",
    "confidence",
    "confidence_clues",
    "count_clues",
    "estimate_count",
    "granularities",
    "length_count",
    "other_divisions",
]

Floats = NDArray[np.float64]

_LEVEL = 1.95
_SLOPE = 0.4
"""Measured on 227 timed documents with people's chapters from four sources (podcasts, talks, work
recordings): log count rises by 0.40 to 0.51 per unit of log length. The level is the geometric
mean over the sources."""

_MINUTES_A_CHAPTER = 5.0
"""Chapter length (minutes) at which the error removed by segmenting is measured."""

# The range seen in training; values outside it are clipped to it.
_WORDS = (4.0, 16.0)
_EXPLAINED = (0.01, 0.08)

_CHARACTERS_A_WORD = 2.2
_LONGEST_WORD = 12
"""Mean characters between spaces; above it, the script is taken to have no spaces."""

_COARSE = (0.35, 0.7)
_FINE = (1.5, 2.8)
"""Range of counts searched for a coarser and a finer division, as fractions of the normal count."""

N_CLUES = 6

_NEAR = 1.5
"""Counts within this ratio of the chosen one vote on each boundary."""


def length_count(duration: float) -> float:
    """Target number of chapters, 1.0 or more, for `duration` seconds of unknown content."""
    return max(1.0, _LEVEL * math.pow(duration / 60, _SLOPE))


def count_clues(
    sentences: Sequence[Sentence], duration: float, errors: Mapping[int, float]
) -> Floats:
    """Shape (4,): 1, and the logarithms of minutes, words per sentence and error removed.

    Prepared speech has long sentences; people who interrupt each other have short ones. The error
    removed is the drop in squared error per sentence with one chapter every five minutes.
    `errors` : squared error by count, from `best_partitions`.
    """
    words = float(np.median([_n_words(sentence.text) for sentence in sentences]))
    wanted = max(2.0, duration / 60 / _MINUTES_A_CHAPTER)
    usual = min(errors, key=lambda count: abs(count - wanted))
    explained = (max(errors.values()) - errors[usual]) / len(sentences)
    bounded = [np.clip(words, *_WORDS), np.clip(explained, *_EXPLAINED)]
    return np.array([1.0, np.log(max(duration, 1.0) / 60), *np.log(bounded)])


def _n_words(text: str) -> float:
    n_words = max(1, len(text.split()))
    return len(text) / _CHARACTERS_A_WORD if len(text) > _LONGEST_WORD * n_words else n_words


def estimate_count(clues: Floats, coefficients: Floats) -> float:
    """Target number of chapters, 1.0 or more."""
    return max(1.0, float(np.exp(clues @ coefficients)))


def granularities(costs: Mapping[int, float], normal: int) -> dict[str, int]:
    """Counts for ``coarse``, ``normal`` and ``fine``: where the cost curve bends most.

    At a bend, one chapter fewer would cost much and one more would gain little.
    `costs` : cost of the best division, by count.
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
    """A note that offers the coarser and the finer count, or None if there is neither."""
    counts = boundaries.granularities
    others = [
        f"for {what}: --count {counts[name]}"
        for name, what in (("coarse", "fewer"), ("fine", "more"))
        if counts.get(name, boundaries.chosen) != boundaries.chosen
    ]
    if not others:
        return None
    chapters = "1 chapter" if boundaries.chosen == 1 else f"{boundaries.chosen} chapters"
    return f"{chapters}. {'; '.join(others).capitalize()}."


def confidence_clues(
    solutions: Mapping[int, Sequence[int]], chosen: int, scores: Floats, has_cue: NDArray[np.bool_]
) -> Floats:
    """Evidence that each sentence begins a chapter; shape (n, N_CLUES).

    The columns are: 1; the fraction of divisions into nearby counts that have a boundary within
    one sentence; the score; whether there are cue words; and, constant over the video, the mean of
    that fraction and of the score over the chosen boundaries.
    `scores` : shape (n,), the scorer's log-odds, or novelty if it does not know the language.
    """
    near = [at for count, at in solutions.items() if chosen / _NEAR <= count <= chosen * _NEAR + 1]
    votes = np.zeros(len(scores))
    for at in near:
        hit = np.zeros(len(scores), dtype=bool)
        for shift in (-1, 0, 1):
            hit[np.clip(np.asarray(at) + shift, 0, len(scores) - 1)] = True
        votes += hit
    agreement = votes / max(1, len(near))
    score = np.clip(scores, -4.0, 4.0)
    taken = list(solutions[chosen][1:]) or [0]
    means = [np.full(len(scores), each[taken].mean()) for each in (agreement, score)]
    return np.stack([np.ones(len(scores)), agreement, score, has_cue, *means], axis=1)


def confidence(clues: Floats, coefficients: Floats) -> NDArray[np.float32]:
    """Probability, shape (n,), that people begin a chapter within ten seconds of each sentence.

    Element 0 is 1.0: the first chapter begins with the video.
    """
    found = 1.0 / (1.0 + np.exp(-(clues @ coefficients)))
    found[0] = 1.0
    return found.astype(np.float32)
