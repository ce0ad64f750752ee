"""Ctrl-C and a plain kill: remembered, since packages in between may swallow the exception.

PyAV loses one in ten that fall into its resampler, and an import turns it into an ImportError.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

from chapterize.background import THREAD_PREFIX

__all__ = ["INTERRUPTED", "is_interrupted", "leave", "listening", "stop_if_interrupted"]

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells count it: 128 + SIGINT."""

_seen = threading.Event()


@contextmanager
def listening() -> Iterator[None]:
    """Inside, SIGINT and SIGTERM raise KeyboardInterrupt and are remembered.

    A second one ends the process at once.
    """
    before = {}
    # Only the main thread may set handlers.
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            # Ignored is what Ctrl-C is to the programs that a script runs in the background.
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, _interrupt)
    try:
        yield
    finally:
        _seen.clear()
        for number, handler in before.items():
            signal.signal(number, handler)


def is_interrupted() -> bool:
    """Whether a signal came."""
    return _seen.is_set()


def stop_if_interrupted() -> None:
    """Raise KeyboardInterrupt if one was swallowed."""
    if _seen.is_set():
        raise KeyboardInterrupt


def leave(code: int | str | None) -> NoReturn:
    """End the program, without waiting for a model that is still computing."""
    # A model that returns to a Python that is gone aborts the process.
    if isinstance(code, int) and any(
        thread.name.startswith(THREAD_PREFIX) for thread in threading.enumerate()
    ):
        for stream in (sys.stdout, sys.stderr):
            # A pipe that was closed, or a stream that never was there.
            with suppress(OSError, AttributeError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    if _seen.is_set():
        with suppress(OSError):
            # A progress bar has hidden the cursor.
            cursor = b"\x1b[?25h" if os.isatty(2) else b""
            os.write(2, cursor + b"\ninterrupted twice: temporary files may be left behind\n")
        os._exit(INTERRUPTED)
    _seen.set()
    raise KeyboardInterrupt
