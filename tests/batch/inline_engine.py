"""An engine in this process, for tests of the driver; and a small tree of caption files."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from pathlib import Path

from chapterize.batch.driver import Summary, opened, run_batch
from chapterize.batch.engine import Event, Finished, Intent, Task
from chapterize.batch.items import Item, find_items
from chapterize.batch.plan import Plan
from chapterize.batch.rows import Row
from chapterize.batch.targets import Targets
from chapterize.batch.work import Worker
from chapterize.pipeline import Options
from tests.texts import cues, write_srt


class InlineEngine:
    """Works on one task after another; `seen` are the names of those it prepared.

    `before_write` is called between the intent and the writing of each file.
    """

    def __init__(self, before_write: Callable[[Item], None] | None = None) -> None:
        self.seen: list[str] = []
        self._before_write = before_write or (lambda item: None)

    def run(self, tasks: Iterable[Task | None], plan: Plan) -> Generator[Event, bool | None, None]:
        worker = Worker(plan)
        for task in tasks:
            if task is None:
                return
            self.seen.append(task.item.relative.name)
            result = worker.prepare(task, lambda stage, fraction: None)
            if not isinstance(result, Finished):
                if (yield Intent(task.item, result.outputs)) is False:
                    worker.discard(result)
                    continue
                self._before_write(task.item)
                result = worker.commit(result)
            yield result

    def close(self) -> None:
        pass


def talks(folder: Path, *names: str) -> Path:
    """A folder of caption files with the same words."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        write_srt(folder / name, cues())
    return folder


def plan_of(out: Path, *formats: str, **settings: object) -> Plan:
    """A plan that writes into `out`."""
    targets = Targets(out, formats or ("youtube",))
    options = settings.pop("options", Options())
    assert isinstance(options, Options)
    return Plan(options=options, targets=targets, root=out, **settings)  # type: ignore[arg-type]


class Trial:
    """One run after another over the same folder."""

    def __init__(self, inputs: Path, out: Path) -> None:
        self.inputs, self.out = inputs, out
        self.rows: list[Row] = []
        self.engine = InlineEngine()

    def __call__(self, *formats: str, **settings: object) -> dict[str, str]:
        """Run; return the state of each file by its name."""
        self.rows = []
        self.engine.seen.clear()
        plan = plan_of(self.out, *formats, **settings)
        summary = Summary()
        with opened(self.out) as records:
            items = find_items([str(self.inputs)], recursive=True, own=records.own())
            self.summary = run_batch(
                items, plan, self.engine, self.rows.append, records=records, summary=summary
            )
        return {Path(row.source).name: row.state for row in self.rows if row.is_ended}

    def row(self, name: str) -> Row:
        """The last row of a file in the last run."""
        return next(row for row in reversed(self.rows) if Path(row.source).name == name)
