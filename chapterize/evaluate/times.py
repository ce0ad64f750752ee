"""How close the times of a list of chapters come to those of a reference.

The first start is 0.0 in every list and says nothing, so it never counts as found.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["f1", "match_starts", "paired_starts", "tiou_f1"]


def paired_starts(
    reference: Sequence[float], hypothesis: Sequence[float], tolerance: float
) -> tuple[tuple[int, int], ...]:
    """Indices of one-to-one pairs at most `tolerance` apart, nearest pairs first."""
    pairs = sorted(
        (abs(true - found), i, j)
        for i, true in enumerate(reference)
        for j, found in enumerate(hypothesis)
        if abs(true - found) <= tolerance
    )
    found_of: dict[int, int] = {}
    used: set[int] = set()
    for _, i, j in pairs:
        if i not in found_of and j not in used:
            found_of[i] = j
            used.add(j)
    return tuple(found_of.items())


def match_starts(reference: Sequence[float], hypothesis: Sequence[float], tolerance: float) -> int:
    """Number of one-to-one pairs at most `tolerance` seconds apart, nearest pairs first."""
    return len(paired_starts(reference, hypothesis, tolerance))


def f1(reference: Sequence[float], hypothesis: Sequence[float], tolerance: float) -> float:
    """F1 in [0, 1] of the starts after the first; 1.0 when neither list has any."""
    if len(reference) + len(hypothesis) == 2:
        return 1.0
    matched = match_starts(reference[1:], hypothesis[1:], tolerance)
    return 2 * matched / (len(reference) + len(hypothesis) - 2)


def tiou_f1(reference: Sequence[float], hypothesis: Sequence[float], duration: float) -> float:
    """F1 in [0, 1] of chapters found at temporal IoU .50, .55 … .95, averaged over these ten.

    A chapter counts as found when any chapter of the other list overlaps it enough, as in
    VidChapters-7M (Yang et al., 2023).
    """
    overlap = _overlaps([*reference, duration], [*hypothesis, duration])
    scores = []
    for threshold in np.arange(0.5, 0.975, 0.05):
        found = overlap >= threshold
        precision, recall = found.any(0).mean(), found.any(1).mean()
        scores.append(2 * precision * recall / (precision + recall) if precision + recall else 0.0)
    return float(np.mean(scores))


def _overlaps(a: Sequence[float], b: Sequence[float]) -> NDArray[np.float64]:
    """Intersection over union of every interval between marks `a` with every one of `b`."""
    first, second = np.asarray(a)[:, None], np.asarray(b)[None, :]
    shared = np.minimum(first[1:], second[:, 1:]) - np.maximum(first[:-1], second[:, :-1])
    joined = np.maximum(first[1:], second[:, 1:]) - np.minimum(first[:-1], second[:, :-1])
    ratio: NDArray[np.float64] = np.maximum(shared, 0.0) / np.maximum(joined, 1e-9)
    return ratio
