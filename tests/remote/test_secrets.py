"""No token, and no part of one, is shown by any command or error at any verbosity."""

from __future__ import annotations

import json
import logging
import stat
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from chapterize.cli.main import main
from chapterize.remote.client import Client
from chapterize.remote.identity import Identity, Token
from tests.fake_service import FakeService, Fault, faults, running_service
from tests.fake_service.render_calls import RenderCalls
from tests.remote.links import WAITS

pytestmark = pytest.mark.slow

PIECE = 12
"""Characters of a token in a row that count as a part of it."""
SERVER_SIDE = ("asyncio", "multipart", "python_multipart", "uvicorn", "concurrent")
JSON_TYPE = {"content-type": "application/json"}
STREAM = {"content-type": "text/event-stream"}


def pieces(token: str) -> list[str]:
    secret = token.removeprefix("nmv_usr_")
    return [secret[at : at + PIECE] for at in range(len(secret) - PIECE + 1)]


class Watch:
    """Runs the program in this process, and records everything that it shows."""

    def __init__(
        self,
        fake: FakeService,
        folder: Path,
        capsys: pytest.CaptureFixture[str],
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.fake, self.folder = fake, folder
        self.capsys, self.caplog, self.monkeypatch = capsys, caplog, monkeypatch
        self.video, self.chapters = folder / "talk.mp4", folder / "talk.txt"
        self.out: dict[str, str] = {}
        self.codes: list[int] = []

    def run(self, *arguments: object) -> int:
        words = [str(each) for each in arguments]
        self.monkeypatch.setattr(sys, "argv", ["chapterize", *words])
        self.caplog.clear()
        with pytest.raises(SystemExit) as left:
            main()
        said = self.capsys.readouterr()
        seen = [said.out, said.err, *self._logs(), *_traces(left.value)]
        self.out[f"{len(self.codes)}: {' '.join(words)}"] = "\n".join(seen)
        code = left.value.code
        self.codes.append(code if isinstance(code, int) else 0)
        return self.codes[-1]

    def _logs(self) -> Iterator[str]:
        for record in self.caplog.records:
            if record.name.partition(".")[0] not in SERVER_SIDE:
                yield f"{record.name} {record.getMessage()} {record.msg!r} {record.args!r}"

    def use_registered(self, n_credits: int = 10_000) -> str:
        token = self.fake.new_token(n_credits)
        self.monkeypatch.setenv("NEMO_TOKEN", token)
        return token

    def use_starter(self) -> str:
        """Let the program fetch a starter token."""
        assert self.run("remote", "credits", "-v") == 0
        return str(json.loads((self.folder / "state" / "token.json").read_text())["token"])

    def prepare(self) -> None:
        """Create a session with a file in it."""
        assert self.run("remote", "upload", self.video, "--yes", "-v") == 0

    def check(self, tokens: Sequence[str]) -> None:
        """No output, and no file but that of tokens, contains a part of one."""
        parts = [part for token in tokens for part in pieces(token)]
        assert parts
        for command, text in self.out.items():
            leaks = [line for line in text.splitlines() if any(part in line for part in parts)]
            assert leaks == [], command
        for path in self.folder.rglob("*"):
            if not path.is_file() or "fake-service" in path.parts:
                continue
            content = path.read_bytes()
            if path.name == "token.json":
                assert stat.S_IMODE(path.stat().st_mode) == 0o600
            else:
                assert not any(part.encode() in content for part in parts), path


def _traces(error: BaseException) -> Iterator[str]:
    """What a crash report would contain of an error and its causes."""
    yield "".join(traceback.format_exception(error))
    chain: BaseException | None = error
    while chain is not None:
        yield repr(chain)
        yield repr(chain.args)
        yield " ".join(str(getattr(chain, name, "")) for name in ("what", "why", "hint"))
        chain = chain.__cause__ or chain.__context__


@pytest.fixture
def watch(
    tmp_path: Path,
    video_mp4: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Watch]:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("CHAPTERIZE_PACE", "0.001")
    monkeypatch.chdir(tmp_path)
    with running_service(tmp_path) as fake:
        monkeypatch.setenv("NEMO_API_URL", fake.base)
        made = Watch(fake, tmp_path, capsys, caplog, monkeypatch)
        made.video.write_bytes(video_mp4.read_bytes())
        made.chapters.write_text("0:00 Opening\n0:01 Bees\n0:03 Fin\n", encoding="utf-8")
        yield made


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


QUOTED = (
    "the token «{token}» of Authorization: Bearer {token} is not good for {token}/export?t={token}"
)
CALLS = {
    "credits": ("remote", "credits", "-v"),
    "state": ("remote", "status", "-v"),
    "session": ("remote", "upload", "https://example.com/a.mp4", "--new", "--yes", "-v"),
    "upload": ("remote", "upload", "talk.mp4", "--yes", "-v"),
    "run": ("remote", "say", "add some music", "--yes", "-v"),
    "render": ("remote", "export", "-o", "a.mp4", "--yes", "-v"),
    "render-status": ("remote", "export", "-o", "b.mp4", "--yes", "-v"),
    "cdn": ("remote", "export", "-o", "c.mp4", "--yes", "-v"),
    "cancel": ("remote", "cancel", "-v"),
}
KINDS = (
    *("1001", "1002", "2001", "4001", "402", "429", "500", "302", "success-false", "detail"),
    *("plain", "cut-json", "no-json", "reset", "sse"),
)


def fault_of(kind: str, token: str) -> Fault:
    """A failure that repeats the token, if it says anything."""
    said = QUOTED.format(token=token)
    if kind in ("1001", "1002", "2001", "4001"):
        return faults.envelope(int(kind), message=said)
    if kind in ("402", "429", "500"):
        body = json.dumps({"success": False, "error": said}).encode()
        return faults.status(int(kind), body, JSON_TYPE)
    if kind == "302":
        place = f"http://localhost:9/{token}?token={token}"
        return faults.status(302, said.encode(), {"location": place, "x-echo": token})
    if kind == "success-false":
        return faults.failure_envelope(said)
    if kind == "detail":
        body = json.dumps({"detail": said, "error": {"code": 7, "message": said}}).encode()
        return faults.status(422, body, JSON_TYPE)
    if kind == "sse":
        frames = (
            {"type": "text", "content": f"{said}. "},
            {"content": {"parts": [{"text": f"Is {token} yours?"}]}, "partial": True},
            {"type": "error", "message": said},
            {"type": token, "what": said},
        )
        lines = [f"data: {json.dumps(each)}\n\n" for each in frames]
        return faults.status(200, "".join([*lines, f"data: {said}\n\n"]).encode(), STREAM)
    if kind == "reset":
        return faults.reset_within(12)
    broken = {"cut-json": f'{{"code": 0, "data": {{"{token}": "{token}', "no-json": f'"{said}"'}
    return faults.status(200, broken.get(kind, said).encode(), {"x-request": f"id {token}"})


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
        objects = (client, client.http, client.http.headers, identity, held, client.token, made)
        shown += [*map(repr, objects), *map(str, objects), *details]
        for own in (client, identity):
            shown.append(str({k: v for k, v in vars(own).items() if k != "http"}))
    text = "\n".join(shown)
    assert not any(part in text for part in pieces(token))
    # The request must have carried it, or this would prove nothing.
    assert fake.calls("credits")[0].headers["authorization"] == f"Bearer {token}"
