"""`chapterize batch --watch` and `--exec`, as a program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chapterize.cli.batch import SOME_FAILED
from tests.texts import cues, write_srt

SHOW = """sh -c 'printf "%s\\n" "$@" >>"$SHOWN"' sh {} {outputs}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in box").mkdir()
    return tmp_path / "in box"


@pytest.fixture
def start(tmp_path: Path, folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start ``chapterize batch`` on the folder."""
    running: list[subprocess.Popen[str]] = []

    def started(*arguments: str) -> subprocess.Popen[str]:
        environment = os.environ | {
            "CHAPTERIZE_STATE": str(tmp_path / "state"),
            "CHAPTERIZE_CACHE": str(tmp_path / "cache"),
            "SHOWN": str(tmp_path / "shown"),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "chapterize", "batch", str(folder), *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield started
    for process in running:
        process.kill()
        process.communicate()


def wait_for(*paths: Path) -> None:
    until = time.monotonic() + 30
    while not all(path.exists() for path in paths) and time.monotonic() < until:
        time.sleep(0.05)
    assert all(path.exists() for path in paths), [path.name for path in paths if not path.exists()]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_files_that_arrive_are_drafted_once_until_a_signal(
    start: Callable[..., subprocess.Popen[str]], folder: Path, number: signal.Signals
) -> None:
    write_srt(folder / "first.srt", cues())
    process = start("--watch", "-r", "--settle", "0.5", "-j", "2", "--json", "--format", "webvtt")
    wait_for(folder / "first.vtt")
    write_srt(folder / "second.srt", cues())
    (folder / "new").mkdir()
    write_srt(folder / "new" / "third.srt", cues())
    (folder / "broken.mp4").write_text("no video")
    wait_for(folder / "second.vtt", folder / "new" / "third.vtt")
    time.sleep(2)
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert process.returncode == SOME_FAILED, err
    rows = [json.loads(line) for line in out.splitlines()]
    assert sorted((Path(row["source"]).name, row["state"]) for row in rows) == [
        ("broken.mp4", "failed"),
        ("first.srt", "done"),
        ("second.srt", "done"),
        ("third.srt", "done"),
    ]
    assert "Watching" in err
    assert "Traceback" not in err
    assert not (folder / ".chapterize" / "work").exists()


@pytest.mark.slow
def test_an_idle_worker_takes_what_arrives_and_ctrl_c_stops_the_others(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path, folder: Path
) -> None:
    write_srt(folder / "slow.srt", cues())
    wait = """sh -c 'case "$1" in *slow*) echo $$ >"$SHOWN"; exec sleep 60;; esac' sh {}"""
    process = start("--watch", "--settle", "0.5", "-j", "2", "--json", "--exec", wait)
    wait_for(tmp_path / "shown")
    write_srt(folder / "quick.srt", cues())
    wait_for(folder / "quick.youtube.txt")
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert [Path(json.loads(line)["source"]).name for line in out.splitlines()] == ["quick.srt"]
    sleeping = int((tmp_path / "shown").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(sleeping, 0)
    again = start("--json")
    out, err = again.communicate(timeout=60)
    assert again.returncode == 0, err
    states = {Path(row["source"]).name: row["state"] for row in map(json.loads, out.splitlines())}
    assert states == {"slow.srt": "done", "quick.srt": "skipped"}


@pytest.mark.slow
def test_a_folder_that_is_deleted_ends_the_watch_with_an_error(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path, folder: Path
) -> None:
    write_srt(folder / "a.srt", cues())
    out = tmp_path / "out"
    process = start("--watch", "--settle", "0.5", "--out", str(out))
    wait_for(out / "a.youtube.txt")
    time.sleep(1)
    (folder / "a.srt").unlink()
    folder.rmdir()
    _, err = process.communicate(timeout=20)
    assert process.returncode == 3, err
    assert f"error: cannot watch {folder}" in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_the_command_runs_for_each_file_that_is_done(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path, folder: Path
) -> None:
    write_srt(folder / "-a b.srt", cues())
    (folder / "broken.mp4").write_text("no video")
    process = start("--format", "youtube,json", "--exec", SHOW)
    _, err = process.communicate(timeout=60)
    assert process.returncode == SOME_FAILED, err
    names = ("-a b.srt", "-a b.youtube.txt", "-a b.json")
    shown = tmp_path / "shown"
    assert shown.read_text().splitlines() == [str(folder / name) for name in names]
    again = start("--format", "youtube,json", "--exec", SHOW)
    again.communicate(timeout=60)
    assert len(shown.read_text().splitlines()) == 3


@pytest.mark.slow
def test_a_failing_command_is_a_failed_file_that_the_next_run_repeats(
    start: Callable[..., subprocess.Popen[str]], folder: Path
) -> None:
    write_srt(folder / "a.srt", cues())
    process = start("--json", "--exec", "sh -c 'echo no room >&2; exit 3'")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == SOME_FAILED
    row = json.loads(out)
    assert (row["state"], row["stage"]) == ("failed", "command")
    assert row["reason"]["why"] == "exit code 3: no room"
    assert (folder / "a.youtube.txt").exists()
    again = start("--json", "--exec", "true")
    out, err = again.communicate(timeout=60)
    assert again.returncode == 0, err
    assert json.loads(out)["state"] == "done"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--exec", "no-such-program-here"], "no program no-such-program-here was found"),
        (["--watch", "--from-file", "LIST"], "--watch takes folders"),
    ],
)
def test_what_cannot_work_is_refused_before_it_starts(
    start: Callable[..., subprocess.Popen[str]], folder: Path, arguments: list[str], message: str
) -> None:
    named = write_srt(folder / "a.srt", cues())
    (folder / "list.txt").write_text(f"{named}\n")
    arguments = [str(folder / "list.txt") if each == "LIST" else each for each in arguments]
    process = start(*arguments)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert message in err
    assert not (folder / ".chapterize").exists()
