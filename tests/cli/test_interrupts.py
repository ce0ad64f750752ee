"""Ctrl-C at any time in the real program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

# As the installed script starts. Before `main`, nothing can handle an interrupt; on a busy machine
# that takes longer than the shortest delay.
STARTED = """
import sys
from chapterize.__main__ import main
sys.stdout.write(".")
sys.stdout.flush()
main()
"""

# The real program, with a recogniser that answers N windows and then sleeps in its thread.
SLEEPER = """
import sys, time
from pathlib import Path
from chapterize.pipeline import words
from chapterize.__main__ import main
from chapterize.transcribe import WhisperTranscriber, model, recognition, windows
from tests.transcribe.scripted import ONE, ScriptedRecogniser, find_sound, loader, recite

n_awake = int(sys.argv.pop(1))

def sleep(call):
    if call == n_awake:
        sys.stdout.write(".")
        sys.stdout.flush()
        time.sleep(60)

recogniser = ScriptedRecogniser(before=sleep, answer=recite)
windows.find_speech = find_sound
recognition._SKIPPED = float("inf")
model.model_on_disk = words.model_on_disk = lambda name: Path()
words.transcriber_of = lambda options: WhisperTranscriber(
    "small", device="cpu", options=ONE, load=loader(recogniser)
)
main()
"""

# A program whose main thread ignores the first Ctrl-C.
STUBBORN = """
import sys, time
from chapterize.cli.interrupts import listening
sign = "."
with listening():
    while True:
        try:
            sys.stdout.write(sign)
            sys.stdout.flush()
            time.sleep(60)
        except KeyboardInterrupt:
            sign = "!"
"""


class Child:
    """A program that reports when it is ready, and receives signals."""

    def __init__(self, code: str, *arguments: object, cache: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "CHAPTERIZE_CACHE": str(cache)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.wait_for(b".")

    def wait_for(self, sign: bytes) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.read(1) == sign

    def send(self, number: int) -> None:
        self._process.send_signal(number)
        self._sent = time.monotonic()

    def end(self) -> tuple[int, str, float]:
        """Exit code, text on stderr, and seconds since the last signal."""
        try:
            _, errors = self._process.communicate(timeout=30)
        finally:
            self._process.kill()
        return self._process.returncode, errors.decode(), time.monotonic() - self._sent


@pytest.mark.parametrize("delay", np.geomspace(0.03, 1.0, 12).round(3))
def test_ctrl_c_at_any_time_leaves_no_traceback(
    delay: float, long_speech_wav: Path, tmp_path: Path
) -> None:
    arguments = ("draft", long_speech_wav, "--offline", "-o", tmp_path / "out" / "talk.vtt")
    (tmp_path / "out").mkdir()
    child = Child(STARTED, *arguments, cache=tmp_path / "cache")
    time.sleep(delay)
    child.send(signal.SIGINT)
    code, errors, _ = child.end()
    assert code == 130, errors
    assert "Traceback" not in errors
    assert "ignored" not in errors
    assert list((tmp_path / "out").iterdir()) == []


# The interrupt arrives in code that is executed from text, as in a dataclass.
EXECUTED = """
from chapterize.cli import main as program
program.app = lambda **_: exec("import signal; signal.raise_signal(signal.SIGINT)")
from chapterize.__main__ import main
main()
"""


def test_ctrl_c_in_executed_text_exits_with_130(tmp_path: Path) -> None:
    (tmp_path / "executed.py").write_text(EXECUTED)
    path = os.pathsep.join((str(ROOT), str(tmp_path)))
    command = [sys.executable, "-m", "executed"]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True)
    assert done.returncode == 130, done.stderr
    assert b"interrupted: " in done.stderr


# The interrupt arrives in a destructor, where Python ignores errors.
IN_DESTRUCTOR = """
import signal
from chapterize.cli import main as program
from chapterize.cli.interrupts import stop_if_interrupted

class Fragile:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

def run(**_):
    Fragile()
    stop_if_interrupted()

program.app = run
from chapterize.__main__ import main
main()
"""


def test_ctrl_c_in_a_destructor_leaves_no_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-c", IN_DESTRUCTOR]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr
    assert "ignored" not in done.stderr


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_a_second_ctrl_c_ends_the_program_at_once(first: int, tmp_path: Path) -> None:
    child = Child(STUBBORN, cache=tmp_path)
    child.send(first)
    child.wait_for(b"!")
    child.send(signal.SIGINT)
    code, errors, seconds = child.end()
    assert code == 130
    assert "interrupted twice" in errors
    assert "Traceback" not in errors
    assert seconds < 1.0


def test_ctrl_c_does_not_wait_for_the_recogniser(long_speech_wav: Path, tmp_path: Path) -> None:
    child = Child(SLEEPER, 0, "draft", long_speech_wav, "--json", cache=tmp_path)
    child.send(signal.SIGINT)
    code, errors, seconds = child.end()
    assert code == 130, errors
    assert seconds < 2.0
    assert "Traceback" not in errors
    assert "interrupted: " in errors


def test_ctrl_c_reports_what_is_kept_and_the_next_run_continues(
    long_speech_wav: Path, tmp_path: Path
) -> None:
    child = Child(SLEEPER, 2, "draft", long_speech_wav, "--json", cache=tmp_path)
    child.send(signal.SIGTERM)
    code, errors, seconds = child.end()
    assert (code, seconds < 2.0) == (130, True), errors
    assert "of 40 min 0 s are kept" in errors
    again = Child(SLEEPER, 1, "draft", long_speech_wav, "--json", cache=tmp_path)
    again.send(signal.SIGINT)
    code, errors, _ = again.end()
    assert code == 130
    assert "were recognised by an earlier run" in errors
    assert errors.count(" are kept") == 1
