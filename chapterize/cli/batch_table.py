"""What one sees of a batch: a live table, or a line for each file."""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from chapterize.cli.batch_counts import Counts, Running
from chapterize.cli.live import Line, LiveLines, terminal_size
from chapterize.cli.terminal import Clearable, Terminal, plain, print_json
from chapterize.timecode import format_length

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from chapterize.batch.items import Item
    from chapterize.batch.rows import Row

__all__ = ["BatchTable"]

_EVERY = 0.2  # seconds between two drawings
_N_REASONS = 3
_NARROW = 64  # columns below which there is no bar
_CODES = re.compile(r"\x1b\[[0-9;]*m")
_END = re.compile(r"(?: |\x1b\[[0-9;]*m)+$")
_STYLES = {"done": "green", "failed": "bold red", "kept": "yellow", "note:": "dim"}


class BatchTable:
    """Shows the rows of a batch on stderr; a context manager, and a callback for rows.

    At a terminal, a table of the running files stays below one line for each file that has ended.
    Elsewhere, there are only these lines. With `as_json`, the rows of ended files are also printed
    on stdout, one a line. Skipped files are only counted.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self.counts = Counts()
        self._as_json = as_json
        self._is_live = _can_draw()
        self._pending: list[tuple[str, str]] = []  # state and text of lines to print
        self._lines = LiveLines()
        self._quiet_until = 0.0
        self._console: Console | None = None
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._previous: Clearable | None = None

    def __enter__(self) -> BatchTable:
        self._previous, Terminal.current = Terminal.current, self
        if self._is_live:
            # Only this thread draws: an interrupt, which ends the main thread, cuts no line in two.
            self._thread = threading.Thread(target=self._draw_often, name="table", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._is_live = False
        Terminal.current = self._previous

    def expect(self, items: Iterable[Item]) -> None:
        """Add files that will be worked on."""
        with self._lock:
            self.counts.expect(items)

    def on_row(self, row: Row) -> None:
        """Show a row."""
        with self._lock:
            name = self.counts.name(row.source)
            self.counts.add(row)
            if row.is_ended and row.state != "skipped":
                self._say(row.state, f"{name}: {_outcome(row)}")
            if row.is_ended and self._as_json:
                # Without the thumbnail: it is for the page, and longer than all the rest.
                value = {**row.to_json(), "thumbnail": ""}
                if self._is_live and sys.stdout is not None and sys.stdout.isatty():
                    self._lines.clear()
                print_json(value, is_many=True)

    def note(self, text: str) -> None:
        """Print a note."""
        with self._lock:
            self._say("note:", text)

    def summary(self, report: Path | str | None = None) -> None:
        """Print the counts and the first reasons of failures; call it at the end."""
        for line in summary_lines(self.counts, report):
            typer.echo(plain(line), err=True)

    def clear(self) -> None:
        """Remove the table for a moment, so that something else can be printed."""
        with self._lock:
            if self._is_live:
                self._lines.clear()
                self._quiet_until = time.monotonic() + _EVERY

    def _say(self, label: str, text: str) -> None:
        if self._is_live:
            self._pending.append((label, plain(text)))
            return
        counts = self.counts
        n = "" if label == "note:" else f"[{counts.n_ended}/{counts.n_files}] "
        typer.echo(f"{n}{label} {plain(text)}", err=True)

    def _draw_often(self) -> None:
        # A terminal that is closed ends the drawing, and not the batch.
        with suppress(OSError):
            while not self._ended.wait(_EVERY):
                self._draw()
            with self._lock:
                self._lines.draw((), self._above())

    def _draw(self) -> None:
        columns, rows = terminal_size()
        with self._lock:
            if time.monotonic() < self._quiet_until:
                return
            above = self._above()
            lines = self._rendered(self._table(columns, rows), columns)
            self._lines.draw(lines, above)

    def _above(self) -> list[Line]:
        """The waiting lines, which stay."""
        from rich.text import Text

        pending, self._pending = self._pending, []
        texts = [Text.assemble((label, _STYLES[label]), f" {text}") for label, text in pending]
        # The terminal wraps those that are longer than it is wide, and again after a resize.
        return [line for text in texts for line in self._rendered(text)]

    def _rendered(self, content: RenderableType, columns: int | None = None) -> list[Line]:
        """Lines with their widths in cells; without `columns`, one line however long it is."""
        from rich.console import Console
        from rich.text import Text

        if self._console is None:
            self._console = Console(stderr=True)
        with self._console.capture() as capture:
            if columns is None:
                self._console.print(content, soft_wrap=True)
            else:
                # Some terminals would wrap a line that reaches the last column.
                self._console.print(content, width=columns - 1)
        lines = map(_trimmed, capture.get().rstrip("\n").split("\n"))
        return [(line, Text.from_ansi(line).cell_len) for line in lines]

    def _table(self, columns: int, rows: int) -> RenderableType:
        from rich.console import Group
        from rich.table import Table

        grid = Table.grid(expand=True, padding=(0, 2, 0, 0))
        wide = columns >= _NARROW
        grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        grid.add_column(
            max_width=24 if wide else 13, no_wrap=True, overflow="ellipsis", style="dim"
        )
        grid.add_column(width=4, justify="right", no_wrap=True)
        if wide:
            grid.add_column(width=11, justify="right", no_wrap=True, style="dim")
        running = list(self.counts.running.values())
        most = max(1, rows - 4)
        now = time.monotonic()
        for each in running[:most]:
            grid.add_row(*self._cells(each, now)[: len(grid.columns)])
        more: list[Any] = []
        if len(running) > most:
            more.append(f"and {len(running) - most} more")
        return Group(*self._head(columns), *([grid] if running else []), *more)

    def _cells(self, each: Running, now: float) -> tuple[str | Text, ...]:
        from rich.text import Text

        name, row = plain(self.counts.name(each.row.source)), each.row
        share = f"{row.fraction:.0%}" if row.fraction else ""
        # The end of a path says more than its start.
        shown = Text(f"  {name.rpartition('/')[2]}")
        return shown, Text(plain(row.stage)), share, format_length(now - each.start)

    def _head(self, columns: int) -> list[RenderableType]:
        """The counts in one line with a bar, or in two short ones."""
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        counts = self.counts
        files = "file" if counts.n_files == 1 else "files"
        parts = [f"{counts.n_ended} of {counts.n_files} {files}"]
        parts += [
            f"{n} {state}" for state in ("failed", "kept", "skipped") if (n := counts.states[state])
        ]
        left = counts.time_left()
        end = "" if left is None else f"about {format_length(left)} left"
        if columns < _NARROW:
            lines = [Text(", ".join(parts), no_wrap=True, overflow="ellipsis", style="bold")]
            return [*lines, Text(end, no_wrap=True)] if end else [*lines]
        line = Table.grid(expand=True, padding=(0, 2, 0, 0))
        line.add_column(width=20)
        line.add_column(ratio=1, no_wrap=True, overflow="ellipsis", style="bold")
        line.add_column(justify="right", no_wrap=True)
        bar = ProgressBar(total=max(1, counts.n_files), completed=counts.n_ended, width=20)
        line.add_row(bar, ", ".join(parts), end)
        return [line]


def _trimmed(line: str) -> str:
    """`line` without spaces at its end: terminals that wrap lines again may drop them or not."""
    text = _END.sub("", line)
    return text + "".join(_CODES.findall(line[len(text) :]))


def _can_draw() -> bool:
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def _outcome(row: Row) -> str:
    """How the work on a file has ended, in a few words."""
    if row.state == "done":
        n = f"{row.n_chapters} {'chapter' if row.n_chapters == 1 else 'chapters'}"
        return f"{n} in {format_length(row.seconds)}"
    if row.reason is None:
        return row.stage or row.state
    what, why = row.reason.what, row.reason.why
    # What failed often only repeats the path, as in "cannot open PATH".
    if why and Path(row.source).name in what:
        return why
    return f"{what} ({why})" if why else what


def summary_lines(counts: Counts, report: Path | str | None) -> list[str]:
    """The counts, the first reasons and the place of the report."""
    n = f"{counts.n_files} {'file' if counts.n_files == 1 else 'files'}"
    found = {name: counts.states[name] for name in ("done", "failed", "kept", "skipped")}
    n_left = counts.n_files - counts.n_ended
    parts = [f"{each} {name}" for name, each in {**found, "not done": n_left}.items() if each]
    taken = format_length(counts.clock() - counts.start)
    lines = [f"{n}: {', '.join(parts) or 'nothing to do'} ({taken})"]
    failures = list(counts.failures.values())
    for failure in failures[:_N_REASONS]:
        reason = failure.reason
        more = f" (and {failure.n_files - 1} more)" if failure.n_files > 1 else ""
        lines.append(f"failed: {reason.what}{more}")
        lines += [f"  why:  {reason.why}"] if reason.why else []
        lines += [f"  next: {reason.hint}"] if reason.hint else []
    if rest := sum(failure.n_files for failure in failures[_N_REASONS:]):
        lines.append(f"and {rest} more failed for other reasons")
    if n_left > 0:
        lines.append("stopped: run the same command again to continue; what is done is skipped")
    if report is not None:
        lines.append(f"report: {report}")
    return lines
