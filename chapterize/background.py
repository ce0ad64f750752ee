"""Run a blocking call in a thread, so that Ctrl-C and progress reports still work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

__all__ = ["THREAD_PREFIX", "in_background", "wait_for"]

THREAD_PREFIX = "chapterize-"
"""Prefix of the names of these threads; an interrupted program does not wait for them."""

_TICK = 0.2

T = TypeVar("T")


def in_background(work: Callable[[], T], *, name: str) -> Future[T]:
    """Start `work` in a daemon thread called `name`; return its future.

    Python handles Ctrl-C in the main thread, between bytecode instructions. A C call that lasts ten
    seconds would delay the signal for as long.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name=THREAD_PREFIX + name, daemon=True).start()
    return future


def wait_for(future: Future[T], on_tick: Callable[[], None] | None = None) -> T:
    """Return the result of `future`; call `on_tick` five times a second until it is available.

    Raises what the work or `on_tick` raised. If `on_tick` raises, the work continues.
    """
    while not wait([future], timeout=_TICK).done:
        if on_tick is not None:
            on_tick()
    return future.result()
