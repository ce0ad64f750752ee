"""Fixtures of the tests of the MCP server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deliver.scene import LISTING, service, use_state
from tests.fake_service import FakeService
from tests.texts import cues, write_srt

VTT = """WEBVTT

00:00.000 --> 01:00.000
Opening

01:00.000 --> 02:00.000
Bees & honey
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def folder(tmp_path: Path, video_mp4: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A video of four seconds with a list of chapters, and two minutes of captions."""
    use_state(tmp_path, monkeypatch)
    monkeypatch.setenv("NEMO_API_URL", "http://127.0.0.1:9")
    made = tmp_path / "it's a “folder” 日本"
    made.mkdir()
    shutil.copy(video_mp4, made / "talk.mp4")
    (made / "talk.txt").write_text(LISTING, encoding="utf-8")
    write_srt(made / "long.srt", cues())
    (made / "long.vtt").write_text(VTT, encoding="utf-8")
    return made


@pytest.fixture
def fake(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    """A fake remote service that the server uses."""
    with service(tmp_path, monkeypatch) as running:
        yield running
