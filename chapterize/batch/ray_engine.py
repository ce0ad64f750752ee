"""Workers on the nodes of a Ray cluster: one core actor each, one file at a time.

Ray Data is not used: by default it neither retries a file whose worker is lost nor survives one bad
block. The caller keeps the records and the lock, so a run can move from one engine to the other.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from chapterize._version import __version__
from chapterize.batch.engine import Event, Finished, Intent, Progress, Task
from chapterize.batch.plan import Plan
from chapterize.batch.ray_actor import MakeWorker, Node, RayActor
from chapterize.batch.ray_cluster import Cluster, Share
from chapterize.batch.rows import Reason, Row
from chapterize.batch.work import Worker
from chapterize.data import OnNote
from chapterize.errors import ChapterizeError, EngineError
from chapterize.timecode import format_length

__all__ = ["RayEngine"]

_MOST_ATTEMPTS = 3
"""How often a file is tried whose worker is lost.

One more than on one machine: there, it is most likely the file that crashed it; a cluster also
loses nodes.
"""

_MOST_RESTARTS = 4
"""How often Ray restarts the same actor; then a new one takes its place."""

_MOST_FAILED_STARTS = 3
"""Actors in a row that end before they can work; then their place is given up."""

Events = Generator[Event, bool | None, None]

_TICK = 0.5
_NOTE_AFTER = 15.0
_GIVE_UP_AFTER = 1200.0
"""Seconds without any worker; nodes that a cluster starts on demand take minutes."""

_STOPPED_WITHIN = 10.0


@dataclass(eq=False)
class _Seat:
    """The place of one actor.

    `starting` : the answer that comes when the actor can work. `events` : of the file that it works
    on. At most one is set; with none, the actor waits for a file. `is_doubtful` : the actor was
    killed, or could not be reached; its process must not be used again.
    """

    actor: Any
    starting: Any = None
    events: Any = None
    task: Task | None = None
    row: Row | None = None
    since: float = 0.0
    node: Node | None = None
    is_doubtful: bool = False
    n_failed_starts: int = 0

    @property
    def is_free(self) -> bool:
        return self.starting is None and self.events is None


class _Waiting:
    """Tasks that wait for a worker; those that lost theirs come first."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._tasks = iter(tasks)
        self._first = deque[Task]()

    def __bool__(self) -> bool:
        if not self._first:
            self._first.extend(task for task in [next(self._tasks, None)] if task is not None)
        return bool(self._first)

    def take(self) -> Task:
        return self._first.popleft()

    def give_back(self, task: Task) -> None:
        self._first.appendleft(task)


