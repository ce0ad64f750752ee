"""Copy bytes of files and streams of containers; nothing is re-encoded."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from chapterize.ffmpeg import input_file, open_container, output_url, run

__all__ = ["OnBytes", "Unsuited", "copy_file", "copy_region", "remux"]

OnBytes = Callable[[int], None]
"""Called with the number of bytes copied since the last call."""

_STEP = 8 * 1024 * 1024
_REAL_FAULTS = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}
_MUXERS = {"mp4": "mp4", "m4a": "mp4", "mov": "mov", "mkv": "matroska", "webm": "webm"}


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


def remux(source: Path, target: Path, container_name: str) -> tuple[str, ...]:
    """Copy video, audio, captions and attachments into a container that can hold chapters.

    `container_name` is mp4, m4a, mov, mkv or webm. Chapters are left out. The notes name the
    streams that the new container cannot hold, and captions that were converted. Raises ToolError
    if ffmpeg cannot write these streams there.
    """
    import ffmpeg

    kinds = {"video", "audio", "subtitle"} | ({"attachment"} if container_name == "mkv" else set())
    options: dict[str, Any] = {"f": _MUXERS[container_name], "c": "copy", "map_metadata": 0,
                               "map_chapters": -1}  # fmt: skip
    notes = []
    with open_container(source) as container:
        indices = [stream.index for stream in container.streams if stream.type in kinds]
        for number, stream in enumerate(container.streams.subtitles):
            context = stream.codec_context
            if container_name == "mkv" and context is not None and context.name == "mov_text":
                options[f"c:s:{number}"] = "srt"
                notes.append("MP4 captions were converted to SubRip, which Matroska can hold")
        # A data track of a file with chapters holds their titles, which are written again.
        notes += [
            f"a track was left out ({stream.type}): the new container cannot hold it"
            for stream in container.streams
            if stream.type not in kinds and not (stream.type == "data" and container.chapters())
        ]
    node = input_file(source, fflags="+genpts")
    command = ffmpeg.output(*(node[str(index)] for index in indices), output_url(target), **options)
    run(command.overwrite_output(), what=f"copying the streams of {source.name}")
    return tuple(dict.fromkeys(notes))
