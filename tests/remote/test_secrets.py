"""No token, and no part of one, is shown by any command or error at any verbosity."""

from __future__ import annotations

from typing import Any

import pytest

from chapterize.remote.client import Client
from chapterize.remote.identity import Identity, Token
from tests.fake_service import FakeService
from tests.fake_service.render_calls import RenderCalls
from tests.remote.links import WAITS
from tests.remote.watch import CALLS, KINDS, Watch, fault_of, pieces

pytestmark = pytest.mark.slow


def all_commands(watch: Watch) -> None:
    """Every command once, in an order that gives each something to do."""
    deliver = ("deliver", watch.video, "--chapters", watch.chapters, "-v")
    watch.prepare()
    for command in (
        (*deliver, "--dry-run"),
        (*deliver, "--dry-run", "--json"),
        (*deliver, "--yes", "--remote-only", "-o", "one.mp4"),
        (*deliver, "--yes", "--json", "-o", "two.mp4"),
        ("remote", "status", "-v"),
        ("remote", "status", "--json", "-v"),
        ("remote", "credits", "--json", "-v"),
        ("remote", "say", "add some quiet music", "--yes", "-v"),
        ("remote", "export", "-o", "three.mp4", "--yes", "-v"),
        ("remote", "sessions"),
        ("remote", "sessions", "--json"),
        ("ask", "credits", "-v"),
        ("ask", "show tracks", "-v"),
        ("ask", "make the music quieter", "--yes", "-v"),
        ("ask", "export", "-o", "four.mp4", "--yes", "-v"),
        ("remote", "cancel", "-v"),
    ):
        assert watch.run(*command) in (0, 10), command
    assert watch.run("remote", "resume", "-v") == 3
    assert watch.run("remote", "upload", "https://example.com/a.mp4", "--new", "--yes", "-v") == 0


def test_no_command_reveals_a_registered_token(watch: Watch) -> None:
    token = watch.use_registered()
    all_commands(watch)
    assert not (watch.folder / "state" / "token.json").exists()
    watch.check([token])
    assert watch.fake.complaints == watch.fake.unauthorised_leaks == []


def test_no_command_reveals_a_starter_token(watch: Watch) -> None:
    watch.fake.credits = 10_000
    token = watch.use_starter()
    all_commands(watch)
    watch.check([token])
    assert token in (watch.folder / "state" / "token.json").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_no_error_of_the_service_reveals_the_token(kind: str, watch: Watch) -> None:
    token = watch.use_registered()
    watch.prepare()
    codes = []
    for call, command in CALLS.items():
        watch.fake.fail(call, fault_of(kind, token), times=50)
        if call == "cancel":
            assert (watch.run(*CALLS["session"])) in (0, 3, 9)
        codes.append(watch.run(*command))
        watch.fake._planned.clear()
    # A render that cannot be asked about, or fetched from one of two places, may still go well.
    assert sum(code != 0 for code in codes) >= 4, codes
    assert set(codes) <= {0, 3, 9, 10}
    watch.check([token])


@pytest.mark.parametrize("kind", ["1001", "402", "sse"])
def test_no_failed_delivery_reveals_the_token(kind: str, watch: Watch) -> None:
    token = watch.use_registered()
    deliver = ("deliver", watch.video, "--chapters", watch.chapters, "--yes", "-v")
    for at, call in enumerate(("session", "run", "render")):
        watch.fake.fail(call, fault_of(kind, token), times=50)
        watch.run(*deliver, "--json", "-o", f"{at}.mp4")
        watch.run(*deliver, "--remote-only", "-o", f"{at}-remote.mp4")
        watch.run("remote", "resume", "--yes", "-v")
        watch.fake._planned.clear()
    watch.run("remote", "resume", "--yes", "-v", "--send-again")
    watch.check([token])


@pytest.mark.parametrize("kind", ["429", "plain", "cut-json"])
def test_a_starter_token_that_cannot_be_renewed_is_not_revealed(kind: str, watch: Watch) -> None:
    token = watch.use_starter()
    watch.fake.expire_tokens()
    watch.fake.fail("anonymous-token", fault_of(kind, token), times=50)
    assert watch.run("remote", "credits", "-v") != 0
    assert watch.run("deliver", watch.video, "--chapters", watch.chapters, "--yes", "-v") == 0
    watch.check([token])


def test_neither_the_old_nor_the_new_starter_token_is_revealed(watch: Watch) -> None:
    old = watch.use_starter()
    watch.fake.expire_tokens("code")
    new = watch.use_starter()
    assert old != new
    watch.check([old, new])


def test_a_token_that_cannot_be_sent_is_not_shown(watch: Watch) -> None:
    token = watch.fake.new_token()
    watch.monkeypatch.setenv("NEMO_TOKEN", f"{token} {token}ü")
    assert watch.run("remote", "credits", "-v") == 3
    watch.check([token])


@pytest.mark.parametrize("place", ["same", "other-host"])
@pytest.mark.parametrize("fault", ["", "302", "plain", "reset"])
def test_a_token_in_an_output_address_is_not_revealed(
    place: str, fault: str, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some services sign their downloads with the caller's own token."""
    token = watch.use_registered()
    watch.prepare()
    address = RenderCalls._address

    def signed(self: RenderCalls, render: Any) -> str | None:
        plain = address(self, render)
        return plain and f"{plain}&access_token={token}"

    monkeypatch.setattr(RenderCalls, "_address", signed)
    watch.fake.switches.set({"output_url": place})
    if fault:
        watch.fake.fail("cdn", fault_of(fault, token), times=50)
    assert watch.run("remote", "export", "-o", "a.mp4", "--yes", "-v") == 0
    assert watch.fake.calls("cdn")
    assert watch.fake.unauthorised_leaks == []
    watch.check([token])


def test_a_token_among_the_files_and_titles_is_not_revealed(watch: Watch) -> None:
    token = watch.use_registered()
    watch.prepare()
    (session,) = watch.fake.sessions.values()
    for piece in session.pieces:
        piece.text = f"made for {token}"
    session.notes.append(token)
    for options in ((), ("--json",)):
        assert watch.run("remote", "status", *options, "-v") == 0
    assert watch.run("remote", "say", "add music", "--yes", "-v") == 0
    watch.check([token])


def test_no_repr_shows_the_token(fake: FakeService) -> None:
    token = fake.new_token()
    held = Token(token, is_anonymous=False)
    identity = Identity(fake.base)
    identity.keep(held)
    details: list[str] = []
    with Client.opened(identity, WAITS, details.append) as client:
        client.credits()
        made = client.create_session("en")
        with client.run(made.session_id, "hello", lambda: None) as events:
            shown = [repr(event) for event in events]
        url = f"{fake.base}/cdn/none.mp4?token={token}"
        with client.opened_download(url, {}, with_token=True) as response:
            shown += [repr(response), repr(response.request.headers), repr(response.headers)]
        http = client.connection.http
        objects = (client, http, http.headers, identity, held, client.token, made)
        shown += [*map(repr, objects), *map(str, objects), *details]
        for own in (client, identity, client.connection):
            shown.append(str({k: v for k, v in vars(own).items() if k != "http"}))
    text = "\n".join(shown)
    assert not any(part in text for part in pieces(token))
    # The request must have carried it, or this would prove nothing.
    assert fake.calls("credits")[0].headers["authorization"] == f"Bearer {token}"
