"""What one draft reports: timings, notes and progress."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from chapterize.data import OnNote, OnProgress, Sent
from chapterize.pipeline.options import OnDownload

__all__ = ["Run"]


class Run:
    """Timings, notes and progress of one draft."""

    def __init__(
        self,
        on_progress: OnProgress | None,
        on_note: OnNote | None,
        on_download: OnDownload | None,
    ) -> None:
        self.timings: dict[str, float] = {}
        self.notes: list[str] = []
        self.sent: Sent | None = None
        self.on_progress: OnProgress = on_progress or (lambda stage, fraction: None)
        self.on_download = on_download
        self._on_note = on_note

    def note(self, text: str) -> None:
        """Report one plain sentence, once."""
        if text not in self.notes:
            self.notes.append(text)
            if self._on_note is not None:
                self._on_note(text)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time spent inside to the timing called `name`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            taken = time.perf_counter() - began
            self.timings[name] = round(self.timings.get(name, 0.0) + taken, 4)
