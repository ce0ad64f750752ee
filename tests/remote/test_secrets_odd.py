"""No token is shown that does not look like one, or that comes in two events."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from typing import Any

import pytest

from tests.fake_service import FakeService, Fault, faults
from tests.remote.watch import CALLS, JSON_TYPE, KINDS, STREAM, Watch, fault_of

pytestmark = pytest.mark.slow

ODD = "Kd83-hslQ_02.xmMz74+bbQ9=="


def rename_token(watch: Watch, old: str, new: str = ODD) -> str:
    """Have the service accept another token, which does not look like one."""
    fake = watch.fake
    fake.tokens[new] = replace(fake.tokens.pop(old), text=new)
    watch.monkeypatch.setenv("NEMO_TOKEN", new)
    return new


def stream(*documents: object) -> Fault:
    lines = [f"data: {json.dumps(each)}\n\n" for each in documents]
    return faults.status(200, "".join(lines).encode(), STREAM, processed=True)


def in_two(token: str, how: str) -> Fault:
    one, two = token[: len(token) // 2], token[len(token) // 2 :]
    texts: dict[str, list[dict[str, Any]]] = {
        "texts": [{"type": "text", "content": each} for each in (f"It is {one}", f"{two}. Yes?")],
        "partials": [
            {"content": {"parts": [{"text": each}]}, "partial": True} for each in (one, two)
        ],
        "letters": [
            {"content": {"parts": [{"text": each}]}, "partial": True} for each in f"a {token} b."
        ],
        "lines": [{"type": "text", "content": f"It is {one}\n{two}.\nIs it?"}],
        "apart": [
            {"type": "text", "content": f"It is {one}"},
            {"type": "tool_call", "name": "edit", "args": {}},
            {"type": "text", "content": f"{two} Is it?"},
        ],
        "errors": [{"type": "error", "message": each} for each in (one, two)],
        "unknown": [{"type": one, "what": two}],
    }
    return stream(*texts[how])


@pytest.mark.parametrize("how", ["texts", "partials", "letters", "lines", "apart", "errors"])
@pytest.mark.parametrize("is_odd", [False, True])
def test_a_token_in_two_events_is_not_revealed(is_odd: bool, how: str, watch: Watch) -> None:
    token = watch.use_registered()
    if is_odd:
        token = rename_token(watch, token)
    watch.prepare()
    for options in ((), ("--json",)):
        watch.fake.fail("run", in_two(token, how))
        watch.run("remote", "say", f"add music {options}", "--yes", "-v", *options)
    watch.fake.fail("run", in_two(token, how))
    watch.run("ask", "make it louder", "--yes", "-v")
    watch.run("remote", "resume", "--yes", "-v", "--json")
    assert watch.fake.calls("run")
    watch.check([token])


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_that_does_not_look_like_one_is_not_revealed(kind: str, watch: Watch) -> None:
    token = rename_token(watch, watch.use_registered())
    watch.prepare()
    for call, command in CALLS.items():
        watch.fake.fail(call, fault_of(kind, token), times=50)
        if call == "cancel":
            watch.run(*CALLS["session"])
        watch.run(*command)
        watch.fake._planned.clear()
    watch.check([token])


def test_an_odd_token_among_the_files_and_titles_is_not_revealed(watch: Watch) -> None:
    token = rename_token(watch, watch.use_registered())
    watch.prepare()
    (session,) = watch.fake.sessions.values()
    for piece in session.pieces:
        piece.text = f"made for {token}"
    session.uploads[0] = replace(session.uploads[0], filename=f"{token}.mp4")
    for options in ((), ("--json",)):
        assert watch.run("remote", "status", *options, "-v") == 0
    assert watch.run("remote", "say", "add music", "--yes", "-v") == 0
    assert watch.run("remote", "say", "add more music", "--yes", "-v", "--json") == 0
    for path in (watch.folder / "state").rglob("*"):
        assert path.is_dir() or stat.S_IMODE(path.stat().st_mode) == 0o600, path
    watch.check([token])


def test_an_odd_starter_token_and_its_user_are_not_revealed(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = FakeService.issue

    def odd(self: FakeService, account: Any, client_id: str = "") -> Any:
        made = issue(self, account, client_id)
        self.tokens[ODD] = replace(self.tokens.pop(made.text), text=ODD)
        account.user_id = f"anon_{ODD}"
        return self.tokens[ODD]

    monkeypatch.setattr(FakeService, "issue", odd)
    watch.use_starter()
    watch.fake.credits = 0
    watch.run("deliver", watch.video, "--chapters", watch.chapters, "--yes", "-v")
    watch.run("deliver", watch.video, "--chapters", watch.chapters, "--yes", "--json", "--force")
    watch.check([ODD])


@pytest.mark.parametrize("name", ["session_id", "task_id"])
def test_an_id_that_contains_the_token_is_not_recorded(name: str, watch: Watch) -> None:
    token = watch.use_registered()
    data = {"session_id": "1", "task_id": "2", name: f"a{token}"}
    body = json.dumps({"code": 0, "data": data}).encode()
    watch.fake.fail("session", faults.status(200, body, JSON_TYPE), times=50)
    assert watch.run("remote", "upload", watch.video, "--yes", "-v") == 9
    watch.check([token])
