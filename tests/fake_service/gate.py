"""The gate: records every request, and applies the faults."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match, Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.fake_service.faults import Fault, spoil
from tests.fake_service.line import TRANSPORT, drop
from tests.fake_service.records import Request
from tests.fake_service.service import FakeService

CONTROL = "/_fake/"


class Body:
    """The body of a request while it is read: counted, kept if it is JSON."""

    def __init__(self, receive: Receive, request: Request) -> None:
        self._receive = receive
        self._request = request
        self._kept = bytearray()
        self._ahead: list[Message] = []
        self._is_json = "json" in request.headers.get("content-type", "")
        self.is_done = False

    async def receive(self) -> Message:
        return self._ahead.pop(0) if self._ahead else await self._next()

    async def _next(self) -> Message:
        message = await self._receive()
        if message["type"] != "http.request":
            self.is_done = True
            return message
        self._request.n_bytes += len(message["body"])
        if self._is_json:
            self._kept += message["body"]
        if not message.get("more_body"):
            self.is_done = True
            self._request.body = self._document()
        return message

    def _document(self) -> Any:
        try:
            return json.loads(self._kept) if self._kept else None
        except ValueError:
            return None

    async def read_ahead(self) -> None:
        """Read the whole body; the application still gets it."""
        while not self.is_done:
            self._ahead.append(await self._next())

    async def drain(self) -> None:
        """Read and discard the rest."""
        while not self.is_done:
            await self._next()


@dataclass
class Answer:
    """The answer of an application, kept instead of sent."""

    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")

    def with_length(self, n_bytes: int) -> Message:
        """The start of the answer, with `n_bytes` as its length."""
        headers = [each for each in self.headers if each[0].lower() != b"content-length"]
        headers.append((b"content-length", str(n_bytes).encode()))
        return {"type": "http.response.start", "status": self.status, "headers": headers}


class Gate:
    """The ASGI application in front of the routes."""

    def __init__(self, fake: FakeService, routes: Sequence[Route], control: ASGIApp) -> None:
        self.fake = fake
        self.routes = routes
        self.control = control
        self.router = Router(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["path"].startswith(CONTROL):
                await self.control(scope, receive, send)
            else:
                await self._serve(scope, receive, send)
        except ClientDisconnect:
            return
        except Exception:
            if self.fake.stopping.is_set():
                return
            with self.fake.lock:
                self.fake.crashes.append(traceback.format_exc())
            raise

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = self._record(scope)
        body = Body(receive, request)
        scope["fake.request"], scope["fake.drain"] = request, body.drain
        fault = self.fake.next_fault(request.call)
        if fault is not None and fault.kind == "reset-before":
            await drop(scope)
            return
        is_form = request.headers.get("content-type", "").startswith("multipart/")
        if request.call != "upload" or not is_form:
            await body.read_ahead()
        if fault is None:
            await self.router(scope, body.receive, send)
        else:
            await self._misbehave(fault, scope, body, send)

    def _record(self, scope: Scope) -> Request:
        headers = {
            name.decode("latin-1"): each.decode("latin-1") for name, each in scope["headers"]
        }
        query, path = scope["query_string"].decode("latin-1"), scope["path"]
        call = self._name(scope)
        request = Request(call, scope["method"], path, query, headers, time.monotonic())
        with self.fake.lock:
            self.fake.history.append(request)
            is_home = headers.get("host") == self.fake.base.partition("//")[2]
            if call == "cdn" and "authorization" in headers and not is_home:
                self.fake.unauthorised_leaks.append(headers["authorization"])
            if "nmv_usr_" in path + query:
                self.fake.complaints.append(f"{call}: a token in the address")
            if call == "other":
                self.fake.complaints.append(f"no such call: {request.verb} {path}")
        return request

    def _name(self, scope: Scope) -> str:
        for each in self.routes:
            if each.matches(scope)[0] == Match.FULL:
                return str(each.name)
        return "other"

    async def _misbehave(self, fault: Fault, scope: Scope, body: Body, send: Send) -> None:
        if fault.kind == "reset-within":
            await self.router(scope, body.receive, _Short(fault.n_bytes, scope, send).send)
            await drop(scope)
            return
        answer = Answer()
        if fault.is_processed:
            await self.router(scope, body.receive, answer.send)
        await body.drain()
        if fault.kind == "timeout":
            await self._hang(fault.seconds, scope)
        elif fault.kind in ("trickle", "trickle-head", "endless"):
            await self._never_end(fault, scope, send)
        elif fault.kind == "reset-after":
            await drop(scope)
        elif fault.kind == "answer":
            response = Response(fault.body, fault.status, dict(fault.headers))
            await response(scope, body.receive, send)
        elif fault.kind == "damage":
            kind = dict(answer.headers).get(b"content-type", b"").decode()
            spoilt = spoil(bytes(answer.body), kind, fault.damage)
            await send(answer.with_length(len(spoilt)))
            await send({"type": "http.response.body", "body": spoilt, "more_body": False})
        else:
            await send(answer.with_length(len(answer.body) + fault.n_bytes))
            await send(
                {"type": "http.response.body", "body": bytes(answer.body), "more_body": True}
            )
            await drop(scope, "close")

    async def _never_end(self, fault: Fault, scope: Scope, send: Send) -> None:
        """Answer bytes until the client hangs up."""
        transport = scope[TRANSPORT]
        is_head = fault.kind == "trickle-head"
        if is_head:
            transport.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        else:
            kind = fault.headers or {"content-type": "application/json"}
            headers = [(name.encode(), text.encode()) for name, text in kind.items()]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
        piece = fault.body or b" "
        while not transport.is_closing() and await self.fake.pause(fault.seconds):
            if is_head:
                transport.write(b"a")
            else:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            piece = b" " if fault.kind == "trickle" else b" " * 65_536
        await drop(scope)

    async def _hang(self, seconds: float, scope: Scope) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not scope[TRANSPORT].is_closing():
            if not await self.fake.pause(min(0.05, seconds)):
                break
        await drop(scope)


class _Short:
    """Passes on the first `n_bytes` of an answer's body, and drops the rest."""

    def __init__(self, n_bytes: int, scope: Scope, send: Send) -> None:
        self._left = n_bytes
        self._scope = scope
        self._send = send
        self._is_cut = False

    async def send(self, message: Message) -> None:
        if self._is_cut:
            return
        if message["type"] == "http.response.start":
            await self._send(message)
        else:
            piece = message.get("body", b"")[: self._left]
            self._left -= len(piece)
            if piece:
                await self._send({"type": message["type"], "body": piece, "more_body": True})
        if self._left <= 0 or not message.get("more_body", True):
            self._is_cut = True
            await drop(self._scope)
