"""Tokens, sessions, credits and the state."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request as Incoming
from starlette.responses import Response
from starlette.routing import Route

from tests.fake_service.answers import Refused, fields_of, fine, request_of, route
from tests.fake_service.drafts import write_draft
from tests.fake_service.records import Account, Session
from tests.fake_service.service import TOKEN_SECONDS, FakeService

AGENT = "nemo_agent"


class AccountCalls:
    """Everything but uploads, runs and renders."""

    def __init__(self, fake: FakeService) -> None:
        self.fake = fake

    def routes(self) -> list[Route]:
        fake, state = self.fake, f"/api/state/{AGENT}/me/{{sid}}/latest"
        return [
            route(fake, "POST", "/api/auth/anonymous-token", "anonymous-token", self.token),
            route(fake, "POST", f"/api/tasks/me/with-session/{AGENT}", "session", self.session),
            route(fake, "GET", "/api/credits/balance/simple", "credits", self.credits),
            route(fake, "GET", state, "state", self.state),
        ]

    async def token(self, incoming: Incoming) -> Response:
        """One token per client in seven days, unless the last one was made to expire."""
        self.fake.check_headers(request_of(incoming))
        client_id = request_of(incoming).headers.get("x-client-id", "").strip()
        if not client_id:
            raise Refused(400, "X-Client-Id header is required", http=400)
        with self.fake.lock:
            mine = [t for t in self.fake.tokens.values() if t.client_id == client_id]
            now = self.fake.now()
            if mine and not mine[-1].is_expired and now - mine[-1].issued_at < TOKEN_SECONDS:
                raise Refused(429, "one token per client in 7 days", http=429)
            account = mine[-1].account if mine else self.fake.new_account()
            token = self.fake.issue(account, client_id)
        until = datetime.fromtimestamp(token.expires_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return fine(
            {
                "token": token.text,
                "user_id": account.user_id,
                "expires_at": until,
                "credits": account.available,
            }
        )

    async def session(self, incoming: Incoming) -> Response:
        account = self.fake.authorise(request_of(incoming))
        fields = fields_of(incoming)
        name, language = fields.get("task_name"), fields.get("language")
        if not isinstance(name, str) or not isinstance(language, str):
            raise Refused(422, "task_name and language are required", http=422)
        session_id = str(10**18 + secrets.randbelow(9 * 10**18))
        task_id = f"task_{secrets.token_hex(6)}"
        with self.fake.lock:
            self.fake.sessions[session_id] = Session(session_id, task_id, name, language, account)
        return fine({"task_id": task_id, "session_id": session_id})

    async def credits(self, incoming: Incoming) -> Response:
        account = self.fake.authorise(request_of(incoming))
        with self.fake.lock:
            return fine({name: getattr(account, name) for name in ("available", "frozen", "total")})

    async def state(self, incoming: Incoming) -> Response:
        """The state; changes that were due after this many readings are made now."""
        account = self.fake.authorise(request_of(incoming))
        session = self.fake.session_of(account, incoming.path_params["sid"])
        with self.fake.lock:
            session.n_readings += 1
            due = [each for each in session.later if each.n_readings <= 0]
            session.later = [each for each in session.later if each.n_readings > 0]
            for each in session.later:
                each.n_readings -= 1
            for each in due:
                each.change()
            return fine(self._shown(session, account))

    def _shown(self, session: Session, account: Account) -> dict[str, Any]:
        draft = write_draft(session.pieces, session.notes, self.fake.switches.segment_shape)
        session.shown_draft = draft
        hidden = ("path", "is_media", "sha256", "n_bytes")
        infos = [
            {name: value for name, value in asdict(each).items() if name not in hidden}
            for each in session.uploads
        ]
        state = {
            "video_infos": infos,
            "draft": draft,
            "canvas_config": {"width": 1920, "height": 1080, "ratio": "16:9"},
            "generated_media": [],
        }
        return {
            "session_id": session.id,
            "task_id": session.task_id,
            "task_name": session.task_name,
            "state": state,
        }
