"""Pauses: chapter starts, the effect of long silences, and sentences for media without text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Sentence, Signals

__all__ = ["chapter_starts", "silence_bonus", "textless_sentences"]

Floats = NDArray[np.float64]

_LONGEST_LEAD = 2.0
"""Seconds that a chapter starts before its first sentence at most, however long the pause."""

_SHORTEST = 15.0
"""Seconds of silence from which it counts. Shorter ones are no evidence: people who work while they
talk are often quiet for ten seconds inside a chapter."""

_LONGEST = 30.0
"""Seconds of silence from which it counts in full: a break, music, a title sequence."""

_AFTER = 0.7
"""Bonus of the sentence after a full silence. The sentences just before it lose 1."""

_LAST_WORDS = 15.0
"""Seconds before a silence in which a chapter hardly ever begins."""

_SAME_EVENT = 2.0
"""Seconds within which a slide change and the end of a pause are one event."""


def chapter_starts(sentences: Sequence[Sentence], signals: Signals) -> tuple[Floats, Floats]:
    """Where a chapter would start at each sentence, and the pause before it.

    Returns
    -------
    starts : shape (n,), seconds: the middle of the pause before the sentence, but at most
        `_LONGEST_LEAD` before the sentence; starts[0] is 0.0.
    pauses : shape (n,), seconds of silence before the sentence.
    """
    begin = np.array([sentence.start for sentence in sentences])
    before = np.append(0.0, [sentence.end for sentence in sentences[:-1]])
    pauses = np.maximum(begin - before, 0.0)
    for pause in signals.pauses:
        # Detected silence overrides caption times, which often leave no gap between cues.
        i = int(np.searchsorted(begin, pause.end - 0.5))
        if i < len(begin) and pause.start <= begin[i] <= pause.end + 0.5:
            pauses[i] = max(pauses[i], min(begin[i], pause.end) - pause.start)
    starts = begin - np.minimum(pauses / 2.0, _LONGEST_LEAD)
    starts = np.maximum.accumulate(starts)
    starts[0] = 0.0
    return starts, pauses


def silence_bonus(sentences: Sequence[Sentence], pauses: Floats) -> Floats:
    """For each sentence, in [-1, 1]: above 0 after a long silence, below 0 just before one.

    `pauses` : shape (n,), seconds of silence before each sentence. Element 0 is 0.0.
    """
    bonus = np.zeros(len(sentences))
    starts = np.array([sentence.start for sentence in sentences])
    for i in (np.flatnonzero(pauses[1:] >= _SHORTEST) + 1).tolist():
        weight = min(1.0, np.log(pauses[i] / _SHORTEST) / np.log(_LONGEST / _SHORTEST))
        # If speech before the silence lasts longer than this, its start may begin a chapter.
        first = max(1, int(np.searchsorted(starts, sentences[int(i) - 1].end - _LAST_WORDS)))
        before = bonus[min(first, i) : i]
        np.minimum(before, -weight, out=before, where=before <= 0)
        bonus[i] = _AFTER * weight
    return bonus


def textless_sentences(signals: Signals, duration: float) -> tuple[Sentence, ...]:
    """Sentences without text, for media without a transcript.

    One starts at 0.0, at the end of each pause and at each slide change. It ends where the next
    pause starts, so the gap between two of them is the pause.
    """
    pauses = [pause for pause in signals.pauses if 0.0 < pause.end < duration]
    begins = {0.0, *(pause.end for pause in pauses)}
    for slide in signals.slides:
        if 0.0 < slide < duration and all(abs(slide - b) > _SAME_EVENT for b in begins):
            begins.add(slide)
    ordered = sorted(begins)
    found = []
    for start, following in zip(ordered, [*ordered[1:], duration], strict=True):
        silence = [pause.start for pause in signals.pauses if start < pause.start < following]
        found.append(Sentence(start, min([following, *silence]), ""))
    return tuple(found)
