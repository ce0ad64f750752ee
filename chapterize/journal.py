"""An append-only file of JSON lines, each flushed to disk before the next step is taken."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from chapterize.files import make_private

__all__ = ["Journal"]


class Journal:
    """Finished blocks of one long piece of work: JSON lines, each on the disk before the next.

    It has one writer, who holds `Cache.lock`. A last line cut short by a crash is left out, and
    cut off before the first append.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._is_whole = False
        self._is_broken = False

    def read(self) -> list[Any]:
        """All whole entries, oldest first; none when there is no journal."""
        return self._read_whole()[0]

    def append(self, entry: Any) -> bool:
        """Add a JSON value and wait until it is on the disk; False when that is impossible."""
        if self._is_broken:
            return False
        line = f"{json.dumps(entry, sort_keys=True, allow_nan=False)}\n".encode()
        try:
            make_private(self.path.parent)
            with self.path.open("ab") as file:
                if not self._is_whole:
                    file.truncate(self._read_whole()[1])
                    self._is_whole = True
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            # A gap between entries would be worse than none: nothing more is written.
            self._is_broken = True
            return False
        return True

    def remove(self) -> None:
        """Forget everything; nothing happens when there is no journal."""
        self._is_whole = False
        with suppress(OSError):
            self.path.unlink()

    def _read_whole(self) -> tuple[list[Any], int]:
        """The whole entries, and the bytes they take up from the start of the file."""
        entries: list[Any] = []
        size = 0
        with suppress(OSError, ValueError), self.path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                entries.append(json.loads(line))
                size += len(line)
        return entries, size
