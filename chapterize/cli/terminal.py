"""What the program says: notes, errors and progress bars on stderr, JSON on stdout."""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import typer

from chapterize.cli.interrupts import stop_if_interrupted
from chapterize.errors import ChapterizeError
from chapterize.timecode import format_length

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from rich.progress import Progress

__all__ = ["Terminal", "can_ask", "for_each", "is_terminal", "plain", "print_json", "report"]

Input = TypeVar("Input")


# Speed is guessed from at least so many seconds and so much of the work.
_SURE_AFTER = 2.0
_SURE_SHARE = 0.01


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

    PATIENCE = 0.7

    def __init__(self, name: str) -> None:
        self._name = plain(name)
        self._noted: set[str] = set()
        self._draws = is_terminal(sys.stderr)
        self._began = time.monotonic()
        self._stage, self._fraction = "", 0.0
        self._stage_began = (0.0, 0.0)  # the time, and the fraction that was done already
        self._bar: Progress | None = None
        # A long import reports nothing: then the timer draws, in a thread of its own.
        self._lock = threading.RLock()
        self._timer: threading.Timer | None = None

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
        if not self._draws:
            return
        with self._lock:
            is_new = stage != self._stage
            self._stage, self._fraction = stage, fraction
            if is_new:
                self._stage_began = (time.monotonic(), fraction)
            left = self._began + self.PATIENCE - time.monotonic()
            if left > 0 and self._timer is None:
                self._timer = threading.Timer(left, self._show_late)
                self._timer.daemon = True
                self._timer.start()
            elif left <= 0:
                self._show(is_new=is_new)

    def _show_late(self) -> None:
        with self._lock:
            # The bar may have been taken away while this waited for the lock.
            if self._timer is threading.current_thread():
                self._show()

    def _show(self, *, is_new: bool = False) -> None:
        with self._lock:
            if is_new:
                self._take_away()
            if self._bar is None:
                self._bar = self._draw(self._stage)
            self._bar.update(
                self._bar.task_ids[0],
                completed=self._fraction,
                # Without a total the bar pulses.
                total=1.0 if self._fraction else None,
                left=self._time_left(),
            )

    def _time_left(self) -> str:
        """How long this stage will still take at the speed so far; empty while that is unknown."""
        began, fraction = self._stage_began
        taken, done = time.monotonic() - began, self._fraction - fraction
        if taken < _SURE_AFTER or done < _SURE_SHARE:
            return ""
        return f"{format_length(taken / done * (1.0 - self._fraction))} left"

    def _draw(self, stage: str) -> Progress:
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        bar = Progress(
            SpinnerColumn(),
            TextColumn(f"{escape(self._name)}: {{task.description}}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=Console(stderr=True),
            transient=True,
        )
        bar.add_task(escape(stage), total=None, left="")
        bar.start()
        return bar

    def clear(self) -> None:
        """Take the bar away, so that something else can be written."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._take_away()

    def _take_away(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
