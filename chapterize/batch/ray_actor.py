"""What runs on a node of a Ray cluster: one worker, and how its programs end with it.

The node needs chapterize in the same version. Nothing here imports Ray: Ray imports this.
"""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

from chapterize._version import __version__
from chapterize.batch.engine import Event, Finished, Intent, Progress, Task
from chapterize.batch.plan import Plan
from chapterize.batch.rows import Reason, Row
from chapterize.children import child_environment
from chapterize.data import OnProgress
from chapterize.errors import ChapterizeError, EngineError

__all__ = ["Drafts", "MakeWorker", "Node", "RayActor"]

_REPORT_EVERY = 0.5
"""Seconds between two progress reports of the same stage."""

_LOOKS, _LOOK_EVERY = 4, 0.5
"""A network file system may show a new file to other machines a little later."""

_AFTER_ITS_END = 'read line; kill -9 -- "-$1"'
"""Kills a process group when stdin ends, that is, when the process at its other end has ended."""


class Drafts(Protocol):
    """What drafts files, with engines that are loaded once: `work.Worker`."""

    def prepare(self, task: Task, report: OnProgress) -> Any:
        """Make all results of a file; `Finished` if that failed."""

    def commit(self, prepared: Any) -> Finished:
        """Write the results."""

    def discard(self, prepared: Any) -> None:
        """Delete the results."""


MakeWorker = Callable[[Plan], Drafts]


@dataclass(frozen=True)
class Node:
    """Where an actor runs, and why it cannot work there (None if it can)."""

    host: str
    pid: int
    problem: Reason | None = None
    exit_code: int = 8


class RayActor:
    """One worker on a node; Ray restarts it there or elsewhere if it is lost.

    Calls of `do` run one after the other; those of the concurrency group ``control`` meanwhile.
    """

    def __init__(
        self, make_worker: MakeWorker, plan: Plan, shared: Sequence[str], version: str
    ) -> None:
        self._guard = _end_children_with_me()
        self._answers: SimpleQueue[bool] = SimpleQueue()
        self._exit_code = EngineError.exit_code
        self._problem = _problem_here(shared, version)
        self._worker: Drafts | None = None
        if self._problem is None:
            try:
                self._worker = make_worker(plan)
            except ChapterizeError as error:
                self._problem, self._exit_code = Reason.of(error), error.exit_code

    def node(self) -> Node:
        """Where this runs; answers when the models are loaded."""
        return Node(platform.node(), os.getpid(), self._problem, self._exit_code)

    def answer(self, may_write: bool) -> None:
        """Let the current file be written, or its results be discarded."""
        self._answers.put(may_write)

    def do(self, task: Task) -> Iterator[Event]:
        """Draft a file; after `Intent`, nothing is written before `answer` is called."""
        worker = self._worker
        if worker is None:
            raise RuntimeError("this actor has no worker")
        events: SimpleQueue[Event | None] = SimpleQueue()
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(worker.prepare, task, _Reports(task, events))
            future.add_done_callback(lambda done: events.put(None))
            while (event := events.get()) is not None:
                yield event
        prepared = future.result()
        if isinstance(prepared, Finished):
            yield prepared
            return
        yield Intent(task.item, prepared.outputs)
        if self._answers.get():
            yield worker.commit(prepared)
        else:
            worker.discard(prepared)


class _Reports:
    """Passes on the progress of a file: each new stage, and else two reports a second."""

    def __init__(self, task: Task, events: SimpleQueue[Event | None]) -> None:
        self._task, self._events = task, events
        self._began = time.monotonic()
        self._stage, self._last = "", 0.0
        self("opening", 0.0)

    def __call__(self, stage: str, fraction: float) -> None:
        now = time.monotonic()
        if stage != self._stage or now - self._last >= _REPORT_EVERY:
            self._stage, self._last = stage, now
            item, seconds = self._task.item, round(now - self._began, 3)
            row = Row(item.source, "running", stage, fraction, seconds)
            self._events.put(Progress(item, row))


def _problem_here(shared: Sequence[str], version: str) -> Reason | None:
    """Why this node cannot work on the files of a run of `version`, which are below `shared`."""
    host = platform.node()
    if version != __version__:
        return Reason(
            f"the node {host} has chapterize {__version__}",
            f"this is {version}, and the results would differ",
            f"install chapterize-video {version} on all nodes",
        )
    for n_looks in range(_LOOKS):
        missing = next((path for path in shared if not Path(path).exists()), None)
        if missing is None:
            return None
        if n_looks + 1 < _LOOKS:
            time.sleep(_LOOK_EVERY)
    return Reason(
        f"the node {host} does not see {missing}",
        "files must be at the same path on all nodes",
        "put inputs and outputs on storage that all nodes mount, or use addresses such as s3://",
    )


def _end_children_with_me() -> object:
    """Start a process that kills the programs of this one, such as ffmpeg, after its end.

    Ray kills the process of an actor without the programs that it runs. Returns what must be kept.
    """
    if not hasattr(os, "setpgid"):
        return None
    # A group of its own: the children of an actor are not those of the raylet that started it.
    os.setpgid(0, 0)
    return subprocess.Popen(
        ["/bin/sh", "-c", _AFTER_ITS_END, "chapterize-guard", str(os.getpgrp())],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=child_environment(),
    )
