"""The local engine: worker processes on this machine, each with one file at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from chapterize.batch.engine import Event, Finished, Intent, Progress, Task
from chapterize.batch.plan import Plan
from chapterize.batch.rows import Reason, Row
from chapterize.children import child_environment, output_of
from chapterize.errors import ChapterizeError, EngineError
from chapterize.timecode import format_length

__all__ = ["LocalEngine", "count_gpus", "default_jobs"]

_MOST_ATTEMPTS = 2
_MOST_STARTS = 3
"""Workers that may die one after another before they have started; then the run ends."""
_TICK = 0.5
_GRACE = 2.0
"""Seconds in which a worker that is stopped can delete its temporary files."""
_WORKER_BYTES = 1_500_000_000
"""Memory of a worker with the default speech model for a CPU, rounded up."""
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
"""The matrices of a draft are small: with two threads, NumPy takes twice the time of one."""
_KEYS = ("CHAPTERIZE_TITLES_KEY",)
"""Variables with secrets that a worker needs."""
_CODE = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from chapterize.batch.serving import serve; serve(int(sys.argv[2]), int(sys.argv[3]))"
)


class LocalEngine:
    """An `Engine` of `jobs` worker processes.

    A worker that dies is replaced, and its file is tried once more; one that takes longer than
    `Plan.timeout` is killed with its programs, and its file fails. The workers end when this
    process does, for whatever reason.

    Parameters
    ----------
    n_gpus : GPUs to spread the workers over; 0: leave the choice to each worker.
    code : what a worker runs; replaced in tests.
    """

    def __init__(self, jobs: int, *, n_gpus: int = 0, code: str = _CODE) -> None:
        self._jobs = max(1, jobs)
        self._n_gpus = n_gpus
        self._code = code
        self._plan: Plan | None = None
        self._workers: list[_Process] = []
        self._n_failed_starts = 0

    def run(self, tasks: Iterable[Task | None], plan: Plan) -> Generator[Event, bool | None, None]:
        """See `Engine.run`."""
        if plan != self._plan:
            self.close()
            self._plan = plan
        waiting = iter(tasks)
        again: list[Task] = []
        try:
            while True:
                self._feed(waiting, again, plan)
                busy = [worker for worker in self._workers if worker.task is not None]
                if not busy:
                    return
                for worker in _ready(busy):
                    yield from self._handle(worker, again)
                for worker in self._late(plan.timeout):
                    yield self._expire(worker, plan.timeout or 0.0)
        finally:
            # The caller has stopped, or something failed: what is unfinished ends here.
            _stop([worker for worker in self._workers if worker.task is not None])
            self._workers = [worker for worker in self._workers if worker.is_alive]

    def close(self) -> None:
        """End all workers."""
        _stop(self._workers)
        self._workers = []

    def _late(self, timeout: float | None) -> list[_Process]:
        if timeout is None:
            return []
        return [each for each in self._workers if each.task and each.seconds > timeout]

    def _feed(self, waiting: Iterator[Task | None], again: list[Task], plan: Plan) -> None:
        """Give every idle worker a task, as long as there are some."""
        for place in range(self._jobs):
            worker = self._workers[place] if place < len(self._workers) else None
            if worker is not None and worker.task is not None:
                continue
            task = again.pop() if again else next(waiting, None)
            if task is None:
                return
            if worker is None:
                worker = self._start(plan, len(self._workers))
                self._workers.append(worker)
            worker.give(task)

    def _start(self, plan: Plan, place: int) -> _Process:
        threads = max(1, (os.cpu_count() or 1) // self._jobs)
        environment = {"OMP_NUM_THREADS": str(threads), **dict.fromkeys(_ONE_THREAD, "1")}
        if self._n_gpus:
            environment["CUDA_VISIBLE_DEVICES"] = str(place % self._n_gpus)
        return _Process(self._code, plan, environment)

    def _handle(self, worker: _Process, again: list[Task]) -> Generator[Event, bool | None, None]:
        """Handle one message of a worker."""
        task = worker.task
        assert task is not None
        try:
            kind, value = worker.receive()
        except (EOFError, OSError):
            yield from self._lost(worker, task, again)
            return
        if kind == "progress":
            self._n_failed_starts = 0
            stage, fraction = value
            row = Row(task.item.source, "running", stage, fraction, round(worker.seconds, 3))
            yield Progress(task.item, row)
        elif kind == "intent":
            may_write = yield Intent(task.item, value)
            worker.answer(may_write is not False)
        elif kind == "discarded":
            worker.task = None
        elif kind == "finished":
            worker.task = None
            yield value
        elif kind == "refused":
            self._workers.remove(worker)
            worker.end()
            raise _error_of(*value)

    def _lost(
        self, worker: _Process, task: Task, again: list[Task]
    ) -> Generator[Event, bool | None, None]:
        """A worker died: try its file once more, or give it up."""
        self._workers.remove(worker)
        how, last = worker.end()
        if not worker.is_started:
            self._n_failed_starts += 1
            if self._n_failed_starts >= _MOST_STARTS:
                raise EngineError("a worker process cannot start", why=last or how)
            again.append(task)
            return
        if task.attempt < _MOST_ATTEMPTS:
            again.append(replace(task, attempt=task.attempt + 1))
            return
        reason = Reason(
            "the worker process ended twice while it worked on this file",
            f"{how}, {last}" if last else how,
            "look at the file; if memory was short, use fewer workers with -j",
        )
        yield _given_up(worker, task, reason)

    def _expire(self, worker: _Process, timeout: float) -> Finished:
        task = worker.task
        assert task is not None
        self._workers.remove(worker)
        finished = _given_up(
            worker,
            task,
            Reason(
                f"it took longer than {format_length(timeout)}",
                f"--timeout ended it at the stage: {worker.stage or 'opening'}",
                "give it more time with --timeout, or look at the file",
            ),
        )
        _stop([worker])
        return finished


class _Process:
    """One worker process, with its connection and the task it works on."""

    def __init__(self, code: str, plan: Plan, environment: dict[str, str]) -> None:
        from multiprocessing import Pipe

        self.task: Task | None = None
        self.is_started = False
        self.stage = ""
        self._began = 0.0
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `end`
        self.connection, theirs = Pipe()
        root = str(Path(__file__).parents[2])
        numbers = (str(theirs.fileno()), str(os.getpid()))
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-X", "utf8", "-c", code, root, *numbers],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                pass_fds=[theirs.fileno()],
                env=child_environment() | environment,
                # Ctrl-C is for the driver, which then stops its workers.
                start_new_session=True,
            )
        with suppress(OSError):
            # Other users may be able to read the environment of a process, but not a pipe.
            keys = {name: os.environ[name] for name in _KEYS if name in os.environ}
            self.connection.send((plan, keys))

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    @property
    def seconds(self) -> float:
        """Time since the task was given; loading the engines does not count."""
        return time.monotonic() - self._began if self.is_started else 0.0

    def give(self, task: Task) -> None:
        self.task, self.stage = task, ""
        self._began = time.monotonic()
        # A worker that has died is found when it is asked for its answer.
        with suppress(OSError):
            self.connection.send(task)

    def answer(self, may_write: bool) -> None:
        with suppress(OSError):
            self.connection.send(may_write)

    def receive(self) -> tuple[str, Any]:
        kind, value = self.connection.recv()
        if not self.is_started and kind == "progress":
            self.is_started = True
            self._began = time.monotonic()
        if kind == "progress":
            self.stage = value[0]
        return kind, value

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the worker and the programs it runs."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def wait(self, seconds: float) -> bool:
        """Whether the process has ended within `seconds`."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
            return True
        return False

    def end(self) -> tuple[str, str]:
        """End the process; return how it ended, and the last line it wrote."""
        if not self.wait(_GRACE):
            self.signal(signal.SIGKILL)
        code = self._process.wait()
        # Programs of a worker that died.
        self.signal(signal.SIGKILL)
        self.connection.close()
        with self._log as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 4000))
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
        how = f"exit code {code}"
        if code < 0:
            with suppress(ValueError):
                how = f"killed by {signal.Signals(-code).name}"
        return how, lines[-1].strip() if lines else ""


