"""The calls of the contract by bare httpx, for the tests of the fake itself."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.fake_service.service import FakeService

ATTRIBUTION = {
    "X-Skill-Source": "chapter-generator",
    "X-Skill-Version": "0.1.0",
    "X-Skill-Platform": "unknown",
}
PLAN = """Put 1080p titles for 3 seconds each.
1. 00:00:00.000 -> 00:00:02.000 | Opening
2. 00:00:02.000 -> 00:00:10.500 | Bees | honey
3. 00:00:10.500 -> 00:00:30.000 | "Schluß"
Do not add music."""


class PlainClient:
    """One anonymous user with one session; each method makes one call and returns the response."""

    def __init__(self, fake: FakeService) -> None:
        self.fake = fake
        self.http = httpx.Client(base_url=fake.base, headers=ATTRIBUTION, timeout=5)
        self.client_id = str(uuid.uuid4())
        self.sid = ""

    def start(self) -> PlainClient:
        """Fetch a token and open a session."""
        self.use(self.token().json()["data"]["token"])
        self.sid = self.session().json()["data"]["session_id"]
        return self

    def use(self, token: str) -> None:
        self.http.headers["Authorization"] = f"Bearer {token}"

    def token(self) -> httpx.Response:
        return self.http.post("/api/auth/anonymous-token", headers={"X-Client-Id": self.client_id})

    def session(self) -> httpx.Response:
        fields = {"task_name": "project", "language": "en"}
        return self.http.post("/api/tasks/me/with-session/nemo_agent", json=fields)

    def upload(self, *paths: Path, name: str | None = None) -> httpx.Response:
        files = [("files", (name or path.name, path.read_bytes())) for path in paths]
        return self.http.post(f"/api/upload-video/nemo_agent/me/{self.sid}", files=files)

    def upload_urls(self, *addresses: str) -> httpx.Response:
        fields = {"urls": list(addresses), "source_type": "url"}
        return self.http.post(f"/api/upload-video/nemo_agent/me/{self.sid}", json=fields)

    def run(self, text: str = PLAN) -> httpx.Response:
        """The whole stream."""
        with self.stream(text) as response:
            response.read()
            return response

    @contextmanager
    def stream(self, text: str = PLAN) -> Iterator[httpx.Response]:
        fields = {
            "app_name": "nemo_agent",
            "user_id": "me",
            "session_id": self.sid,
            "new_message": {"parts": [{"text": text}]},
        }
        headers = {"Accept": "text/event-stream"}
        with self.http.stream("POST", "/run_sse", json=fields, headers=headers) as response:
            yield response

    def credits(self) -> httpx.Response:
        return self.http.get("/api/credits/balance/simple")

    def state(self) -> httpx.Response:
        return self.http.get(f"/api/state/nemo_agent/me/{self.sid}/latest")

    def draft(self) -> dict[str, Any]:
        return dict(self.state().json()["data"]["state"]["draft"])

    def render(self, rid: str = "render_1", draft: Any = None) -> httpx.Response:
        fields = {
            "id": rid,
            "sessionId": self.sid,
            "draft": self.draft() if draft is None else draft,
            "output": {"format": "mp4", "quality": "high"},
        }
        return self.http.post("/api/render/proxy/lambda", json=fields)

    def status(self, rid: str = "render_1") -> httpx.Response:
        return self.http.get(f"/api/render/proxy/lambda/{rid}")

    def cancel(self, rid: str = "render_1") -> httpx.Response:
        return self.http.post(f"/api/render/proxy/lambda/{rid}/cancel")

    def download(self, rid: str = "render_1") -> httpx.Response:
        return self.http.get(f"/api/render/proxy/{rid}/download")

    def fetch(self, address: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """An output URL, without the token."""
        return httpx.get(address, headers=dict(headers or {}), timeout=5)

    def call(self, name: str) -> httpx.Response:
        """One call by its name in `faults.CALLS`."""
        if name == "cdn":
            return self.fetch(f"{self.fake.base}/cdn/render_1.mp4?v=1")
        if name == "upload":
            return self.upload_urls("https://example.org/talk.mp4")
        method = {"anonymous-token": "token", "render-status": "status"}.get(name, name)
        response = getattr(self, method)()
        assert isinstance(response, httpx.Response)
        return response


def documents(body: bytes) -> list[dict[str, Any]]:
    """The JSON objects of single-line frames in a stream."""
    lines = body.decode().splitlines()
    return [json.loads(line[6:]) for line in lines if line.startswith("data: {")]


def titles(draft: Mapping[str, Any]) -> list[tuple[int, int, str]]:
    """Start, length (ms) and text of the titles of a draft in the flat shape."""
    return [
        (segment["st"], segment["d"], segment["m"]["text"])
        for track in draft["t"]
        if track["tt"] == 7
        for segment in track["sg"]
    ]
