"""A run of `chapterize batch`: its engine, what one sees of it, and what is printed at the end."""

from __future__ import annotations

import time
from contextlib import contextmanager, nullcontext
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
    from chapterize.batch.places import Places
    from chapterize.batch.plan import Plan
    from chapterize.batch.shadow import Shadow

__all__ = ["Asked", "run", "show_plan"]


@dataclass(frozen=True)
class Asked:
    """What to run on, and how to show it.

    `settle` : watch the folders; the seconds without a change after which a file counts. None: do
    not watch. `learns` : the profile learns from the lists that a person made.
    """

    places: Places
    recursive: bool = False
    jobs: int | None = None
    engine: str = "local"
    address: str | None = None
    settle: float | None = None
    report: Path | None = None
    learns: bool = True
    as_json: bool = False


def run(asked: Asked, plan: Plan) -> Summary:
    """Do the work and print what came of it, also after an interrupt."""
    summary, table = Summary(), BatchTable(as_json=asked.as_json)
    tree = asked.places.shadow
    page, page_address = asked.report, None
    if tree is not None and page is None:
        page, page_address = tree.page, tree.page_address
    with (
        nullcontext() if tree is None else tree.held(),
        opened(plan.root) as records,
        Report(plan.root, page) as report,
    ):
        own = _own(records, plan)
        items = _items(asked, own)
        plan = replace(plan, may_download=_may_download(items, plan, records))
        show = _Shown(table, report, records, tree)
        if asked.settle is None:
            table.expect(items)
        engine = _engine(asked, plan, len(items), table)
        if tree is not None:
            engine = tree.engine(engine)
        try:
            with table, _rounds(asked, items, own, table) as rounds:
                for each in _until_ctrl_c(rounds):
                    found = _expected(each, table) if asked.settle is not None else each
                    run_batch(found, plan, engine, show.row, records=records, summary=summary)
                    if summary.is_stopped:
                        break
                    if asked.settle is not None:
                        show.write_again()
        finally:
            engine.close()
            show.write(items)
            table.summary(page_address or report.target)
    if asked.learns and show.kept:
        _learn(show.kept, plan, table)
    return summary


def show_plan(asked: Asked, plan: Plan) -> None:
    """Print what a run would do with each file."""
    tree = asked.places.shadow
    with nullcontext() if tree is None else tree.seen():
        records = Records(plan.root)
        rows = list(judged(_items(asked, _own(records, plan)), plan, records))
    for task, row in rows:
        outputs = tuple(str(target.path) for target in task.targets)
        shown = row or Row(task.item.source, "waiting", outputs=outputs)
        if tree is not None:
            shown = tree.shown(shown)
        if asked.as_json:
            print_json(shown.to_json(), is_many=True)
        elif row is None:
            typer.echo(plain(f"would draft {shown.source} to {', '.join(shown.outputs)}"))
        else:
            why = "" if shown.reason is None else f": {shown.reason.what}"
            typer.echo(plain(f"{shown.state} {shown.source}{why}"))


def _learn(kept: Sequence[Row], plan: Plan, table: BatchTable) -> None:
    from chapterize.batch.learning import learn_from

    if n := learn_from(kept, plan.options, table.note):
        lists = "a list" if n == 1 else f"{n} lists"
        table.note(
            f"The profile learned from {lists} that you made. See chapterize learn --show; "
            "--no-learn prevents it."
        )


def _items(asked: Asked, own: set[str]) -> list[Item]:
    places = asked.places
    if not places.base:
        from chapterize.batch.remote_items import find_remote

        return find_remote(places.named, recursive=asked.recursive)
    return find_items(places.named, recursive=asked.recursive, root=places.base, own=own)


def _sweep(places: Places) -> None:
    """Delete copies of remote files that killed workers left behind."""
    if places.address is not None or not places.base:
        from chapterize.batch.copies import sweep

        sweep()


class _Shown:
    """Rows on the terminal and in the report; a report that cannot be written ends nothing."""

    def __init__(
        self, table: BatchTable, report: Report, records: Records, tree: Shadow | None
    ) -> None:
        self._table, self._report, self._records, self._tree = table, report, records, tree
        self.kept: list[Row] = []
        self._is_broken = False
        self._next = 0.0  # when `write_again` writes again

    def row(self, row: Row) -> None:
        if row.state == "kept":
            self.kept.append(row)
        row = self._with_addresses(row)
        # The report first: printing may end the run, such as when nobody reads stdout any more.
        if not self._is_broken:
            try:
                self._report.add(row)
            except OutputError as error:
                self._give_up(error)
        self._table.on_row(row)

    def write_again(self) -> None:
        """Write the report between two rounds, unless that would take much of the time."""
        began = time.monotonic()
        if began >= self._next:
            self.write()
            self._next = time.monotonic() + 20 * (time.monotonic() - began)

    def write(self, items: Iterable[Item] = ()) -> None:
        """Write the report of the whole tree; `items` that have no row are waiting."""
        if not self._is_broken:
            try:
                for row in self._report.missing(items, self._records):
                    self._report.add(self._with_addresses(row))
                self._report.write()
            except OutputError as error:
                self._give_up(error)

    def _with_addresses(self, row: Row) -> Row:
        return row if self._tree is None else self._tree.shown(row)

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

    options = WatchOptions(asked.settle, asked.recursive, asked.places.base, own)
    with Arrivals(asked.places.named, options, on_note=table.note) as arrivals:
        table.note(f"Watching {', '.join(asked.places.named)}; Ctrl-C ends it.")
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

        return RayEngine(
            asked.jobs,
            address=asked.address,
            most=max(1, n_items) if asked.settle is None else None,
            shared=asked.places.shared,
            on_note=table.note,
        )
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
