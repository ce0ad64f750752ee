"""A scripted recogniser, and a speech detector that makes windows predictable."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from chapterize.data import Transcript
from chapterize.transcribe import Device, WhisperOptions, WhisperTranscriber
from chapterize.transcribe.engine import Recognised, RecognisedWord
from chapterize.voice import Section, VoiceOptions
from tests.synthetic_audio import RATE, Audio, in_blocks, joined, noise, silence

ONE = WhisperOptions(batch_size=1)
"""One window per part."""


def find_sound(section: Section, options: VoiceOptions) -> list[tuple[int, int]]:
    """Replaces `find_speech`: every nonzero sample is speech."""
    nonzero = np.flatnonzero(section.core)
    if not len(nonzero):
        return []
    gaps = np.flatnonzero(np.diff(nonzero) > options.min_pause * RATE)
    starts, stops = nonzero[[0, *(gaps + 1)]], nonzero[[*gaps, -1]] + 1
    return [
        (section.start + int(a), section.start + int(b)) for a, b in zip(starts, stops, strict=True)
    ]


def say(text: str, start: float, end: float, *, probability: float = 0.9) -> list[RecognisedWord]:
    """Words spread evenly over [start, end) of their window."""
    words = text.split()
    edges = [start + (end - start) * i / len(words) for i in range(len(words) + 1)]
    return [
        RecognisedWord(edges[i], edges[i + 1], f" {word}", probability)
        for i, word in enumerate(words)
    ]


@dataclass(frozen=True)
class Asked:
    """One call of `ScriptedRecogniser.recognise`."""

    windows: tuple[Audio, ...]
    language: str | None
    beam_size: int

    @property
    def seconds(self) -> list[float]:
        """The length of each window."""
        return [len(window) / RATE for window in self.windows]


@dataclass
class ScriptedRecogniser:
    """Answers each window with what was enqueued, else with `answer`.

    `history` : the calls so far. `before` : called with the index of the call before it is
    answered. `language` : the language it detects.
    """

    language: str = "en"
    before: Callable[[int], object] | None = None
    answer: Callable[[Audio], list[RecognisedWord]] = lambda window: []
    history: list[Asked] = field(default_factory=list)
    _answers: deque[Recognised] = field(default_factory=deque)

    def enqueue(
        self,
        *phrases: Sequence[RecognisedWord],
        languages: dict[str, float] | None = None,
        no_speech: float = 0.0,
    ) -> None:
        """Script the answer for the next window."""
        words = tuple(word for phrase in phrases for word in phrase)
        self._answers.append(Recognised(words, "", languages or {}, no_speech))

    def recognise(
        self, windows: Sequence[Audio], *, language: str | None, beam_size: int
    ) -> list[Recognised]:
        call = len(self.history)
        self.history.append(Asked(tuple(windows), language, beam_size))
        if self.before is not None:
            self.before(call)
        return [
            replace(
                self._answers.popleft()
                if self._answers
                else Recognised(tuple(self.answer(window)), "", {}),
                language=language or self.language,
            )
            for window in windows
        ]


def digest(window: Audio) -> str:
    """A word that identifies a window by its samples."""
    return hashlib.blake2b(window.tobytes(), digest_size=6).hexdigest()


def recite(window: Audio) -> list[RecognisedWord]:
    """An answer that depends only on the window."""
    return say(f"This is {digest(window)}.", 0.5, 2.0)


def loader(recogniser: ScriptedRecogniser) -> Callable[[Path, Device], ScriptedRecogniser]:
    """A `load` function that returns `recogniser`."""
    return lambda folder, device: recogniser


def talk(n_windows: int, *, seconds: float = 20.0, pause: float = 2.0) -> Audio:
    """Audio with `n_windows` windows, each one interval of speech."""
    return joined(
        *(part for i in range(n_windows) for part in (noise(seconds, seed=i), silence(pause)))
    )


def run(
    transcriber: WhisperTranscriber,
    audio: Audio,
    **options: object,
) -> Transcript:
    """Return the transcript of `audio`."""
    return transcriber.transcribe(
        in_blocks(audio),
        duration=len(audio) / RATE,
        **options,  # type: ignore[arg-type]
    )


def untouched() -> Iterator[Audio]:
    """Audio that must not be read."""
    raise AssertionError("the audio was read")
    yield
