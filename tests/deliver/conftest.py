"""Fixtures of the delivery tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deliver.scene import Person, service
from tests.fake_service import FakeService


@pytest.fixture(autouse=True)
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    with service(tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
def talk(tmp_path: Path, video_mp4: Path) -> Path:
    """Four seconds of video in a folder of its own."""
    folder = tmp_path / "videos"
    folder.mkdir()
    return Path(shutil.copy(video_mp4, folder / "it's a “talk” 日本語.mp4"))
