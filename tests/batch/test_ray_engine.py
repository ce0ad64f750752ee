"""The Ray engine on real clusters; see `ray_trials` for what happens there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from chapterize.batch.plan import Plan
from chapterize.batch.ray_engine import RayEngine
from chapterize.errors import MissingDependency

COMMAND = (sys.executable, "-m", "tests.batch.ray_trials")
SECONDS = 120


def trial(name: str, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [*COMMAND, name, str(folder)], capture_output=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    # Nothing else may be printed there: it is where the rows go.
    return dict(json.loads(done.stdout))


def log_of(folder: Path) -> list[list[str]]:
    return [line.split() for line in (folder / "log").read_text().splitlines()]


def is_running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def ended_within(pids: list[int], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not any(map(is_running, pids))


def test_without_ray_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingDependency) as caught:
        RayEngine()
    assert 'pip install "chapterize-video[ray]"' in caught.value.hint


def test_a_run_without_files_starts_no_cluster(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    engine = RayEngine()
    # Whatever would start one fails.
    monkeypatch.setitem(sys.modules, "ray", None)
    assert list(engine.run([], Plan(root=tmp_path))) == []


@pytest.mark.slow
def test_a_node_killed_in_the_middle_loses_no_file(tmp_path: Path) -> None:
    seen = trial("lost_node", tmp_path)
    names = {f"sleep-0.3_{number}" for number in range(12)}
    assert seen["states"] == dict.fromkeys(names, "done")
    assert set(seen["counts"].values()) == {1}
    assert {path.stem for path in tmp_path.glob("*.txt")} == {f"{name}.mp4" for name in names}
    writes = [line[1] for line in log_of(tmp_path) if line[0] == "write"]
    assert len(set(writes)) == len(names)
    # The file that was in work there was started again elsewhere.
    starts = [line for line in log_of(tmp_path) if line[0] == "start"]
    assert len({line[2] for line in starts}) == 2


@pytest.mark.slow
def test_bad_files_are_rows_and_the_workers_stay(tmp_path: Path) -> None:
    seen = trial("bad_day", tmp_path)
    failed = ("crash", "bug", "bad", "hang")
    done = ("sleep-0.2", "sleep-0.1")
    expected = dict.fromkeys(failed, "failed") | dict.fromkeys(done, "done")
    assert seen["states"] == expected
    assert set(seen["counts"].values()) == {1}
    assert seen["reasons"]["crash"].startswith("the worker was lost 2 times")
    assert (
        seen["reasons"]["hang"] == "it took longer than 6 s: --timeout ended it at the stage: hang"
    )
    assert seen["reasons"]["bug"] == "ZeroDivisionError: a bug: "
    log = log_of(tmp_path)
    assert [line[1] for line in log].count("crash.mp4") == 2
    # What the reader refuses is not written.
    assert ["discard", "refuse.mp4"] in log
    assert not (tmp_path / "refuse.mp4.txt").exists()
    # The program that hung ended with its worker.
    assert ended_within([int(line[1]) for line in log if line[0] == "child"], 10)
    assert seen["has_secret"] == []
    assert seen["again"] == {"sleep-0_1": "done", "sleep-0_2": "done"}
    what, why = seen["blind"]
    assert what.endswith(f"does not see {tmp_path / 'missing'}")
    assert why == "files must be at the same path on all nodes"
    assert seen["error"] == ["the model is missing", "nobody pulled it", "pull it", 8]


@pytest.mark.slow
def test_ctrl_c_leaves_nothing_running(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "interrupted", str(tmp_path)], stdout=subprocess.PIPE, start_new_session=True
    )
    with process:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            time.sleep(0.2)
            if (tmp_path / "log").exists() and sum(x[0] == "child" for x in log_of(tmp_path)) == 2:
                break
        # As a terminal does: to the whole process group.
        os.killpg(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=SECONDS)
    assert json.loads(output) == {"is_interrupted": True}
    log = log_of(tmp_path)
    assert not any(line[0] == "write" for line in log)
    pids = [int(line[-1]) for line in log if line[0] in ("start", "child")]
    assert ended_within(pids, 10)
