"""Which files have stopped changing."""

from __future__ import annotations

from collections.abc import KeysView
from dataclasses import dataclass
from pathlib import Path

__all__ = ["SETTLE_SECONDS", "Settling"]

SETTLE_SECONDS = 10.0
"""For how long the size and the time of a file must not change, by default."""

_State = tuple[int, int]
"""Size and modification time in nanoseconds. Inodes are no help: some file systems change them."""


@dataclass(slots=True)
class _Waiting:
    state: _State
    until: float


class Settling:
    """Files that are watched until they have not changed for `settle` seconds.

    Each state of a file is due once. `now` is the time of a clock that never goes back, in seconds.
    """

    def __init__(self, settle: float) -> None:
        self._settle = settle
        self._waiting: dict[Path, _Waiting] = {}
        self._done: dict[Path, _State] = {}

    def notice(self, path: Path, now: float, wall: float | None = None) -> None:
        """Look at a file that may have changed.

        With `wall`, the time of day, a file that was last changed `settle` seconds before has
        settled already.
        """
        state = _state_of(path)
        if state is None or self._done.get(path) == state:
            self._waiting.pop(path, None)
            return
        known = self._waiting.get(path)
        if known is None or known.state != state:
            is_old = wall is not None and state[1] / 1e9 <= wall - self._settle
            self._waiting[path] = _Waiting(state, now if is_old else now + self._settle)

    def wait(self, path: Path, now: float) -> None:
        """Let a file that was due wait again."""
        state = self._done.pop(path, None)
        if state is not None:
            self._waiting[path] = _Waiting(state, now + self._settle)

    def waiting(self) -> KeysView[Path]:
        """The files that are not due yet."""
        return self._waiting.keys()

    def due(self, now: float) -> list[Path]:
        """The files that have settled; empty ones never do, and deleted ones are forgotten."""
        settled = []
        for path in [path for path, each in self._waiting.items() if each.until <= now]:
            state = _state_of(path)
            known = self._waiting.pop(path)
            if state is None:
                continue
            if state == known.state and state[0] > 0:
                self._done[path] = state
                settled.append(path)
            else:
                self._waiting[path] = _Waiting(state, now + self._settle)
        return settled


def _state_of(path: Path) -> _State | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
