"""Bytes of an event stream to the data of its frames, however the bytes are cut."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

__all__ = ["MOST_FRAME_BYTES", "read_data"]

MOST_FRAME_BYTES = 4_000_000
"""A frame longer than this is not kept: what is read of it is that it was too long."""

_SHOWN_BYTES = 800
_BREAK = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"
_ALIVE = "data:\n\n"


def read_data(chunks: Iterable[bytes]) -> Iterator[str]:
    """The data of each frame, as soon as its blank line came; a last frame needs none.

    Empty data stands for whatever only says that the other side is alive, comments included. A
    line that belongs to no frame and is no field of an event stream comes as a frame of its own:
    it may be all that a server had to say. What `chunks` raises goes through; bytes never raise.
    """
    from httpx_sse import EventSource

    for frame in EventSource(cast(Any, _Body(chunks))).iter_sse():
        yield frame.data


class _Body:
    """As much of a response as `EventSource` reads: whole frames, in plain lines."""

    headers: Mapping[str, str] = {"content-type": "text/event-stream"}

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks

    def iter_text(self) -> Iterator[str]:
        """Frames, each with its blank line."""
        frame: list[bytes] = []
        size = 0
        for line in _lines(self._chunks):
            name = line.partition(b":")[0]
            if not line:
                if frame:
                    yield _text(frame, size)
                frame, size = [], 0
            elif name in (b"data", b"event"):
                size += len(line)
                if size <= MOST_FRAME_BYTES or not frame:
                    frame.append(line)
            elif not frame and name == b"":
                yield _ALIVE
            elif not frame and name not in (b"id", b"retry"):
                yield _text([b"data: " + line], len(line))
        if frame:
            yield _text(frame, size)


def _text(frame: list[bytes], size: int) -> str:
    if size > MOST_FRAME_BYTES:
        start = frame[0].partition(b":")[2][:_SHOWN_BYTES]
        # The words in front see to it that this is not taken for the JSON it may begin with.
        frame = [b"data: more than %d bytes:" % MOST_FRAME_BYTES + start]
    return b"\n".join(frame).decode("utf-8", "replace") + "\n\n"


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their ends (LF, CR LF or CR), each as soon as its end came.

    No more of a line is kept than shows that it is too long. Ends are ASCII, so that a character
    of several bytes is never looked at before it is whole.
    """
    kept = bytearray()
    is_after_cr = False
    is_first = True
    for chunk in chunks:
        body = chunk[1:] if is_after_cr and chunk.startswith(b"\n") else chunk
        if chunk:
            is_after_cr = chunk.endswith(b"\r")
        *whole, rest = _BREAK.split(body)
        for piece in whole:
            kept += piece
            yield bytes(kept).removeprefix(_BOM) if is_first else bytes(kept)
            kept.clear()
            is_first = False
        kept += rest[: MOST_FRAME_BYTES + 1 - len(kept)]
    if kept:
        yield bytes(kept).removeprefix(_BOM) if is_first else bytes(kept)
