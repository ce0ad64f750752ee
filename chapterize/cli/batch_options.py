"""The options of `chapterize batch`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chapterize.cli.options import require_choice
from chapterize.inputs import result_file

__all__ = [
    "Address",
    "DryRun",
    "Embed",
    "EngineName",
    "Exec",
    "FailFast",
    "FromFile",
    "Inputs",
    "Jobs",
    "MaxFailures",
    "Out",
    "Recursive",
    "Redo",
    "RedoFailed",
    "Replace",
    "ReportFile",
    "Settle",
    "Timeout",
    "Watch",
]

_ENGINES = ("local", "ray")


def _checked_engine(value: str) -> str:
    return require_choice(None, value, _ENGINES)


def _output_tree(text: str) -> Path | str:
    """A folder of this machine, or an address on other storage."""
    from chapterize.batch.storage import is_remote

    return text if is_remote(text) else result_file(text)


Inputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT", help="Files and folders, also on s3://, gs://, …", show_default=False
    ),
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
    Any,
    typer.Option(
        "--out",
        parser=_output_tree,
        metavar="DIR",
        help="Mirror the input tree in this folder or address (s3://…); by default, results go"
        " next to the inputs.",
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
    bool,
    typer.Option(
        "--replace",
        help="Also replace files that you wrote or changed, and chapters inside a file.",
    ),
]
MaxFailures = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Stop after this many failed files.")
]
FailFast = Annotated[bool, typer.Option("--fail-fast", help="Stop after the first failed file.")]
Timeout = Annotated[
    float | None,
    typer.Option(min=0.1, metavar="SECONDS", help="Time limit for each file; then it fails."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what would be done; do nothing.")]
ReportFile = Annotated[
    Path | None,
    typer.Option(
        "--report",
        parser=result_file,
        metavar="FILE",
        help="The page that shows all results, an .html file; by default chapterize-report.html"
        " in the folder of the results.",
    ),
]
Exec = Annotated[
    str | None,
    typer.Option(
        "--exec",
        metavar="CMD",
        help="Run this after each file, without a shell: {} is the file, {output} the first result,"
        " {outputs} all; also {folder}, {name} and {stem}.",
    ),
]
Watch = Annotated[
    bool, typer.Option("--watch", help="Then wait for new files in the folders, until Ctrl-C.")
]
Settle = Annotated[
    float,
    typer.Option(
        min=0.0, metavar="SECONDS", help="With --watch: a file counts when it is unchanged so long."
    ),
]
EngineName = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="|".join(_ENGINES),
        callback=_checked_engine,
        help="Processes on this machine, or actors on a Ray cluster.",
    ),
]
Address = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="With --engine ray: a running cluster.")
]
