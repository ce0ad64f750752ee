"""Temporary folders for copies of remote files: bounded in all, and never left behind for good."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chapterize.errors import OutputError
from chapterize.files import explaining, format_size

__all__ = ["LIMIT_BYTES", "room_for", "sweep"]

LIMIT_BYTES = 50_000_000_000
"""Most bytes that the copies of all workers of one machine take together.

A file that is larger is copied when no other copy is there.
"""

_SPARE_BYTES = 500_000_000
"""Left free on the disk, for audio that is decoded and for other programs."""

_LOCK = "lock"
_TICK = 0.5
_PRIVATE = 0o700


@contextmanager
def room_for(
    n_bytes: int,
    *,
    folder: Path | None = None,
    limit: int = LIMIT_BYTES,
    spare: int = _SPARE_BYTES,
    on_wait: Callable[[], None] | None = None,
) -> Iterator[Path]:
    """Yield an empty folder once `n_bytes` more fit; it is deleted at the end, Ctrl-C included.

    What a killed process left behind is deleted by the next one that needs room.

    Parameters
    ----------
    folder : where the temporary folders are; by default one of this user, in the system's folder
        for temporary files (``TMPDIR``).
    on_wait : called once if other copies must be deleted first.

    Raises
    ------
    OutputError : the disk is too full, although no other copy is there; or it cannot be written.
    """
    from filelock import FileLock

    root = folder or _shared_folder()
    what = f"cannot write temporary files to {root}"
    with explaining(OutputError, what, "set TMPDIR to a folder on a disk with more space"):
        root.mkdir(_PRIVATE, parents=True, exist_ok=True)
        # Before it is locked, others would take it for that of a killed process.
        with FileLock(root / _LOCK):
            own = Path(tempfile.mkdtemp(prefix="copy-", dir=root))
            held = FileLock(_lock_of(own))
            held.acquire()
    try:
        while not _reserve(root, own, n_bytes, limit, spare):
            if on_wait is not None:
                on_wait()
                on_wait = None
            time.sleep(_TICK)
        yield own
    finally:
        _delete(own)
        held.release()
        _lock_of(own).unlink(missing_ok=True)


def sweep() -> None:
    """Delete what killed processes left behind, such as workers that took too long."""
    from filelock import FileLock

    with suppress(OSError, OutputError):
        root = _shared_folder()
        with FileLock(root / _LOCK):
            _reserved_by_others(root, root)


def _shared_folder() -> Path:
    """The folder of this user for copies; OutputError if it belongs to another user."""
    name = f"chapterize-{os.getuid()}" if hasattr(os, "getuid") else "chapterize"
    root = Path(tempfile.gettempdir()) / name
    with explaining(OutputError, f"cannot use the folder {root}", "set TMPDIR to another folder"):
        root.mkdir(_PRIVATE, exist_ok=True)
        # Anyone may create files in the system's folder.
        if hasattr(os, "getuid") and (root.is_symlink() or root.stat().st_uid != os.getuid()):
            raise PermissionError(1, "it belongs to another user")
        root.chmod(_PRIVATE)
    return root


def _lock_of(own: Path) -> Path:
    return own.with_name(f"{own.name}.lock")


def _size_file(own: Path) -> Path:
    return own.with_name(f"{own.name}.size")


def _reserve(root: Path, own: Path, n_bytes: int, limit: int, spare: int) -> bool:
    """Whether `n_bytes` fit now; they are reserved for `own` then."""
    from filelock import FileLock

    with FileLock(root / _LOCK):
        others = _reserved_by_others(root, own)
        # Part of what the others reserved is on the disk already.
        coming = sum(max(0, size - _on_disk(each)) for each, size in others.items())
        free = shutil.disk_usage(root).free - coming - spare
        if n_bytes > free:
            if others:
                return False
            raise OutputError(
                f"cannot copy {format_size(n_bytes)} to {root}",
                why=f"only {format_size(max(0, free))} of its disk can be used",
                hint="free some space, or set TMPDIR to a folder on another disk",
            )
        if others and sum(others.values()) + n_bytes > limit:
            return False
        _size_file(own).write_text(str(n_bytes), "utf-8")
        return True


def _reserved_by_others(root: Path, own: Path) -> dict[Path, int]:
    """The bytes that running processes reserved; deletes the folders of killed ones."""
    from filelock import FileLock, Timeout

    found = {}
    for file in root.glob("copy-*.lock"):
        other = file.with_suffix("")
        if other == own:
            continue
        try:
            with FileLock(file, timeout=0):
                _delete(other)
                file.unlink(missing_ok=True)
        except Timeout:
            # Without a size, it still waits for room.
            with suppress(OSError, ValueError):
                found[other] = int(_size_file(other).read_text("utf-8"))
    return found


def _on_disk(folder: Path) -> int:
    total = 0
    with suppress(OSError):
        total = sum(path.stat().st_size for path in folder.iterdir())
    return total


def _delete(own: Path) -> None:
    shutil.rmtree(own, ignore_errors=True)
    _size_file(own).unlink(missing_ok=True)
