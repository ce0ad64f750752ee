"""The client's calls by their names in the contract, for the tests of the client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from chapterize.remote.client import Client
from chapterize.remote.request import Waits
from tests.fake_service import FakeService, Request

WAITS = replace(Waits().paced(0.001), answer=5.0, silence=5.0, upload=5.0)
PLAN = "1. 00:00:00.000 -> 00:00:02.000 | Opening"
READINGS = ("credits", "state", "render-status", "session")
ACTS = ("upload", "run", "render", "cancel")


class Caller:
    """A client with a session, and each call of it by its name in the contract."""

    def __init__(self, fake: FakeService, client: Client, video: Path) -> None:
        self.fake, self.client, self.video = fake, client, video
        self.sid = client.create_session("en").session_id
        client.upload_files(self.sid, {"talk.mp4": video})
        client.start_render(self.sid, "render_1", self.draft())
        self.n_renders = 1

    def draft(self) -> Any:
        return self.client.state(self.sid)["draft"]

    def call(self, name: str) -> Any:
        calls: dict[str, Callable[[], Any]] = {
            "session": lambda: self.client.create_session("de"),
            "upload": lambda: self.client.upload_files(self.sid, {"talk.mp4": self.video}),
            "run": self.run,
            "credits": self.client.credits,
            "state": lambda: self.client.state(self.sid),
            "render": self.render,
            "render-status": lambda: self.client.render("render_1"),
            "cancel": lambda: self.client.cancel_render("render_1"),
        }
        return calls[name]()

    def run(self) -> list[Any]:
        with self.client.run(self.sid, PLAN, lambda: None) as events:
            return list(events)

    def render(self) -> Any:
        self.n_renders += 1
        return self.client.start_render(self.sid, f"render_{self.n_renders}", self.draft())

    def last(self, name: str) -> Request:
        return self.fake.calls(name)[-1]
