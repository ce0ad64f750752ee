from __future__ import annotations

from pathlib import Path

import pytest

from chapterize.cache import Cache
from chapterize.transcribe import WhisperTranscriber
from tests.tiny_whisper import make_tiny_whisper
from tests.transcribe.scripted import ONE, ScriptedRecogniser, find_sound, loader


@pytest.fixture(scope="session")
def tiny_whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Whisper in a folder whose name must be no trouble."""
    return make_tiny_whisper(tmp_path_factory.mktemp("models") / "tiny 100% 日本語")


@pytest.fixture
def plain_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sample that is not zero is speech, so that windows are known to the sample.

    Scripted answers are short; the rest of a window is not heard again.
    """
    monkeypatch.setattr("chapterize.transcribe.windows.find_speech", find_sound)
    monkeypatch.setattr("chapterize.transcribe.hearing._SKIPPED", float("inf"))


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
    """A transcriber whose recogniser is scripted, one window a batch."""
    return WhisperTranscriber(
        tiny_whisper, device="cpu", options=ONE, cache=cache, load=loader(recogniser)
    )
