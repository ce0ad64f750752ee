"""An append-only file of JSON lines, each synced to disk before work continues."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from chapterize.files import make_private

__all__ = ["Journal"]

_MODE = 0o600


class Journal:
    """JSON entries that survive a crash, one per line.

    Only its user can read it, and there must be only one writer at a time. Reading stops at the
    first incomplete or damaged line; the first append removes that line and everything after it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._is_trimmed = False
        self._is_broken = False

    def read(self) -> list[Any]:
        """All complete entries, oldest first; empty if there is no journal."""
        return self._read_complete()[0]

    def append(self, entry: Any) -> bool:
        """Add a JSON value and sync it to disk; return False if that fails."""
        if self._is_broken:
            return False
        line = f"{json.dumps(entry, sort_keys=True, allow_nan=False)}\n".encode()
        try:
            make_private(self.path.parent)
            with open(self.path, "ab", opener=_private) as file:
                if not self._is_trimmed:
                    # One of an earlier version may be readable by others.
                    self.path.chmod(_MODE)
                    file.truncate(self._read_complete()[1])
                    self._is_trimmed = True
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            # A gap between entries would be worse than a short journal: stop writing.
            self._is_broken = True
            return False
        return True

    def remove(self) -> None:
        """Delete the journal, if there is one."""
        self._is_trimmed = False
        with suppress(OSError):
            self.path.unlink()

    def _read_complete(self) -> tuple[list[Any], int]:
        """The complete entries, and the number of bytes they occupy from the start of the file."""
        entries: list[Any] = []
        size = 0
        with suppress(OSError, ValueError), self.path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                entries.append(json.loads(line))
                size += len(line)
        return entries, size


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, _MODE)