class RayEngine:
    """An `Engine` whose workers are Ray actors.

    Parameters
    ----------
    jobs : how many workers; None: see `Cluster.share`.
    address : of a running cluster, as for `ray.init`; None: ``RAY_ADDRESS``, else a cluster of this
        machine alone, which ends with the run.
    shared : paths that a node must see to work on the files.
    on_note : receives what the user should know about the cluster.
    make_worker : makes a worker on its node from the plan, with the models loaded. A model that is
        not on the node is downloaded once: its workers wait for each other's download (`hub`).
    """

    def __init__(
        self,
        jobs: int | None = None,
        *,
        address: str | None = None,
        shared: Sequence[str] = (),
        on_note: OnNote | None = None,
        make_worker: MakeWorker = Worker,
    ) -> None:
        self._make_worker = make_worker
        self._jobs, self._address = jobs, address
        self._shared = tuple(shared)
        self._note = on_note or (lambda text: None)
        self._cluster: Cluster | None = None
        self._share = Share(1)
        self._plan: Plan | None = None
        self._seats: list[_Seat] = []
        self._problem: Reason | None = None

    def run(self, tasks: Iterable[Task], plan: Plan) -> Events:
        """See `Engine.run`."""
        if self._plan != plan:
            self.close()
        waiting = _Waiting(tasks)
        if not waiting:
            return
        cluster = self._cluster or self._start(plan)
        patience = _Patience(self._note, cluster, self._share)
        try:
            while waiting or any(seat.task for seat in self._seats):
                self._hand_out(waiting)
                patience.check(any(seat.starting is None for seat in self._seats))
                for seat in self._answered(cluster):
                    if seat.starting is not None:
                        self._take_seat(seat, cluster)
                    else:
                        yield from self._next_event(seat, waiting, cluster)
                yield from self._overdue(plan, cluster)
        finally:
            self._stop_work(cluster)

    def close(self) -> None:
        """See `Engine.close`; a cluster that was started for the run ends."""
        cluster, self._cluster, self._plan = self._cluster, None, None
        seats, self._seats = self._seats, []
        if cluster is not None:
            for seat in seats:
                with suppress(Exception):
                    cluster.ray.kill(seat.actor)
            cluster.close()

    def _start(self, plan: Plan) -> Cluster:
        self._cluster = cluster = Cluster(self._address, n_cpus=self._jobs or 1)
        self._plan = plan
        n_workers, self._share = cluster.share(self._jobs, device=plan.options.device)
        self._seats = [_Seat(None) for _ in range(n_workers)]
        for seat in self._seats:
            self._fill(seat, cluster)
        return cluster

    def _fill(self, seat: _Seat, cluster: Cluster) -> None:
        """Start a new actor; it is pending until a node has room for it."""
        make = cluster.ray.remote(
            num_cpus=self._share.cpus,
            num_gpus=self._share.gpus,
            max_restarts=_MOST_RESTARTS,
            # A lost file is not retried by Ray: its actor may have to wait for another node.
            max_task_retries=0,
            scheduling_strategy="SPREAD",
            concurrency_groups={"control": 1},
        )(RayActor)
        seat.actor = make.remote(self._make_worker, self._plan, self._shared, __version__)
        self._await(seat)

    def _await(self, seat: _Seat) -> None:
        """Ask the actor for its node: it answers when it is started, or restarted elsewhere."""
        seat.starting = seat.actor.node.options(
            concurrency_group="control", max_task_retries=-1
        ).remote()

    def _hand_out(self, waiting: _Waiting) -> None:
        for seat in self._seats:
            if seat.is_free and waiting:
                seat.task, seat.row, seat.since = waiting.take(), None, time.monotonic()
                seat.events = seat.actor.do.options(num_returns="streaming").remote(seat.task)

    def _answered(self, cluster: Cluster) -> list[_Seat]:
        """The seats whose actor has started, has an event, or is lost; waits up to a tick."""
        seats = {seat.starting or seat.events: seat for seat in self._seats if not seat.is_free}
        if not seats:
            return []
        ready, _ = cluster.ray.wait(list(seats), num_returns=1, timeout=_TICK)
        more, _ = cluster.ray.wait(list(seats), num_returns=len(seats), timeout=0)
        return [seats[each] for each in dict.fromkeys((*ready, *more))]

    def _take_seat(self, seat: _Seat, cluster: Cluster) -> None:
        """Use an actor that has started; or start another one, or give up its place."""
        answer, seat.starting = seat.starting, None
        node: Node | None = None
        try:
            node = cluster.ray.get(answer)
        except cluster.ray.exceptions.RayError as error:
            self._problem = _why_lost(error)
            seat.n_failed_starts += 1
            if seat.n_failed_starts < _MOST_FAILED_STARTS:
                self._fill(seat, cluster)
                return
        if node is not None:
            if seat.is_doubtful and node == seat.node:
                self._restart(seat, cluster)
                return
            seat.node, seat.is_doubtful = node, False
            if node.problem is None:
                return
            self._problem = node.problem
        self._seats.remove(seat)
        with suppress(Exception):
            cluster.ray.kill(seat.actor)
        problem = self._problem
        if not self._seats:
            raise _error_of(problem, 8 if node is None else node.exit_code)
        text = ": ".join(filter(None, (problem.what, problem.why)))
        self._note(f"One worker less on the Ray cluster: {text}.")

    def _next_event(self, seat: _Seat, waiting: _Waiting, cluster: Cluster) -> Events:
        assert seat.task is not None
        try:
            event: Event = cluster.ray.get(next(seat.events))
        except StopIteration:
            self._release(seat)
            return
        except cluster.ray.exceptions.RayTaskError as error:
            # A fault of the program: what it raises for a bad file is a row.
            yield _failed(seat, Reason.of(error.cause or error))
            self._release(seat)
            return
        except cluster.ray.exceptions.RayError as error:
            yield from self._lost(seat, waiting, _why_lost(error))
            return
        seat.n_failed_starts = 0
        if isinstance(event, Progress):
            seat.row = event.row
        answer = yield event
        if isinstance(event, Intent):
            seat.actor.answer.options(concurrency_group="control").remote(answer is not False)
        if isinstance(event, Finished):
            self._release(seat)

    def _lost(self, seat: _Seat, waiting: _Waiting, reason: Reason) -> Events:
        """Give the file of a lost actor to another, unless it has been lost too often."""
        task = seat.task
        assert task is not None
        if task.attempt < _MOST_ATTEMPTS:
            waiting.give_back(replace(task, attempt=task.attempt + 1))
        else:
            yield _failed(seat, reason)
        self._release(seat)
        seat.is_doubtful = True
        self._await(seat)

    def _overdue(self, plan: Plan, cluster: Cluster) -> Events:
        """End the work on files that take too long."""
        for seat in self._seats:
            seconds = time.monotonic() - seat.since
            if plan.timeout is not None and seat.task and seconds > plan.timeout:
                stage = seat.row.stage if seat.row is not None else "opening"
                reason = Reason(
                    f"it took longer than {format_length(plan.timeout)}",
                    f"--timeout ended it at the stage: {stage}",
                    "give it more time with --timeout, or look at the file",
                )
                yield _failed(seat, reason)
                self._release(seat)
                self._restart(seat, cluster)

    def _restart(self, seat: _Seat, cluster: Cluster) -> None:
        """Kill the process of an actor, with what it runs; Ray starts another one."""
        with suppress(cluster.ray.exceptions.RayError):
            cluster.ray.kill(seat.actor, no_restart=False)
        seat.is_doubtful = True
        self._await(seat)

    def _release(self, seat: _Seat) -> None:
        seat.task = seat.events = seat.row = None

    def _stop_work(self, cluster: Cluster) -> None:
        """End the actors that work on a file, and wait until they write nothing more."""
        working = [(seat, seat.events) for seat in self._seats if seat.events is not None]
        for seat, _ in working:
            self._release(seat)
            self._restart(seat, cluster)
        for _, events in working:
            # It ends with an error when the process has ended.
            with suppress(StopIteration, cluster.ray.exceptions.RayError):
                while True:
                    cluster.ray.get(next(events), timeout=_STOPPED_WITHIN)


