"""The program at a real pseudo-terminal, or as a process that can be interrupted."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.deliver.scene import PROGRAM

_PATIENCE = 60.0
_UNTIL_READING = 1.0


Answer = str | signal.Signals


def at_terminal(arguments: list[object], answers: Sequence[tuple[str, Answer]]) -> tuple[int, str]:
    """Run the program at a terminal; each of `answers` is typed once its question is shown.

    A signal is sent instead of typed: the child has no controlling terminal that would make one
    of a key.
    """
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [*PROGRAM, *map(str, arguments)], stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown, waiting, until = "", list(answers), time.monotonic() + _PATIENCE
    try:
        while time.monotonic() < until:
            if select.select([ours], [], [], 0.05)[0]:
                try:
                    piece = os.read(ours, 65536)
                except OSError:
                    break
                if not piece:
                    break
                shown += piece.decode("utf-8", "replace")
            if waiting and waiting[0][0] in shown:
                answer = waiting.pop(0)[1]
                if isinstance(answer, signal.Signals):
                    # A signal that arrives just before the read is only seen after a key.
                    time.sleep(_UNTIL_READING)
                    child.send_signal(answer)
                else:
                    os.write(ours, f"{answer}\n".encode())
        return child.wait(_PATIENCE), shown
    finally:
        child.kill()
        child.wait()
        os.close(ours)


def interrupted(
    arguments: list[object], is_time: Callable[[], bool], signal_number: int, errors: Path
) -> tuple[int, str]:
    """Send a signal once `is_time`; the exit code and what stood on stderr."""
    with errors.open("wb") as file:
        child = subprocess.Popen(
            [*PROGRAM, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=file,
        )
        try:
            until = time.monotonic() + _PATIENCE
            while not is_time() and time.monotonic() < until and child.poll() is None:
                time.sleep(0.02)
            child.send_signal(signal_number)
            code = child.wait(_PATIENCE)
        finally:
            child.kill()
            child.wait()
    return code, errors.read_text("utf-8")
