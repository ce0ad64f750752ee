"""Calls of tools that are running: their progress, and how they are stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chapterize.remote.brief import PlanCheck

__all__ = ["Call", "Calls"]

_TICK = 0.02


class Call:
    """One call of a tool; the `User` of a delivery, who cannot be asked while it runs.

    `notes` and `messages` are what was reported so far. `progress` stops the work once the client
    has given up the call.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.messages: list[str] = []
        # One value, because another thread reads it.
        self._now = (0, "", 0.0)
        self._is_stopped = threading.Event()

    @property
    def done(self) -> tuple[float, str]:
        """Progress as a number that only increases, and the stage it belongs to."""
        n_stages, stage, fraction = self._now
        return n_stages + fraction, stage

    def stop(self) -> None:
        """Have the work end at its next report."""
        self._is_stopped.set()

    def progress(self, stage: str, fraction: float) -> None:
        """Remember the progress of a stage; an `OnProgress`.

        Raises KeyboardInterrupt, which no stage takes for an error of its own, after `stop`.
        """
        if self._is_stopped.is_set():
            raise KeyboardInterrupt
        n_stages, current, before = self._now
        if stage != current:
            n_stages, before = n_stages + 1, 0.0
        # A stage may start over, for example with a smaller batch.
        self._now = (n_stages, stage, max(before, min(fraction, 0.99)))

    def note(self, text: str) -> None:
        """Keep a note, once."""
        if text not in self.notes:
            self.notes.append(text)

    def show(self, text: str) -> None:
        """Keep one sentence, and show it as the stage."""
        self.progress(text, 0.0)
        self.messages.append(text)

    def detail(self, text: str) -> None:
        """Leave out the details of requests."""

    def accepts(self, check: PlanCheck, question: str | None) -> bool:
        """Accept a plan that was carried out differently only if the result is usable."""
        return check.is_usable

    def pays_again(self, why: str) -> bool:
        """Never pay again: the user agreed to pay once."""
        return False


class Calls:
    """The calls that run now, one thread each."""

    def __init__(self) -> None:
        self._running: set[Call] = set()

    @contextmanager
    def running(self, call: Call) -> Iterator[None]:
        """Count `call` as running for the block, in the thread that does its work."""
        self._running.add(call)
        try:
            yield
        finally:
            self._running.discard(call)

    def stop(self, seconds: float) -> None:
        """Stop all calls, and give them `seconds` to delete their temporary files."""
        deadline = time.monotonic() + seconds
        while self._running and time.monotonic() < deadline:
            for call in tuple(self._running):
                call.stop()
            time.sleep(_TICK)