class _Patience:
    """Says that no worker has started yet, and why; ends a run that none will ever join."""

    def __init__(self, note: OnNote, cluster: Cluster, share: Share) -> None:
        self._note, self._cluster, self._share = note, cluster, share
        self._since, self._has_noted = time.monotonic(), False

    def check(self, has_worker: bool) -> None:
        """EngineError if there has been no worker for very long."""
        if has_worker:
            self._since = time.monotonic()
            return
        seconds = time.monotonic() - self._since
        if seconds > _NOTE_AFTER and not self._has_noted:
            self._has_noted = True
            self._note(
                f"Waiting for the Ray cluster: a worker needs {self._share}, and it has"
                f" {self._cluster.free} free."
            )
        if seconds > _GIVE_UP_AFTER:
            raise EngineError(
                "no node of the Ray cluster has room for a worker",
                why=f"one needs {self._share}, and the cluster has {self._cluster.free} free",
                hint="add nodes, or wait until other jobs have ended",
            )


def _failed(seat: _Seat, reason: Reason) -> Finished:
    assert seat.task is not None
    item, row = seat.task.item, seat.row
    seconds = time.monotonic() - seat.since
    stage = row.stage if row is not None else ""
    return Finished(item, Row(item.source, "failed", stage=stage, seconds=seconds, reason=reason))


def _why_lost(error: Exception) -> Reason:
    """Why Ray reports that an actor is lost."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    is_memory = "out of memory" in str(error).lower() or "OutOfMemory" in type(error).__name__
    if is_memory:
        return Reason(
            "the worker was ended", "its node ran out of memory", "use fewer workers: --jobs"
        )
    why = lines[-1] if lines else type(error).__name__
    return Reason("the worker was lost", why.removesuffix("."), "see the logs of the Ray cluster")


def _error_of(problem: Reason, code: int) -> ChapterizeError:
    """The error of a worker that cannot start, with the exit code that it has anywhere."""

    class CannotStart(ChapterizeError):
        exit_code = code

    return CannotStart(problem.what, why=problem.why, hint=problem.hint)
