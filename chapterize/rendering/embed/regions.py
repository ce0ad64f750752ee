"""Copying parts of files fast, and the request to do it another way."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

__all__ = ["OnBytes", "Unsuited", "copy_file", "copy_region"]

OnBytes = Callable[[int], None]
"""Told how many more bytes have been copied."""

_STEP = 8 * 1024 * 1024
_REAL_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}


class Unsuited(Exception):
    """The file is built in a way that the writer does not edit; never leaves `render`."""


def copy_region(
    source: BinaryIO, target: BinaryIO, start: int, size: int, on_bytes: OnBytes
) -> None:
    """Append `size` bytes of `source` from `start` on at the position of `target`."""
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
    """Copy the whole content of `source` into the existing file `target`."""
    with source.open("rb") as file, target.open("r+b") as copy:
        copy_region(file, copy, 0, os.fstat(file.fileno()).st_size, on_bytes)
        copy.truncate()


def _copy_in_kernel(source: BinaryIO, target: BinaryIO, start: int, size: int) -> int:
    """Bytes copied without passing through this process; 0 where the system cannot."""
    if not hasattr(os, "copy_file_range"):
        return 0
    try:
        done = os.copy_file_range(source.fileno(), target.fileno(), size, start, target.tell())
    except OSError as error:
        if error.errno in _REAL_FAULTS:
            raise
        return 0  # this kernel, or these two file systems, do not offer it
    target.seek(done, os.SEEK_CUR)
    return done
