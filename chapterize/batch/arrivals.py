"""Watch folders while a run works on what has arrived."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import wait
from pathlib import Path

from chapterize.background import in_background
from chapterize.batch.items import Item
from chapterize.batch.watching import WatchOptions, watch
from chapterize.data import OnNote
from chapterize.errors import OptionError

__all__ = ["Arrivals", "require_folders"]

_TICK = 0.2
_LONGEST_END = 2.0


class Arrivals:
    """The files that arrive in folders, which are watched inside a ``with`` block.

    Every round of ``for items in arrivals.rounds(): …`` is for one run, which starts when there is
    something to do, and takes what arrives meanwhile. `on_note` is called in another thread.
    """

    def __init__(
        self, folders: Sequence[str], options: WatchOptions, *, on_note: OnNote | None = None
    ) -> None:
        self._folders = folders
        self._options = options
        self._on_note = on_note
        self._stop = threading.Event()
        self._found: queue.SimpleQueue[list[Item]] = queue.SimpleQueue()
        self._ready: deque[Item] = deque()

    def __enter__(self) -> Arrivals:
        self._watching = in_background(self._watch, name="watch")
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        wait([self._watching], _LONGEST_END)

    def rounds(self) -> Iterator[Iterator[Item | None]]:
        """Yield an iterator for each round, the largest file first; it never ends.

        Its value is None if there is nothing to do now; ask again after a moment, or end the round.

        Raises
        ------
        OptionError : a folder cannot be watched, or was deleted meanwhile.
        """
        while True:
            while not self._take(_TICK):
                if self._watching.done():
                    self._watching.result()
                    return
            yield self._now()

    def _now(self) -> Iterator[Item | None]:
        while True:
            while self._ready:
                item = self._ready.popleft()
                if _is_as_found(item):
                    yield item
            yield None
            self._take(0)

    def _take(self, seconds: float) -> bool:
        """Take over what was found; whether there is something to do."""
        found: list[Item] = []
        try:
            # Waits for the first; then takes all.
            found += self._found.get(timeout=seconds if not self._ready else 0)
            while True:
                found += self._found.get_nowait()
        except queue.Empty:
            self._ready += sorted(found, key=lambda item: -item.size_bytes)
        return bool(self._ready)

    def _watch(self) -> None:
        for items in watch(self._folders, self._options, self._stop, on_note=self._on_note):
            self._found.put(items)


def require_folders(paths: Sequence[str]) -> None:
    """Raise OptionError if one of `paths` is no folder."""
    for path in paths:
        if not Path(path).is_dir():
            raise OptionError(
                f"cannot watch {path}",
                why="it is a file" if Path(path).exists() else "it does not exist",
                hint="--watch takes folders; name the folder that files arrive in",
            )


def _is_as_found(item: Item) -> bool:
    """Whether a file is as it was found; if it changed, it will be found again."""
    try:
        status = item.path.stat()
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (item.size_bytes, item.mtime_ns)
