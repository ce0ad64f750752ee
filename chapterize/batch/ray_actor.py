"""What runs on a node of a Ray cluster: one worker, and how its programs end with it.

The node needs chapterize in the same version. Nothing here imports Ray: Ray imports this.
"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol

from chapterize._version import __version__
from chapterize.batch.engine import Event, Finished, Intent, Progress, Task
from chapterize.batch.plan import Plan
from chapterize.batch.rows import Reason, Row
from chapterize.children import child_environment
from chapterize.errors import ChapterizeError

__all__ = ["MakeWorker", "Node", "RayActor", "Worker"]

_REPORT_EVERY = 0.5
"""Seconds between two progress reports of the same stage."""

_LOOKS, _LOOK_EVERY = 4, 0.5
"""A network file system may show a new file to other machines a little later."""

_AFTER_ITS_END = 'read line; kill -9 -- "-$1"'
"""Kills a process group when stdin ends, that is, when the process at its other end has ended."""


class Worker(Protocol):
    """Drafts files, with engines that are loaded once."""

    def prepare(self, task: Task, on_progress: Callable[[Row], None]) -> object:
        """Do everything but write the outputs: `Finished`, or what `commit` needs."""

    def commit(self, prepared: object) -> Finished:
        """Write the outputs."""


MakeWorker = Callable[[Plan], Worker]


@dataclass(frozen=True)
class Node:
    """Where an actor runs, and why it cannot work there (None if it can)."""

    host: str
    pid: int
    problem: Reason | None = None


class RayActor:
    """One worker on a node; Ray restarts it there or elsewhere if it is lost.

    Calls of `do` run one after the other; those of the concurrency group ``control`` meanwhile.
    """

    def __init__(
        self, make_worker: MakeWorker, plan: Plan, shared: Sequence[str], version: str
    ) -> None:
        self._guard = _end_children_with_me()
        self._may_write = threading.Event()
        self._problem = _problem_here(shared, version)
        self._worker: Worker | None = None
        if self._problem is None:
            try:
                self._worker = make_worker(plan)
            except ChapterizeError as error:
                self._problem = Reason.of(error)

    def node(self) -> Node:
        """Where this runs; answers when the models are loaded."""
        return Node(socket.gethostname(), os.getpid(), self._problem)

    def allow(self) -> None:
        """Let the current file be written."""
        self._may_write.set()

    def do(self, task: Task) -> Iterator[Event]:
        """Draft a file; after `Intent`, the outputs are written only when `allow` is called."""
        if self._worker is None:
            raise RuntimeError("this actor has no worker")
        self._may_write.clear()
        events: SimpleQueue[Event | None] = SimpleQueue()
        report = _Reports(task, events)
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(self._worker.prepare, task, report)
            future.add_done_callback(lambda done: events.put(None))
            while (event := events.get()) is not None:
                yield event
        prepared = future.result()
        if isinstance(prepared, Finished):
            yield prepared
            return
        yield Intent(task.item, prepared.outputs)  # type: ignore[attr-defined]
        self._may_write.wait()
        yield self._worker.commit(prepared)


class _Reports:
    """Passes on the rows of a file that runs: each new stage, and else two a second."""

    def __init__(self, task: Task, events: SimpleQueue[Event | None]) -> None:
        self._task, self._events = task, events
        self._stage, self._last = "", 0.0

    def __call__(self, row: Row) -> None:
        now = time.monotonic()
        if row.stage != self._stage or now - self._last >= _REPORT_EVERY:
            self._stage, self._last = row.stage, now
            self._events.put(Progress(self._task.item, row))


def _problem_here(shared: Sequence[str], version: str) -> Reason | None:
    """Why this node cannot work on the files of a run of `version`, which are below `shared`."""
    host = socket.gethostname()
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
