"""Where somebody speaks: the voice-activity model inside faster-whisper, on audio of any length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from chapterize.data import SAMPLE_RATE
from chapterize.errors import EngineError, MissingDependency

if TYPE_CHECKING:
    from chapterize.data import FloatArray

__all__ = ["Section", "VoiceOptions", "find_speech", "sections_of"]

# Sections lie on a fixed grid, so that a run that resumes in the middle sees the same ones. The
# model's memory grows with what it is given: 155 MB for two minutes, 614 MB for thirty.
_SECTION = 60 * SAMPLE_RATE
_OVERLAP = 4 * SAMPLE_RATE
# Speech is raised to an ordinary level: at -40 dB the voice-activity model misses a seventh of it,
# and Whisper skips a soft voice between louder ones. Both still take amplified noise for noise.
_WANTED_PEAK = 0.5
_MAX_GAIN = 1000.0
_LEVEL_FRAME = SAMPLE_RATE
_LEVEL_REACH = 2  # frames on each side


@dataclass(frozen=True)
class VoiceOptions:
    """What counts as speech: seconds, and the probability of the model in [0, 1].

    Speech shorter than `min_speech` is taken for a click or a cough; silence shorter than
    `min_pause` does not interrupt speech.
    """

    min_pause: float = 0.4
    min_speech: float = 0.1
    threshold: float = 0.5


@dataclass(frozen=True)
class Section:
    """A piece of audio, and the part of it in which speech is to be found.

    `sound` : shape (n,), float32, levelled, whose first sample is sample `first` of the file.
    Samples [`start`, `stop`) are judged; what lies around them only lets the model settle.
    """

    first: int
    start: int
    stop: int
    sound: FloatArray

    @property
    def judged(self) -> FloatArray:
        """The samples [`start`, `stop`)."""
        return self.sound[self.start - self.first : self.stop - self.first]


def sections_of(blocks: Iterable[FloatArray], *, skip: int = 0) -> Iterator[Section]:
    """Cut consecutive `blocks` of 16 kHz mono audio into sections of a minute.

    The section that holds sample `skip` comes first. Only one section and one block are held.
    """
    start = skip // _SECTION * _SECTION
    first = max(0, start - _OVERLAP)
    position, held, n_held = 0, [], 0
    for block in chain(blocks, (None,)):
        if block is not None:
            fresh = block[max(0, first - position) :]
            position += len(block)
            held.append(fresh)
            n_held += len(fresh)
        # The overlap is shorter at the end of the audio only.
        needed = _SECTION + _OVERLAP if block is not None else 1
        while first + n_held >= start + needed:
            sound = np.concatenate(held)
            stop = min(start + _SECTION, first + n_held)
            yield Section(first, start, stop, _levelled(sound[: stop + _OVERLAP - first]))
            # A copy, or the whole section would stay in memory behind its last seconds.
            held = [sound[max(0, stop - _OVERLAP - first) :].copy()]
            start, first, n_held = stop, max(first, stop - _OVERLAP), len(held[0])


def find_speech(section: Section, options: VoiceOptions) -> list[tuple[int, int]]:
    """First and last sample of each stretch of speech in [`start`, `stop`) of `section`.

    A stretch that ends at `stop` may continue at the start of the next section.

    Raises
    ------
    EngineError : the voice-activity model failed.
    MissingDependency : faster-whisper, which carries the model, is not installed.
    """
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
        found = get_speech_timestamps(section.sound, settings)
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise EngineError(
            "cannot find where somebody speaks",
            why=f"the voice-activity model failed: {reason}",
            hint="reinstall faster-whisper and onnxruntime",
        ) from error
    stretches = [
        (
            max(section.first + int(s["start"]), section.start),
            min(section.first + int(s["end"]), section.stop),
        )
        for s in found
    ]
    return [(start, stop) for start, stop in stretches if start < stop]


def _levelled(sound: FloatArray) -> FloatArray:
    """`sound` with its soft passages raised; loud ones stay as they are."""
    n_frames = -(-len(sound) // _LEVEL_FRAME)
    padded = np.abs(np.pad(sound, (0, n_frames * _LEVEL_FRAME - len(sound))))
    peaks = np.pad(padded.reshape(n_frames, _LEVEL_FRAME).max(axis=1), _LEVEL_REACH)
    around = np.lib.stride_tricks.sliding_window_view(peaks, 2 * _LEVEL_REACH + 1).max(axis=1)
    gains = np.clip(_WANTED_PEAK / np.maximum(around, 1e-9), 1.0, _MAX_GAIN)
    middles = (np.arange(n_frames) + 0.5) * _LEVEL_FRAME
    levelled: FloatArray = sound * np.interp(np.arange(len(sound)), middles, gains)
    return levelled.astype(np.float32)
