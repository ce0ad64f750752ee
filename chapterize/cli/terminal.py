"""Output of the program: notes, errors and progress bars on stderr, JSON on stdout."""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TextIO, TypeVar

import typer

from chapterize.cli.interrupts import stop_if_interrupted
from chapterize.errors import ChapterizeError
from chapterize.masking import blank_secrets, without_secrets
from chapterize.timecode import format_length

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.progress import Progress

__all__ = [
    "Clearable",
    "Terminal",
    "can_ask",
    "for_each",
    "plain",
    "print_json",
    "report",
    "safe_json",
    "show_debug",
]

Input = TypeVar("Input")

# The time left is estimated after this many seconds and this fraction of a stage.
_MIN_SECONDS = 2.0
_MIN_FRACTION = 0.01

_SIGNS = {"⏳ ": "", "…": "..."}
# Control characters after ASCII, marks that reorder or break lines, lone surrogates, and invisible
# signs that no script needs (joiners stay). JSON allows them in a string, but a terminal acts on
# them, a reader does not see them, and a UTF-8 file cannot hold a surrogate.
_UNSAFE_IN_JSON = re.compile(
    "[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)


def report(error: ChapterizeError) -> None:
    """Print an error on stderr in three lines: what failed, why, what to do next."""
    for label, text in (("error:", error.what), ("  why: ", error.why), ("  next:", error.hint)):
        if text:
            typer.echo(f"{label} {plain(text)}", err=True)


def for_each(inputs: Sequence[Input], work: Callable[[Input], None]) -> None:
    """Do `work` for every input; if one of several fails, the others are still done.

    Raises the error of a single input; for several, reports each and raises typer.Exit with the
    code of the first.
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
    """Print `value` on stdout, on one line if it is one of many, so that they can be streamed.

    Characters that are unsafe on a terminal are escaped.
    """
    text = json.dumps(without_secrets(value), ensure_ascii=False, indent=None if is_many else 2)
    typer.echo(safe_json(text))


def safe_json(text: str) -> str:
    """JSON with the same value, in which characters that are unsafe on a terminal are escaped."""
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def plain(text: str) -> str:
    """`text` on one line without secrets, with line breaks and escape codes made visible."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in blank_secrets(text))


def _encodable(text: str) -> str:
    """`text` with other signs for those that stderr would show as escape codes."""
    for sign, other in _SIGNS.items():
        try:
            sign.encode(getattr(sys.stderr, "encoding", None) or "utf-8")
        except UnicodeEncodeError:
            text = text.replace(sign, other)
    return text


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether `stream` is a terminal; a closed stream is None."""
    return stream is not None and stream.isatty()


def can_ask() -> bool:
    """Whether a user can read a question on stderr and answer it on stdin."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)


def show_debug() -> Callable[[], None]:
    """Print debug messages of the package on stderr until the returned function is called."""
    import logging

    class Printer(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if Terminal.current is not None:
                Terminal.current.clear()
            typer.echo(f"debug: {plain(record.getMessage())}", err=True)

    logger, printer = logging.getLogger("chapterize"), Printer(logging.DEBUG)
    level = logger.level
    logger.addHandler(printer)
    logger.setLevel(logging.DEBUG)

    def stop() -> None:
        logger.removeHandler(printer)
        logger.setLevel(level)

    return stop


@contextmanager
def _switching_often() -> Iterator[None]:
    """Inside, a busy main thread gives way at once: the bar's imports would wait 5 ms each time."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(interval / 10)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


class Clearable(Protocol):
    """Something on stderr that must be cleared before other output is printed."""

    def clear(self) -> None:
        """Clear it; it comes back by itself."""


class Terminal:
    """Notes and one progress bar on stderr; a context manager.

    The bar appears after `PATIENCE` seconds, and only if stderr is a terminal. rich is imported
    only then.
    """

    PATIENCE = 0.7
    current: ClassVar[Clearable | None] = None
    """The terminal or table in use, which other output must clear first."""

    def __init__(self, name: str) -> None:
        self._name = plain(name)
        self._noted: set[str] = set()
        self._draws = _is_terminal(sys.stderr)
        self._start = time.monotonic()
        self._stage, self._fraction = "", 0.0
        self._stage_start = (0.0, 0.0)  # time, and the fraction that was done already
        self._bar: Progress | None = None
        # The timer draws the bar if nothing reports progress, such as a long import.
        self._lock = threading.RLock()
        self._timer: threading.Timer | None = None
        self._previous: Clearable | None = None

    def __enter__(self) -> Terminal:
        self._previous, Terminal.current = Terminal.current, self
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()
        Terminal.current = self._previous

    def turn_to(self, name: str) -> None:
        """Start on another file."""
        self.clear()
        self._name = plain(name)
        self._noted.clear()

    def note(self, text: str) -> None:
        """Clear the bar and print a note, once per file: several stages find the same fault."""
        if text not in self._noted:
            self._noted.add(text)
            self.say(f"note: {text}")

    def say(self, text: str) -> None:
        """Clear the bar and print `text`."""
        self.clear()
        typer.echo(_encodable(plain(text)), err=True)

    def progress(self, stage: str, fraction: float) -> None:
        """Show that `fraction` in [0, 1] of a stage is done; an `OnProgress`.

        Raises KeyboardInterrupt if Ctrl-C was pressed and a package swallowed the exception.
        """
        stop_if_interrupted()
        if not self._draws:
            return
        with self._lock:
            is_new = stage != self._stage
            self._stage, self._fraction = stage, fraction
            if is_new:
                self._stage_start = (time.monotonic(), fraction)
            left = self._start + self.PATIENCE - time.monotonic()
            if left > 0 and self._timer is None:
                self._timer = threading.Timer(left, self._show_late)
                self._timer.daemon = True
                self._timer.start()
            elif left <= 0:
                self._show(is_new=is_new)

    def _show_late(self) -> None:
        with self._lock:
            # The bar may have been cleared while this thread waited for the lock.
            if self._timer is threading.current_thread():
                self._show()

    def _show(self, *, is_new: bool = False) -> None:
        with self._lock:
            if is_new:
                self._remove_bar()
            if self._bar is None:
                with _switching_often():
                    # An interrupt during the start must find the bar, to remove it.
                    self._bar = self._draw(self._stage)
                    self._bar.start()
            self._bar.update(
                self._bar.task_ids[0],
                completed=self._fraction,
                # Without a total, the bar pulses.
                total=1.0 if self._fraction else None,
                left=self._time_left(),
            )

    def _time_left(self) -> str:
        """Time left in this stage at the speed so far; "" while it is unknown."""
        start, fraction = self._stage_start
        taken, done = time.monotonic() - start, self._fraction - fraction
        if taken < _MIN_SECONDS or done < _MIN_FRACTION:
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
        return bar

    def clear(self) -> None:
        """Remove the bar, so that something else can be printed."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._remove_bar()

    def _remove_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
