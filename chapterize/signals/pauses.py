"""Pauses in the speech, from the voice-activity model inside faster-whisper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from chapterize.data import Pause
from chapterize.errors import EngineError, MissingDependency
from chapterize.ffmpeg import SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]

__all__ = ["PauseOptions", "find_pauses"]

# The model's memory grows with what it is given: 155 MB for two minutes, 614 MB for thirty.
_WINDOW = 120 * SAMPLE_RATE
_OVERLAP = 4 * SAMPLE_RATE


@dataclass(frozen=True)
class PauseOptions:
    """What counts as a pause: seconds, and the speech probability of the model in [0, 1].

    Speech shorter than `min_speech` is taken for a click or a cough.
    """

    min_pause: float = 0.4
    min_speech: float = 0.1
    threshold: float = 0.5


def find_pauses(
    blocks: Iterable[FloatArray], *, options: PauseOptions | None = None
) -> tuple[Pause, ...]:
    """Stretches without speech, in order; one over everything when nobody speaks.

    Parameters
    ----------
    blocks : the sound from 0.0 on without a hole, each shape (n,), float32 at 16 kHz.

    Raises
    ------
    EngineError : the voice-activity model failed.
    MissingDependency : faster-whisper, which carries the model, is not installed.
    """
    options = options or PauseOptions()
    pauses: list[Pause] = []
    silent_since = 0
    n_samples = 0
    for core, end, begin, window in _windows(blocks):
        n_samples = end
        for start, stop in _find_speech(window, options):
            first, last = max(start + begin, core), min(stop + begin, end)
            if first < last:
                if first - silent_since >= options.min_pause * SAMPLE_RATE:
                    pauses.append(Pause(silent_since / SAMPLE_RATE, first / SAMPLE_RATE))
                silent_since = last
    if n_samples and (
        silent_since == 0 or n_samples - silent_since >= options.min_pause * SAMPLE_RATE
    ):
        pauses.append(Pause(silent_since / SAMPLE_RATE, n_samples / SAMPLE_RATE))
    return tuple(pauses)


def _windows(blocks: Iterable[FloatArray]) -> Iterator[tuple[int, int, int, FloatArray]]:
    """(first sample judged, first not judged any more, first sample of the window, window).

    A window has `_OVERLAP` on both sides of what is judged, for the model to find its feet.
    """
    window = np.empty(0, np.float32)
    begin = core = 0
    for block in blocks:
        window = np.concatenate((window, block))
        while begin + window.size >= core + _WINDOW + _OVERLAP:
            end = core + _WINDOW
            yield core, end, begin, window[: end + _OVERLAP - begin]
            core = end
            window = window[core - _OVERLAP - begin :].copy()
            begin = core - _OVERLAP
    if begin + window.size > core:
        yield core, begin + window.size, begin, window


def _find_speech(window: FloatArray, options: PauseOptions) -> list[tuple[int, int]]:
    try:
        from faster_whisper.vad import VadOptions, get_speech_timestamps
    except ImportError as error:
        raise MissingDependency("faster-whisper", install="pip install faster-whisper") from error
    settings = VadOptions(
        threshold=options.threshold,
        min_speech_duration_ms=round(options.min_speech * 1000),
        min_silence_duration_ms=round(options.min_pause * 1000),
        speech_pad_ms=0,
    )
    try:
        found = get_speech_timestamps(window, settings)
    except Exception as error:
        raise EngineError(
            "cannot find the pauses",
            why=f"the voice-activity model failed: {str(error).splitlines()[0]}",
            hint="reinstall faster-whisper and onnxruntime",
        ) from error
    return [(speech["start"], min(speech["end"], window.size)) for speech in found]
