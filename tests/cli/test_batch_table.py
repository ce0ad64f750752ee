from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

import pytest

from chapterize.batch.items import Item
from chapterize.batch.rows import Reason, Row
from chapterize.cli.batch_table import BatchTable
from chapterize.cli.terminal import Terminal
from tests.cli.screen import Screen

ROOT = Path(__file__).parents[2]
NAME = "week 1/a lecture with a long name on 海洋 and tides.mp4"

AT_WORK = f"""
import time
from pathlib import Path, PurePosixPath
from chapterize.batch.items import Item
from chapterize.batch.rows import Reason, Row
from chapterize.cli.batch_table import BatchTable
from chapterize.cli.interrupts import listening
names = [{NAME!r}, "broken.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4", "f.mp4", "g.mp4", "h.mp4"]
table = BatchTable()
try:
    with listening(), table:
        table.expect([Item("/in/" + name, PurePosixPath(name), 1000, 0) for name in names])
        reason = Reason("cannot open /in/broken.mp4", "it is damaged", "copy it again")
        table.on_row(Row("/in/broken.mp4", "failed", "opening", reason=reason))
        table.on_row(Row("/in/b.mp4", "done", seconds=61.0, duration=1200.0, n_chapters=5))
        table.on_row(Row("/in/c.mp4", "skipped", n_chapters=5))
        for step in range(600):
            for name in (names[0], *names[4:]):
                table.on_row(Row("/in/" + name, "running", "transcribing", step / 600))
            time.sleep(0.05)
except KeyboardInterrupt:
    pass
table.summary(Path("/out/chapterize-report.html"))
"""


def item(name: str) -> Item:
    return Item(f"/in/{name}", PurePosixPath(name), 1000, 0)


class Live:
    """A program at a terminal, and what the terminal shows."""

    def __init__(self, code: str, columns: int, rows: int) -> None:
        self.master, self.slave = pty.openpty()
        self._set_size(columns, rows)
        environment = {**os.environ, "TERM": "xterm-256color"}
        for name in ("XTERM_VERSION", "STY", "TMUX", "COLUMNS", "LINES", "NO_COLOR"):
            environment.pop(name, None)
        self.child = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment,
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
        )
        self.screen = Screen(columns)

    def until(self, is_there: Callable[[str], bool], seconds: float = 60.0) -> str:
        """Read until the screen shows something."""
        end = time.monotonic() + seconds
        while not is_there(self.screen.text):
            assert time.monotonic() < end, self.screen.text
            self._read(0.05)
        return self.screen.text

    def resize(self, columns: int, rows: int) -> None:
        # What is on its way was drawn for the old size.
        self.child.send_signal(signal.SIGSTOP)
        os.waitpid(self.child.pid, os.WUNTRACED)
        self._read(0.1)
        self.screen.resize(columns)
        self._set_size(columns, rows)
        self.child.send_signal(signal.SIGCONT)

    def interrupt(self) -> str:
        """What is shown at the end, after Ctrl-C."""
        self.child.send_signal(signal.SIGINT)
        end = time.monotonic() + 60
        while self.child.poll() is None and time.monotonic() < end:
            self._read(0.05)
        self._read(0.2)
        return self.screen.text

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and select.select([self.master], [], [], left)[
            0
        ]:
            self.screen.write(os.read(self.master, 1 << 16).decode("utf-8").replace("\r\n", "\n"))

    def close(self) -> None:
        self.child.kill()
        self.child.wait()
        for each in (self.master, self.slave):
            with suppress(OSError):
                os.close(each)


@contextmanager
def at_terminal(columns: int, rows: int = 24) -> Iterator[Live]:
    shown = Live(AT_WORK, columns, rows)
    try:
        yield shown
    finally:
        shown.close()


@pytest.mark.slow
def test_a_table_of_what_runs_below_what_has_ended() -> None:
    with at_terminal(100) as live:
        text = live.until(lambda text: "transcribing" in text)
        lines = text.splitlines()
        assert lines[:2] == [
            "failed broken.mp4: it is damaged",
            "done b.mp4: 5 chapters in 1 min 1 s",
        ]
        assert "3 of 9 files, 1 failed, 1 skipped" in lines[2]
        assert lines[3].startswith("  a lecture with a long name on 海洋 and tides.mp4  ")
        assert "%" in live.until(lambda text: "%" in text)
        assert len(lines) == 9


@pytest.mark.slow
def test_forty_columns_are_enough() -> None:
    with at_terminal(40) as live:
        text = live.until(lambda text: "transcribing" in text and "%" in text)
        table = text.splitlines()[2:]
        assert table[0] == "3 of 9 files, 1 failed, 1 skipped"
        running = [line for line in table if "%" in line]
        assert len(running) == 6
        assert "…" in running[0]
        assert running[-1].split()[:2] == ["h.mp4", "transcribing"]


