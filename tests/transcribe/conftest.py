from __future__ import annotations

from pathlib import Path

import pytest

from chapterize.cache import Cache
from chapterize.transcribe import WhisperTranscriber
from tests.tiny_whisper import make_tiny_whisper
from tests.transcribe.runner import Runner
from tests.transcribe.scripted import ONE, ScriptedRecogniser, find_sound, loader


@pytest.fixture(scope="session")
def tiny_whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Whisper model with random weights, in a folder with an unusual name."""
    return make_tiny_whisper(tmp_path_factory.mktemp("models") / "tiny 100% 日本語")


@pytest.fixture
def plain_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every nonzero sample is speech, so that windows are known to the sample.

    Scripted answers are short, so the rest of a window is not recognised again.
    """
    monkeypatch.setattr("chapterize.transcribe.windows.find_speech", find_sound)
    monkeypatch.setattr("chapterize.transcribe.recognition._SKIPPED", float("inf"))


@pytest.fixture
def recogniser() -> ScriptedRecogniser:
    return ScriptedRecogniser()


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def scripted(
    tiny_whisper: Path, recogniser: ScriptedRecogniser, cache: Cache, plain_speech: None
) -> WhisperTranscriber:
    """A transcriber with a scripted recogniser and one window per batch."""
    return WhisperTranscriber(
        tiny_whisper, device="cpu", options=ONE, cache=cache, load=loader(recogniser)
    )


@pytest.fixture
def runner(recogniser: ScriptedRecogniser) -> Runner:
    return Runner(recogniser)


@pytest.fixture
def keeping(recogniser: ScriptedRecogniser, cache: Cache) -> Runner:
    return Runner(recogniser, cache)
