"""How close chapters and their titles are to a reference, and whether confidence is calibrated.

A division is given by the ascending indices of the units at which its segments begin, 0 first, or
by the seconds at which its chapters start, 0.0 first. Every list has the first start, so it never
counts as found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "N_BINS",
    "Bin",
    "Reliability",
    "boundary_similarity",
    "chunk_hits",
    "f1",
    "match_starts",
    "paired_starts",
    "pk",
    "reliability",
    "rouge_l",
    "tiou_f1",
    "title_rouge",
    "window_diff",
    "window_size",
]

N_BINS = 10

_CHUNK = 6.0
"""Seconds, as in chunkseg."""

_TRANSPOSED = 0.5
"""Cost of a boundary one unit off: the distance over n_t = 2."""

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
"""A run of letters and digits, or one character of a script without spaces."""


@dataclass(frozen=True)
class Bin:
    """Boundaries with a confidence in [`low`, `high`); the last bin includes 1.0.

    `confidence` is their mean confidence and `hits` the fraction that is true; both are None in an
    empty bin.
    """

    low: float
    high: float
    n: int
    confidence: float | None
    hits: float | None


@dataclass(frozen=True)
class Reliability:
    """A reliability table; `error` is the expected calibration error, None without boundaries."""

    bins: tuple[Bin, ...]
    error: float | None
    n: int


def window_size(reference: Sequence[int], n_units: int) -> int:
    """Half the mean length of a reference segment in units, rounded half to even; at least 2."""
    return max(2, round(n_units / (2 * len(reference))))


def pk(reference: Sequence[int], hypothesis: Sequence[int], n_units: int) -> float:
    """Pk in [0, 1] (Beeferman, Berger and Lafferty 1999); 0.0 is perfect.

    The fraction of windows for which the two divisions disagree on whether both ends are in one
    segment. 0.0 if the text is shorter than a window.
    """
    true, found = _windows(reference, hypothesis, n_units)
    return float(np.mean((true > 0) != (found > 0))) if len(true) else 0.0


def window_diff(reference: Sequence[int], hypothesis: Sequence[int], n_units: int) -> float:
    """WindowDiff in [0, 1] (Pevzner and Hearst 2002); 0.0 is perfect.

    The fraction of windows with different numbers of boundaries, without later corrections at the
    two ends.
    """
    true, found = _windows(reference, hypothesis, n_units)
    return float(np.mean(true != found)) if len(true) else 0.0


def boundary_similarity(reference: Sequence[int], hypothesis: Sequence[int]) -> float:
    """Boundary similarity B in [0, 1] with n_t = 2 (Fournier 2013); 1.0 is perfect.

    One minus the cost of the edits over the number of edits and matches. An added or missing
    boundary costs 1, one that is a unit off costs 1/2. In a chain of neighbours, the first pair is
    matched. Two divisions without boundaries are equal.
    """
    true, found = set(reference[1:]), set(hypothesis[1:])
    n_matches = len(true & found)
    alone = sorted(true ^ found)
    n_transposed = n_edits = at = 0
    while at < len(alone):
        has_partner = at + 1 < len(alone) and alone[at + 1] == alone[at] + 1
        if has_partner and (alone[at] in true) != (alone[at + 1] in true):
            n_transposed += 1
            at += 1
        n_edits += 1
        at += 1
    total = n_matches + n_edits
    cost = n_edits - n_transposed + _TRANSPOSED * n_transposed
    return 1.0 - cost / total if total else 1.0


def _windows(reference: Sequence[int], hypothesis: Sequence[int], n_units: int) -> NDArray[np.intp]:
    """Number of boundaries in each window of either division; shape (2, n_windows)."""
    width = window_size(reference, n_units)
    begins = np.zeros((2, n_units), dtype=np.intp)
    begins[0, list(reference)] = begins[1, list(hypothesis)] = 1
    segment = np.cumsum(begins, axis=1)
    return segment[:, width:] - segment[:, : max(0, n_units - width)]


def paired_starts(
    reference: Sequence[float], hypothesis: Sequence[float], tolerance: float
) -> tuple[tuple[int, int], ...]:
    """Indices of one-to-one pairs at most `tolerance` apart; the nearest are paired first."""
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
    """Number of pairs from `paired_starts`."""
    return len(paired_starts(reference, hypothesis, tolerance))


def f1(reference: Sequence[float], hypothesis: Sequence[float], tolerance: float) -> float:
    """F1 in [0, 1] of the starts after the first; 1.0 if neither list has any."""
    if len(reference) + len(hypothesis) == 2:
        return 1.0
    matched = match_starts(reference[1:], hypothesis[1:], tolerance)
    return 2 * matched / (len(reference) + len(hypothesis) - 2)


def chunk_hits(
    reference: Sequence[float], hypothesis: Sequence[float], duration: float
) -> tuple[float, float]:
    """Precision and recall in [0, 1] of the 6-second chunks in which a chapter starts.

    As chunkseg counts (Retkowski et al. 2026): the first start and an incomplete last chunk are
    left out, and a list without any other start gets 0.0. Over documents, the means of both are
    combined to one F1.
    """
    n_chunks = int(duration // _CHUNK)
    true, found = (
        {min(int(start // _CHUNK), n_chunks - 1) for start in starts if start <= n_chunks * _CHUNK}
        for starts in (reference[1:], hypothesis[1:])
    )
    n_hits = len(true & found)
    return n_hits / max(1, len(found)), n_hits / max(1, len(true))


def tiou_f1(reference: Sequence[float], hypothesis: Sequence[float], duration: float) -> float:
    """Mean F1 in [0, 1] of chapters at temporal IoU thresholds .50, .55 … .95.

    A chapter is found if any chapter of the other list overlaps it enough, as in VidChapters-7M
    (Yang et al. 2023).
    """
    overlap = _overlaps([*reference, duration], [*hypothesis, duration])
    scores = []
    for threshold in np.arange(0.5, 0.975, 0.05):
        found = overlap >= threshold
        precision, recall = found.any(0).mean(), found.any(1).mean()
        scores.append(2 * precision * recall / (precision + recall) if precision + recall else 0.0)
    return float(np.mean(scores))


def _overlaps(a: Sequence[float], b: Sequence[float]) -> NDArray[np.float64]:
    """Intersection over union of each interval between marks `a` with each between marks `b`."""
    first, second = np.asarray(a)[:, None], np.asarray(b)[None, :]
    shared = np.minimum(first[1:], second[:, 1:]) - np.maximum(first[:-1], second[:, :-1])
    joined = np.maximum(first[1:], second[:, 1:]) - np.minimum(first[:-1], second[:, :-1])
    ratio: NDArray[np.float64] = np.maximum(shared, 0.0) / np.maximum(joined, 1e-9)
    return ratio


def rouge_l(reference: str, hypothesis: str) -> float:
    """ROUGE-L in [0, 1] of two titles (Lin 2004): the F1 of their longest common subsequence.

    Words are lower-cased and not stemmed, punctuation is dropped, and each character of a script
    without spaces is a word. 0.0 if either title has no word.
    """
    true, found = _WORD.findall(reference.lower()), _WORD.findall(hypothesis.lower())
    if not true or not found:
        return 0.0
    return 2 * _common(true, found) / (len(true) + len(found))


def title_rouge(
    reference: Sequence[int],
    reference_titles: Sequence[str | None],
    hypothesis: Sequence[int],
    hypothesis_titles: Sequence[str],
    n_units: int,
) -> float | None:
    """Mean ROUGE-L over the reference chapters that have a title; None if none has.

    `reference` and `hypothesis` are unit indices. Each reference chapter is compared with the
    chapter of the hypothesis that shares most units with it, the earlier one on a tie. A chapter
    of the hypothesis may thus be compared several times, or never.
    """
    scores = []
    ends, found_ends = [*reference[1:], n_units], [*hypothesis[1:], n_units]
    for start, end, title in zip(reference, ends, reference_titles, strict=True):
        if title is None:
            continue
        shared = [min(end, b) - max(start, a) for a, b in zip(hypothesis, found_ends, strict=True)]
        scores.append(rouge_l(title, hypothesis_titles[shared.index(max(shared))]))
    return sum(scores) / len(scores) if scores else None


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for word in a:
        diagonal = 0
        for j, other in enumerate(b, 1):
            above = row[j]
            row[j] = diagonal + 1 if word == other else max(above, row[j - 1])
            diagonal = above
    return row[-1]


def reliability(confidence: Sequence[float], is_hit: Sequence[bool]) -> Reliability:
    """Reliability in ten bins of equal width, and the calibration error (Guo et al. 2017).

    The error is the gap between mean confidence and fraction of hits, averaged over the bins with
    their sizes as weights.
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
