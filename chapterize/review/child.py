"""Read media in a child process.

FFmpeg keeps the packet index of an MP4 in memory, 200 MB for ten hours of video, and the server
must answer meanwhile.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from chapterize.children import blocks_of, child_environment
from chapterize.data import Media
from chapterize.errors import ChapterizeError, MediaError

__all__ = ["ask_child", "listen_to_child", "speak"]

_BLOCK_BYTES = 600  # half a minute of peaks
_NICE = 5

# Chapters, captions and notes are not needed to read audio and video.
_FIELDS = [
    field.name
    for field in fields(Media)
    if field.name not in ("path", "subtitles", "chapters", "notes")
]
_CODE = """import sys
sys.path.insert(0, sys.argv[1])
from chapterize.review.{module} import {function}
from chapterize.review.child import speak
speak({function}, sys.argv[2:])
"""


Given = Path | Sequence[float]


def listen_to_child(module: str, function: str, media: Media, *more: Given) -> Iterator[bytes]:
    """Call ``function(media, *more)`` of a module of this package in a child; yield its output.

    The function yields bytes. The child is killed when the caller stops reading, or by a `Stop`.

    Raises
    ------
    MediaError : the function failed; `why` is its own error.
    """
    values = {name: getattr(media, name) for name in _FIELDS}
    code = _CODE.format(module=module, function=function)
    rest = (str(each) if isinstance(each, Path) else list(each) for each in more)
    given = [json.dumps(each) for each in ({**values, "path": str(media.path)}, *rest)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-X", "utf8", "-c", code, _root(), *given],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env=child_environment(),
        )
        returncode = yield from blocks_of(process, _BLOCK_BYTES)
        if returncode != 0:
            log.seek(0)
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
            why = lines[-1] if lines else "no message"
            raise MediaError(f"{media.path.name} cannot be read", why=why)


def ask_child(module: str, function: str, media: Media, *more: Given) -> Any:
    """Return the JSON value that the output of `listen_to_child` is; raises as that does."""
    return json.loads(b"".join(listen_to_child(module, function, media, *more)))


def speak(function: Callable[..., Iterator[bytes]], given: list[str]) -> None:
    """Write what `function` yields to stdout: this runs in the child."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    values, *rest = (json.loads(each) for each in given)
    more = (Path(each) if isinstance(each, str) else each for each in rest)
    media = Media(**{**values, "path": Path(values["path"])})
    try:
        for block in function(media, *more):
            sys.stdout.buffer.write(block)
            sys.stdout.buffer.flush()
    except ChapterizeError as error:
        sys.exit(str(error))
    except BrokenPipeError:
        # The server has ended.
        os._exit(1)


def _root() -> str:
    return str(Path(__file__).parents[2])
