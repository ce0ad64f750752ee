"""Workers for tests of the Ray engine; a module of its own, because the nodes import it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from chapterize.batch.engine import Finished, Task
from chapterize.batch.items import Item
from chapterize.batch.plan import Plan
from chapterize.batch.rows import Reason, Row
from chapterize.data import OnProgress
from chapterize.errors import EngineError


@dataclass(frozen=True)
class Prepared:
    task: Task
    outputs: Mapping[str, str]


class SlowWorker:
    """Works on a file as its name says: ``sleep-1.5.mp4``, ``crash.mp4``, ``hang.mp4``, …

    Every start and every write is a line in ``log`` in the root of the plan.
    """

    def __init__(self, plan: Plan) -> None:
        self._root = plan.root
        if (self._root / "no-model").exists():
            raise EngineError("the model is missing", why="nobody pulled it", hint="pull it")

    def prepare(self, task: Task, report: OnProgress) -> Prepared | Finished:
        item = task.item
        word, _, number = Path(item.source).stem.partition("-")
        report(word, 0.5)
        self._log(f"start {item.relative} {os.getpid()}")
        if word == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        if word == "once" and task.attempt == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if word == "hang":
            with subprocess.Popen(["sleep", "600"]) as process:
                self._log(f"child {process.pid}")
        if word == "bug":
            raise ZeroDivisionError("a bug")
        if word == "bad":
            return Finished(item, Row(item.source, "failed", reason=Reason("damaged")))
        time.sleep(float(number.partition("_")[0] or 0) if word == "sleep" else 0)
        return Prepared(task, {f"{item.source}.txt": "digest"})

    def commit(self, prepared: Prepared) -> Finished:
        item = prepared.task.item
        self._log(f"write {item.relative} {os.getpid()}")
        (self._root / f"{item.relative}.txt").write_text("chapters")
        return Finished(item, Row(item.source, "done", n_chapters=3), {"size": 1})

    def discard(self, prepared: Prepared) -> None:
        self._log(f"discard {prepared.task.item.relative}")

    def _log(self, line: str) -> None:
        with (self._root / "log").open("a") as file:
            file.write(line + "\n")


def tasks_of(*names: str) -> list[Task]:
    return [
        Task(Item(f"/talks/{name}.mp4", PurePosixPath(f"{name}.mp4"), 1, 1), ()) for name in names
    ]
