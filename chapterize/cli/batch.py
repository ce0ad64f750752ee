"""`chapterize batch`: chapters for many files; what is done is skipped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chapterize.cli.draft import FormatNames
from chapterize.cli.drafting import require_own_captions, with_draft_options
from chapterize.cli.fetching import Consent
from chapterize.cli.options import AsJson, FrameRate, frame_rate_of
from chapterize.cli.terminal import Terminal, can_ask, plain, print_json
from chapterize.errors import InputError
from chapterize.inputs import result_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chapterize.batch.driver import Summary
    from chapterize.batch.items import Item
    from chapterize.batch.plan import Plan
    from chapterize.batch.records import Records
    from chapterize.batch.rows import Row
    from chapterize.batch.targets import Targets
    from chapterize.pipeline import Options

__all__ = ["SOME_FAILED", "batch"]

SOME_FAILED = 12
"""Exit code if at least one file failed."""

_MOST_REASONS = 3

Inputs = Annotated[
    list[str] | None,
    typer.Argument(metavar="INPUT", help="Files and folders.", show_default=False),
]
Recursive = Annotated[
    bool, typer.Option("--recursive", "-r", help="Also look in the folders below.")
]
FromFile = Annotated[
    str | None,
    typer.Option(
        metavar="LIST|-",
        help="Also take the paths in this file, one a line; - is stdin. Lines with # are skipped.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        parser=result_file,
        metavar="DIR",
        help="Mirror the input tree in this folder; by default, results go next to the inputs.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        metavar="N",
        help="Files at the same time; by default one per GPU, else as cores and memory allow.",
    ),
]
Embed = Annotated[
    bool, typer.Option("--embed", help="Also write NAME-chapters.EXT, a copy with chapters inside.")
]
Redo = Annotated[bool, typer.Option("--redo", help="Draft again what is done.")]
RedoFailed = Annotated[
    bool, typer.Option("--redo-failed", help="Only the files that failed in an earlier run.")
]
Replace = Annotated[
    bool, typer.Option("--replace", help="Also replace files that you wrote or changed.")
]
MaxFailures = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Stop after this many failed files."),
]
FailFast = Annotated[bool, typer.Option("--fail-fast", help="Stop after the first failed file.")]
Timeout = Annotated[
    float | None,
    typer.Option(min=0.1, metavar="SECONDS", help="Time limit for each file; then it fails."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what would be done; do nothing.")]


@with_draft_options
def batch(
    inputs: Inputs = None,
    *,
    recursive: Recursive = False,
    from_file: FromFile = None,
    out: Out = None,
    jobs: Jobs = None,
    formats: FormatNames = None,
    embed: Embed = False,
    drafting: Options,
    redo: Redo = False,
    redo_failed: RedoFailed = False,
    replace: Replace = False,
    max_failures: MaxFailures = None,
    fail_fast: FailFast = False,
    timeout: Timeout = None,
    frame_rate: FrameRate = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Find chapters for many files.

    Reads video, audio and caption files, and folders of them. What is done is skipped, so an
    interrupted run continues where it stopped: run the same command again. A changed option redoes
    only what it changes. Files that you wrote or changed are kept. A file that fails does not end
    the run.
    """
    from chapterize.batch.items import absolute, common_root, listed_in
    from chapterize.batch.plan import Plan
    from chapterize.batch.records import root_of

    if redo and redo_failed:
        raise InputError(
            "--redo and --redo-failed together",
            why="one drafts everything again, the other only what failed",
            hint="use one of them",
        )
    named = [absolute(text) for text in inputs or ()]
    named += listed_in(from_file) if from_file is not None else []
    if not named:
        raise InputError("no inputs", hint="name files or folders, or a list with --from-file")
    require_own_captions(drafting, [Path(path) for path in named[:2]])
    start = common_root(named)
    # Next to the inputs, a run may be about a part of what an earlier one was about.
    root = root_of(start) if out is None else out.absolute()
    plan = Plan(
        options=drafting,
        targets=_targets(formats, root if out is not None else None, embed=embed),
        root=root,
        redo=redo,
        redo_failed=redo_failed,
        replace=replace,
        timeout=timeout,
        max_failures=max_failures,
        fail_fast=fail_fast,
        frame_rate=frame_rate_of(frame_rate),
    )
    base = str(root) if out is None else start
    if dry_run:
        _show_plan(named, base, plan, recursive=recursive, as_json=as_json)
        return
    summary = _run(named, base, plan, recursive=recursive, jobs=jobs, as_json=as_json)
    if summary.has_failures:
        raise typer.Exit(SOME_FAILED)


