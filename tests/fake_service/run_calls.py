"""``POST /run_sse``: a message is accepted and charged once, then the stream starts."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request as Incoming
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.fake_service import agent, frames
from tests.fake_service.account_calls import AGENT
from tests.fake_service.answers import Refused, fields_of, request_of, route
from tests.fake_service.line import drop
from tests.fake_service.records import Message, Session
from tests.fake_service.service import FakeService
from tests.fake_service.upload_calls import lay_alone, lay_videos

_EXPORT = re.compile(r"\bexport\w*|导出", re.IGNORECASE)
_BEHIND_BAR = re.compile(r"\|.*$", re.MULTILINE)
_STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
]


class RunCalls:
    """The endpoint of the agent."""

    def __init__(self, fake: FakeService) -> None:
        self.fake = fake

    def routes(self) -> list[Route]:
        return [route(self.fake, "POST", "/run_sse", "run", self.run)]

    async def run(self, incoming: Incoming) -> Response:
        fields, request = fields_of(incoming), request_of(incoming)
        account = self.fake.authorise(request)
        if fields.get("app_name") != AGENT or fields.get("user_id") != "me":
            raise Refused(422, "app_name and user_id are required", http=422)
        session = self.fake.session_of(account, fields.get("session_id"))
        text = _text_of(fields)
        if "text/event-stream" not in request.headers.get("accept", ""):
            self.fake.complain("run: without Accept: text/event-stream")
        switches = self.fake.switches
        if switches.out_of_credits and switches.out_of_credits_on != "render":
            if switches.out_of_credits == "http":
                raise Refused(2001, "insufficient credits")
            return EventStream(self.fake, frames.refusal(switches.out_of_credits), None)
        with self.fake.lock:
            self.fake.spend("edit", session, switches.edit_cost)
            self._accept(session, text)
            edit = Edit(self.fake, session, text)
        return EventStream(self.fake, frames.script(switches), edit)

    def _accept(self, session: Session, text: str) -> None:
        if any(each.session == session.id and each.text == text for each in self.fake.messages):
            self.fake.complain("run: a message was sent twice")
        if _EXPORT.search(_BEHIND_BAR.sub("", text)):
            self.fake.complain("run: the agent was asked to export")
        self.fake.messages.append(Message(session.id, text, time.monotonic()))


def _text_of(fields: dict[str, Any]) -> str:
    try:
        text = fields["new_message"]["parts"][0]["text"]
    except (KeyError, IndexError, TypeError):
        text = None
    if not isinstance(text, str) or not text.strip():
        raise Refused(422, "new_message.parts[0].text is required", http=422)
    return text


class Edit:
    """What one message does to its session, at most once, at its moment."""

    def __init__(self, fake: FakeService, session: Session, text: str) -> None:
        self.fake = fake
        self.session = session
        self.is_applied = False
        wish, switches = agent.read_message(text), fake.switches
        if wish.is_plan:
            is_careful = session.n_plans > 0 and not switches.stubborn
            session.n_plans += 1
            if not is_careful:
                wish = agent.spoiled(wish, switches.misplaced_by, switches.missing_titles)
        self.wish = wish

    def apply(self, n_readings: int = 0) -> None:
        """Change the draft now, or `n_readings` readings of the state later."""
        if self.is_applied:
            return
        self.is_applied = True
        self.fake.later(self.session, n_readings, self._change)
        if self.fake.switches.unasked_tracks:
            total = n_readings + self.fake.switches.unasked_readings
            self.fake.later(self.session, total, self._add_unasked)

    def _change(self) -> None:
        lay_videos(self.session)
        if self.wish.alone:
            lay_alone(self.session, self.wish.alone)
        agent.fulfil(self.wish, self.session.pieces, self.session.notes)

    def _add_unasked(self) -> None:
        self.session.pieces += agent.unasked(self.session.pieces)


class EventStream(Response):
    """The frames of one run. It continues to its end if the client hangs up."""

    def __init__(self, fake: FakeService, acts: list[frames.Act], edit: Edit | None) -> None:
        super().__init__()
        self.fake = fake
        self.acts = acts
        self.edit = edit
        self.n_sent = 0
        self.cut_at = fake.switches.cut_stream_at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._moment("before")
        await send({"type": "http.response.start", "status": 200, "headers": _STREAM_HEADERS})
        async for piece in self._pieces():
            if self.cut_at is not None and self.n_sent + len(piece) >= self.cut_at:
                await self._body(piece[: self.cut_at - self.n_sent], send)
                return await self._cut(scope, send)
            await self._body(piece, send)
        self._moment("end")
        self._moment("later", self.fake.switches.edit_readings)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return None

    async def _body(self, piece: bytes, send: Send) -> None:
        if piece:
            self.n_sent += len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": True})

    async def _pieces(self) -> AsyncIterator[bytes]:
        """The pieces of the body as they are sent."""
        switches = self.fake.switches
        began = time.monotonic()
        is_stalled = switches.heartbeats_only > 0
        while time.monotonic() - began < switches.heartbeats_only:
            yield frames.heartbeat(switches)
            if not await self.fake.pause(switches.heartbeat_every):
                return
        encoded = [] if is_stalled else frames.encode(self.acts, switches)
        for at, frame in enumerate(encoded):
            if at == len(encoded) // 2:
                self._moment("middle")
            for piece in frames.cut_inside_characters(frame) if switches.cut_utf8 else [frame]:
                yield piece
                if switches.cut_utf8:
                    await self.fake.pause(0.002)
            if switches.pace and not await self.fake.pause(switches.pace):
                return
        if is_stalled:
            self._moment("middle")

    def _moment(self, name: str, n_readings: int = 0) -> None:
        is_lost = self.cut_at is not None and not self.fake.switches.cut_keeps_edit
        if self.edit and not is_lost and name == self.fake.switches.edit_moment:
            with self.fake.lock:
                self.edit.apply(n_readings)

    async def _cut(self, scope: Scope, send: Send) -> None:
        switches = self.fake.switches
        for moment in ("middle", "end"):
            self._moment(moment)
        self._moment("later", switches.edit_readings)
        if switches.cut_how == "clean":
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await drop(scope, switches.cut_how)
