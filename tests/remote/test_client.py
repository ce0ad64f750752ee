"""Every request follows the contract, and no token is shown."""

from __future__ import annotations

import json
import secrets
import socket
import stat
import traceback
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chapterize._version import __version__
from chapterize.errors import (
    InputError,
    RemoteError,
    RemoteProtocolError,
    RemoteRefused,
    RemoteUnreachable,
)
from chapterize.remote.client import Client
from chapterize.remote.events import Text
from chapterize.remote.identity import Identity
from tests.fake_service import FakeService, faults
from tests.remote.caller import ACTS, PLAN, READINGS, WAITS, Caller


@pytest.fixture
def details() -> list[str]:
    """The details that were reported."""
    return []


@pytest.fixture
def client(fake: FakeService, details: list[str]) -> Iterator[Client]:
    with Client.opened(Identity(fake.base), WAITS, details.append) as opened:
        yield opened


@pytest.fixture
def caller(fake: FakeService, client: Client, tmp_path: Path) -> Caller:
    """A client with a session, an upload and a render."""
    path = tmp_path / "talk.mp4"
    path.write_bytes(b"no video, but bytes" * 1000)
    return Caller(fake, client, path)


def test_every_request_follows_the_contract(
    fake: FakeService, caller: Caller, own_state: Path, details: list[str]
) -> None:
    sid = caller.sid
    draft = caller.draft()
    caller.client.upload_addresses(sid, ["https://example.org/a.mp4"])
    urls = caller.last("upload")
    for name in ("session", "upload", "run", "credits", "state", "render", "render-status"):
        caller.call(name)
    lambda_ = "/api/render/proxy/lambda"
    expected: dict[str, tuple[str, str, Any]] = {
        "anonymous-token": ("POST", "/api/auth/anonymous-token", None),
        "session": (
            *("POST", "/api/tasks/me/with-session/nemo_agent"),
            {"task_name": "project", "language": "de"},
        ),
        "upload": ("POST", f"/api/upload-video/nemo_agent/me/{sid}", None),
        "credits": ("GET", "/api/credits/balance/simple", None),
        "state": ("GET", f"/api/state/nemo_agent/me/{sid}/latest", None),
        "render-status": ("GET", f"{lambda_}/render_1", None),
    }
    for name, row in expected.items():
        request = caller.last(name)
        assert (request.verb, request.path, request.body) == row
        assert request.query == ""
    assert urls.body == {"urls": ["https://example.org/a.mp4"], "source_type": "url"}
    assert caller.last("upload").headers["content-type"].startswith("multipart/form-data")
    run = caller.last("run")
    assert (run.verb, run.path) == ("POST", "/run_sse")
    assert run.headers["accept"] == "text/event-stream"
    assert run.body == {
        "app_name": "nemo_agent",
        "user_id": "me",
        "session_id": sid,
        "new_message": {"parts": [{"text": PLAN}]},
    }
    render = fake.calls("render")[0]
    output = {"format": "mp4", "quality": "high"}
    assert (render.verb, render.path) == ("POST", lambda_)
    assert render.body == {"id": "render_1", "sessionId": sid, "draft": draft, "output": output}
    check_headers(fake, details)
    uuid.UUID(caller.last("anonymous-token").headers["x-client-id"])
    assert stat.S_IMODE((own_state / "token.json").stat().st_mode) == 0o600


def test_a_render_can_be_cancelled(fake: FakeService, caller: Caller) -> None:
    caller.call("cancel")
    request = caller.last("cancel")
    assert (request.verb, request.body) == ("POST", None)
    assert request.path == "/api/render/proxy/lambda/render_1/cancel"
    assert fake.renders["render_1"].status == "failed"


def check_headers(fake: FakeService, details: list[str]) -> None:
    token = next(iter(fake.tokens))
    for request in fake.history:
        assert request.headers["x-skill-source"] == "chapter-generator"
        assert request.headers["x-skill-version"] == __version__
        assert request.headers["x-skill-platform"] == "unknown"
        is_first = request.call == "anonymous-token"
        assert request.headers.get("authorization") == (None if is_first else f"Bearer {token}")
    assert fake.complaints == []
    assert len(details) == len(fake.history) + 1
    assert token not in "".join(details)


def test_the_next_command_reuses_the_starter_token(fake: FakeService, client: Client) -> None:
    client.credits()
    with Client.opened(Identity(fake.base), WAITS) as later:
        later.credits()
        assert later.token.user_id in fake.accounts
    assert len(fake.calls("anonymous-token")) == 1


def test_the_users_own_token_is_used_and_never_stored(
    fake: FakeService, client: Client, own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = fake.new_token(7)
    monkeypatch.setenv("NEMO_TOKEN", token)
    assert client.credits().available == 7
    assert fake.calls("anonymous-token") == []
    assert not own_state.exists()


@pytest.mark.slow
@pytest.mark.parametrize("call", [*READINGS, *ACTS])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(fake: FakeService, caller: Caller, call: str, status: int) -> None:
    fake.fail(call, faults.status(status, headers={"Location": f"{fake.base}/elsewhere"}))
    with pytest.raises(RemoteRefused, match=f"HTTP {status}"):
        caller.call(call)
    assert fake.calls("other") == []


def test_nothing_is_sent_to_a_remote_plain_http_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a line was opened")

    monkeypatch.setattr(socket, "create_connection", never)
    is_refused, far = pytest.raises(InputError, match="cannot be used"), "http://example.org"
    with is_refused, Client.opened(Identity(far), WAITS) as client:
        client.credits()


def test_a_closed_port_is_reported_as_never_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    fails = pytest.raises(RemoteUnreachable)
    with Client.opened(Identity(f"http://127.0.0.1:{port}"), WAITS) as client, fails as caught:
        client.create_session("en")
    assert not caught.value.was_sent


def test_the_events_of_the_agent_arrive(caller: Caller) -> None:
    pieces: list[int] = []
    with caller.client.run(caller.sid, PLAN, lambda: pieces.append(1)) as events:
        text = "".join(event.text for event in events if isinstance(event, Text))
    assert "Done" in text
    assert pieces


def test_an_endless_answer_is_rejected(
    fake: FakeService, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chapterize.remote.answers._MOST_BYTES", 10)
    with pytest.raises(RemoteProtocolError, match="too long"):
        caller.client.credits()


@pytest.mark.parametrize("call", [*READINGS, *ACTS])
def test_no_error_and_no_detail_contains_the_token(
    fake: FakeService,
    caller: Caller,
    call: str,
    details: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = caller.client.token.secret
    echo = json.dumps({"code": 7, "message": f"no {token}!"}).encode()
    for fault in (
        faults.status(200, echo, {"content-type": "application/json"}),
        faults.status(403, token.encode()),
    ):
        fake.fail(call, fault)
        with pytest.raises(RemoteError) as caught:
            caller.call(call)
        details.append("".join(traceback.format_exception(caught.value)))
        details.append(f"{caught.value.why}{caught.value.hint}{caller.client!r}")
    odd = f"made-up-{secrets.token_hex()}"
    monkeypatch.setenv("NEMO_TOKEN", odd)
    fake.fail("credits", faults.status(403, odd.encode()))
    fails = pytest.raises(RemoteError)
    with Client.opened(Identity(fake.base), WAITS, details.append) as client, fails as caught:
        client.credits()
    details.append(str(caught.value))
    assert token not in "".join(details)
    assert odd not in "".join(details)
