"""``kill -9`` of the driver or of a worker, and the same command again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.batch.inline_engine import talks

pytestmark = pytest.mark.slow

NAMES = [f"{letter}.srt" for letter in "abcdef"]


def command(folder: Path) -> list[str]:
    batch = [sys.executable, "-m", "chapterize", "--no-config", "batch", str(folder / "in")]
    formats = ["--format", "youtube,webvtt", "-j", "2", "--json"]
    return [*batch, "--out", str(folder / "out"), *formats]


def results(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "out").glob("?.*")}


def workers_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in listed]


def finished(folder: Path) -> set[str]:
    """What the records know to be done."""
    records = folder / "out" / ".chapterize" / "batch.jsonl"
    lines = records.read_text().splitlines() if records.exists() else []
    entries = [json.loads(line) for line in lines if line.endswith("}")]
    return {each["source"] for each in entries if each.get("state") == "done"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], float]:
    """What a run that nobody disturbs writes, and how long it takes."""
    folder = tmp_path_factory.mktemp("whole")
    talks(folder / "in", *NAMES)
    began = time.monotonic()
    subprocess.run(command(folder), check=True, capture_output=True)
    return results(folder), time.monotonic() - began


@pytest.mark.parametrize("who", ["driver", "worker"])
@pytest.mark.parametrize("moment", [0.2, 0.6, 0.85])
def test_every_file_is_done_once(
    tmp_path: Path, whole: tuple[dict[str, bytes], float], who: str, moment: float
) -> None:
    wanted, seconds = whole
    talks(tmp_path / "in", *NAMES)
    first = subprocess.Popen(command(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(moment * seconds)
    workers = workers_of(first.pid) if first.poll() is None and who == "worker" else []
    for pid in workers[:1] or [first.pid]:
        if first.poll() is None:
            os.kill(pid, signal.SIGKILL)
    _, errors = first.communicate()
    if workers:
        assert first.returncode == 0, errors.decode()
    before = finished(tmp_path)
    again = subprocess.run(command(tmp_path), capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in again.stdout.splitlines()]
    assert sorted(Path(row["source"]).name for row in rows) == NAMES
    assert {row["source"] for row in rows if row["state"] == "skipped"} == before
    assert {row["state"] for row in rows} <= {"done", "skipped"}
    assert results(tmp_path) == wanted
    assert not list((tmp_path / "out" / ".chapterize").glob("work/*"))
