"""An `ask` or a `say` is killed after its message was sent: its export is not forgotten."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chapterize.media import open_media
from chapterize.remote.journals import journals
from tests.cli.program import Run
from tests.cli.terminal_session import at_terminal
from tests.fake_service import FakeService, faults

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def kill_after_the_message(fake: FakeService, folder: Path, *command: str | Path) -> None:
    """Run a command, and kill it as soon as its message is done."""
    # However late the kill is, no render has begun.
    fake.fail("render", faults.reset_before(), times=9)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "chapterize", *map(str, command), "--yes"]
    with subprocess.Popen(words, cwd=folder, env=environment, stderr=subprocess.DEVNULL) as child:
        while child.poll() is None:
            journal = next(journals(), None)
            sent = journal.all_of("message", None) if journal is not None else []
            if sent and sent[-1]["step"] == "done":
                child.kill()
            time.sleep(0.001)
    fake._planned.clear()
    assert child.returncode == -9


@pytest.mark.parametrize("how", ["output", "words", "click"])
def test_a_killed_ask_exports_when_it_is_resumed(
    how: str, talk: Path, tmp_path: Path, fake: FakeService, run: Run
) -> None:
    command: tuple[str | Path, ...] = ("ask", "put quiet music under it", talk)
    if how == "output":
        command += ("-o", "it's 1.mp4")
    elif how == "words":
        command = ("ask", "put quiet music under it and then export it", talk)
    else:
        fake.switches.answer = "Click Export."
    kill_after_the_message(fake, tmp_path, *command)
    (row,) = json.loads(run("remote", "sessions", "--json").out)
    assert (row["state"], row["is_ended"]) == ("export not finished", False)
    name = "it's 1.mp4" if how == "output" else f"{row['session']}.mp4"
    assert f"chapterize remote export --session {row['session']} -o " in row["next"]
    assert run("remote", "resume").code == 3
    done = run("remote", "resume", "--yes", "--json")
    (made,) = json.loads(done.out)
    assert (done.code, Path(made["path"])) == (0, tmp_path / name)
    assert open_media(tmp_path / name).has_video
    assert made["credits"]["spent"] in (0, 10)
    assert len(fake.messages) == len(fake.renders) == 1
    assert run("remote", "resume", "--yes").code == 3


def test_a_resumed_export_names_its_target_and_keeps_a_file_in_its_place(
    talk: Path, tmp_path: Path, fake: FakeService, run: Run
) -> None:
    kill_after_the_message(
        fake, tmp_path, "ask", "put quiet music under it", talk, "-o", "made.mp4"
    )
    code, shown = at_terminal(["remote", "resume"], [("[y/N]", "n")])
    assert (code, "made.mp4" in shown) == (11, True)
    (tmp_path / "made.mp4").write_text("precious", encoding="utf-8")
    n_charges = len(fake.charges)
    assert run("remote", "resume", "--yes").code == 5
    assert (tmp_path / "made.mp4").read_text(encoding="utf-8") == "precious"
    assert len(fake.charges) == n_charges
    assert run("remote", "resume", "--yes", "-o", tmp_path / "other.mp4").code == 0
    assert open_media(tmp_path / "other.mp4").has_video
    assert len(fake.messages) == len(fake.renders) == 1


def test_a_killed_ask_can_be_given_up(
    talk: Path, tmp_path: Path, fake: FakeService, run: Run
) -> None:
    kill_after_the_message(
        fake, tmp_path, "ask", "put quiet music under it", talk, "-o", "made.mp4"
    )
    assert run("remote", "cancel").code == 0
    (row,) = json.loads(run("remote", "sessions", "--json").out)
    assert (row["state"], row["next"]) == ("given up", None)
    assert run("remote", "resume", "--yes").code == 3
    assert not (tmp_path / "made.mp4").exists()


def test_a_session_that_was_never_made_is_not_listed(
    talk: Path, fake: FakeService, run: Run
) -> None:
    fake.fail("session", faults.status(403), times=9)
    assert run("remote", "upload", talk, "--yes").code == 9
    assert json.loads(run("remote", "sessions", "--json").out) == []
    assert "there is no session" in run("remote", "status").err
