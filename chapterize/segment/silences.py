"""What a long silence says about where a chapter begins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Sentence

__all__ = ["silence_bonus"]

Floats = NDArray[np.float64]

_SHORTEST = 15.0
"""Seconds of silence from which it counts. Shorter ones are no evidence: people who work while they
talk are often quiet for ten seconds inside a chapter."""

_LONGEST = 30.0
"""Seconds of silence from which it counts in full: a break, music, a title sequence."""

_AFTER = 0.7
"""What a full silence adds to the sentence after it. It takes 1 from those just before it."""

_LAST_WORDS = 15.0
"""Seconds before a silence in which a chapter hardly begins: a few words, and then nothing."""


def silence_bonus(sentences: Sequence[Sentence], pauses: Floats) -> Floats:
    """For each sentence, in [-1, 1]: above 0 after a long silence, below 0 just before one.

    `pauses` : shape (n,), seconds of silence before each sentence. Element 0 is 0.0.
    """
    bonus = np.zeros(len(sentences))
    starts = np.array([sentence.start for sentence in sentences])
    for i in (np.flatnonzero(pauses[1:] >= _SHORTEST) + 1).tolist():
        weight = min(1.0, np.log(pauses[i] / _SHORTEST) / np.log(_LONGEST / _SHORTEST))
        # Of speech that is longer than this, the first words may well begin a chapter.
        first = max(1, int(np.searchsorted(starts, sentences[int(i) - 1].end - _LAST_WORDS)))
        before = bonus[min(first, i) : i]
        np.minimum(before, -weight, out=before, where=before <= 0)
        bonus[i] = _AFTER * weight
    return bonus
