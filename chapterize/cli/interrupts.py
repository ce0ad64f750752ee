"""Ctrl-C and SIGTERM are remembered, because packages may swallow the exception.

PyAV loses one in ten that occur in its resampler, and an import turns it into an ImportError.
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

__all__ = [
    "INTERRUPTED",
    "exit_at_once",
    "is_interrupted",
    "leave",
    "listening",
    "stop_if_interrupted",
]

INTERRUPTED = 130
"""Exit code after Ctrl-C, by the convention of shells: 128 + SIGINT."""

_seen = threading.Event()


@contextmanager
def listening() -> Iterator[None]:
    """Inside, SIGINT and SIGTERM raise KeyboardInterrupt and are remembered.

    A second signal ends the process at once.
    """
    before = {}
    # Only the main thread may set handlers.
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            # Shells ignore Ctrl-C for programs that a script runs in the background.
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, _interrupt)
    unraisable = sys.unraisablehook

    def hide_interrupts(lost: sys.UnraisableHookArgs) -> None:
        # An interrupt that a destructor or a callback swallows is remembered: no traceback.
        if not isinstance(lost.exc_value, KeyboardInterrupt):
            unraisable(lost)

    sys.unraisablehook = hide_interrupts
    try:
        yield
    finally:
        sys.unraisablehook = unraisable
        _seen.clear()
        for number, handler in before.items():
            signal.signal(number, handler)


def is_interrupted() -> bool:
    """Whether a signal arrived."""
    return _seen.is_set()


def stop_if_interrupted() -> None:
    """Raise KeyboardInterrupt if a signal arrived."""
    if _seen.is_set():
        raise KeyboardInterrupt


def leave(code: int | str | None) -> NoReturn:
    """Exit without waiting for a model that is still computing."""
    # A model that finishes after Python has shut down aborts the process.
    names = [thread.name for thread in threading.enumerate()]
    if isinstance(code, int) and any(name.startswith(THREAD_PREFIX) for name in names):
        exit_at_once(code)
    sys.exit(code)


def exit_at_once(code: int) -> NoReturn:
    """Exit without shutting Python down."""
    for stream in (sys.stdout, sys.stderr):
        # The pipe may be closed, or the stream None.
        with suppress(OSError, AttributeError):
            stream.flush()
    os._exit(code)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    if _seen.is_set():
        with suppress(OSError):
            # A progress bar has hidden the cursor.
            cursor = b"\x1b[?25h" if os.isatty(2) else b""
            os.write(2, cursor + b"\ninterrupted twice: temporary files may be left behind\n")
        os._exit(INTERRUPTED)
    _seen.set()
    raise KeyboardInterrupt
