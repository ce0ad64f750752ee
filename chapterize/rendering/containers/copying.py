"""Copy bytes of files; nothing is re-encoded."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

__all__ = ["OnBytes", "Unsuited", "copy_file", "copy_region"]

OnBytes = Callable[[int], None]
"""Called with the number of bytes copied since the last call."""

_STEP = 8 * 1024 * 1024
_REAL_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}


class Unsuited(Exception):
    """The file has a layout that the writer does not edit; never leaves this package."""


def copy_region(
    source: BinaryIO, target: BinaryIO, start: int, size: int, on_bytes: OnBytes
) -> None:
    """Write `size` bytes of `source`, from `start` on, at the current position of `target`.

    Raises `Unsuited` if `source` ends before that.
    """
    target.flush()
    source.seek(start)
    while size > 0:
        step = min(size, _STEP)
        done = _copy_in_kernel(source, target, start, step)
        if done == 0:
            source.seek(start)
            block = source.read(min(step, 1024 * 1024))
            if not block:
                raise Unsuited("the file ends before its parts do")
            target.write(block)
            target.flush()
            done = len(block)
        start += done
        size -= done
        on_bytes(done)


def copy_file(source: Path, target: Path, on_bytes: OnBytes) -> None:
    """Copy the content of `source` into the existing file `target`."""
    with source.open("rb") as file, target.open("r+b") as copy:
        copy_region(file, copy, 0, os.fstat(file.fileno()).st_size, on_bytes)
        copy.truncate()


def _copy_in_kernel(source: BinaryIO, target: BinaryIO, start: int, size: int) -> int:
    """Bytes copied without passing through this process; 0 where the system cannot do that."""
    if not hasattr(os, "copy_file_range"):
        return 0
    try:
        done = os.copy_file_range(source.fileno(), target.fileno(), size, start, target.tell())
    except OSError as error:
        if error.errno in _REAL_FAULTS:
            raise
        return 0  # not supported by this kernel or between these two file systems
    target.seek(done, os.SEEK_CUR)
    return done
