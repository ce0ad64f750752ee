"""One writer at a time, with a real second process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chapterize.errors import OutputError, SessionInUse
from chapterize.remote.writer import is_locked, one_writer, waiting_turn

ROOT = Path(__file__).parents[2]
HOLD = """
import sys
from pathlib import Path
from chapterize.remote import writer
sys.argv = ["/usr/bin/chapterize", *sys.argv[2:]]
with writer.one_writer(Path(PATH), "it") if IS_JOB else writer.waiting_turn(Path(PATH)):
    print("held", flush=True)
    sys.stdin.readline()
"""

Hold = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Hold]:
    """Start a process with the command line `words` that has the lock until it is stopped."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str, waits: bool = False) -> subprocess.Popen[str]:
        path = tmp_path / ("turn.lock" if waits else "job")
        code = f"PATH, IS_JOB = {str(path)!r}, {not waits}\n{HOLD}"
        process = subprocess.Popen(
            [sys.executable, "-c", code, "", *words],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_second_process_is_refused_and_the_first_is_named(hold: Hold, tmp_path: Path) -> None:
    other = hold("remote", "say", "make it private", "--yes")
    refused = pytest.raises(SessionInUse, match="the session s is in use")
    with refused as caught, one_writer(tmp_path / "job", "the session s"):
        pytest.fail("two writers")
    assert caught.value.exit_code == 12
    assert caught.value.why.startswith(f"chapterize remote say, process {other.pid}, since ")
    assert "private" not in caught.value.why


def test_the_lock_ends_with_a_killed_process(hold: Hold, tmp_path: Path) -> None:
    other = hold("deliver", "talk.mp4")
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    with one_writer(tmp_path / "job", "it"):
        pass
    with one_writer(tmp_path / "job", "it"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["job.lock"]


def test_an_unreadable_owner_is_another_process(hold: Hold, tmp_path: Path) -> None:
    hold("deliver")
    (tmp_path / "job.owner").write_text("{")
    with pytest.raises(SessionInUse) as caught, one_writer(tmp_path / "job", "it"):
        pytest.fail("two writers")
    assert caught.value.why == "another process works on it"


def test_a_lock_that_cannot_be_created_is_an_output_error(tmp_path: Path) -> None:
    refused = pytest.raises(OutputError, match="cannot lock it")
    with refused, one_writer(tmp_path / ("x" * 300), "it"):
        pytest.fail("no lock")


def test_the_lock_holds_without_the_file_that_names_the_owner(tmp_path: Path) -> None:
    (tmp_path / "job.owner").mkdir()
    with one_writer(tmp_path / "job", "it"):
        refused = pytest.raises(SessionInUse)
        with refused as caught, one_writer(tmp_path / "job", "it"):
            pytest.fail("two writers")
    assert caught.value.why == "another process works on it"
    with one_writer(tmp_path / "job", "it"):
        pass


@pytest.mark.skipif(os.name == "nt", reason="no such permissions there")
def test_lock_and_owner_are_private(tmp_path: Path) -> None:
    with one_writer(tmp_path / "job", "it"):
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"job.lock": 0o600, "job.owner": 0o600}


def test_waiting_turn_waits_until_the_other_process_ends(hold: Hold, tmp_path: Path) -> None:
    other = hold("remote", "credits", waits=True)
    threading.Timer(0.3, other.kill).start()
    with waiting_turn(tmp_path / "turn.lock"):
        assert other.wait(timeout=5) == -signal.SIGKILL


def test_who_has_to_wait_is_shown_why(hold: Hold, tmp_path: Path) -> None:
    other = hold("deliver", waits=True)
    threading.Timer(1.5, other.kill).start()
    waits: list[str] = []
    with waiting_turn(tmp_path / "turn.lock", lambda: waits.append("waiting")):
        assert waits == ["waiting"]
    with waiting_turn(tmp_path / "turn.lock", lambda: waits.append("again")):
        assert waits == ["waiting"]


def test_a_lock_is_seen_without_taking_it(hold: Hold, tmp_path: Path) -> None:
    assert not is_locked(tmp_path / "job")
    other = hold("deliver")
    assert is_locked(tmp_path / "job")
    other.kill()
    other.wait()
    assert not is_locked(tmp_path / "job")
    assert not is_locked(tmp_path / ("x" * 300))
