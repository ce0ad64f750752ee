"""The program `chapterize`: its commands, and how it ends."""

from __future__ import annotations

import errno
import sys
from typing import Annotated, NoReturn

import typer

from chapterize import __version__
from chapterize.cli.chapters import check, convert, embed
from chapterize.cli.deliver import deliver
from chapterize.cli.draft import draft
from chapterize.cli.evaluate import evaluate
from chapterize.cli.interrupts import is_interrupted, listening
from chapterize.cli.models import app as models
from chapterize.cli.remote import app as remote
from chapterize.cli.remote import ask
from chapterize.cli.render import render
from chapterize.cli.split import split
from chapterize.cli.terminal import report
from chapterize.errors import ChapterizeError, OutputError

__all__ = ["app", "main"]

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells count it: 128 + SIGINT."""

app = typer.Typer(
    name="chapterize",
    help="Chapters with timestamps and titles for long videos, made on this machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(draft)
app.command()(embed)
app.command()(convert)
app.command()(check)
app.command()(evaluate)
app.command()(deliver)
app.command()(render)
app.command()(split)
app.command()(ask)
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
) -> None:
    pass


def main() -> NoReturn:
    """Run the program and leave with a documented exit code."""
    code: int | str | None = 0
    with listening():
        try:
            app()
        except ChapterizeError as error:
            # What fails once it is interrupted did not fail by itself.
            code = INTERRUPTED if is_interrupted() else error.exit_code
            if code != INTERRUPTED:
                report(error)
        except OSError as error:
            # Files are written elsewhere, with errors of their own: this is standard output.
            if error.errno != errno.ENOSPC or error.filename is not None:
                raise
            sys.stdout = None
            report(OutputError("cannot write to standard output", why="the disk is full"))
            code = OutputError.exit_code
        except SystemExit as left:
            code = left.code
    if code == INTERRUPTED:
        typer.echo("\ninterrupted: nothing half-written was left behind", err=True)
    sys.exit(code)
