"""The options and engines of one draft, and what it reports: timings, notes and progress."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from chapterize.data import OnNote, OnProgress, Sent
from chapterize.pipeline.existing import KEEPING, Existing
from chapterize.pipeline.options import Engines, Options

__all__ = ["Run"]


class Run:
    """One draft in progress.

    `existing` are the chapters that the file has already, if they have a `use`: ``keep``,
    ``retitle`` or ``hints``.
    """

    def __init__(
        self,
        options: Options,
        engines: Engines,
        on_progress: OnProgress | None = None,
        on_note: OnNote | None = None,
    ) -> None:
        self.options = options
        self.engines = engines
        self.timings: dict[str, float] = {}
        self.notes: list[str] = []
        self.sent: Sent | None = None
        self.existing: Existing | None = None
        self.use = ""
        self.on_progress: OnProgress = on_progress or (lambda stage, fraction: None)
        self._on_note = on_note

    @property
    def keeps(self) -> bool:
        """Whether the existing chapters are the result."""
        return self.use in KEEPING

    @property
    def is_titled(self) -> bool:
        """Whether the result is known without any words."""
        found = self.existing
        is_known = self.use == "keep" and found is not None and not found.untitled
        return is_known and not self.options.needs_words

    def note(self, text: str) -> None:
        """Report a sentence to the user, once."""
        if text not in self.notes:
            self.notes.append(text)
            if self._on_note is not None:
                self._on_note(text)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time spent in the block to the timing `name`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            taken = time.perf_counter() - began
            self.timings[name] = round(self.timings.get(name, 0.0) + taken, 4)
