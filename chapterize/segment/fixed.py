"""Divide into a number of chapters around boundaries that a person has fixed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Boundaries

__all__ = ["REMOVED_REACH", "divide_around"]

Floats = NDArray[np.float64]

REMOVED_REACH = 10.0
"""Seconds around a boundary that a person removed in which none comes back."""


def divide_around(
    boundaries: Boundaries,
    count: int,
    fixed: Iterable[float],
    *,
    duration: float,
    min_length: float,
    removed: Sequence[float] = (),
) -> tuple[float, ...]:
    """The starts of `count` chapters, 0.0 first, with every boundary of `fixed` among them.

    Each stored solution is the best division into its number of chapters. The one is taken that,
    together with the fixed boundaries and without its own that are too close to them, has `count`
    chapters. If none has exactly that many, the one with the fewest more loses its weakest
    boundaries, or the one with the most gets the strongest that fit.

    Parameters
    ----------
    fixed : seconds, at any place, also between sentences; they may be closer to each other than
        `min_length`, which the other chapters keep.
    removed : seconds; no other boundary is within 10 s of one of these.

    Returns
    -------
    Fewer starts if no more fit, and more if `fixed` has more.
    """
    kept = np.unique([0.0, *(start for start in fixed if 0.0 < start < duration)])
    if len(kept) == 1 and not removed and count in boundaries.solutions:
        return tuple(boundaries.starts[list(boundaries.solutions[count])].tolist())
    if len(kept) >= count:
        return tuple(kept.tolist())
    wall = np.append(kept, duration)
    allowed = _is_free(boundaries.starts, wall, min_length)
    if removed:
        allowed &= _distance(boundaries.starts, np.sort(removed)) >= REMOVED_REACH
    n_wanted = count - len(kept)
    best: list[int] = []
    is_enough = False
    for other in sorted(boundaries.solutions, key=lambda each: (abs(each - count), each)):
        free = [i for i in boundaries.solutions[other] if allowed[i]]
        if len(free) == n_wanted:
            best, is_enough = free, True
            break
        is_better = len(free) < len(best) if is_enough else len(free) > len(best)
        if (len(free) >= n_wanted, is_better) > (is_enough, False):
            best, is_enough = free, len(free) >= n_wanted
    scores = boundaries.scores
    if is_enough:
        best = sorted(best, key=lambda i: (-float(scores[i]), i))[:n_wanted]
    else:
        best = _more(best, n_wanted, boundaries, allowed, min_length)
    return tuple(np.union1d(kept, boundaries.starts[best]).tolist())


def _is_free(starts: Floats, wall: Floats, min_length: float) -> NDArray[np.bool_]:
    # The millisecond tolerates rounding in a chapter of exactly min_length.
    free: NDArray[np.bool_] = _distance(starts, wall) >= min_length - 1e-3
    return free


def _distance(times: Floats, others: Floats) -> Floats:
    """Seconds from each of `times` to the nearest of the sorted `others`."""
    after = np.clip(np.searchsorted(others, times), 0, len(others) - 1)
    before = np.maximum(after - 1, 0)
    nearest: Floats = np.minimum(np.abs(others[after] - times), np.abs(times - others[before]))
    return nearest


def _more(
    chosen: Sequence[int],
    n_wanted: int,
    boundaries: Boundaries,
    allowed: NDArray[np.bool_],
    min_length: float,
) -> list[int]:
    """`chosen` with the strongest other boundaries that keep `min_length`."""
    found = list(chosen)
    times = sorted(boundaries.starts[found].tolist())
    for i in np.argsort(-boundaries.scores, kind="stable").tolist():
        if len(found) >= n_wanted:
            break
        start = float(boundaries.starts[i])
        at = bisect_left(times, start)
        near = times[max(0, at - 1) : at + 1]
        if allowed[i] and all(abs(start - each) >= min_length - 1e-3 for each in near):
            found.append(i)
            times.insert(at, start)
    return found
