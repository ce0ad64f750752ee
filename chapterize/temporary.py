"""Temporary files and folders next to results, and what killed processes left of them.

The name of each has the machine since its last start and the process, ``.chapterize-MACHINE-PID-``,
and a random part. A later run in that folder deletes those of this user whose process has ended.
Those of other machines, on a shared disk, of earlier versions and of Windows stay until nothing has
been written to them for a day.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

__all__ = ["prefix", "scratch_folder", "sweep"]

_OURS = ".chapterize-"
_NAME = re.compile(
    r"\.chapterize-(?:(?P<machine>[0-9a-f]{8})-(?P<pid>\d+)-)?[a-z0-9_]{8}(?:\.[^.]*)?"
)
_STALE = 86_400.0

_swept: set[Path] = set()


def prefix() -> str:
    """The start of the names of temporary files of this process."""
    return f"{_OURS}{_machine()}-{os.getpid()}-"


@contextmanager
def scratch_folder(parent: Path | None = None) -> Iterator[Path]:
    """Yield a new folder in `parent`, by default that of the system; it is deleted at the end."""
    parent = Path(tempfile.gettempdir()) if parent is None else parent
    sweep(parent)
    with tempfile.TemporaryDirectory(prefix=prefix(), dir=parent) as name:
        yield Path(name)


def sweep(folder: Path) -> None:
    """Delete what killed processes left in `folder`; once for each folder and process."""
    folder = folder.absolute()
    if folder in _swept:
        return
    _swept.add(folder)
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if found := _NAME.fullmatch(entry.name):
                with suppress(OSError):
                    if _is_left(entry, found):
                        _delete(entry)


def _is_left(entry: os.DirEntry[str], name: re.Match[str]) -> bool:
    if hasattr(os, "getuid") and entry.stat(follow_symlinks=False).st_uid != os.getuid():
        return False
    # On Windows, asking whether a process runs can end it.
    if name["machine"] == _machine() and sys.platform != "win32":
        return not _is_running(int(name["pid"]))
    return _is_stale(entry)


def _is_stale(entry: os.DirEntry[str]) -> bool:
    """Whether nothing was written to a file, or into a folder, for a day."""
    times = [entry.stat(follow_symlinks=False).st_mtime]
    if entry.is_dir(follow_symlinks=False):
        times += [path.lstat().st_mtime for path in Path(entry.path).rglob("*")]
    return time.time() - max(times) > _STALE


def _is_running(pid: int) -> bool:
    """Whether there is such a process; another program may have got its number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _delete(entry: os.DirEntry[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path, ignore_errors=True)
    else:
        Path(entry.path).unlink()


@cache
def _machine() -> str:
    """Eight digits for this machine since its last start, and for the space of its process ids."""
    parts = [platform.node(), str(uuid.getnode())]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii"))
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=4).hexdigest()
