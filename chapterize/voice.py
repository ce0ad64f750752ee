"""Find speech in audio of any length with the voice-activity model of faster-whisper."""

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

# Sections lie on a fixed grid, so a run that resumes in the middle gets the same ones. The model's
# memory grows with the length of its input: 155 MB for two minutes, 614 MB for thirty.
_SECTION = 60 * SAMPLE_RATE
_OVERLAP = 4 * SAMPLE_RATE
# Audio is normalised: at -40 dB the voice-activity model misses a seventh of the speech, and
# Whisper skips a quiet voice between louder ones. Neither mistakes amplified noise for speech.
_TARGET_PEAK = 0.5
_MAX_GAIN = 1000.0
_LEVEL_FRAME = SAMPLE_RATE
_LEVEL_REACH = 2  # frames on each side


@dataclass(frozen=True)
class VoiceOptions:
    """What counts as speech.

    `min_speech` : speech shorter than these seconds is ignored as a click or a cough. `min_pause` :
    silence shorter than these seconds does not interrupt speech. `threshold` : the model's
    probability of speech, in [0, 1].
    """

    min_pause: float = 0.4
    min_speech: float = 0.1
    threshold: float = 0.5


@dataclass(frozen=True)
class Section:
    """A piece of audio, with the part of it in which speech is searched.

    `audio` : normalised samples, shape (n,), float32; the first one is sample `first` of the file.
    Speech is searched in samples [`start`, `stop`); those around them give the model context.
    """

    first: int
    start: int
    stop: int
    audio: FloatArray

    @property
    def core(self) -> FloatArray:
        """The samples [`start`, `stop`), in which speech is searched."""
        return self.audio[self.start - self.first : self.stop - self.first]


def sections_of(blocks: Iterable[FloatArray], *, skip: int = 0) -> Iterator[Section]:
    """Divide consecutive `blocks` of 16 kHz mono audio into sections of one minute.

    The first section is the one that contains sample `skip`. Memory holds one section and one block
    at a time.
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
        # Only at the end of the audio is the overlap shorter.
        needed = _SECTION + _OVERLAP if block is not None else 1
        while first + n_held >= start + needed:
            audio = np.concatenate(held)
            stop = min(start + _SECTION, first + n_held)
            yield Section(first, start, stop, _normalised(audio[: stop + _OVERLAP - first]))
            # Copied, because a view of the last seconds would keep the whole section in memory.
            held = [audio[max(0, stop - _OVERLAP - first) :].copy()]
            start, first, n_held = stop, max(first, stop - _OVERLAP), len(held[0])


def find_speech(section: Section, options: VoiceOptions) -> list[tuple[int, int]]:
    """Return the intervals [first, last) of speech in [`start`, `stop`) of `section`, in samples.

    An interval that ends at `stop` may continue in the next section.

    Raises
    ------
    EngineError : the voice-activity model failed.
    MissingDependency : faster-whisper, which includes the model, is not installed.
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
        found = get_speech_timestamps(section.audio, settings)
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise EngineError(
            "cannot detect speech",
            why=f"the voice-activity model failed: {reason}",
            hint="reinstall faster-whisper and onnxruntime",
        ) from error
    intervals = [
        (
            max(section.first + int(s["start"]), section.start),
            min(section.first + int(s["end"]), section.stop),
        )
        for s in found
    ]
    return [(start, stop) for start, stop in intervals if start < stop]


def _normalised(audio: FloatArray) -> FloatArray:
    """`audio` with quiet passages amplified; loud ones are unchanged."""
    n_frames = -(-len(audio) // _LEVEL_FRAME)
    padded = np.abs(np.pad(audio, (0, n_frames * _LEVEL_FRAME - len(audio))))
    peaks = np.pad(padded.reshape(n_frames, _LEVEL_FRAME).max(axis=1), _LEVEL_REACH)
    around = np.lib.stride_tricks.sliding_window_view(peaks, 2 * _LEVEL_REACH + 1).max(axis=1)
    gains = np.clip(_TARGET_PEAK / np.maximum(around, 1e-9), 1.0, _MAX_GAIN)
    centres = (np.arange(n_frames) + 0.5) * _LEVEL_FRAME
    normalised: FloatArray = audio * np.interp(np.arange(len(audio)), centres, gains)
    return normalised.astype(np.float32)
