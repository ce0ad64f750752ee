"""Cache stage results under a key derived from their inputs.

All entries are in one private directory of the user: ``CHAPTERIZE_CACHE``, or else the system's
cache directory. Every entry has a checksum, and a damaged entry counts as missing. A cache that
cannot be written is not an error: the result is computed again next time.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from chapterize.errors import OutputError
from chapterize.files import make_private, write_text
from chapterize.journal import Journal

__all__ = ["Cache", "cache_folder", "stage_key"]

_DIGEST_BYTES = 16
_LOCK_TICK = 0.5


def cache_folder() -> Path:
    """The user's cache directory: ``CHAPTERIZE_CACHE`` or the system's. It may not exist yet."""
    if chosen := os.environ.get("CHAPTERIZE_CACHE"):
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("chapterize", appauthor=False))


def stage_key(stage: str, *parts: object) -> str:
    """Key for the result of `stage`; depends on every one of `parts` and on their order.

    `stage` includes a version of the result's format, such as ``transcript/1``, so that a new
    format gets new keys.
    """
    text = json.dumps([stage, *(str(part) for part in parts)])
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()


class Cache:
    """Store and retrieve results by key; `folder` defaults to `cache_folder()`.

    Writes are atomic and return whether the entry was stored. No method raises an error for a disk
    that is full, read-only or missing.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or cache_folder()

    def get(self, key: str) -> Any | None:
        """The JSON value stored under `key`, or None if it is missing or damaged."""
        try:
            stored = json.loads(self._entry(key).read_text(encoding="utf-8"))
            value = stored["value"]
            return value if stored["digest"] == _digest(_canonical(value).encode()) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, value: Any) -> bool:
        """Store a JSON value, replacing an older one."""
        text = _canonical(value)
        whole = f'{{"digest": "{_digest(text.encode())}", "value": {text}}}\n'
        target = self._entry(key)
        try:
            make_private(target.parent)
            write_text(target, whole, force=True)
        except (OSError, OutputError):
            return False
        return True

    def journal(self, key: str) -> Journal:
        """Journal of the unfinished work whose result will be stored under `key`."""
        return Journal(self.folder / "journals" / f"{key}.jsonl")

    def problem(self) -> str | None:
        """Why the cache cannot be written, in a few words, or None."""
        try:
            make_private(self.folder / "journals")
            with tempfile.TemporaryFile(dir=self.folder / "journals"):
                return None
        except OSError as error:
            return error.strerror or str(error)

    @contextmanager
    def lock(self, key: str, *, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
        """Hold the machine-wide lock for computing the result under `key`.

        While another process holds it, waits and calls `on_wait` twice a second. The system
        releases the lock of a process that ends for any reason. A cache that cannot be written
        shares nothing, so there is no lock either.
        """
        from filelock import FileLock, Timeout

        path = self.folder / "journals" / f"{key}.lock"
        lock: FileLock | None = FileLock(path)
        with suppress(OSError):
            make_private(path.parent)
        while lock is not None and not lock.is_locked:
            try:
                lock.acquire(timeout=_LOCK_TICK)
            except Timeout:
                if on_wait is not None:
                    on_wait()
            except OSError:
                lock = None
        try:
            yield
        finally:
            if lock is not None:
                # Safe on Unix: a waiting process reopens the file at every try. Windows refuses.
                with suppress(OSError):
                    path.unlink()
                lock.release()

    def _entry(self, key: str) -> Path:
        return self.folder / "results" / f"{key}.json"


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, allow_nan=False)


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()
