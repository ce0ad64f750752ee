"""One run over many files: what is done is skipped, and every result is recorded."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chapterize.batch.done import is_foreign, judge, kept_row
from chapterize.batch.engine import Engine, Finished, Intent, Progress, Task
from chapterize.batch.items import STATE_FOLDER, Folder, Item
from chapterize.batch.plan import Plan
from chapterize.batch.records import Record, Records
from chapterize.batch.remote_items import remote_folder
from chapterize.batch.rows import OnRow, Reason, Row
from chapterize.batch.storage import is_remote
from chapterize.errors import InputError, OutputError
from chapterize.files import explaining
from chapterize.pipeline.existing import USES

__all__ = ["Summary", "judged", "opened", "run_batch"]

_LOCK = "batch.lock"
_HOLDER = "batch.holder.json"


@dataclass
class Summary:
    """How a run ended: the number of rows by state, and whether it stopped before the last one."""

    counts: Counter[str] = field(default_factory=Counter)
    is_stopped: bool = False

    @property
    def has_failures(self) -> bool:
        """Whether a file failed."""
        return self.counts["failed"] > 0


@contextmanager
def opened(root: Path) -> Iterator[Records]:
    """The records of an output tree, which belongs to the block; the folder is created.

    Raises
    ------
    OutputError : another run works there, or the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    folder = root / STATE_FOLDER
    with explaining(OutputError, f"cannot write in {root}", "choose another folder with --out"):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise _in_use(folder) from None
    try:
        with suppress(OSError):
            (folder / _HOLDER).write_text(json.dumps(_this_process()), encoding="utf-8")
        shutil.rmtree(folder / "work", ignore_errors=True)
        records = Records(root)
        records.open()
        try:
            yield records
        finally:
            records.close()
            shutil.rmtree(folder / "work", ignore_errors=True)
            with suppress(OSError):
                (folder / _HOLDER).unlink()
    finally:
        lock.release()


def run_batch(
    items: Iterable[Item | None],
    plan: Plan,
    engine: Engine,
    on_row: OnRow,
    *,
    records: Records,
    summary: Summary | None = None,
) -> Summary:
    """Draft every item that is not done, in the order given.

    `items` may be endless: None is "nothing now", and the run ends when nothing is left to do.
    `on_row` gets every new state of a file. A file that fails is a row and does not end the run,
    unless `plan` limits the failures. After an interrupt, `summary` has what was done.

    Raises
    ------
    ChapterizeError : the engine cannot start.
    KeyboardInterrupt : after the work in progress was stopped.
    """
    return _Run(plan, records, on_row, summary or Summary()).work(items, engine)


def judged(
    items: Iterable[Item], plan: Plan, records: Records
) -> Iterator[tuple[Task, Row | None]]:
    """Each item as a task, with its row if it needs no work."""
    folders: dict[str, Folder | None] = {}
    own = records.own()
    for item in items:
        folder = _folder_of(item, folders, own)
        targets = plan.targets.of(item, folder)
        captions: tuple[str, ...] = ()
        if folder is not None and plan.options.captions == "auto":
            captions = folder.captions_of(item.relative.name)
        if folder is not None and plan.options.existing in USES:
            captions += folder.chapter_files_of(item.relative.name)
        row = judge(item, targets, captions, plan, records)
        yield Task(item, targets, captions), row


class _Run:
    """A run in progress."""

    def __init__(self, plan: Plan, records: Records, on_row: OnRow, summary: Summary) -> None:
        self.plan, self.records, self.summary = plan, records, summary
        self._on_row = on_row

    def work(self, items: Iterable[Item | None], engine: Engine) -> Summary:
        if self._must_stop():
            return self.summary
        with closing(engine.run(self._tasks(items), self.plan)) as events:
            answer: bool | None = None
            while True:
                try:
                    event = events.send(answer)
                except StopIteration:
                    break
                answer = None
                if isinstance(event, Progress):
                    self._on_row(event.row)
                elif isinstance(event, Intent):
                    answer = self._may_write(event)
                else:
                    self._finish(event)
                if self._must_stop():
                    self.summary.is_stopped = True
                    break
        return self.summary

    def _tasks(self, items: Iterable[Item | None]) -> Iterator[Task | None]:
        """What there is to do, with None for "nothing now"; what is done is reported."""
        waiting = iter(items)
        is_over = False

        def known() -> Iterator[Item]:
            nonlocal is_over
            for item in waiting:
                if item is None:
                    return
                yield item
            is_over = True

        while not is_over:
            # The folders are read again after a pause.
            for task, row in judged(known(), self.plan, self.records):
                if row is None:
                    yield task
                    continue
                self._report(row)
                if self._must_stop():
                    self.summary.is_stopped = True
                    return
            if not is_over:
                yield None

    def _may_write(self, intent: Intent) -> bool:
        """Record what is about to be written; if it must not be, end the work on the file."""
        name = str(intent.item.relative)
        for path in map(Path, intent.outputs):
            # A person may have written it meanwhile.
            if not self.plan.replace and is_foreign(path, intent.item, self.records):
                self._report(kept_row(intent.item, path, name, self.records))
                return False
        outputs = {self.records.relative(Path(p)): d for p, d in intent.outputs.items()}
        try:
            self.records.intend(name, outputs)
        except OutputError as error:
            row = Row(intent.item.source, "failed", "writing", reason=Reason.of(error))
            self._report(row)
            return False
        return True

    def _finish(self, event: Finished) -> None:
        name = str(event.item.relative)
        record = Record(
            source=event.item.source,
            state=event.row.state,
            identity=event.identity,
            keys=self.plan.keys,
            outputs={self.records.relative(Path(p)): each for p, each in event.outputs.items()},
        )
        # Without a record, the next run does the file again, and finds its own results.
        with suppress(OutputError):
            # The report keeps thumbnails; here they would make each start slow.
            self.records.end(name, record, replace(event.row, thumbnail=""))
        self._report(event.row)

    def _report(self, row: Row) -> None:
        self.summary.counts[row.state] += 1
        self._on_row(row)

    def _must_stop(self) -> bool:
        n_failed, limit = self.summary.counts["failed"], self.plan.max_failures
        if self.plan.fail_fast:
            limit = 1
        return limit is not None and n_failed >= limit


def _folder_of(item: Item, folders: dict[str, Folder | None], own: set[str]) -> Folder | None:
    """The folder of an item; None if it cannot be read."""
    is_here = not is_remote(item.source)
    parent = item.source.rpartition(os.sep if is_here else "/")[0] or os.sep
    if parent not in folders:
        try:
            folders[parent] = Folder(parent, own) if is_here else remote_folder(parent)
        except (OSError, InputError):
            folders[parent] = None
    return folders[parent]


def _this_process() -> dict[str, Any]:
    import platform

    started = time.strftime("%Y-%m-%d %H:%M:%S")
    return {"pid": os.getpid(), "host": platform.node(), "since": started}


def _in_use(folder: Path) -> OutputError:
    why = "only one run at a time may write its results"
    with suppress(OSError, ValueError, KeyError, TypeError):
        holder = json.loads((folder / _HOLDER).read_text(encoding="utf-8"))
        why = f"process {holder['pid']} on {holder['host']}, since {holder['since']}"
    return OutputError(
        f"another batch run works in {folder.parent}",
        why=why,
        hint="wait until it ends, or choose another folder with --out",
    )
