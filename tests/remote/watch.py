"""The program under watch: everything that it shows and writes, searched for a token."""

from __future__ import annotations

import json
import logging
import stat
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from chapterize.cli.main import main
from tests.fake_service import FakeService, Fault, faults, running_service

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
