"""The program `chapterize`: its commands, and how it ends."""

from __future__ import annotations

import errno
import sys
from typing import Annotated, NoReturn

import typer

from chapterize._version import __version__
from chapterize.cli.ask import ask
from chapterize.cli.batch import batch
from chapterize.cli.cache import app as cache
from chapterize.cli.chapters import convert, embed
from chapterize.cli.check import check
from chapterize.cli.command import App, Group
from chapterize.cli.config import config
from chapterize.cli.deliver import deliver
from chapterize.cli.describe import describe
from chapterize.cli.doctor import doctor
from chapterize.cli.draft import draft
from chapterize.cli.evaluate import evaluate
from chapterize.cli.interrupts import INTERRUPTED, is_interrupted, leave, listening
from chapterize.cli.learn import learn
from chapterize.cli.mcp import mcp
from chapterize.cli.models import app as models
from chapterize.cli.remote import app as remote
from chapterize.cli.render import render
from chapterize.cli.review import review
from chapterize.cli.settled import Settled
from chapterize.cli.skill import skill
from chapterize.cli.split import split
from chapterize.cli.terminal import report, show_debug
from chapterize.errors import ChapterizeError, OutputError

__all__ = ["app", "main"]

app = App(
    name="chapterize",
    cls=Group,
    help="Find chapters in long videos, with timestamps and titles, offline.\n\n"
    "Results go to stdout; progress, notes and errors go to stderr.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command(cls=Settled)(draft)
app.command(cls=Settled, short_help="Find chapters for many files.")(batch)
app.command(cls=Settled, short_help="Open a page to see and change the chapters.")(review)
app.command(cls=Settled, short_help="Learn how you cut, from chapters that you made.")(learn)
app.command(cls=Settled, short_help="Write a video with titles and chapters.")(render)
app.command(cls=Settled, short_help="Write one file per chapter.")(split)
app.command(cls=Settled, short_help="Replace the chapters in a description.")(describe)
app.command()(embed)
app.command()(convert)
app.command()(check)
app.command(cls=Settled)(evaluate)
app.command(cls=Settled, short_help="Have a remote service make the video, or make it here.")(
    deliver
)
app.command(cls=Settled, short_help="Say what you want in your own words.")(ask)
app.add_typer(remote)
app.add_typer(models)
app.add_typer(cache)
app.command()(config)
app.command()(doctor)
app.command(short_help="Print the skill for AI agents.")(skill)
app.command(short_help="Serve AI agents over MCP.")(mcp)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chapterize {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    ctx: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print debug messages on stderr.")
    ] = False,
    no_config: Annotated[
        bool, typer.Option("--no-config", help="Ignore the settings file.")
    ] = False,
) -> None:
    if verbose:
        import logging
        import platform

        ctx.call_on_close(show_debug())
        versions = f"chapterize {__version__}, Python {platform.python_version()}"
        logging.getLogger("chapterize").debug("%s, %s", versions, platform.platform())


def main() -> NoReturn:
    """Run the program and exit with a documented code."""
    try:
        with listening():
            code = _run()
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:
        typer.echo("\ninterrupted: no half-written file was left behind", err=True)
    leave(code)


def _run() -> int | str | None:
    try:
        app(prog_name="chapterize")
    except SystemExit as stopped:
        return stopped.code
    except Exception as error:
        # After an interrupt, anything may fail, such as an import.
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
