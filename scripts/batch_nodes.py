"""Simulate a batch on many nodes: a plan for 100,000 hours from the cost of one hour.

Files are taken longest first. A worker copies its file from the shared storage, which all copies
share evenly, and then drafts it. A node that fails loses the files in progress; they go back to the
front of the queue, and the node returns after a repair.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

_HOUR = 3600.0
_NEVER = math.inf
_FAILURE_SEED, _SPREAD_SEED = 7, 8


@dataclass(frozen=True)
class Cost:
    """What one hour of video costs: seconds of a worker, and bytes copied to its node.

    The seconds of a file vary by the fraction `spread`, up or down.
    """

    seconds: float
    n_bytes: float
    spread: float = 0.0


@dataclass(frozen=True)
class Nodes:
    """The machines.

    `n_workers` : per node. `link` and `storage` : bytes per second of each worker, and of the
    shared storage for all of them. `hours_between_failures` : mean time of one node. `repair` :
    seconds until a failed node is back.
    """

    n_nodes: int
    n_workers: int
    link: float = 125e6
    storage: float = 1.25e9
    hours_between_failures: float = _NEVER
    repair: float = 600.0


@dataclass(frozen=True)
class Outcome:
    """What a simulated run took.

    `hours` : from the start to the last file. `busy` : fraction of the workers' time spent on
    drafts that were finished. `copying` and `lost` : fractions spent on copies and on work that a
    failure destroyed. `tail` : hours at the end in which some worker had nothing left to do.
    """

    hours: float
    busy: float
    copying: float
    lost: float
    tail: float
    n_failures: int
    n_retried: int


def lengths(
    hours: float, *, median: float = 0.5, spread: float = 0.8, seed: int = 1
) -> list[float]:
    """Hours of files that sum up to `hours`, log-normal, between one minute and eight hours."""
    draw = random.Random(seed)
    found: list[float] = []
    total = 0.0
    while total < hours:
        found.append(min(8.0, max(1 / 60, draw.lognormvariate(math.log(median), spread))))
        total += found[-1]
    return found


def simulate(files: Sequence[float], cost: Cost, nodes: Nodes) -> Outcome:
    """Simulate a batch of `files`, whose lengths are in hours, on `nodes`."""
    return _Simulation(files, cost, nodes).run()


@dataclass
class _Worker:
    """A worker and its file; `turn` changes when the file ends or is lost, which voids events."""

    node: int
    file: tuple[float, float] | None = None
    since: float = 0.0
    copied: float | None = None
    turn: int = 0


class _Simulation:
    """Time moves from event to event.

    All copies run at the same rate at any time. `_read` is the number of bytes that a copy which
    started at 0 would have read by now, so a copy ends when `_read` reaches a known value.
    """

    def __init__(self, files: Sequence[float], cost: Cost, nodes: Nodes) -> None:
        vary = random.Random(_SPREAD_SEED)
        # Hours, and seconds of work for each of them; the longest file is popped first.
        self._queue = [
            (file, cost.seconds * vary.uniform(1 - cost.spread, 1 + cost.spread))
            for file in sorted(files)
        ]
        self._retries: list[tuple[float, float]] = []
        self._cost, self._nodes = cost, nodes
        self._draw = random.Random(_FAILURE_SEED)
        self._workers = [_Worker(n) for n in range(nodes.n_nodes) for _ in range(nodes.n_workers)]
        self._is_up = [True] * nodes.n_nodes
        self._events: list[tuple[float, int, str, int, int]] = []
        self._copies: list[tuple[float, int, int]] = []
        self._n_copies = self._n_events = self._n_failures = self._n_retried = 0
        self._n_left = len(files)
        self._now = self._read = self._busy = self._copying = self._lost = 0.0
        self._first_idle = _NEVER

    def run(self) -> Outcome:
        for node in range(self._nodes.n_nodes):
            self._plan_failure(node)
        for number in range(len(self._workers)):
            self._take(number)
        while self._n_left:
            self._step()
        whole = len(self._workers) * self._now
        return Outcome(
            hours=self._now / _HOUR,
            busy=self._busy / whole,
            copying=self._copying / whole,
            lost=self._lost / whole,
            tail=max(0.0, self._now - self._first_idle) / _HOUR,
            n_failures=self._n_failures,
            n_retried=self._n_retried,
        )

    def _step(self) -> None:
        """Move to the next event: a copy or a draft ends, or a node fails or is back."""
        rate = self._rate
        until_copy = self._copies[0][0] - self._read if self._copies else _NEVER
        copy_ends = self._now + max(0.0, until_copy) / rate if self._copies else _NEVER
        if self._events and self._events[0][0] < copy_ends:
            time, _, what, number, turn = heapq.heappop(self._events)
            self._pass(time, rate)
            if what == "drafted" and self._workers[number].turn == turn:
                self._finish(number)
            elif what == "fails":
                self._fail(number)
            elif what == "back":
                self._come_back(number)
        else:
            _, number, turn = heapq.heappop(self._copies)
            if self._workers[number].turn != turn:
                return  # of a node that failed
            self._pass(copy_ends, rate)
            self._n_copies -= 1
            worker = self._workers[number]
            worker.copied = self._now
            assert worker.file is not None
            self._add(self._now + math.prod(worker.file), "drafted", number, turn)

    @property
    def _rate(self) -> float:
        """Bytes per second of each copy at this moment."""
        return min(self._nodes.link, self._nodes.storage / max(1, self._n_copies))

    def _pass(self, time: float, rate: float) -> None:
        if self._n_copies:
            self._read += (time - self._now) * rate
        self._now = time

    def _add(self, time: float, what: str, number: int, turn: int = 0) -> None:
        self._n_events += 1
        heapq.heappush(self._events, (time, self._n_events, what, number, turn))

    def _take(self, number: int) -> None:
        """Let a worker take the next file, if there is one."""
        queue = self._retries or self._queue
        worker = self._workers[number]
        if not queue:
            self._first_idle = min(self._first_idle, self._now)
            return
        worker.file, worker.since, worker.copied = queue.pop(), self._now, None
        until = self._read + worker.file[0] * self._cost.n_bytes
        heapq.heappush(self._copies, (until, number, worker.turn))
        self._n_copies += 1

    def _finish(self, number: int) -> None:
        worker = self._workers[number]
        assert worker.copied is not None
        self._copying += worker.copied - worker.since
        self._busy += self._now - worker.copied
        worker.file, worker.turn = None, worker.turn + 1
        self._n_left -= 1
        self._take(number)

    def _plan_failure(self, node: int) -> None:
        mean = self._nodes.hours_between_failures * _HOUR
        if mean < _NEVER:
            self._add(self._now + self._draw.expovariate(1 / mean), "fails", node)

    def _fail(self, node: int) -> None:
        self._n_failures += 1
        self._is_up[node] = False
        for _, worker in self._of(node):
            if worker.file is None:
                continue
            if worker.copied is None:
                self._n_copies -= 1
            self._lost += self._now - worker.since
            self._retries.append(worker.file)
            self._n_retried += 1
            worker.file, worker.turn = None, worker.turn + 1
        self._add(self._now + self._nodes.repair, "back", node)
        # Workers that had nothing left to do take what was lost.
        for number, worker in enumerate(self._workers):
            if self._retries and worker.file is None and self._is_up[worker.node]:
                self._take(number)

    def _come_back(self, node: int) -> None:
        self._is_up[node] = True
        for number, _ in self._of(node):
            self._take(number)
        self._plan_failure(node)

    def _of(self, node: int) -> list[tuple[int, _Worker]]:
        first = node * self._nodes.n_workers
        return list(enumerate(self._workers[first : first + self._nodes.n_workers], first))


def plan_table(cost: Cost, plans: Sequence[Nodes], hours: float) -> str:
    """A Markdown table of `plans` for `hours` of video, each also without failures."""
    files = lengths(hours)
    lines = [
        "| nodes × workers | storage | a node fails every | days | without failures | node hours "
        "| drafting / copying / lost | files retried | idle at the end |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for plan in plans:
        done = simulate(files, cost, plan)
        safe = simulate(files, cost, replace(plan, hours_between_failures=_NEVER))
        fails = plan.hours_between_failures
        lines.append(
            f"| {plan.n_nodes} × {plan.n_workers} | {plan.storage * 8 / 1e9:g} Gbit/s "
            f"| {'never' if fails == _NEVER else f'{fails:g} h'} | {done.hours / 24:.2f} "
            f"| {safe.hours / 24:.2f} | {done.hours * plan.n_nodes:.0f} "
            f"| {done.busy:.1%} / {done.copying:.1%} / {done.lost:.2%} | {done.n_retried} "
            f"| {done.tail * 3600:.0f} s |"
        )
    return "\n".join(lines)
