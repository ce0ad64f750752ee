"""The program `chapterize`: its commands, and how it ends."""

from __future__ import annotations

import errno
import sys
from typing import Annotated, NoReturn

import typer

from chapterize._version import __version__
from chapterize.cli.chapters import check, convert, embed
from chapterize.cli.config import config
from chapterize.cli.deliver import deliver
from chapterize.cli.doctor import doctor
from chapterize.cli.draft import draft
from chapterize.cli.evaluate import evaluate
from chapterize.cli.interrupts import INTERRUPTED, is_interrupted, leave, listening
from chapterize.cli.models import app as models
from chapterize.cli.remote import app as remote
from chapterize.cli.remote import ask
from chapterize.cli.render import render
from chapterize.cli.settled import Settled
from chapterize.cli.split import split
from chapterize.cli.terminal import report
from chapterize.errors import ChapterizeError, OutputError

__all__ = ["app", "main"]

app = typer.Typer(
    name="chapterize",
    help="Chapters with timestamps and titles for long videos, made on this machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command(cls=Settled)(draft)
app.command()(embed)
app.command()(convert)
app.command()(check)
app.command(cls=Settled)(evaluate)
app.command(cls=Settled)(deliver)
app.command(cls=Settled)(render)
app.command(cls=Settled)(split)
app.command(cls=Settled)(ask)
app.command()(config)
app.command()(doctor)
app.add_typer(models)
app.add_typer(remote)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chapterize {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
    no_config: Annotated[
        bool, typer.Option("--no-config", help="Ignore the configuration file.")
    ] = False,
) -> None:
    pass


def main() -> NoReturn:
    """Run the program and leave with a documented exit code."""
    try:
        with listening():
            code = _run()
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:
        typer.echo("\ninterrupted: nothing half-written was left behind", err=True)
    leave(code)


def _run() -> int | str | None:
    try:
        app()
    except SystemExit as left:
        return left.code
    except Exception as error:
        # What fails once it is interrupted did not fail by itself: an import, for one.
        if is_interrupted():
            return INTERRUPTED
        return _report(error)
    return 0


def _report(error: Exception) -> int:
    """Report `error` and return its exit code; raise it again if it is a bug."""
    if isinstance(error, OSError) and error.errno == errno.ENOSPC and error.filename is None:
        # Files are written elsewhere, with errors of their own: this is standard output.
        sys.stdout = None
        error = OutputError("cannot write to standard output", why="the disk is full")
    if not isinstance(error, ChapterizeError):
        raise error
    report(error)
    return error.exit_code
