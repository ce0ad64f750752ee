"""A recogniser that says what it was told to, and sound that passes for speech."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Transcript
from chapterize.transcribe import Device, WhisperOptions, WhisperTranscriber

RATE = 16_000
SHORT = WhisperOptions(chunk_seconds=10.0)
Sound = NDArray[np.float32]


@dataclass(frozen=True)
class Said:
    """A segment as faster-whisper gives it, times and all as numpy numbers."""

    text: str
    start: Any
    end: Any
    words: list[Any] | None = None
    no_speech_prob: float = 0.0
    avg_logprob: float = -0.3


def say(text: str, start: float, end: float, **more: Any) -> Said:
    """A segment whose words share its time evenly."""
    parts = text.split()
    edges = np.linspace(start, end, len(parts) + 1)
    words = [
        SimpleNamespace(word=f" {part}", start=edges[i], end=edges[i + 1])
        for i, part in enumerate(parts)
    ]
    return Said(f" {text}", np.float64(start), np.float64(end), words, **more)


@dataclass
class ScriptedRecogniser:
    """Answers each chunk with the segments enqueued for it; `history` holds what it was asked.

    `before` is called with the number of the chunk, from 0, before it is answered.
    """

    language: str = "en"
    before: Callable[[int], None] | None = None
    history: list[SimpleNamespace] = field(default_factory=list)
    _answers: deque[tuple[Said, ...]] = field(default_factory=deque)

    def enqueue(self, *segments: Said) -> None:
        self._answers.append(segments)

    def transcribe(self, audio: Sound, **options: Any) -> tuple[Iterable[Any], Any]:
        if self.before is not None:
            self.before(len(self.history))
        self.history.append(SimpleNamespace(seconds=len(audio) / RATE, options=options))
        language = options["language"] or self.language
        answer = self._answers.popleft() if self._answers else ()
        return iter(answer), SimpleNamespace(language=language)


def loader(recogniser: ScriptedRecogniser) -> Callable[[Path, Device], ScriptedRecogniser]:
    return lambda folder, device: recogniser


def enqueue_lines(recogniser: ScriptedRecogniser, n_chunks: int) -> None:
    for i in range(n_chunks):
        recogniser.enqueue(say(f"line {i} of the talk", 1.0, 3.0), say(f"more {i}", 3.5, 7.5))


def run(transcriber: WhisperTranscriber, seconds: float = 35.0, **options: Any) -> Transcript:
    """Transcribe hum; 35 s are four chunks of `SHORT`."""
    return transcriber.transcribe(in_blocks(hum(seconds)), duration=seconds, **options)


def untouched() -> Iterator[Sound]:
    """Sound that nobody may read."""
    raise AssertionError("the sound was read")
    yield


def hum(seconds: float) -> Sound:
    """Faint noise, in which nobody speaks."""
    noise = np.random.default_rng(1).standard_normal(int(seconds * RATE), dtype=np.float32)
    return noise * np.float32(0.001)


def in_blocks(sound: Sound, seconds: float = 3.0) -> Iterator[Sound]:
    for start in range(0, len(sound), int(seconds * RATE)):
        yield sound[start : start + int(seconds * RATE)]


def babble(n_words: int, *, seed: int = 0) -> Sound:
    """Hisses and vowels, 60 ms between "words": the voice-activity model calls it speech."""
    random = np.random.default_rng(seed)
    formants = [(730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480)]
    parts: list[Any] = []
    for _ in range(n_words):
        for _ in range(random.integers(2, 4)):
            parts.append(np.hanning(800) * random.standard_normal(800) * 0.09)
            vowel = formants[random.integers(len(formants))]
            parts.append(_vowel(random.uniform(0.12, 0.25), random.uniform(100, 140), vowel))
        parts.append(np.zeros(960))
    return np.concatenate(parts).astype(np.float32)


def _vowel(seconds: float, pitch: float, formants: tuple[int, ...]) -> Any:
    time = np.arange(int(seconds * RATE)) / RATE
    phase = np.cumsum(pitch * (1 + 0.03 * np.sin(2 * np.pi * 5 * time))) / RATE
    sound = np.zeros_like(time)
    for harmonic in range(1, int(7500 / pitch)):
        gain = sum(
            strength / (1 + ((pitch * harmonic - formant) / width) ** 2)
            for formant, width, strength in zip(
                formants, (80, 100, 170), (1, 0.5, 0.3), strict=True
            )
        )
        sound += gain * np.sin(2 * np.pi * harmonic * phase)
    return 0.3 * sound * np.clip(np.minimum(time / 0.03, (seconds - time) / 0.05), 0, 1)
