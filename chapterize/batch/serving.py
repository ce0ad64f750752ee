"""What runs in a worker process of the local engine."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType
from typing import Any

from chapterize.batch.engine import Finished, Task
from chapterize.batch.transfer import TransferWorker
from chapterize.errors import ChapterizeError

__all__ = ["serve"]

_REPORT_SECONDS = 0.2
_WATCH_SECONDS = 0.3


def serve(number: int, parent: int) -> None:
    """Work on the tasks that arrive at the file descriptor `number` until it is closed.

    `parent` is the process that sends them: if it ends, so does this one, with its programs.
    """
    from multiprocessing.connection import Connection

    signal.signal(signal.SIGTERM, _interrupt)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    with Connection(number) as connection:
        try:
            plan, keys = connection.recv()
            os.environ.update(keys)
            worker = TransferWorker(plan)
        except ChapterizeError as error:
            # The driver ends the run with this error, when the first task has arrived.
            connection.recv()
            connection.send(("refused", (error.what, error.why, error.hint, error.exit_code)))
            return
        except EOFError:
            return
        try:
            while (task := connection.recv()) is not None:
                _work_on(task, worker, connection)
        except (EOFError, OSError, KeyboardInterrupt):
            return


def _work_on(task: Task, worker: TransferWorker, connection: Any) -> None:
    last = (0.0, "")

    def report(stage: str, fraction: float) -> None:
        nonlocal last
        now = time.monotonic()
        if stage != last[1] or now - last[0] > _REPORT_SECONDS:
            last = (now, stage)
            connection.send(("progress", (stage, fraction)))

    report("opening", 0.0)
    result = worker.prepare(task, report)
    if not isinstance(result, Finished):
        connection.send(("intent", result.outputs))
        if not connection.recv():
            worker.discard(result)
            connection.send(("discarded", None))
            return
        result = worker.commit(result)
    connection.send(("finished", result))


def _interrupt(signum: int, frame: FrameType | None) -> None:
    # The stages delete their temporary files as after Ctrl-C.
    raise KeyboardInterrupt


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    # Kills the programs that this process runs, too.
    os.killpg(os.getpgid(0), signal.SIGKILL)
