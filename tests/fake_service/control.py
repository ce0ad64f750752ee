"""Control by HTTP under ``/_fake/``, for a service that runs in a process of its own.

``GET history`` returns all records. ``POST switches`` takes names and values;
``POST faults`` ``{"call","fault","arguments","times","skip"}`` with a function of `faults`;
``POST credits`` ``{"credits"}``; ``POST token`` ``{"credits"}`` answers with a registered token;
``POST act`` ``{"act": "expire_tokens" | "lose_sessions"}``.
"""

from __future__ import annotations

import inspect
from dataclasses import asdict
from typing import Any

from starlette.requests import Request as Incoming
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from tests.fake_service import faults
from tests.fake_service.service import FakeService

_MAKERS = (
    *("timeout", "reset_before", "reset_within", "reset_after", "status", "envelope"),
    *("failure_envelope", "bad_json", "wrong_types", "truncated"),
)


def make_fault(name: str, arguments: dict[str, Any]) -> faults.Fault:
    """A fault by its function's name; ``body`` may be text."""
    if name not in _MAKERS:
        raise ValueError(f"no such fault: {name}")
    maker = getattr(faults, name)
    if isinstance(arguments.get("body"), str):
        arguments = arguments | {"body": arguments["body"].encode()}
    inspect.signature(maker).bind(**arguments)
    made: faults.Fault = maker(**arguments)
    return made


def report(fake: FakeService) -> dict[str, Any]:
    """Everything that the service records, as JSON."""
    with fake.lock:
        renders = [
            {name: getattr(each, name) for name in ("id", "status", "progress", "error", "n_polls")}
            | {"session": each.session.id}
            for each in fake.renders.values()
        ]
        sessions = [
            {
                "id": each.id,
                "uploads": [
                    {"filename": it.filename, "n_bytes": it.n_bytes, "sha256": it.sha256}
                    for it in each.uploads
                ],
                "draft": fake.draft(each.id),
            }
            for each in fake.sessions.values()
        ]
        return {
            "history": [asdict(each) for each in fake.history],
            "messages": [asdict(each) for each in fake.messages],
            "charges": [asdict(each) for each in fake.charges],
            "renders": renders,
            "sessions": sessions,
            "credits": fake.credits,
            "complaints": list(fake.complaints),
            "unauthorised_leaks": list(fake.unauthorised_leaks),
            "crashes": list(fake.crashes),
        }


class Control:
    """The routes of the control."""

    def __init__(self, fake: FakeService) -> None:
        self.fake = fake

    def router(self) -> Router:
        return Router(
            [
                Route("/_fake/history", self.history, methods=["GET"]),
                Route("/_fake/{act}", self.act, methods=["POST"]),
            ]
        )

    async def history(self, incoming: Incoming) -> Response:
        return JSONResponse(report(self.fake))

    async def act(self, incoming: Incoming) -> Response:
        try:
            said = self._act(str(incoming.path_params["act"]), await incoming.json())
        except (ValueError, TypeError, KeyError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(said)

    def _act(self, act: str, fields: dict[str, Any]) -> dict[str, Any]:
        if act == "switches":
            self.fake.switches.set(fields)
        elif act == "faults":
            fault = make_fault(fields["fault"], fields.get("arguments", {}))
            counts = {name: int(fields[name]) for name in ("times", "skip") if name in fields}
            self.fake.fail(fields["call"], fault, **counts)
        elif act == "credits":
            self.fake.credits = int(fields["credits"])
        elif act == "token":
            return {"token": self.fake.new_token(int(fields.get("credits", 100)))}
        elif act == "act" and fields.get("act") == "expire_tokens":
            self.fake.expire_tokens(fields.get("how", "http"))
        elif act == "act" and fields.get("act") == "lose_sessions":
            self.fake.lose_sessions()
        else:
            raise ValueError(f"no such act: {act}")
        return {}
