"""How far a batch is: files by state, reasons of failures, and the time left."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chapterize.batch.items import Item
    from chapterize.batch.rows import Reason, Row

__all__ = ["Counts", "Failure", "Running"]

_MIN_SECONDS = 5.0
_MIN_FRACTION = 0.03
"""A file that runs tells something about the speed after this time and part of its stage."""


@dataclass
class Running:
    """A file that is being worked on: `start` is when its first row came, `since` its stage."""

    row: Row
    start: float
    since: float


@dataclass
class Failure:
    """A reason, the first file that failed for it, and their number."""

    source: str
    reason: Reason
    n_files: int = 1


@dataclass
class _Known:
    """What is known of files with one suffix: `n_bytes` of those whose `duration` is known."""

    waiting_bytes: int = 0
    n_bytes: int = 0
    duration: float = 0.0


@dataclass
class Counts:
    """Follows the rows of a batch.

    Work is measured in seconds of media. A file that has not been opened counts with its size at
    the seconds per byte of files with the same suffix.
    """

    clock: Callable[[], float] = time.monotonic
    states: Counter[str] = field(default_factory=Counter)
    running: dict[str, Running] = field(default_factory=dict)
    failures: dict[tuple[str, str], Failure] = field(default_factory=dict)
    n_files: int = 0
    n_chapters: int = 0
    _items: dict[str, Item] = field(default_factory=dict)
    _known: defaultdict[str, _Known] = field(default_factory=lambda: defaultdict(_Known))
    _done_work: float = 0.0
    _done_seconds: float = 0.0
    _most_at_once: int = 1

    def __post_init__(self) -> None:
        self.start = self.clock()

    @property
    def n_ended(self) -> int:
        """Files whose work is over."""
        return sum(self.states.values())

    def expect(self, items: Iterable[Item]) -> None:
        """Add files that will be worked on."""
        for item in items:
            if item.source not in self._items:
                self._items[item.source] = item
                self.n_files += 1
                self._known[_suffix(item.source)].waiting_bytes += max(0, item.size_bytes)

    def name(self, source: str) -> str:
        """The file as it is shown: its path below the inputs."""
        item = self._items.get(source)
        return str(item.relative) if item is not None else PurePosixPath(source).name

    def add(self, row: Row) -> None:
        """Follow a row."""
        now = self.clock()
        before = self.running.get(row.source)
        if not row.is_ended:
            start = before.start if before is not None else now
            is_same = before is not None and before.row.stage == row.stage
            since = before.since if is_same and before is not None else now
            if row.state == "running":
                self.running[row.source] = Running(row, start, since)
                self._most_at_once = max(self._most_at_once, len(self.running))
            return
        self.running.pop(row.source, None)
        self.states[row.state] += 1
        self.n_chapters += row.n_chapters
        self._end(row)
        if row.state == "failed" and row.reason is not None:
            key = (row.reason.why or row.reason.what, row.reason.hint)
            if key in self.failures:
                self.failures[key].n_files += 1
            else:
                self.failures[key] = Failure(row.source, row.reason)

    def _end(self, row: Row) -> None:
        item = self._items.pop(row.source, None)
        size = max(0, item.size_bytes) if item is not None else 0
        known = self._known[_suffix(row.source)]
        known.waiting_bytes -= size
        if row.duration > 0 and size:
            known.n_bytes += size
            known.duration += row.duration
        if row.state == "done":
            self._done_work += row.duration or self._estimate(_suffix(row.source), size)
            self._done_seconds += row.seconds

    def _estimate(self, suffix: str, n_bytes: int) -> float:
        """Seconds of media in `n_bytes`; the unit is arbitrary while no duration is known."""
        known = self._known[suffix]
        if known.n_bytes:
            return n_bytes * known.duration / known.n_bytes
        total = sum(each.n_bytes for each in self._known.values())
        duration = sum(each.duration for each in self._known.values())
        return n_bytes * (duration / total if total else 1e-5)

    def _work_of(self, each: Running) -> float:
        if each.row.duration > 0:
            return each.row.duration
        item = self._items.get(each.row.source)
        size = max(0, item.size_bytes) if item is not None else 0
        return self._estimate(_suffix(each.row.source), size)

    def _speed(self) -> float:
        """Work per second of one worker; 0.0 while it is unknown."""
        if self._done_seconds > 0.0:
            return self._done_work / self._done_seconds
        # Nothing is done yet: the stage that takes time is taken for the whole work.
        now = self.clock()
        speeds = [
            each.row.fraction * self._work_of(each) / (now - each.since)
            for each in self.running.values()
            if now - each.since >= _MIN_SECONDS and each.row.fraction >= _MIN_FRACTION
        ]
        return sum(speeds) / len(speeds) if speeds else 0.0

    def time_left(self) -> float | None:
        """Seconds until all files are done; None while that is unknown."""
        speed, now = self._speed(), self.clock()
        if speed <= 0.0 or now - self.start < _MIN_SECONDS or self.n_ended >= self.n_files:
            return None
        work = {source: self._work_of(each) for source, each in self.running.items()}
        left = [
            max(0.05 * work[source], work[source] - speed * (now - each.start))
            for source, each in self.running.items()
        ]
        waiting = sum(
            self._estimate(name, each.waiting_bytes) for name, each in self._known.items()
        )
        total = max(0.0, waiting - sum(work.values())) + sum(left)
        # The last files run alone.
        return max(total / self._most_at_once, max(left, default=0.0)) / speed


def _suffix(source: str) -> str:
    return PurePosixPath(source).suffix.lower()
