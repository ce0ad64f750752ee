"""Markers that a person set, often live: each belongs to one sentence near it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Evidence, Signals

__all__ = ["marked_sentences", "with_markers"]

Floats = NDArray[np.float64]

_REACH = (20.0, 6.0)
"""Seconds before and after a marker in which its sentence is looked for."""

_PER_SECOND = 0.2
"""What each second between the sentence and the expected place costs, as a bonus does."""


def marked_sentences(starts: Floats, bonus: Floats, signals: Signals) -> dict[int, float]:
    """The sentence of each marker: its time by sentence index; two markers may be one sentence's.

    `starts` : shape (n,), seconds. `bonus` : shape (n,), how much speaks for each sentence. A
    marker without a sentence in reach takes the nearest one.
    """
    found: dict[int, float] = {}
    for marker in sorted(signals.markers):
        after = starts - marker
        value = np.where(
            (after >= -_REACH[0]) & (after <= _REACH[1]),
            bonus - _PER_SECOND * np.abs(after + signals.lateness),
            -np.inf,
        )
        value[0] = -np.inf
        i = int(value.argmax()) if np.isfinite(value).any() else int(np.abs(after).argmin())
        if i > 0:
            found.setdefault(i, marker)
    return found


def with_markers(evidence: Sequence[Evidence], marked: Mapping[int, float]) -> tuple[Evidence, ...]:
    """`evidence` with the markers of `marked_sentences`."""
    return tuple(
        replace(each, marker=marked[i]) if i in marked else each for i, each in enumerate(evidence)
    )
