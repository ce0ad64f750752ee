"""Runs of the Ray engine on real clusters of this machine, each in a process of its own.

``python -m tests.batch.ray_trials NAME FOLDER`` prints what happened as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chapterize.batch import ray_engine
from chapterize.batch.engine import Finished, Intent, Task
from chapterize.batch.plan import Plan
from chapterize.batch.ray_engine import RayEngine
from chapterize.errors import ChapterizeError
from tests.batch.ray_fakes import SlowWorker, tasks_of

Seen = dict[str, Any]


def lost_node(root: Path) -> Seen:
    """Two nodes with a worker each, one killed in the middle."""
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    cluster = Cluster(shutdown_at_exit=True)
    cluster.add_node(num_cpus=1, include_dashboard=False)
    second = cluster.add_node(num_cpus=1)
    engine = RayEngine(2, address=cluster.address, make_worker=SlowWorker, shared=[str(root)])
    names = [f"sleep-0.3_{number}" for number in range(12)]

    def kill(n_finished: int) -> None:
        if n_finished == 4:
            # Each of its workers has a file.
            cluster.remove_node(second, allow_graceful=False)

    seen = _run(engine, tasks_of(*names), Plan(root=root), kill)
    engine.close()
    cluster.shutdown()
    return seen


def bad_day(root: Path) -> Seen:
    """A cluster of this machine; files that crash, hang, or have a bug; then two more runs."""
    ray_engine._MOST_ATTEMPTS = 2
    os.environ["NEMO_TOKEN"] = "nmv_usr_not_for_others"
    engine = RayEngine(2, make_worker=SlowWorker)
    names = ("sleep-0.2", "crash", "bug", "bad", "hang", "refuse", "sleep-0.1")
    seen = _run(engine, tasks_of(*names), Plan(root=root, timeout=6))
    seen["has_secret"] = _processes_with(b"NEMO_TOKEN=nmv_usr")
    began = time.monotonic()
    again = _run(engine, tasks_of("sleep-0_1", "sleep-0_2"), Plan(root=root, timeout=6))
    seen |= {"again": again["states"], "again_seconds": time.monotonic() - began}
    (root / "no-model").touch()
    try:
        _run(engine, tasks_of("sleep-0_3"), Plan(root=root, timeout=4))
    except ChapterizeError as error:
        seen["error"] = [error.what, error.why, error.hint, error.exit_code]
    # The same cluster, where the folder is missing.
    blind = RayEngine(1, make_worker=SlowWorker, shared=[str(root / "missing")])
    try:
        _run(blind, tasks_of("sleep-0_4"), Plan(root=root))
    except ChapterizeError as error:
        seen["blind"] = [error.what, error.why]
    blind.close()
    engine.close()
    return seen


def interrupted(root: Path) -> Seen:
    """Ctrl-C while two files are in work."""
    engine = RayEngine(2, make_worker=SlowWorker)
    seen: Seen = {}
    try:
        _run(engine, tasks_of("hang-1", "hang-2", "sleep-0"), Plan(root=root))
    except KeyboardInterrupt:
        seen["is_interrupted"] = True
    engine.close()
    return seen


def _run(
    engine: RayEngine,
    tasks: list[Task],
    plan: Plan,
    on_finished: Callable[[int], None] = lambda n_finished: None,
) -> Seen:
    """The last states of the files, and how often each ended."""
    states: dict[str, str] = {}
    reasons: dict[str, str] = {}
    counts: Counter[str] = Counter()
    events = engine.run(tasks, plan)
    answer: bool | None = None
    while True:
        try:
            event = events.send(answer)
        except StopIteration:
            break
        answer = None
        name = event.item.relative.stem
        if isinstance(event, Intent):
            answer = name != "refuse"
        if isinstance(event, Finished):
            counts[name] += 1
            states[name] = event.row.state
            if event.row.reason is not None:
                reasons[name] = f"{event.row.reason.what}: {event.row.reason.why}"
            on_finished(counts.total())
    return {"states": states, "reasons": reasons, "counts": counts}


def _processes_with(text: bytes) -> list[str]:
    """The command lines of other processes whose environment has `text`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int(folder.name) != os.getpid() and text in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return found


if __name__ == "__main__":
    trials = {"lost_node": lost_node, "bad_day": bad_day, "interrupted": interrupted}
    print(json.dumps(trials[sys.argv[1]](Path(sys.argv[2]))))
