"""Each call goes out as the contract has it, is answered once, and shows no token."""

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

from chapterize import __version__
from chapterize.errors import (
    InputError,
    RemoteError,
    RemoteProtocolError,
    RemoteRefused,
    RemoteUnreachable,
)
from chapterize.remote.client import Client
from chapterize.remote.events import Said
from chapterize.remote.identity import Identity
from tests.fake_service import FakeService, faults
from tests.remote.caller import ACTS, PLAN, READINGS, WAITS, Caller


@pytest.fixture
def told() -> list[str]:
    """What the user was told."""
    return []


@pytest.fixture
def client(fake: FakeService, told: list[str]) -> Iterator[Client]:
    with Client.opened(Identity(fake.base), WAITS, told.append) as opened:
        yield opened


@pytest.fixture
def caller(fake: FakeService, client: Client, tmp_path: Path) -> Caller:
    """A client with a session, an upload and a render."""
    path = tmp_path / "talk.mp4"
    path.write_bytes(b"no video, but bytes" * 1000)
    return Caller(fake, client, path)


def test_every_call_goes_out_as_the_contract_has_it(
    fake: FakeService, caller: Caller, own_state: Path, told: list[str]
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
    look_at_headers(fake, told)
    uuid.UUID(caller.last("anonymous-token").headers["x-client-id"])
    assert stat.S_IMODE((own_state / "token.json").stat().st_mode) == 0o600


def test_a_render_can_be_given_up(fake: FakeService, caller: Caller) -> None:
    caller.call("cancel")
    request = caller.last("cancel")
    assert (request.verb, request.body) == ("POST", None)
    assert request.path == "/api/render/proxy/lambda/render_1/cancel"
    assert fake.renders["render_1"].status == "failed"


def look_at_headers(fake: FakeService, told: list[str]) -> None:
    token = next(iter(fake.tokens))
    for request in fake.history:
        assert request.headers["x-skill-source"] == "chapter-generator"
        assert request.headers["x-skill-version"] == __version__
        assert request.headers["x-skill-platform"] == "unknown"
        is_first = request.call == "anonymous-token"
        assert request.headers.get("authorization") == (None if is_first else f"Bearer {token}")
    assert fake.complaints == []
    assert len(told) == len(fake.history) + 1
    assert token not in "".join(told)


def test_one_starter_token_serves_the_next_command_too(fake: FakeService, client: Client) -> None:
    client.credits()
    with Client.opened(Identity(fake.base), WAITS) as later:
        later.credits()
        assert later.token.user_id in fake.accounts
    assert len(fake.calls("anonymous-token")) == 1


def test_a_token_of_the_users_own_is_used_and_never_kept(
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


def test_nothing_goes_to_a_plain_http_address_far_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a line was opened")

    monkeypatch.setattr(socket, "create_connection", never)
    is_refused, far = pytest.raises(InputError, match="cannot be used"), "http://example.org"
    with is_refused, Client.opened(Identity(far), WAITS) as client:
        client.credits()


def test_nobody_at_home_is_told_as_such() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    is_told = pytest.raises(RemoteUnreachable)
    with Client.opened(Identity(f"http://127.0.0.1:{port}"), WAITS) as client, is_told as caught:
        client.create_session("en")
    assert not caught.value.was_sent


@pytest.mark.parametrize(
    "name",
    ['the "best" talk.mp4', "日本語の講義.mp4", "a;b=c.mp4", "señal 100%.mp4", "x\udcff.mp4"],
)
def test_a_file_arrives_under_its_name_and_whole(
    fake: FakeService, caller: Caller, name: str
) -> None:
    pieces: list[int] = []
    caller.client.upload_files(caller.sid, {name: caller.video}, pieces.append)
    taken = fake.sessions[caller.sid].uploads[-1]
    assert taken.filename == name.replace("\udcff", "?")
    assert taken.n_bytes == sum(pieces) == caller.video.stat().st_size


@pytest.mark.parametrize("name", ["a\r\nX-Evil: 1\r\n\r\nb.mp4", "a\nb.mp4", "a\0b.mp4"])
def test_a_line_break_in_a_name_breaks_nothing(
    fake: FakeService, caller: Caller, name: str
) -> None:
    caller.client.upload_files(caller.sid, {name: caller.video})
    taken = fake.sessions[caller.sid].uploads[-1]
    assert taken.n_bytes == caller.video.stat().st_size
    assert taken.filename.isprintable()


def test_a_file_that_cannot_be_read_is_told(caller: Caller, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        caller.client.upload_files(caller.sid, {"a.mp4": tmp_path / "none.mp4"})


def test_a_draft_goes_back_as_it_came(fake: FakeService, caller: Caller) -> None:
    odd = json.loads('{"t":[{"sg":[{"x":"\\ud83d","n":NaN,"i":1e999}]}],"ü":1.10,"z":null,"a":[]}')
    caller.client.start_render(caller.sid, "render_odd", odd)
    came = caller.last("render").body["draft"]
    assert json.dumps(came) == json.dumps(odd)


def test_the_agent_is_heard(caller: Caller) -> None:
    beats: list[int] = []
    with caller.client.run(caller.sid, PLAN, lambda: beats.append(1)) as events:
        said = "".join(event.text for event in events if isinstance(event, Said))
    assert "Done" in said
    assert beats


def test_an_answer_without_an_end_is_cut_off(
    fake: FakeService, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chapterize.remote.bodies._MOST_BYTES", 10)
    with pytest.raises(RemoteProtocolError, match="too long"):
        caller.client.credits()


@pytest.mark.parametrize("call", [*READINGS, *ACTS])
def test_no_error_and_no_detail_holds_the_token(
    fake: FakeService, caller: Caller, call: str, told: list[str], monkeypatch: pytest.MonkeyPatch
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
        told.append("".join(traceback.format_exception(caught.value)))
        told.append(f"{caught.value.why}{caught.value.hint}{caller.client!r}")
    odd = f"made-up-{secrets.token_hex()}"
    monkeypatch.setenv("NEMO_TOKEN", odd)
    fake.fail("credits", faults.status(403, odd.encode()))
    is_told = pytest.raises(RemoteError)
    with Client.opened(Identity(fake.base), WAITS, told.append) as client, is_told as caught:
        client.credits()
    told.append(str(caught.value))
    assert token not in "".join(told)
    assert odd not in "".join(told)
