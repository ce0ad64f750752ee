"""`chapterize batch`: chapters for many files; what is done is skipped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chapterize.batch.settling import SETTLE_SECONDS
from chapterize.cli import batch_options as given
from chapterize.cli.draft import FormatNames
from chapterize.cli.drafting import require_own_captions, with_draft_options
from chapterize.cli.options import AsJson, FrameRate, Learn, frame_rate_of
from chapterize.errors import OptionError

if TYPE_CHECKING:
    from chapterize.batch.targets import Targets
    from chapterize.pipeline import Options

__all__ = ["SOME_FAILED", "batch"]

SOME_FAILED = 12
"""Exit code if at least one file failed."""


@with_draft_options
def batch(
    inputs: given.Inputs = None,
    *,
    recursive: given.Recursive = False,
    from_file: given.FromFile = None,
    out: given.Out = None,
    jobs: given.Jobs = None,
    formats: FormatNames = None,
    embed: given.Embed = False,
    drafting: Options,
    redo: given.Redo = False,
    redo_failed: given.RedoFailed = False,
    replace: given.Replace = False,
    max_failures: given.MaxFailures = None,
    fail_fast: given.FailFast = False,
    timeout: given.Timeout = None,
    frame_rate: FrameRate = None,
    exec_command: given.Exec = None,
    watch: given.Watch = False,
    settle: given.Settle = SETTLE_SECONDS,
    engine: given.EngineName = "local",
    address: given.Address = None,
    dry_run: given.DryRun = False,
    report: given.ReportFile = None,
    learn: Learn = True,
    as_json: AsJson = False,
) -> None:
    """Find chapters for many files.

    Reads video, audio and caption files, and folders of them. What is done is skipped, so an
    interrupted run continues where it stopped: run the same command again. A changed option redoes
    only what it changes. Files that you wrote or changed are kept. A file that fails does not end
    the run.
    """
    from chapterize.batch.arrivals import require_folders
    from chapterize.batch.commands import Command
    from chapterize.batch.items import existing, listed_in
    from chapterize.batch.places import Places
    from chapterize.batch.plan import Plan
    from chapterize.cli.batch_run import Asked, run, show_plan
    from chapterize.pipeline.habits import with_profile

    if exec_command is not None:
        Command.parse(exec_command)
    _refuse_contradictions(redo and redo_failed, watch and dry_run)
    if address is not None and engine != "ray":
        raise OptionError("--address needs --engine ray", hint="add --engine ray")
    named = [existing(text) for text in inputs or ()]
    named += listed_in(from_file) if from_file is not None else []
    if not named:
        raise OptionError("no inputs", hint="name files or folders, or a list with --from-file")
    require_own_captions(drafting, [Path(path) for path in named])
    if watch:
        require_folders(named)
    places = Places.of(named, out)
    if places.address is not None and exec_command is not None:
        raise OptionError(
            "--exec with results on other storage",
            why="the program would find no file",
            hint="write the results to a folder of this machine",
        )
    plan = Plan(
        # A worker may be on another machine, which does not have the profile.
        options=with_profile(drafting),
        targets=_targets(formats, places.mirror, embed=embed),
        root=places.root,
        address=places.address,
        redo=redo,
        redo_failed=redo_failed,
        replace=replace,
        timeout=timeout,
        max_failures=max_failures,
        fail_fast=fail_fast,
        frame_rate=frame_rate_of(frame_rate),
        exec_command=exec_command,
    )
    asked = Asked(
        places=places,
        recursive=recursive,
        jobs=jobs,
        engine=engine,
        address=address,
        settle=settle if watch else None,
        report=report,
        learns=learn,
        as_json=as_json,
    )
    if dry_run:
        show_plan(asked, plan)
    elif run(asked, plan).has_failures:
        raise typer.Exit(SOME_FAILED)


def _refuse_contradictions(redoes_both: bool, watches_dry: bool) -> None:
    if redoes_both:
        raise OptionError(
            "--redo and --redo-failed together",
            why="one drafts everything again, the other only what failed",
            hint="use one of them",
        )
    if watches_dry:
        raise OptionError(
            "--watch and --dry-run together",
            why="--dry-run does nothing, so there is nothing to wait for",
            hint="use one of them",
        )


def _targets(names: str | None, root: Path | None, *, embed: bool) -> Targets:
    from chapterize import formats
    from chapterize.batch.targets import Targets

    wanted = [name.strip() for name in (names or "youtube").split(",")]
    chosen = dict.fromkeys(formats.check(name).name for name in wanted)
    return Targets(root, tuple(chosen), embed)
