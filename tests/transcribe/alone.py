"""A run in its own process, to be killed or to compete with another for the same file.

``python -m tests.transcribe.alone MODEL CACHE LOG SECONDS`` logs each window before recognising it,
takes SECONDS for it, and prints ``up``, its notes, and the transcript as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from chapterize.cache import Cache
from chapterize.data import Transcript
from chapterize.transcribe import WhisperTranscriber, recognition, windows
from tests.synthetic_audio import RATE, Audio, silence
from tests.transcribe.scripted import (
    ONE,
    ScriptedRecogniser,
    digest,
    find_sound,
    loader,
    recite,
)

N_WINDOWS = 30


def blocks() -> Iterator[Audio]:
    """Blocks of one window each, distinguished by their level."""
    for i in range(N_WINDOWS):
        yield np.full(16 * RATE, 0.5 + i / 100, np.float32)
        yield silence(1.0)


def transcribed(model: Path, cache: Cache, recogniser: ScriptedRecogniser) -> Transcript:
    """Return the transcript of `blocks`; print each note."""
    transcriber = WhisperTranscriber(
        model, device="cpu", options=ONE, cache=cache, load=loader(recogniser)
    )
    return transcriber.transcribe(
        blocks(),
        duration=17.0 * N_WINDOWS,
        media_fingerprint="f",
        on_note=lambda text: print(text, flush=True),
    )


def main() -> None:
    """Run with the arguments of the command line."""
    model, cache, log = map(Path, sys.argv[1:4])
    windows.find_speech = find_sound  # type: ignore[attr-defined]
    recognition._SKIPPED = float("inf")
    print("up", flush=True)

    def slowly(call: int) -> None:
        (window,) = recogniser.history[call].windows
        with log.open("a") as file:
            file.write(f"{digest(window)}\n")
        time.sleep(float(sys.argv[4]))

    recogniser = ScriptedRecogniser(before=slowly, answer=recite)
    print(json.dumps(asdict(transcribed(model, Cache(cache), recogniser))))


if __name__ == "__main__":
    main()