def _targets(names: str | None, root: Path | None, *, embed: bool) -> Targets:
    from chapterize import formats
    from chapterize.batch.targets import Targets

    by_suffix = {suffix.removeprefix("."): form for form, suffix in formats.SUFFIXES.items()}
    wanted = [name.strip() for name in (names or "youtube").split(",")]
    chosen = dict.fromkeys(formats.check(by_suffix.get(name, name)).name for name in wanted)
    return Targets(root, tuple(chosen), embed)


def _run(
    named: Sequence[str], base: str, plan: Plan, *, recursive: bool, jobs: int | None, as_json: bool
) -> Summary:
    """Do the work and print what came of it, also after an interrupt."""
    from dataclasses import replace

    from chapterize.batch.driver import Summary, opened, run_batch
    from chapterize.batch.items import find_items
    from chapterize.batch.local import LocalEngine, count_gpus, default_jobs
    from chapterize.transcribe import choose_device

    summary, lines = Summary(), Lines(as_json=as_json)
    with opened(plan.root) as records:
        items = find_items(named, recursive=recursive, root=base, own=records.own())
        plan = replace(plan, may_download=_may_download(items, plan, records))
        n_gpus = count_gpus() if choose_device(plan.options.device).name == "cuda" else 0
        wanted = jobs or default_jobs(plan.options.device, n_gpus=n_gpus)
        engine = LocalEngine(min(wanted, max(1, len(items))), n_gpus=n_gpus)
        try:
            run_batch(items, plan, engine, lines.row, records=records, summary=summary)
        finally:
            engine.close()
            lines.summarise(summary)
    return summary


def _may_download(items: Iterable[Item], plan: Plan, records: Records) -> bool:
    """Whether the speech model may be downloaded; asks if it is needed and a user can answer."""
    from chapterize.batch.driver import judged
    from chapterize.batch.items import CAPTION_SUFFIXES, suffix_of
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


def _show_plan(
    named: Sequence[str], base: str, plan: Plan, *, recursive: bool, as_json: bool
) -> None:
    """Print what a run would do with each file."""
    from chapterize.batch.driver import judged
    from chapterize.batch.items import find_items
    from chapterize.batch.records import Records
    from chapterize.batch.rows import Row

    records = Records(plan.root)
    items = find_items(named, recursive=recursive, root=base, own=records.own())
    for task, row in judged(items, plan, records):
        outputs = tuple(str(target.path) for target in task.targets)
        shown = row or Row(task.item.source, "waiting", outputs=outputs)
        if as_json:
            print_json(shown.to_json(), is_many=True)
        elif row is None:
            typer.echo(plain(f"would draft {task.item.source} to {', '.join(outputs)}"))
        else:
            typer.echo(plain(f"{row.state}: {row.source}{_because(row)}"))


class Lines:
    """Rows as lines: JSON on stdout, or text on stderr."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._failed: list[Row] = []

    def row(self, row: Row) -> None:
        """Print the row of a file that has ended."""
        if not row.is_ended:
            return
        if row.state == "failed" and len(self._failed) < _MOST_REASONS:
            self._failed.append(row)
        if self._as_json:
            print_json(row.to_json(), is_many=True)
        elif row.state != "skipped":
            typer.echo(plain(f"{row.state}: {row.source}{_because(row)}"), err=True)

    def summarise(self, summary: Summary) -> None:
        """Print how many files ended how, and why the first ones failed."""
        counts = [f"{n} {state}" for state, n in sorted(summary.counts.items())]
        typer.echo(", ".join(counts) or "nothing to do", err=True)
        if summary.is_stopped:
            typer.echo("stopped early: too many files failed", err=True)


def _because(row: Row) -> str:
    if row.reason is not None:
        why = f": {row.reason.why}" if row.reason.why else ""
        return (
            f" ({row.stage}): {row.reason.what}{why}" if row.stage else f": {row.reason.what}{why}"
        )
    if row.state == "done":
        return f": {row.n_chapters} chapters"
    return ""
