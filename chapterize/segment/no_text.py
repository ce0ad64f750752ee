"""Something to divide where nobody speaks or nothing is written down."""

from __future__ import annotations

from chapterize.data import Sentence, Signals

__all__ = ["stretches"]

_SAME_EVENT = 2.0
"""Seconds within which a picture change and the end of a pause are one event."""


def stretches(signals: Signals, duration: float) -> tuple[Sentence, ...]:
    """Stretches of sound or of one picture, as sentences without text.

    A stretch begins where a pause ends or the picture changes, the first at 0.0; it ends where the
    next pause begins, so that the gap between two stretches is the pause.
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
