"""What runs the work: the protocol of the local engine and of the Ray engine.

An engine gets tasks and yields events, and holds no more tasks than its workers need. Whoever reads
the events has handled one when it asks for the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from chapterize.batch.items import Item
from chapterize.batch.plan import Plan
from chapterize.batch.rows import Row

__all__ = ["Engine", "Event", "Finished", "Intent", "Progress", "Task"]


@dataclass(frozen=True, slots=True)
class Task:
    """One file for a worker; `attempt` is 2 after a worker was lost with the file."""

    item: Item
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """A file is being worked on; `row` has the state ``running``."""

    item: Item
    row: Row


@dataclass(frozen=True, slots=True)
class Intent:
    """A worker has everything ready to write, and writes nothing before this is recorded.

    `outputs` : the digest of each file, by its path. After a crash, a file with such a digest is
    known to be ours. The engine lets the worker write when the reader asks for the next event.
    """

    item: Item
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finished:
    """The work on a file has ended.

    `row` : its last state. `record` : what the records need to recognise the file as done; empty if
    it failed.
    """

    item: Item
    row: Row
    record: Mapping[str, Any] = field(default_factory=dict)


Event = Progress | Intent | Finished


class Engine(Protocol):
    """Workers that draft files."""

    def run(self, tasks: Iterable[Task], plan: Plan) -> Iterator[Event]:
        """Yield events until every task has ended; each task ends with one `Finished`.

        The first tasks are started first. When the caller closes the iterator, the work in progress
        is stopped: no task writes anything after that.

        Raises
        ------
        ChapterizeError : the workers cannot start, such as for a model that cannot be loaded.
        """
        ...

    def close(self) -> None:
        """End all workers. They are kept between two calls of `run` with the same plan."""
        ...
