"""A worker of the local engine that does what the name of the file says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from chapterize.batch import serving
from chapterize.batch.engine import Finished, Task
from chapterize.batch.plan import Plan
from chapterize.batch.rows import Row
from chapterize.batch.work import Prepared
from chapterize.data import OnProgress
from chapterize.errors import EngineError

CODE = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from tests.batch.local_fakes import main; main(int(sys.argv[2]), int(sys.argv[3]))"
)


class FakeWorker:
    """``crash``, ``crash-once``, ``hang``, ``slow``, ``loud``; anything else is done at once."""

    def __init__(self, plan: Plan) -> None:
        self.root = plan.root
        keys = (os.environ.get(name) for name in ("NEMO_TOKEN", "CHAPTERIZE_TITLES_KEY"))
        (self.root / "keys").write_text(" ".join(map(str, keys)))
        if (self.root / "refuse").exists():
            raise EngineError("no model", why="it is missing", hint="get it")
        if (self.root / "no-start").exists():
            sys.exit("cannot import it")

    def prepare(self, task: Task, report: OnProgress) -> Prepared | Finished:
        name = task.item.relative.stem
        report("drafting", 0.5)
        with (self.root / "seen").open("a") as file:
            file.write(f"{name} {os.getpid()} {os.environ.get('OMP_NUM_THREADS')}\n")
        if name == "crash" or (name == "crash-once" and task.attempt == 1):
            print("about to crash", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "hang":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            child = subprocess.Popen(["sleep", "60"])
            (self.root / "child").write_text(str(child.pid))
            time.sleep(60)
        if name == "slow":
            time.sleep(0.5)
        if name == "loud":
            print("x" * 1_000_000)
        row = Row(task.item.source, "done")
        made = {str(target.path): (name, "digest") for target in task.targets}
        return Prepared(task, row, {"attempt": task.attempt}, made)

    def commit(self, prepared: Prepared) -> Finished:
        for path in prepared.files:
            Path(path).write_text("result")
        return Finished(prepared.task.item, prepared.row, prepared.identity)

    def discard(self, prepared: Prepared) -> None:
        (self.root / "discarded").touch()


def main(number: int, parent: int) -> None:
    """Serve with the fake worker."""
    vars(serving)["TransferWorker"] = FakeWorker
    serving.serve(number, parent)