@pytest.mark.slow
def test_a_low_terminal_shows_the_first_files() -> None:
    with at_terminal(100, rows=8) as live:
        text = live.until(lambda text: "transcribing" in text)
        assert text.count("transcribing") == 4
        assert text.splitlines()[-1] == "and 2 more"


@pytest.mark.slow
def test_a_resize_and_an_interrupt_leave_the_terminal_clean() -> None:
    with at_terminal(100) as live:
        live.until(lambda text: "%" in text)
        for columns in (50, 100, 40, 64, 63, 120):
            live.resize(columns, 24)
            live._read(0.6)
            assert live.screen.text.count(" of 9 files") == 1, live.screen.text
            assert live.screen.text.count("h.mp4") == 1, live.screen.text
        assert live.interrupt().splitlines() == [
            "failed broken.mp4: it is damaged",
            "done b.mp4: 5 chapters in 1 min 1 s",
            *live.screen.text.splitlines()[2:3],
            "failed: cannot open /in/broken.mp4",
            "  why:  it is damaged",
            "  next: copy it again",
            "stopped: run the same command again to continue; what is done is skipped",
            "report: /out/chapterize-report.html",
        ]
        counts = live.screen.text.splitlines()[2]
        assert counts.startswith("9 files: 1 done, 1 failed, 1 skipped, 6 not done (")
        assert live.child.returncode == 0


def some_rows(table: BatchTable) -> None:
    table.expect(map(item, ("a.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4")))
    table.on_row(Row("/in/a.mp4", "running", "transcribing", 0.5))
    table.on_row(Row("/in/a.mp4", "done", seconds=61.0, n_chapters=1))
    reason = Reason("the time limit of 60 s is over", "it may hang", "raise --timeout")
    table.on_row(Row("/in/b.mp4", "failed", "transcribing", reason=reason))
    mine = Reason("/out/c.vtt already exists", "what a person wrote is never replaced")
    table.on_row(Row("/in/c.mp4", "kept", reason=mine))
    table.on_row(Row("/in/d.mp4", "skipped"))
    table.note("the disk is nearly full")


def test_plain_lines_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with BatchTable() as table:
        some_rows(table)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines() == [
        "[1/5] done a.mp4: 1 chapter in 1 min 1 s",
        "[2/5] failed b.mp4: the time limit of 60 s is over (it may hang)",
        "[3/5] kept c.mp4: /out/c.vtt already exists (what a person wrote is never replaced)",
        "note: the disk is nearly full",
    ]


def test_json_is_one_row_a_line_for_files_that_have_ended(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with BatchTable(as_json=True) as table:
        some_rows(table)
        table.on_row(Row("/in/e.mp4", "done", thumbnail="data:image/jpeg;base64,AAAA"))
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["state"] for row in rows] == ["done", "failed", "kept", "skipped", "done"]
    assert rows[1]["reason"]["hint"] == "raise --timeout"
    assert rows[-1]["thumbnail"] == ""


def test_other_output_can_clear_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    before = Terminal.current
    with BatchTable() as table:
        assert Terminal.current is table
        Terminal.current.clear()
    assert Terminal.current is before
    assert capsys.readouterr().err == ""


def test_codes_in_names_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with BatchTable() as table:
        table.expect([item("a\x1b[2Jb\n.mp4")])
        table.on_row(Row("/in/a\x1b[2Jb\n.mp4", "done", n_chapters=2))
    assert "\x1b" not in capsys.readouterr().err


def test_the_summary_has_the_counts_and_the_first_three_reasons(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with BatchTable() as table:
        table.expect(item(f"{number}.mp4") for number in range(7))
        for number, why in enumerate(("full", "gone", "full", "cut", "odd", "odd")):
            reason = Reason(f"cannot read /in/{number}.mp4", f"it is {why}", "look at it")
            table.on_row(Row(f"/in/{number}.mp4", "failed", reason=reason))
        table.on_row(Row("/in/6.mp4", "done", n_chapters=2))
    capsys.readouterr()
    table.summary(Path("/out/report.html"))
    assert capsys.readouterr().err.splitlines() == [
        "7 files: 1 done, 6 failed (0 s)",
        *("failed: cannot read /in/0.mp4 (and 1 more)", "  why:  it is full", "  next: look at it"),
        *("failed: cannot read /in/1.mp4", "  why:  it is gone", "  next: look at it"),
        *("failed: cannot read /in/3.mp4", "  why:  it is cut", "  next: look at it"),
        "and 2 more failed for other reasons",
        "report: /out/report.html",
    ]


def test_nothing_to_do_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with BatchTable() as table:
        pass
    table.summary()
    assert capsys.readouterr().err == "0 files: nothing to do (0 s)\n"
