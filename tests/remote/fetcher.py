"""A finished render and its download, for the tests of downloads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from chapterize.remote.client import Client
from chapterize.remote.downloads import MOST_BYTES, download_render
from tests.fake_service import FakeService


class Fetcher:
    """A finished render, and the file to download it to."""

    def __init__(self, fake: FakeService, client: Client, video: Path, target: Path) -> None:
        self.fake, self.client, self.video, self.target = fake, client, video, target
        self.fractions: list[float] = []
        sid = client.create_session("en").session_id
        client.upload_files(sid, {"talk.mp4": video})
        client.start_render(sid, "render_1", client.state(sid)["draft"])
        client.render("render_1")
        target.touch()

    def fetch(self, *, limit: int = MOST_BYTES, **other: Any) -> bool:
        """Whether the whole video arrived; `other` replaces fields of the render."""
        render = replace(self.client.render("render_1"), **other)
        self.target.write_bytes(b"left from before" * 99_999)
        on_fraction = self.fractions.append
        download_render(self.client, render, self.target, on_fraction, limit=limit)
        return self.target.read_bytes() == self.video.read_bytes()

    def ranges(self, call: str = "cdn") -> list[str | None]:
        return [request.headers.get("range") for request in self.fake.calls(call)]

    def n_calls(self) -> tuple[int, int]:
        """Requests to the public address, and to the service's own route."""
        return len(self.fake.calls("cdn")), len(self.fake.calls("download"))
