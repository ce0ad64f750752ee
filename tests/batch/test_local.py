"""The local engine: processes that crash, hang or do not start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from chapterize.batch.engine import Event, Finished, Intent, Progress, Task
from chapterize.batch.items import Item
from chapterize.batch.local import LocalEngine, default_jobs
from chapterize.batch.plan import Plan
from chapterize.batch.targets import Target
from chapterize.errors import ChapterizeError, EngineError
from tests.batch.local_fakes import CODE

pytestmark = pytest.mark.slow


@pytest.fixture
def engine() -> Iterator[LocalEngine]:
    made = LocalEngine(2, code=CODE)
    yield made
    made.close()


def tasks(root: Path, *names: str) -> list[Task]:
    return [
        Task(
            Item(f"/talks/{name}.mp4", PurePosixPath(f"{name}.mp4"), 1, 1),
            (Target(root / f"{name}.txt", "youtube"),),
        )
        for name in names
    ]


def run(engine: LocalEngine, root: Path, *names: str, **settings: object) -> list[Event]:
    return list(engine.run(tasks(root, *names), Plan(root=root, **settings)))  # type: ignore[arg-type]


def ends(events: list[Event]) -> dict[str, Finished]:
    return {e.item.relative.stem: e for e in events if isinstance(e, Finished)}


def seen(root: Path) -> list[list[str]]:
    return [line.split() for line in (root / "seen").read_text().splitlines()]


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def gone(pid: int) -> bool:
    """Whether a process ends within ten seconds."""
    until = time.monotonic() + 10
    while is_running(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_a_worker_gets_the_key_of_the_title_server_and_no_secret_in_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEMO_TOKEN", "nmv_usr_not_for_workers")
    monkeypatch.setenv("CHAPTERIZE_TITLES_KEY", "hush-hush-4711")
    engine = LocalEngine(1, code=CODE)
    run(engine, tmp_path, "a")
    ((_, pid, _),) = seen(tmp_path)
    given = Path(f"/proc/{pid}/environ").read_bytes()
    engine.close()
    assert b"OMP_NUM_THREADS" in given
    assert b"not-for-workers" not in given
    assert b"hush-hush" not in given
    assert (tmp_path / "keys").read_text() == "None hush-hush-4711"


def test_every_file_is_done_by_workers_that_stay(engine: LocalEngine, tmp_path: Path) -> None:
    names = ["slow", *(f"a{number}" for number in range(8))]
    found = ends(run(engine, tmp_path, *names))
    assert {name: each.row.state for name, each in found.items()} == dict.fromkeys(names, "done")
    run(engine, tmp_path, "b")
    assert len({pid for _, pid, _ in seen(tmp_path)}) == 2


def test_threads_are_shared_among_the_workers(engine: LocalEngine, tmp_path: Path) -> None:
    run(engine, tmp_path, "a")
    threads = max(1, (os.cpu_count() or 1) // 2)
    assert seen(tmp_path)[0][2] == str(threads)


def test_a_file_is_shown_before_it_is_written_and_written_before_it_ends(
    engine: LocalEngine, tmp_path: Path
) -> None:
    result = tmp_path / "a.txt"
    kinds = []
    for event in engine.run(tasks(tmp_path, "a"), Plan(root=tmp_path)):
        kinds.append((type(event), result.exists()))
        if isinstance(event, Progress):
            assert (event.row.state, event.row.source) == ("running", "/talks/a.mp4")
    assert kinds[0] == (Progress, False)
    assert kinds[-2:] == [(Intent, False), (Finished, True)]


def test_a_file_that_must_not_be_written_is_discarded(engine: LocalEngine, tmp_path: Path) -> None:
    events = engine.run(tasks(tmp_path, "a", "b"), Plan(root=tmp_path))
    answer: bool | None = None
    ended = []
    while True:
        try:
            event = events.send(answer)
        except StopIteration:
            break
        answer = event.item.relative.stem != "a" if isinstance(event, Intent) else None
        ended += [event.item.relative.stem] if isinstance(event, Finished) else []
    assert ended == ["b"]
    assert not (tmp_path / "a.txt").exists()
    assert (tmp_path / "discarded").exists()


def test_a_file_is_tried_again_after_a_crash(engine: LocalEngine, tmp_path: Path) -> None:
    found = ends(run(engine, tmp_path, "crash-once", "a", "b"))
    assert {each.row.state for each in found.values()} == {"done"}
    assert found["crash-once"].identity == {"attempt": 2}


def test_a_file_that_crashes_twice_fails_and_the_others_are_done(
    engine: LocalEngine, tmp_path: Path
) -> None:
    found = ends(run(engine, tmp_path, "crash", "a", "b", "c"))
    states = {name: each.row.state for name, each in found.items()}
    assert states == {"crash": "failed", "a": "done", "b": "done", "c": "done"}
    row = found["crash"].row
    assert row.stage == "drafting"
    assert row.reason is not None
    assert row.reason.why == "killed by SIGKILL, about to crash"


def test_a_file_that_hangs_ends_with_its_programs(engine: LocalEngine, tmp_path: Path) -> None:
    began = time.monotonic()
    found = ends(run(engine, tmp_path, "hang", "a", "b", timeout=1.0))
    assert time.monotonic() - began < 20
    assert {name: each.row.state for name, each in found.items()} == {
        "hang": "failed",
        "a": "done",
        "b": "done",
    }
    reason = found["hang"].row.reason
    assert reason is not None
    assert reason.what == "it took longer than 1 s"
    assert gone(int((tmp_path / "child").read_text()))


def test_a_worker_that_prints_does_not_hang(engine: LocalEngine, tmp_path: Path) -> None:
    assert ends(run(engine, tmp_path, "loud"))["loud"].row.state == "done"


def test_what_an_engine_refuses_ends_the_run_with_its_error(
    engine: LocalEngine, tmp_path: Path
) -> None:
    (tmp_path / "refuse").touch()
    with pytest.raises(ChapterizeError, match="no model") as raised:
        run(engine, tmp_path, "a")
    error = raised.value
    assert (error.why, error.hint, error.exit_code) == (
        "it is missing",
        "get it",
        EngineError.exit_code,
    )


def test_workers_that_cannot_start_end_the_run(engine: LocalEngine, tmp_path: Path) -> None:
    (tmp_path / "no-start").touch()
    with pytest.raises(EngineError, match="cannot start") as raised:
        run(engine, tmp_path, "a")
    assert raised.value.why == "cannot import it"


def test_closing_the_events_stops_the_work(engine: LocalEngine, tmp_path: Path) -> None:
    events = engine.run(tasks(tmp_path, "hang", "a"), Plan(root=tmp_path))
    for _ in events:
        if (tmp_path / "child").exists():
            break
    events.close()
    assert gone(int((tmp_path / "child").read_text()))


def test_workers_end_with_a_driver_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.batch.test_local import *\n"
        "run(LocalEngine(1, code=CODE), Path(sys.argv[1]), 'hang')"
    )
    driver = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    until = time.monotonic() + 30
    while not (tmp_path / "child").exists() and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.1)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    assert gone(int((tmp_path / "child").read_text()))
    assert gone(int(seen(tmp_path)[0][1]))


def test_there_is_one_worker_for_each_gpu_and_at_most_one_for_each_core() -> None:
    assert default_jobs("auto", n_gpus=3) == 3
    assert 1 <= default_jobs("cpu", n_gpus=3) <= (os.cpu_count() or 1)
    assert 1 <= default_jobs("auto", n_gpus=0) <= (os.cpu_count() or 1)
