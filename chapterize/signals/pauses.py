"""Find pauses in speech."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chapterize.data import SAMPLE_RATE, Pause
from chapterize.voice import VoiceOptions, find_speech, sections_of

if TYPE_CHECKING:
    from chapterize.data import FloatArray

__all__ = ["find_pauses"]


def find_pauses(
    blocks: Iterable[FloatArray], *, options: VoiceOptions | None = None
) -> tuple[Pause, ...]:
    """Intervals without speech, in order; a single one if nobody speaks.

    Parameters
    ----------
    blocks : the audio from 0.0 without gaps, each of shape (n,), float32 at 16 kHz.

    Raises
    ------
    EngineError : the voice-activity model failed.
    MissingDependency : faster-whisper, which contains the model, is not installed.
    """
    options = options or VoiceOptions()
    shortest = options.min_pause * SAMPLE_RATE
    pauses: list[Pause] = []
    silent_since = n_samples = 0
    for section in sections_of(blocks):
        n_samples = section.stop
        for start, stop in find_speech(section, options):
            if start - silent_since >= shortest:
                pauses.append(Pause(silent_since / SAMPLE_RATE, start / SAMPLE_RATE))
            silent_since = stop
    if n_samples and (silent_since == 0 or n_samples - silent_since >= shortest):
        pauses.append(Pause(silent_since / SAMPLE_RATE, n_samples / SAMPLE_RATE))
    return tuple(pauses)
