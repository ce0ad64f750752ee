"""A fake hub with one small speech model, and an empty cache."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.hub import Model
from tests.fake_hub import COMMIT, FakeHub, Repository, Stored, running_hub, use_hub

MODEL = Model("toy", "speech", "someone/toy", COMMIT, megabytes=3)
WEIGHTS = Stored(random.Random(7).randbytes(3 << 20))
SMALL_CHUNK = 1 << 15


def toy_files() -> dict[str, Stored]:
    """Files of a speech model, and others that must not be downloaded."""
    return {
        "config.json": Stored(b"{}"),
        "tokenizer.json": Stored(b'{"version": "1.0"}'),
        "vocabulary.txt": Stored(b"<|startoftranscript|>\n"),
        "model.bin": WEIGHTS,
        "README.md": Stored(b"about"),
        "run_me.py": Stored(b"raise SystemExit"),
    }


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "hub"


@pytest.fixture
def fake(store: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with running_hub() as running:
        running.repositories["someone/toy"] = Repository(toy_files())
        use_hub(running, store, monkeypatch)
        # With the usual chunks of 10 MB, the toy would arrive completely or not at all.
        monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", SMALL_CHUNK)
        monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
        yield running
