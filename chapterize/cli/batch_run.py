"""A run of `chapterize batch`: its engine, what one sees of it, and what is printed at the end."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chapterize.batch.driver import Summary, judged, opened, run_batch
from chapterize.batch.items import CAPTION_SUFFIXES, find_items, suffix_of
from chapterize.batch.records import Records
from chapterize.batch.report import Report
from chapterize.batch.rows import Row
from chapterize.cli.batch_table import BatchTable
from chapterize.cli.fetching import Consent
from chapterize.cli.terminal import Terminal, can_ask, plain, print_json
from chapterize.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chapterize.batch.engine import Engine
    from chapterize.batch.items import Item
    from chapterize.batch.plan import Plan

__all__ = ["Asked", "run", "show_plan"]


@dataclass(frozen=True)
class Asked:
    """What to run on, and how to show it.

    `named` : absolute paths of files and folders. `base` : what `Item.relative` starts at.
    `settle` : watch the folders, and take a file when it is unchanged for so many seconds; None: do
    not watch.
    """

    named: tuple[str, ...]
    base: str
    recursive: bool = False
    jobs: int | None = None
    engine: str = "local"
    address: str | None = None
    settle: float | None = None
    report: Path | None = None
    as_json: bool = False


def run(asked: Asked, plan: Plan) -> Summary:
    """Do the work and print what came of it, also after an interrupt."""
    summary, table = Summary(), BatchTable(as_json=asked.as_json)
    with opened(plan.root) as records, Report(plan.root, asked.report) as report:
        own = _own(records, plan)
        items = find_items(asked.named, recursive=asked.recursive, root=asked.base, own=own)
        plan = replace(plan, may_download=_may_download(items, plan, records))
        show = _Shown(table, report)
        if asked.settle is None:
            table.expect(items)
        engine = _engine(asked, plan, len(items), table)
        try:
            with table, _rounds(asked, items, own, table) as rounds:
                for each in _until_ctrl_c(rounds):
                    found = _expected(each, table) if asked.settle is not None else each
                    run_batch(found, plan, engine, show.row, records=records, summary=summary)
                    if summary.is_stopped:
                        break
                    if asked.settle is not None:
                        show.write()
        finally:
            engine.close()
            show.write()
            table.summary(report.target)
    return summary


def show_plan(asked: Asked, plan: Plan) -> None:
    """Print what a run would do with each file."""
    records = Records(plan.root)
    own = _own(records, plan)
    items = find_items(asked.named, recursive=asked.recursive, root=asked.base, own=own)
    for task, row in judged(items, plan, records):
        outputs = tuple(str(target.path) for target in task.targets)
        shown = row or Row(task.item.source, "waiting", outputs=outputs)
        if asked.as_json:
            print_json(shown.to_json(), is_many=True)
        elif row is None:
            typer.echo(plain(f"would draft {task.item.source} to {', '.join(outputs)}"))
        else:
            why = "" if row.reason is None else f": {row.reason.what}"
            typer.echo(plain(f"{row.state} {row.source}{why}"))


class _Shown:
    """Rows on the terminal and in the report; a report that cannot be written ends nothing."""

    def __init__(self, table: BatchTable, report: Report) -> None:
        self._table, self._report = table, report
        self._is_broken = False

    def row(self, row: Row) -> None:
        self._table.on_row(row)
        if not self._is_broken:
            try:
                self._report.add(row)
            except OutputError as error:
                self._give_up(error)

    def write(self) -> None:
        if not self._is_broken:
            try:
                self._report.write()
            except OutputError as error:
                self._give_up(error)

    def _give_up(self, error: OutputError) -> None:
        self._is_broken = True
        self._table.note(f"there is no report: {error}")


def _own(records: Records, plan: Plan) -> set[str]:
    """What is no input: results of earlier runs and of this one, and the output tree."""
    own = records.own()
    if plan.targets.root is not None:
        own.add(str(plan.root))
    return own


@contextmanager
def _rounds(
    asked: Asked, items: Sequence[Item], own: set[str], table: BatchTable
) -> Iterator[Iterator[Iterable[Item | None]]]:
    """The items of one run; with --watch, those of one run after another, until Ctrl-C."""
    if asked.settle is None:
        yield iter([items])
        return
    from chapterize.batch.arrivals import Arrivals
    from chapterize.batch.watching import WatchOptions

    options = WatchOptions(asked.settle, asked.recursive, asked.base, own)
    with Arrivals(asked.named, options, on_note=table.note) as arrivals:
        table.note(f"Watching {', '.join(asked.named)}; Ctrl-C ends it.")
        yield arrivals.rounds()


def _until_ctrl_c(rounds: Iterator[Iterable[Item | None]]) -> Iterator[Iterable[Item | None]]:
    """The rounds until one is interrupted while it waits: that is how watching ends."""
    while True:
        try:
            found = next(rounds)
        except (StopIteration, KeyboardInterrupt):
            return
        yield found


def _expected(found: Iterable[Item | None], table: BatchTable) -> Iterator[Item | None]:
    for item in found:
        table.expect([item] if item is not None else [])
        yield item


def _engine(asked: Asked, plan: Plan, n_items: int, table: BatchTable) -> Engine:
    if asked.engine == "ray":
        from chapterize.batch.ray_engine import RayEngine

        shared = (str(plan.root), asked.base)
        return RayEngine(asked.jobs, address=asked.address, shared=shared, on_note=table.note)
    from chapterize.batch.local import LocalEngine, count_gpus, default_jobs
    from chapterize.transcribe import choose_device

    device = plan.options.device
    n_gpus = count_gpus() if choose_device(device).name == "cuda" else 0
    jobs = asked.jobs or default_jobs(device, n_gpus=n_gpus)
    if asked.settle is None:
        # Fewer workers have more threads each.
        jobs = min(jobs, max(1, n_items))
    return LocalEngine(jobs, n_gpus=n_gpus)


def _may_download(items: Iterable[Item], plan: Plan, records: Records) -> bool:
    """Whether the speech model may be downloaded; asks if it is needed and a user can answer."""
    from chapterize.transcribe import WhisperTranscriber, planned_download

    options = plan.options
    if options.offline or not can_ask() or plan.has_speech_model:
        return True
    if all(
        row is not None or task.captions or suffix_of(task.item.source) in CAPTION_SUFFIXES
        for task, row in judged(items, plan, records)
    ):
        return True
    wanted = planned_download(WhisperTranscriber(options.model, device=options.device).model)
    with Terminal("models") as terminal:
        return Consent().at(terminal)(wanted)
