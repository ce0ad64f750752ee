"""A `ResumableRecognition` with a scripted recogniser, and a record of its reports."""

from __future__ import annotations

import time
from collections.abc import Iterable

from chapterize.cache import Cache
from chapterize.data import OnProgress, Transcript
from chapterize.transcribe.resumable import ResumableRecognition
from chapterize.voice import VoiceOptions
from tests.synthetic_audio import RATE, Audio, in_blocks
from tests.transcribe.scripted import ScriptedRecogniser

FINE = VoiceOptions(min_pause=0.16, min_speech=0.0)


class Runner:
    """Recognises `audio` with `recogniser`, and records notes, progress and its times."""

    def __init__(self, recogniser: ScriptedRecogniser, cache: Cache | None = None) -> None:
        self.recogniser = recogniser
        self.cache = cache
        self.notes: list[str] = []
        self.reports: list[tuple[str, float]] = []
        self.times: list[float] = []

    def run(
        self,
        audio: Audio,
        *,
        blocks: Iterable[Audio] | None = None,
        language: str | None = None,
        batch_size: int = 1,
        duration: float | None = None,
        on_progress: OnProgress = lambda stage, fraction: None,
    ) -> Transcript:
        def progress(stage: str, fraction: float) -> None:
            self.reports.append((stage, fraction))
            self.times.append(time.monotonic())
            on_progress(stage, fraction)

        recognition = ResumableRecognition(
            self.recogniser,
            duration=duration or len(audio) / RATE,
            language=language,
            beam_size=3,
            on_progress=progress,
            on_note=self.notes.append,
        )
        if self.cache is not None:
            recognition.resume(self.cache, "key")
        transcript = recognition.run(
            in_blocks(audio) if blocks is None else blocks,
            FINE,
            batch_size=batch_size,
            source="s",
        )
        recognition.forget()
        return transcript
