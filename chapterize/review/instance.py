"""One server for each file: a second one finds the page of the first."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from chapterize.errors import OutputError
from chapterize.files import STATE_VARIABLE, explaining, make_private

__all__ = ["Instance", "announce", "other_instance", "take_link"]

_MODE = 0o600


@dataclass(frozen=True)
class Instance:
    """A running server: the process, and the address of its page, which only its user can read.

    `links` : addresses that each open the page once and do not show the token.
    """

    pid: int
    address: str
    links: tuple[str, ...] = ()

    def __repr__(self) -> str:
        # The address holds the token.
        return f"Instance(pid={self.pid})"


@contextmanager
def other_instance(file: Path) -> Iterator[Instance | None]:
    """Yield the server that has the edits `file` open, or None, which then belongs to the block.

    The system releases the lock of a process that ends for any reason.

    Raises
    ------
    OutputError : the state folder cannot be written.
    """
    from filelock import FileLock, Timeout

    hint = f"set {STATE_VARIABLE} to another folder"
    with explaining(OutputError, f"cannot create the folder {file.parent}", hint):
        make_private(file.parent)
    lock = FileLock(file.with_suffix(".lock"), mode=_MODE)
    with explaining(OutputError, f"cannot lock {file}", hint):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield _read(file)
            return
    try:
        yield None
    finally:
        with suppress(OSError):
            _page(file).unlink()
        lock.release()


def announce(file: Path, server: Instance) -> None:
    """Note where the page is; without it, others only know that there is one."""

    def private(path: str, flags: int) -> int:
        return os.open(path, flags, _MODE)

    with suppress(OSError), open(_page(file), "w", encoding="utf-8", opener=private) as written:
        json.dump(asdict(server), written)


def take_link(file: Path, server: Instance) -> str:
    """An address to open the page of another process with; no later call gets the same link."""
    if not server.links:
        return server.address
    announce(file, replace(server, links=server.links[1:]))
    return server.links[0]


def _page(file: Path) -> Path:
    return file.with_suffix(".page")


def _read(file: Path) -> Instance:
    """The server that holds the lock; pid 0 if it has not said where its page is."""
    try:
        found = json.loads(_page(file).read_text(encoding="utf-8"))
        links = tuple(map(str, found["links"]))
        return Instance(int(found["pid"]), str(found["address"]), links)
    except (OSError, ValueError, KeyError, TypeError):
        return Instance(0, "")
