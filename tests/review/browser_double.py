"""A browser for the tests: requests to the application, with the headers that a page sends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import anyio

from chapterize.review.server import Review, application

PORT = 8123


@dataclass(frozen=True)
class Answer:
    """Status, headers and content of a response."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        """The content as JSON."""
        return json.loads(self.content)

    @property
    def error(self) -> Any:
        """The error that it describes."""
        return self.json["error"]


class Browser:
    """Sends requests to the application of a review, as its page at `port` does."""

    def __init__(self, review: Review, port: int = PORT) -> None:
        self.review = review
        self.host = f"127.0.0.1:{port}"
        self._app = application(review, port)

    @property
    def own(self) -> dict[str, str]:
        """The headers of the page itself."""
        return {
            "Host": self.host,
            "Origin": f"http://{self.host}",
            "Sec-Fetch-Site": "same-origin",
            "X-Chapterize-Token": self.review.keys.token,
        }

    def get(self, path: str, **headers: str | None) -> Answer:
        """As the page gets it; a header that is None is not sent."""
        return self.send("GET", path, **headers)

    def put(self, path: str, body: object, version: int) -> Answer:
        """As the page changes something."""
        return self.send("PUT", path, body, If_Match=f'"{version}"')

    def post(self, path: str, body: object = None, version: int | None = None) -> Answer:
        """As the page has something done."""
        match = None if version is None else f'"{version}"'
        return self.send("POST", path, body, If_Match=match)

    def send(self, method: str, path: str, body: object = None, **headers: str | None) -> Answer:
        """One request; `body` is sent as JSON, or as it is if it is bytes."""
        given = {**self.own, **{name.replace("_", "-"): each for name, each in headers.items()}}
        content = body if isinstance(body, bytes) else b""
        if body is not None and not isinstance(body, bytes):
            content = json.dumps(body).encode()
        sent = {name: each for name, each in given.items() if each is not None}
        # Not in this thread: Playwright keeps a running event loop in that of its tests.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(anyio.run, self._send, method, path, content, sent).result()

    async def _send(
        self, method: str, path: str, content: bytes, headers: Mapping[str, str]
    ) -> Answer:
        whole, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "path": unquote(whole),
            "raw_path": whole.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "scheme": "http",
            "server": ("127.0.0.1", PORT),
            "client": ("127.0.0.1", 9),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
        messages: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        await self._app(scope, receive, send)
        found = {name.decode().lower(): value.decode() for name, value in messages[0]["headers"]}
        body = b"".join(each.get("body", b"") for each in messages[1:])
        return Answer(messages[0]["status"], found, body)
