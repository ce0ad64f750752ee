"""Fixtures of the tests of `remote`: the state and token of the developer are never touched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.remote.client import Client
from chapterize.remote.identity import Identity
from tests.fake_service import FakeService, render_calls, running_service
from tests.fake_service.plain_client import PlainClient
from tests.remote.caller import WAITS, Caller
from tests.remote.fetcher import Fetcher
from tests.remote.watch import watch

__all__ = ["watch"]


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder of one test; no token and no service from the environment."""
    folder = tmp_path / "state"
    monkeypatch.setenv("CHAPTERIZE_STATE", str(folder))
    monkeypatch.setenv("CHAPTERIZE_CACHE", str(tmp_path / "cache"))
    for name in ("NEMO_TOKEN", "NEMO_API_URL", "CHAPTERIZE_PACE"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeService]:
    """The service on loopback."""
    with running_service(tmp_path) as service:
        yield service


@pytest.fixture
def client(fake: FakeService) -> Iterator[PlainClient]:
    """Bare httpx with a session and a video, for the tests of the fake service itself."""
    made = PlainClient(fake).start()
    made.upload_urls("https://example.org/talk.mp4")
    yield made
    made.http.close()


@pytest.fixture
def film(fake: FakeService, client: PlainClient, video_mp4: Path) -> str:
    """The address of a finished render of a real video."""
    client.sid = client.session().json()["data"]["session_id"]
    client.upload(video_mp4)
    client.render()
    return str(client.status().json()["data"]["outputUrl"])


@pytest.fixture(scope="session")
def padded_video(video_mp4: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video with enough free space at its end to be cut several times."""
    path = tmp_path_factory.mktemp("download") / "talk.mp4"
    n_free = 400_000
    free = (n_free + 8).to_bytes(4, "big") + b"free" + bytes(range(250)) * (n_free // 250)
    path.write_bytes(video_mp4.read_bytes() + free)
    return path


@pytest.fixture
def fetcher(
    fake: FakeService, padded_video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Fetcher]:
    """A finished render that is to be downloaded."""
    monkeypatch.setattr(
        render_calls, "make_mp4", lambda _, target, __: shutil.copy(padded_video, target)
    )
    with Client.opened(Identity(fake.base), WAITS) as client:
        yield Fetcher(fake, client, padded_video, tmp_path / "downloaded.mp4")
    assert fake.unauthorised_leaks == []


@pytest.fixture
def caller(fake: FakeService, tmp_path: Path) -> Iterator[Caller]:
    """A client with a session, an upload and a render."""
    path = tmp_path / "talk.mp4"
    path.write_bytes(b"no video, but bytes" * 1000)
    with Client.opened(Identity(fake.base), WAITS) as opened:
        yield Caller(fake, opened, path)
