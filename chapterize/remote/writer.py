"""One writer at a time, on this machine: locks that end with the process that has them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from chapterize.errors import OutputError, SessionInUse
from chapterize.files import explaining

__all__ = ["is_locked", "one_writer", "waiting_turn"]

_PRIVATE_FILE = 0o600
_INSTANT = 0.2
_MOMENT = 1.0


@contextmanager
def one_writer(path: Path, what: str) -> Iterator[None]:
    """Have the lock ``path.lock`` for the block; do not wait for another process.

    ``path.owner`` says who has it, if it can be written. The system releases the lock when the
    process ends, even if it is killed.

    Raises
    ------
    SessionInUse : another process has it; `what` is what it works on.
    OutputError : the lock cannot be created.
    """
    from filelock import FileLock, Timeout

    # `is_locked` of another process may have the lock for an instant.
    lock = FileLock(path.with_name(f"{path.name}.lock"), timeout=_INSTANT, mode=_PRIVATE_FILE)
    owner = path.with_name(f"{path.name}.owner")
    with explaining(OutputError, f"cannot lock {what}", "set CHAPTERIZE_STATE to another folder"):
        try:
            lock.acquire()
        except Timeout as error:
            raise SessionInUse(
                f"{what} is in use",
                why=_described(owner),
                hint="wait until it ends, or stop it, then try again",
            ) from error
    try:
        # The lock holds without the file, which only helps to explain it.
        with suppress(OSError):
            _sign(owner)
        yield
    finally:
        with suppress(OSError):
            owner.unlink()
        # The lock file stays: deleting it could give two processes a lock each.
        lock.release()


def is_locked(path: Path) -> bool:
    """Return whether a process has the lock ``path.lock`` of `one_writer`."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(path.with_name(f"{path.name}.lock"), timeout=0, mode=_PRIVATE_FILE):
            return False
    except Timeout:
        return True
    except OSError:
        return False


@contextmanager
def waiting_turn(path: Path, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Have the lock `path` for the block; wait for another process that has it.

    `on_wait` is called if that takes more than a moment.

    Without a lock if it cannot be created: what the block writes reports the error.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, mode=_PRIVATE_FILE)
    try:
        try:
            lock.acquire(timeout=_MOMENT)
        except Timeout:
            if on_wait is not None:
                on_wait()
            lock.acquire()
    except OSError:
        yield
        return
    try:
        yield
    finally:
        lock.release()


def _sign(owner: Path) -> None:
    entry = {"command": _command(), "process": os.getpid(), "since": f"{datetime.now():%H:%M}"}
    descriptor = os.open(owner, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(entry, file)


def _described(owner: Path) -> str:
    try:
        found = json.loads(owner.read_text(encoding="utf-8"))
        return f"{found['command']}, process {found['process']}, since {found['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process works on it"


def _command() -> str:
    """The command of this process; never its arguments, which may be private."""
    words = ["chapterize", *sys.argv[1:2]]
    if words[-1] == "remote":
        words += sys.argv[2:3]
    return " ".join(word for word in words if word.isascii() and word.isalpha())
