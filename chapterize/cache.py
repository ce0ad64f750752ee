"""Cache stage results under a key derived from their inputs.

All entries are in one private directory of the user: ``CHAPTERIZE_CACHE``, or else the system's
cache directory. Every entry has a checksum, and a damaged entry counts as missing. A cache that
cannot be written is not an error: the result is computed again next time. The size of the cache is
limited: the least recently used entries are deleted first.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chapterize.errors import InputError, OutputError
from chapterize.files import make_private, parse_size, write_text
from chapterize.journal import Journal

__all__ = ["KINDS", "Cache", "Entry", "Pruned", "cache_folder", "cache_limit", "stage_key"]

LIMIT_VARIABLE = "CHAPTERIZE_CACHE_MAX"

KINDS = ("results", "journals", "playable", "proxies", "leftovers")
"""Kinds of entries: the subfolders, and what killed processes left in any of them."""

_DEFAULT_LIMIT = 20_000_000_000
_CHECK_BYTES = 64_000_000
"""The size of the cache is checked about once in this many bytes that are written."""

_DIGEST_BYTES = 16
_LOCK_TICK = 0.5
# Only files with names like ours are ever deleted: a user may choose any folder.
_ENTRY_NAME = re.compile(r"[0-9a-f]{32}\.[a-z0-9]+")
_LEFTOVER_NAME = re.compile(r"\.chapterize-.*|[0-9a-f]{32}\.lock")
_STALE = 86_400.0
"""Seconds after which a temporary file or a lock file belongs to a process that was killed."""
_BUSY = {"playable": 3_600.0, "proxies": 86_400.0}
"""Seconds since the last use for which a file may still be played or uploaded."""


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


def cache_limit() -> int:
    """The most bytes that the cache may take: ``CHAPTERIZE_CACHE_MAX``, or 20 GB.

    Raises
    ------
    InputError : the variable is not a size.
    """
    chosen = os.environ.get(LIMIT_VARIABLE)
    return parse_size(chosen, LIMIT_VARIABLE) if chosen else _DEFAULT_LIMIT


@dataclass(frozen=True)
class Entry:
    """One file of the cache; `used` is when it was last read or written, in seconds since 1970."""

    path: Path
    kind: str
    size_bytes: int
    used: float


@dataclass(frozen=True)
class Pruned:
    """What `Cache.prune` deleted, or would delete, what it kept, and what of that is in use.

    An entry is in use while another process writes it. A copy that was used within the last hour
    may be playing, and a proxy of the last day may be uploading.
    """

    deleted: tuple[Entry, ...]
    kept: tuple[Entry, ...]
    busy: tuple[Entry, ...]


class Cache:
    """Store and retrieve results by key; `folder` defaults to `cache_folder()`.

    Writes are atomic and return whether the entry was stored. No method raises an error for a disk
    that is full, read-only or missing.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or cache_folder()

    def get(self, key: str) -> Any | None:
        """The JSON value stored under `key`, or None if it is missing or damaged."""
        path = self._entry(key)
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            value = stored["value"]
            if stored["digest"] != _digest(_canonical(value).encode()):
                return None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        # The oldest entries are deleted first. Access times are no help: backups change them.
        with suppress(OSError):
            os.utime(path)
        return value

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
        # By chance instead of by a count: many short runs keep to the limit like one long run.
        if random.random() < len(whole) / _CHECK_BYTES:  # noqa: S311
            with suppress(InputError):
                self.prune(max_bytes=cache_limit())
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

    def entries(self) -> list[Entry]:
        """Every file of the cache, in any order. Other files in the folder are left out."""
        found = []
        for kind in KINDS[:-1]:
            with suppress(OSError), os.scandir(self.folder / kind) as files:
                for file in files:
                    with suppress(OSError):
                        if entry := _entry_of(file, kind):
                            found.append(entry)
        return found

    def prune(
        self,
        *,
        max_bytes: int | None = None,
        older: float | None = None,
        is_dry_run: bool = False,
    ) -> Pruned:
        """Delete what is left behind, what is old, and the least recently used of the rest.

        Other processes may use the cache at the same time, and may prune it too.

        Parameters
        ----------
        max_bytes : the most bytes that are left; None sets no limit.
        older : seconds; entries that were not used for longer are deleted. None deletes none.
        is_dry_run : delete nothing, but return what would be deleted.
        """
        now = time.time()
        entries = sorted(self.entries(), key=lambda entry: entry.used)
        total = sum(entry.size_bytes for entry in entries)
        deleted, kept, busy = [], [], []
        for entry in entries:
            idle = now - entry.used
            is_due = max_bytes is not None and total > max_bytes
            is_due |= older is not None and idle > older
            if not (idle > _STALE if entry.kind == "leftovers" else is_due):
                kept.append(entry)
            elif idle < _BUSY.get(entry.kind, 0.0):
                busy.append(entry)
            elif self._delete(entry, is_dry_run):
                deleted.append(entry)
                total -= entry.size_bytes
            elif entry.path.exists():
                busy.append(entry)
            else:
                # Another process deleted it meanwhile.
                total -= entry.size_bytes
        return Pruned(tuple(deleted), (*kept, *busy), tuple(busy))

    def _delete(self, entry: Entry, is_dry_run: bool) -> bool:
        """Delete a file unless it is in use; return whether it is (or would be) deleted."""
        from filelock import FileLock, Timeout

        key = entry.path.name.partition(".")[0]
        path = self.folder / "journals" / f"{key}.lock"
        was_there = path.exists()
        lock = FileLock(path)
        try:
            # A result is read and written in one go; the others are in use while they are locked.
            if key and entry.kind != "results":
                make_private(path.parent)
                lock.acquire(timeout=0)
            if entry.path != path:
                # A process may have used it since it was listed.
                if entry.path.stat().st_mtime > entry.used:
                    return False
                if not is_dry_run:
                    entry.path.unlink()
        except (Timeout, OSError):
            return False
        finally:
            if lock.is_locked:
                if not (is_dry_run and was_there):
                    with suppress(OSError):
                        path.unlink()
                lock.release()
        return True

    def _entry(self, key: str) -> Path:
        return self.folder / "results" / f"{key}.json"


def _entry_of(file: os.DirEntry[str], kind: str) -> Entry | None:
    """The entry that `file` is; None for anything else, such as a link or a folder."""
    is_leftover = _LEFTOVER_NAME.fullmatch(file.name)
    if not (is_leftover or _ENTRY_NAME.fullmatch(file.name)):
        return None
    if not file.is_file(follow_symlinks=False):
        return None
    found = file.stat(follow_symlinks=False)
    kind = "leftovers" if is_leftover else kind
    return Entry(Path(file.path), kind, found.st_size, found.st_mtime)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, allow_nan=False)


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()
