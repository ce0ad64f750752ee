"""Estimates fitted to people's chapters: their number, and the confidence of each boundary."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Boundaries
from chapterize.errors import InputError

__all__ = [
    "GRANULARITIES",
    "LENGTH_POWER",
    "N_CLUES",
    "SPREAD",
    "confidence",
    "confidence_clues",
    "expected_count",
    "granularities",
    "likely_range",
    "nearest",
    "other_divisions",
    "require_granularity",
    "with_topics",
]

Floats = NDArray[np.float64]

LENGTH_POWER = 0.25
"""Longer videos get more chapters, but not in proportion: the exponent of the length in the law of
`expected_count`. models/boundary.md compares it with others."""

SPREAD = 0.54
"""Standard deviation of the logarithm of a person's count around the law, for an unknown person."""

SECONDS_EACH = 80.0
"""Mean length of a chapter below which `expected_count` does not go: 756 of the 768 documents that
the law was fitted to last ten minutes or more, and it would cut one of three minutes into four."""

_TOPICS_POWER = 0.25
"""Exponent of the number of topics on the slides, over the usual number of chapters."""

GRANULARITIES = ("coarse", "normal", "fine")

_STEP = 0.45
"""Logarithm of the ratio of ``normal`` to ``coarse``, and of ``fine`` to ``normal``. It brings the
best of three nearest to people's counts; counts where the cost curve bends did no better."""

N_CLUES = 6

_NEAR = 1.5
"""Counts within this ratio of the chosen one vote on each boundary."""


def expected_count(duration: float, law: Floats, offset: float = 0.0) -> float:
    """Number of chapters, 1.0 or more, that people make in `duration` seconds of any content.

    `law` : shape (2,), the logarithm of the number in one minute, and the exponent of the length.
    `offset` : how much finer this person cuts, as the logarithm of a ratio.
    """
    level, power = law
    usual = math.exp(level) * math.pow(max(duration, 1.0) / 60, power)
    return max(1.0, max(1.0, min(usual, duration / SECONDS_EACH)) * math.exp(offset))


def with_topics(duration: float, law: Floats, n_topics: int, spread: float) -> float:
    """As `expected_count`, of a talk whose slides show `n_topics` new topics: no fewer chapters.

    Slides with topics of their own show that short media has several, so `SECONDS_EACH` is no
    limit. More topics give a few more chapters, but not in proportion, and within `spread`: some
    people write a heading on every slide. models/boundary.md compares exponents.
    """
    level, power = law
    usual = math.exp(level) * math.pow(max(duration, 1.0) / 60, power)
    factor = min(math.pow((n_topics + 1) / usual, _TOPICS_POWER), math.exp(spread / 2))
    return max(expected_count(duration, law), min(usual * factor, n_topics + 1.0))


def nearest(wanted: float, counts: Iterable[int]) -> int:
    """The count whose ratio to `wanted` is nearest to 1."""
    return min(counts, key=lambda count: (abs(math.log(count / max(wanted, 0.5))), count))


def granularities(counts: Collection[int], normal: int) -> dict[str, int]:
    """Counts for ``coarse``, ``normal`` and ``fine``, all different.

    `counts` : those that are possible. Without a lower or a higher one, that name is left out.
    """
    found = {"normal": normal}
    for name, side in (("coarse", -1), ("fine", 1)):
        if others := [count for count in counts if side * (count - normal) > 0]:
            found[name] = nearest(normal * math.exp(side * _STEP), others)
    return {name: found[name] for name in GRANULARITIES if name in found}


def require_granularity(name: str) -> None:
    """Raise InputError if `name` is not one of `GRANULARITIES`."""
    if name not in GRANULARITIES:
        raise InputError(
            f"there is no granularity {name!r}",
            why="it is coarse, normal or fine",
            hint="give one of these",
        )


def likely_range(wanted: float, spread: float, counts: Collection[int]) -> tuple[int, int]:
    """The counts, of those that are possible, between which two of three people would stay."""
    low, high = (round(wanted * math.exp(side * spread)) for side in (-1, 1))
    return max(min(counts), low), min(max(counts), high)


def other_divisions(boundaries: Boundaries) -> str | None:
    """A note with the range of likely counts and how to get others, or None if there are none."""
    others = [
        f"for {count}: --granularity {name}"
        for name, count in boundaries.granularities.items()
        if count != boundaries.chosen
    ]
    if not others:
        return None
    chapters = "1 chapter" if boundaries.chosen == 1 else f"{boundaries.chosen} chapters"
    if boundaries.likely is not None and boundaries.likely[0] < boundaries.likely[1]:
        low, high = boundaries.likely
        chapters += f" (likely {low} to {high})"
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
