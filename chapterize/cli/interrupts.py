"""Ctrl-C and a plain kill: remembered, since packages in between may swallow the exception.

PyAV loses one in ten that fall into its resampler, and an import turns it into an ImportError.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["is_interrupted", "listening", "stop_if_interrupted"]

_seen = threading.Event()


@contextmanager
def listening() -> Iterator[None]:
    """Inside, SIGINT and SIGTERM raise KeyboardInterrupt and are remembered."""
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


def _interrupt(signum: int, frame: FrameType | None) -> None:
    _seen.set()
    raise KeyboardInterrupt
