"""How close a division comes to a reference, counted in units and not in seconds.

A division is the ascending indices of the units at which its segments begin, 0 first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["boundary_similarity", "pk", "window_diff", "window_size"]

_TRANSPOSED = 0.5
"""What a boundary one unit beside the true one costs: the distance over n_t = 2."""


def window_size(reference: Sequence[int], n_units: int) -> int:
    """Half the mean length of a reference segment in units, to the even when halved; 2 or more."""
    return max(2, round(n_units / (2 * len(reference))))


def pk(reference: Sequence[int], hypothesis: Sequence[int], n_units: int) -> float:
    """Share in [0, 1] of windows on whose two ends being one segment or not they disagree.

    0.0 is perfect (Beeferman, Berger and Lafferty 1999), and so is a text shorter than a window.
    """
    width = window_size(reference, n_units)
    true = _crossed(reference, n_units, width) > 0
    found = _crossed(hypothesis, n_units, width) > 0
    return float(np.mean(true != found)) if len(true) else 0.0


def window_diff(reference: Sequence[int], hypothesis: Sequence[int], n_units: int) -> float:
    """Share in [0, 1] of windows in which the numbers of boundaries differ; 0.0 is perfect.

    As defined by Pevzner and Hearst (2002), without later corrections at the two ends.
    """
    width = window_size(reference, n_units)
    true, found = _crossed(reference, n_units, width), _crossed(hypothesis, n_units, width)
    return float(np.mean(true != found)) if len(true) else 0.0


def boundary_similarity(reference: Sequence[int], hypothesis: Sequence[int]) -> float:
    """Boundary similarity B in [0, 1] with n_t = 2 (Fournier 2013); 1.0 is perfect.

    One minus the cost of the edits over their number and that of the matches: a boundary too many
    or too few costs 1, one that is a unit off 1/2. Of chains of neighbours the first pair is
    taken. Two divisions without a boundary are alike.
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


def _crossed(division: Sequence[int], n_units: int, width: int) -> NDArray[np.intp]:
    """Boundaries between unit i and unit i + width, for every i that has such a partner."""
    begins = np.zeros(n_units, dtype=np.intp)
    begins[list(division)] = 1
    segment = np.cumsum(begins)
    return segment[width:] - segment[: max(0, n_units - width)]
