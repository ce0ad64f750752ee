"""How sure a boundary is, so that it means what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["N_CLUES", "confidence", "confidence_clues"]

Floats = NDArray[np.float64]

N_CLUES = 6

_NEAR = 1.5
"""Counts within this ratio of the chosen one are asked whether they have the boundary too."""


def confidence_clues(
    solutions: Mapping[int, Sequence[int]], chosen: int, scores: Floats, cued: NDArray[np.bool_]
) -> Floats:
    """What speaks for each sentence beginning a chapter; shape (n, N_CLUES).

    One; the share of divisions into nearby counts that begin a chapter there or a sentence away;
    the score; whether announcing words stand there; and, the same for all sentences of a video,
    how far nearby divisions agree about the chosen boundaries, and the mean score of these.
    `scores` : shape (n,); the scorer's log-odds, or novelty where it does not know the language.
    """
    near = [at for count, at in solutions.items() if chosen / _NEAR <= count <= chosen * _NEAR + 1]
    votes = np.zeros(len(scores))
    for at in near:
        hit = np.zeros(len(scores), dtype=bool)
        for shift in (-1, 0, 1):
            hit[np.clip(np.asarray(at) + shift, 0, len(scores) - 1)] = True
        votes += hit
    steady = votes / max(1, len(near))
    score = np.clip(scores, -4.0, 4.0)
    taken = list(solutions[chosen][1:]) or [0]
    everywhere = [np.full(len(scores), each[taken].mean()) for each in (steady, score)]
    return np.stack([np.ones(len(scores)), steady, score, cued, *everywhere], axis=1)


def confidence(clues: Floats, coefficients: Floats) -> NDArray[np.float32]:
    """Logistic, in [0, 1], shape (n,): how likely people begin a chapter within ten seconds.

    Element 0 is 1.0: the first chapter begins with the video.
    """
    found = 1.0 / (1.0 + np.exp(-(clues @ coefficients)))
    found[0] = 1.0
    return found.astype(np.float32)
