"""What a long silence says about where a chapter begins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Sentence

__all__ = ["silence_bonus"]

Floats = NDArray[np.float64]

_SHORTEST = 8.0
"""Seconds of silence from which it counts. Shorter ones say nothing about chapters: in recordings
with exact times they are as common inside a chapter as between two."""

_FULL = 30.0
"""Seconds of silence that count in full: a break, or music."""

_LAST_WORDS = 15.0
"""Seconds before a silence in which a chapter hardly begins: it would open with a few words and
then nothing."""


def silence_bonus(sentences: Sequence[Sentence], pauses: Floats) -> Floats:
    """For each sentence, in [-1, 1]: above 0 after a long silence, below 0 just before one.

    `pauses` : shape (n,), seconds of silence before each sentence. Element 0 is 0.0.
    """
    bonus = np.zeros(len(sentences))
    starts = np.array([sentence.start for sentence in sentences])
    long = [i for i in np.flatnonzero(pauses >= _SHORTEST) if i > 0]
    for i in long:
        weight = min(1.0, np.log(pauses[i] / _SHORTEST) / np.log(_FULL / _SHORTEST))
        first = int(np.searchsorted(starts, sentences[i - 1].end - _LAST_WORDS))
        before = bonus[max(1, min(first, i - 1)) : i]
        # Short talk between two silences keeps what the first one gave it.
        before[before <= 0] = np.minimum(before[before <= 0], -weight)
        bonus[i] = weight
    return bonus
