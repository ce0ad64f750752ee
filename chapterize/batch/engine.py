"""What runs the work: the protocol of the local engine and of the Ray engine.

An engine gets tasks and yields events, and holds no more tasks than its workers need. Whoever reads
the events has handled one when it asks for the next.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from chapterize.batch.items import Item
from chapterize.batch.plan import Plan
from chapterize.batch.rows import Row
from chapterize.batch.targets import Target

__all__ = ["Engine", "Event", "Finished", "Intent", "Progress", "Task"]


@dataclass(frozen=True, slots=True)
class Task:
    """One file for a worker.

    Parameters
    ----------
    targets : the files to write.
    captions : names of the caption files next to the input, and of the chapter files if these are
        used.
    attempt : 2 after a worker was lost with the file.
    """

    item: Item
    targets: tuple[Target, ...]
    captions: tuple[str, ...] = ()
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
    known to be ours. The reader answers with ``send(True)``, and the worker writes, or with
    ``send(False)``, and the task ends there without a `Finished`; ``next`` means True.
    """

    item: Item
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finished:
    """The work on a file has ended.

    `row` : its last state. `identity` and `outputs` : what the records need to recognise the
    file as done, as in `records.Record`, but with absolute paths; empty if it failed early.
    """

    item: Item
    row: Row
    identity: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, tuple[str, int, int]] = field(default_factory=dict)


Event = Progress | Intent | Finished


class Engine(Protocol):
    """Workers that draft files."""

    def run(self, tasks: Iterable[Task | None], plan: Plan) -> Generator[Event, bool | None, None]:
        """Yield events until every task has ended; each ends with one `Finished`.

        The first tasks are started first. None is "no task now": ask again while tasks are in
        progress, at least once a second, and end when there is none. When the caller closes the
        iterator, the work in progress is stopped: no task writes anything after that.

        Raises
        ------
        ChapterizeError : the workers cannot start, such as for a model that cannot be loaded.
        """
        ...

    def close(self) -> None:
        """End all workers. They are kept between two calls of `run` with the same plan."""
        ...