def default_jobs(device: str, *, n_gpus: int) -> int:
    """How many workers to use: one per GPU, else as many as cores and memory allow."""
    if n_gpus and device != "cpu":
        return n_gpus
    n_cores = os.cpu_count() or 1
    with suppress(AttributeError, ValueError, OSError):
        n_cores = len(os.sched_getaffinity(0))
        memory = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return max(1, min(n_cores, memory // _WORKER_BYTES))
    return n_cores


def count_gpus() -> int:
    """The number of NVIDIA GPUs of this machine, as its driver lists them."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        return len([each for each in chosen.split(",") if each.strip() not in ("", "-1")])
    listed = output_of(["nvidia-smi", "-L"], seconds=10) or ""
    return sum(line.startswith("GPU ") for line in listed.splitlines())


def _ready(busy: list[_Process]) -> list[_Process]:
    """The workers that have something to say, after a short wait."""
    from multiprocessing.connection import wait

    connections: dict[Any, _Process] = {worker.connection: worker for worker in busy}
    return [connections[each] for each in wait(list(connections), _TICK)]


def _stop(workers: list[_Process]) -> None:
    """End workers: they may clean up for a moment, then they are killed."""
    for worker in workers:
        worker.signal(signal.SIGTERM)
    until = time.monotonic() + _GRACE
    for worker in workers:
        if not worker.wait(max(0.0, until - time.monotonic())):
            worker.signal(signal.SIGKILL)
        worker.end()


def _given_up(worker: _Process, task: Task, reason: Reason) -> Finished:
    seconds = round(worker.seconds, 3)
    return Finished(
        task.item, Row(task.item.source, "failed", worker.stage, seconds=seconds, reason=reason)
    )


def _error_of(what: str, why: str, hint: str, code: int) -> ChapterizeError:
    """The error that a worker reported when it started, with the same exit code."""

    class Refused(ChapterizeError):
        exit_code = code

    return Refused(what, why=why, hint=hint)
