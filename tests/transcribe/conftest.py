from __future__ import annotations

from pathlib import Path

import pytest

from tests.tiny_whisper import make_tiny_whisper


@pytest.fixture(scope="session")
def tiny_whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Whisper in a folder with a name that is no trouble."""
    return make_tiny_whisper(tmp_path_factory.mktemp("models") / "tiny 100% 日本語")
