"""A fake title server on loopback: `enqueue` scripts its answers, `history` records requests."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request; header names are in lower case, `body` is None if there is none."""

    verb: str
    path: str
    headers: Mapping[str, str]
    body: Any

    @property
    def excerpt(self) -> str:
        """The part of the transcript in the request."""
        return str(self.body["messages"][-1]["content"])


@dataclass(frozen=True)
class Reply:
    """`fault` : ``reset`` cuts the connection, ``hang`` never answers, ``drip`` sends slowly."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: str | None = None


def written(text: str) -> Reply:
    """A chat completion with this text."""
    answer = {"choices": [{"message": {"role": "assistant", "content": text}}]}
    return Reply(json.dumps(answer).encode())


def titled(titles: Sequence[str]) -> list[Reply]:
    """The answers to one request a title."""
    return [written(title) for title in titles]


def refused(status: int, message: str = "") -> Reply:
    return Reply(json.dumps({"error": {"message": message}}).encode(), status)


class FakeEndpoint:
    """`base` is its address; without an enqueued answer it repeats words of the transcript."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}/v1"
        self.models: list[str] = ["tiny-writer"]
        self.history: list[Request] = []
        self.stopping = threading.Event()
        self._answers: deque[Reply] = deque()

    def enqueue(self, *replies: Reply) -> None:
        """Set the answers to the next chat requests, in order."""
        self._answers.extend(replies)

    @property
    def chats(self) -> list[Request]:
        return [request for request in self.history if request.verb == "POST"]

    def answer(self, request: Request) -> Reply:
        self.history.append(request)
        if request.verb == "GET":
            rows = [{"id": name, "object": "model"} for name in self.models]
            return Reply(json.dumps({"object": "list", "data": rows}).encode())
        if self._answers:
            return self._answers.popleft()
        return written(" ".join(request.excerpt.split()[:5]))


class _Talk(BaseHTTPRequestHandler):
    endpoint: FakeEndpoint

    def do_GET(self) -> None:
        self._reply(None)

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        self._reply(json.loads(self.rfile.read(length)))

    def _reply(self, body: Any) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.endpoint.answer(Request(self.command, self.path, headers, body))
        self.close_connection = True
        if reply.fault == "reset":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            return
        if reply.fault == "hang":
            self.endpoint.stopping.wait(30)
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        if reply.fault == "drip":
            self._drip(reply.body)
        else:
            self.wfile.write(reply.body)

    def _drip(self, body: bytes) -> None:
        for at in range(len(body)):
            if self.endpoint.stopping.is_set():
                return
            try:
                self.wfile.write(body[at : at + 1])
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.02)

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            self.close_connection = True

    def log_message(self, *arguments: Any) -> None:
        """Log nothing."""


@contextmanager
def running() -> Iterator[FakeEndpoint]:
    """Run a server on a free port, and stop it at the end."""

    class Talk(_Talk):
        """The handler of this server alone."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Talk)
    server.daemon_threads = True
    endpoint = FakeEndpoint(server.server_address[1])
    Talk.endpoint = endpoint
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
