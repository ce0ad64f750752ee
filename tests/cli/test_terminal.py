"""The progress bar at a real pseudo-terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chapterize import masking
from chapterize.cli.terminal import Terminal, print_json, report
from chapterize.errors import InputError

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

BUSY = """
import sys, time
from chapterize.cli.terminal import Terminal
with Terminal("talk.mp4") as terminal:
    sys.stdout.write(".")
    sys.stdout.flush()
    terminal.progress("opening", 0.0)
    until = time.monotonic() + 3.0
    while time.monotonic() < until:
        pass
"""

STEADY = """
import sys, time
from chapterize.cli.terminal import Terminal
with Terminal("talk.mp4") as terminal:
    terminal.progress("opening", 0.0)
    sys.stdout.write(".")
    sys.stdout.flush()
    start = time.monotonic()
    while (taken := time.monotonic() - start) < 4.0:
        terminal.progress("listening", {done} + (1.0 - {done}) * taken / 12.0)
        time.sleep(0.1)
"""

QUICK = """
import sys, time
from chapterize.cli.terminal import Terminal
with Terminal("talk.mp4") as terminal:
    sys.stdout.write(".")
    sys.stdout.flush()
    terminal.progress("opening", 0.0)
    time.sleep(0.2)
    terminal.note("it is cut off")
time.sleep(1.5)
"""


CUT_OFF = """
import signal, sys, time
from contextlib import suppress
from chapterize.cli.interrupts import listening
from chapterize.cli.terminal import Terminal
with listening(), Terminal("talk.mp4") as terminal:
    sys.stdout.write(".")
    sys.stdout.flush()
    for _ in range(12):
        terminal.progress("opening", 0.5)
        time.sleep(0.1)
    for _ in range(2):
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
"""


def _shown(code: str, *, exit_code: int = 0) -> list[tuple[float, str]]:
    """Output of the program, with the seconds since it was ready."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as child:
        os.close(theirs)
        assert child.stdout is not None
        assert child.stdout.read(1) == b"."
        start = time.monotonic()
        shown: list[tuple[float, str]] = []
        while time.monotonic() - start < 30.0:
            if not select.select([ours], [], [], 0.05)[0]:
                continue
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break
            shown.append((time.monotonic() - start, piece.decode("utf-8", "replace")))
        os.close(ours)
        assert child.wait() == exit_code
    return shown


def test_the_bar_appears_within_a_second_even_if_the_main_thread_is_busy() -> None:
    shown = _shown(BUSY)
    assert shown, "nothing was drawn"
    # The bar waits 0.7 s; the rest is the import of rich while another thread is busy.
    assert 0.6 < shown[0][0] < 1.5
    text = "".join(piece for _, piece in shown)
    assert "talk.mp4: opening" in text
    # The bar pulses in several colours while no fraction is known.
    assert len(set(re.findall(r"\x1b\[[\d;]+m━", text))) > 1


@pytest.mark.parametrize("done", [0.0, 0.9])
def test_the_time_left_is_correct_at_a_steady_pace(done: float) -> None:
    shown = _shown(STEADY.format(done=done))
    guesses = [
        (at, int(seconds)) for at, text in shown for seconds in re.findall(r"(\d+) s left", text)
    ]
    assert len(guesses) >= 5
    # No estimate is shown in the first two seconds.
    assert guesses[0][0] > 1.9
    for at, seconds in guesses:
        assert abs(12.0 - at - seconds) < 1.5


def test_quick_work_never_draws_a_bar() -> None:
    text = "".join(piece for _, piece in _shown(QUICK))
    assert text.strip() == "note: it is cut off"


def test_a_bar_is_removed_even_if_ctrl_c_comes_while_it_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Bar:
        is_stopped = False

        def start(self) -> None:
            raise KeyboardInterrupt

        def stop(self) -> None:
            self.is_stopped = True

    bar = Bar()
    monkeypatch.setattr(Terminal, "PATIENCE", 0.0)
    monkeypatch.setattr(Terminal, "_draw", lambda *_: bar)
    with Terminal("talk.mp4") as terminal:
        terminal._draws = True
        with pytest.raises(KeyboardInterrupt):
            terminal.progress("rendering", 0.5)
        terminal.say("to continue: chapterize remote resume")
        assert bar.is_stopped


def test_the_cursor_is_shown_again_after_a_second_ctrl_c() -> None:
    text = "".join(piece for _, piece in _shown(CUT_OFF, exit_code=130))
    hidden, shown = "\x1b[?25l", "\x1b[?25h"
    assert hidden in text
    assert shown in text[text.rindex(hidden) :]


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "⏳ Still working… (2 min)"),
        ("latin-1", "Still working... (2 min)"),
        ("ascii", "Still working... (2 min)"),
        ("cp1252", "Still working… (2 min)"),
    ],
)
def test_a_terminal_that_cannot_show_a_sign_gets_the_words(encoding: str, shown: str) -> None:
    code = """
from chapterize.cli.terminal import Terminal
Terminal("talk.mp4").say("⏳ Still working… (2 min)")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": f"{encoding}:backslashreplace"},
        capture_output=True,
        check=True,
    )
    assert done.stderr.decode(encoding).strip() == shown


def test_no_secret_reaches_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_whole", "_pieces", "_seeds"):
        monkeypatch.setattr(masking, name, set())
    masking.hide("Kd83-hslQ_02.xmMz")
    report(InputError("no Kd83-hslQ_02.xmMz", why="at Kd83-hslQ_02.xmMz", hint="nmv_usr_abcdef"))
    Terminal("talk.mp4").note("Kd83-hslQ")
    print_json({"Kd83-hslQ_02.xmMz": ["a Kd83-hslQ_02.xmMz b"]})
    said = capsys.readouterr()
    assert said.err == "error: no …\n  why:  at …\n  next: …\nnote: …\n"
    assert json.loads(said.out) == {"…": ["a … b"]}
