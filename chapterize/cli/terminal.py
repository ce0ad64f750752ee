"""What the program says: notes, errors and progress bars on stderr, JSON on stdout."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import typer

from chapterize.cli.interrupts import stop_if_interrupted
from chapterize.errors import ChapterizeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from rich.progress import Progress

__all__ = ["Terminal", "can_ask", "for_each", "is_terminal", "plain", "print_json", "report"]

Input = TypeVar("Input")


def report(error: ChapterizeError) -> None:
    """Three lines on stderr: what failed, why, what next."""
    typer.echo(f"error: {plain(error.what)}", err=True)
    if error.why:
        typer.echo(f"  why:  {plain(error.why)}", err=True)
    if error.hint:
        typer.echo(f"  next: {plain(error.hint)}", err=True)


def for_each(inputs: Sequence[Input], work: Callable[[Input], None]) -> None:
    """Do `work` with every input; a bad one of several does not stop the others.

    Raises
    ------
    ChapterizeError : that of the only input.
    typer.Exit : with the code of the first fault, once all are done and each fault is reported.
    """
    failed: ChapterizeError | None = None
    for source in inputs:
        try:
            work(source)
        except ChapterizeError as error:
            if len(inputs) == 1:
                raise
            report(error)
            failed = failed or error
    if failed is not None:
        raise typer.Exit(failed.exit_code)


def print_json(value: Any, *, is_many: bool = False) -> None:
    """`value` on stdout, on one line where it is one of many, so that a reader can stream them."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=None if is_many else 2))


def plain(text: str) -> str:
    """`text` on one line: names and titles may hold line breaks and escape codes; a message not."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody sees or types it; a stream that was closed beforehand is None."""
    return stream is not None and stream.isatty()


def can_ask() -> bool:
    """Whether a person can read a question on stderr and answer it on stdin."""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


class Terminal:
    """Notes and one progress bar; use as a context manager.

    The bar is drawn once the work has taken `PATIENCE` seconds, and never when stderr is no
    terminal. rich is imported only then.
    """

    PATIENCE = 2.0

    def __init__(self, name: str) -> None:
        self._name = plain(name)
        self._noted: set[str] = set()
        self._draws = is_terminal(sys.stderr)
        self._began = time.monotonic()
        self._stage = ""
        self._bar: Progress | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()

    def turn_to(self, name: str) -> None:
        """From now on it is about another file."""
        self.clear()
        self._name = plain(name)
        self._noted.clear()

    def note(self, text: str) -> None:
        """Print one sentence, taking the bar out of the way first.

        Once for each file: several stages find the same fault.
        """
        if text in self._noted:
            return
        self._noted.add(text)
        self.clear()
        typer.echo(f"note: {plain(text)}", err=True)

    def say(self, text: str) -> None:
        """Print one sentence as it is, taking the bar out of the way first."""
        self.clear()
        typer.echo(plain(text), err=True)

    def progress(self, stage: str, fraction: float) -> None:
        """An `OnProgress`: `fraction` in [0, 1] of the named stage is done.

        Raises
        ------
        KeyboardInterrupt : Ctrl-C came, and was swallowed below.
        """
        stop_if_interrupted()
        if not self._draws or time.monotonic() - self._began < self.PATIENCE:
            return
        if self._bar is None or stage != self._stage:
            self.clear()
            self._bar = self._draw(stage)
            self._stage = stage
        self._bar.update(self._bar.task_ids[0], completed=fraction)

    def _draw(self, stage: str) -> Progress:
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        bar = Progress(
            TextColumn(f"{escape(self._name)}: {{task.description}}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        bar.add_task(escape(stage), total=1.0)
        bar.start()
        return bar

    def clear(self) -> None:
        """Take the bar away, so that something else can be written."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
