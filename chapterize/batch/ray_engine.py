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
from chapterize.batch.ray_cluster import Cluster, Patience, Share, load_ray, why_lost
from chapterize.batch.rows import Reason, Row
from chapterize.batch.transfer import TransferWorker
from chapterize.data import OnNote
from chapterize.errors import ChapterizeError
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
_STOPPED_WITHIN = 10.0


@dataclass(eq=False)
class _Seat:
    """The place of one actor.

    `starting` : the answer that comes when the actor can work. `events` : of the file that it works
    on. At most one is set; with none, the actor waits for a file. `is_doubtful` : the actor was
    killed, or could not be reached; its process must not be used again.
    """

    actor: Any = None
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

    def __init__(self, tasks: Iterable[Task | None]) -> None:
        self._tasks = iter(tasks)
        self._first = deque[Task]()

    def __bool__(self) -> bool:
        if not self._first:
            # None is "no task now", too.
            task = next(self._tasks, None)
            if task is not None:
                self._first.append(task)
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
    most : more workers would have nothing to do; None: unknown.
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
        most: int | None = None,
        shared: Sequence[str] = (),
        on_note: OnNote | None = None,
        make_worker: MakeWorker = TransferWorker,
    ) -> None:
        # Now, not after the files were looked at.
        load_ray()
        self._make_worker = make_worker
        self._address = address
        self._jobs = jobs if jobs is None or most is None else min(jobs, most)
        self._most = most
        self._shared = tuple(shared)
        self._note = on_note or (lambda text: None)
        self._cluster: Cluster | None = None
        self._share = Share(1)
        self._plan: Plan | None = None
        self._seats: list[_Seat] = []

    def run(self, tasks: Iterable[Task | None], plan: Plan) -> Events:
        """See `Engine.run`."""
        if self._plan != plan:
            self._dismiss()
        waiting = _Waiting(tasks)
        if not waiting:
            return
        cluster = self._start(plan)
        patience = Patience(self._note, cluster, self._share)
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
        self._dismiss()
        if self._cluster is not None:
            self._cluster.close()
            self._cluster = None

    def _dismiss(self) -> None:
        """End all workers."""
        seats, self._seats, self._plan = self._seats, [], None
        for seat in seats:
            if self._cluster is not None and seat.actor is not None:
                with suppress(self._cluster.ray.exceptions.RayError):
                    self._cluster.ray.kill(seat.actor)

    def _start(self, plan: Plan) -> Cluster:
        """Connect to the cluster, and decide how many workers there are."""
        if self._cluster is None:
            self._cluster = Cluster(self._address, n_cpus=self._jobs or 1)
        if self._plan is None:
            self._plan = plan
            n_workers, self._share = self._cluster.share(self._jobs, device=plan.options.device)
            self._seats = [_Seat() for _ in range(min(n_workers, self._most or n_workers))]
        for seat in self._seats:
            if seat.actor is None:
                self._fill(seat, self._cluster)
        return self._cluster

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
        try:
            node: Node = cluster.ray.get(answer)
        except cluster.ray.exceptions.RayError as error:
            seat.n_failed_starts += 1
            if seat.n_failed_starts < _MOST_FAILED_STARTS:
                self._fill(seat, cluster)
            else:
                self._give_up(seat, Node("", 0, why_lost(error)), cluster)
            return
        if seat.is_doubtful and node == seat.node:
            self._restart(seat, cluster)
            return
        seat.node, seat.is_doubtful = node, False
        if node.problem is not None:
            self._give_up(seat, node, cluster)

    def _give_up(self, seat: _Seat, node: Node, cluster: Cluster) -> None:
        """Do without a worker; raise its error if it was the last one."""
        self._seats.remove(seat)
        with suppress(cluster.ray.exceptions.RayError):
            cluster.ray.kill(seat.actor)
        assert node.problem is not None
        if not self._seats:
            raise _error_of(node.problem, node.exit_code)
        text = ": ".join(filter(None, (node.problem.what, node.problem.why)))
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
            yield from self._lost(seat, waiting, why_lost(error))
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
            what = f"{reason.what} {task.attempt} times while it worked on this file"
            yield _failed(seat, replace(reason, what=what))
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
        working = [seat for seat in self._seats if seat.events is not None]
        for seat in working:
            with suppress(cluster.ray.exceptions.RayError):
                cluster.ray.kill(seat.actor)
        for seat in working:
            # It ends with an error when the process has ended.
            with suppress(StopIteration, cluster.ray.exceptions.RayError):
                while True:
                    cluster.ray.get(next(seat.events), timeout=_STOPPED_WITHIN)
            self._release(seat)
            seat.actor = None


def _failed(seat: _Seat, reason: Reason) -> Finished:
    assert seat.task is not None
    item, row = seat.task.item, seat.row
    seconds = time.monotonic() - seat.since
    stage = row.stage if row is not None else ""
    return Finished(item, Row(item.source, "failed", stage=stage, seconds=seconds, reason=reason))


def _error_of(problem: Reason, code: int) -> ChapterizeError:
    """The error of a worker that cannot start, with the exit code that it has anywhere."""

    class CannotStart(ChapterizeError):
        exit_code = code

    return CannotStart(problem.what, why=problem.why, hint=problem.hint)
