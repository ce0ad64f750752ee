"""Fake engines: `enqueue` scripts their answers, `history` records their calls."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Cue, OnNote, OnProgress, TextLine, Transcript


@dataclass(frozen=True)
class Heard:
    """The arguments of one call of `ScriptedTranscriber.transcribe`."""

    seconds: float
    duration: float
    language: str | None


class ScriptedTranscriber:
    """Reads all the audio and returns the enqueued cues."""

    fingerprint = "scripted"

    def __init__(self) -> None:
        self.history: list[Heard] = []
        self._answers: deque[tuple[Cue, ...]] = deque()

    def enqueue(self, *cues: Cue) -> None:
        self._answers.append(cues)

    def transcribe(
        self,
        blocks: Iterable[NDArray[np.float32]],
        *,
        duration: float,
        language: str | None = None,
        media_fingerprint: str | None = None,
        on_progress: OnProgress | None = None,
        on_note: OnNote | None = None,
    ) -> Transcript:
        samples = sum(len(block) for block in blocks)
        self.history.append(Heard(samples / 16_000, duration, language))
        return Transcript(self._answers.popleft(), "whisper:scripted", language or "en")


class ScriptedReader:
    """Reads the enqueued lines, one frame after the other, and nothing when they are used up."""

    def __init__(self, fingerprint: str = "scripted") -> None:
        self.fingerprint = fingerprint
        self.history: list[tuple[int, ...]] = []
        self._answers: deque[tuple[TextLine, ...] | Exception] = deque()

    def enqueue(self, *answers: tuple[TextLine, ...] | Exception) -> None:
        self._answers.extend(answers)

    def read(self, frame: NDArray[np.uint8]) -> tuple[TextLine, ...]:
        self.history.append(frame.shape)
        answer = self._answers.popleft() if self._answers else ()
        if isinstance(answer, Exception):
            raise answer
        return answer


class ScriptedTitler:
    """Titles chapters "T1", "T2" … and records their texts."""

    fingerprint = "scripted"

    def __init__(self) -> None:
        self.history: list[list[list[str]]] = []

    def title(
        self, chapters_text: Sequence[Sequence[str]], *, language: str | None = None
    ) -> tuple[str, ...]:
        self.history.append([list(texts) for texts in chapters_text])
        return tuple(f"T{n}" for n in range(1, len(chapters_text) + 1))
