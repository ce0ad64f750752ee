from __future__ import annotations

from pathlib import Path

import pytest

from chapterize.cache import Cache
from chapterize.transcribe import WhisperTranscriber
from tests.tiny_whisper import make_tiny_whisper
from tests.transcribe.scripted import SHORT, ScriptedRecogniser, loader


@pytest.fixture(scope="session")
def tiny_whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Whisper in a folder whose name must be no trouble."""
    return make_tiny_whisper(tmp_path_factory.mktemp("models") / "tiny 100% 日本語")


@pytest.fixture
def recogniser() -> ScriptedRecogniser:
    return ScriptedRecogniser()


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def scripted(
    tiny_whisper: Path, recogniser: ScriptedRecogniser, cache: Cache
) -> WhisperTranscriber:
    return WhisperTranscriber(
        tiny_whisper, device="cpu", options=SHORT, cache=cache, load=loader(recogniser)
    )
