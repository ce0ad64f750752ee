"""The event stream of the agent, in both of its dialects.

The plain dialect sends frames such as ``{"type": "text", "content": …}``, the agent kit
``{"content": {"parts": […]}, "partial": …}``; a stream may mix them frame by frame. No bytes raise
an error: what cannot be read is `Unparsed`.

The frames are parsed here and not by a library for event streams: those keep frames of any length,
and drop a last frame without its blank line, comments, and lines that are no field of an event
stream, which may be all that a failing server sends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chapterize.remote.wording import printable, readable, service_code

__all__ = [
    "MOST_FRAME_BYTES",
    "Event",
    "Fault",
    "Heartbeat",
    "Text",
    "ToolCall",
    "ToolResult",
    "Unparsed",
    "read_events",
]

MOST_FRAME_BYTES = 4_000_000
"""A longer frame is not kept; it becomes `Unparsed`, with a note that it was too long."""

_SHOWN = 200
_SHOWN_BYTES = 4 * _SHOWN
_BREAK = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"
_CALL_KEYS = ("functionCall", "function_call")
_RESULT_KEYS = ("functionResponse", "function_response")
_MESSAGE_KEYS = ("message", "error", "content", "errorMessage", "error_message", "detail")
_CODE_KEYS = ("code", "errorCode", "error_code")
_MOST_CODE = 10**9
_OK = 200


@dataclass(frozen=True)
class Text:
    """Text for the user; partial texts are followed by the full text, and may hold a secret."""

    text: str
    is_partial: bool = False


@dataclass(frozen=True)
class ToolCall:
    """The agent calls a tool; not shown."""


@dataclass(frozen=True)
class ToolResult:
    """The result of a tool; not shown."""


@dataclass(frozen=True)
class Heartbeat:
    """The service is alive; nothing to show."""


@dataclass(frozen=True)
class Fault:
    """An error within the stream; `code` is the service's own, given or implied by the message."""

    code: int | None
    message: str


@dataclass(frozen=True)
class Unparsed:
    """A frame that is not JSON, or of an unknown kind; its first 200 characters."""

    text: str


Event = Text | ToolCall | ToolResult | Heartbeat | Fault | Unparsed


def read_events(chunks: Iterable[bytes]) -> Iterator[Event]:
    """Yield the events of a stream, each as soon as its frame is complete.

    They do not depend on where the bytes are cut. No bytes raise an error; what `chunks` raises
    passes through.
    """
    for data in _frames(chunks):
        yield from _events_of(data)


def _frames(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the data of each frame, as soon as its blank line arrives; the last one needs none.

    Comments and frames without data yield "". A line outside of any frame that is no field of an
    event stream is a frame of its own.
    """
    frame: list[bytes] | None = None
    size = 0
    for line in _lines(chunks):
        name, _, value = line.partition(b":")
        if not line:
            if frame is not None:
                yield _data(frame, size)
            frame, size = None, 0
        elif name in (b"data", b"event"):
            frame = [] if frame is None else frame
            size += len(line)
            if name == b"data" and (size <= MOST_FRAME_BYTES or not frame):
                frame.append(value.removeprefix(b" "))
        elif frame is None and not name:
            yield ""
        elif frame is None and name not in (b"id", b"retry"):
            yield _data([line], len(line))
    if frame is not None:
        yield _data(frame, size)


def _data(frame: Sequence[bytes], size: int) -> str:
    if size > MOST_FRAME_BYTES:
        start = b"".join(frame[:1])[:_SHOWN_BYTES]
        # The words in front keep this from being parsed as the JSON that it may start with.
        frame = [b"more than %d bytes: " % MOST_FRAME_BYTES + start]
    return b"\n".join(frame).decode("utf-8", "replace")


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines without their ends (LF, CR LF or CR), each as soon as its end arrives.

    Of a longer line, one byte more than `MOST_FRAME_BYTES` is kept. Line ends are ASCII, so no
    character of several bytes is cut.
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


def _events_of(data: str) -> list[Event]:
    if not data.strip():
        return [Heartbeat()]
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return [_unparsed(data)]
    if not isinstance(value, dict):
        return [_unparsed(data)]
    plain = _plain(value)
    if plain is not None:
        return [plain]
    fault = _fault(value)
    if fault is not None:
        return [fault]
    content = value.get("content")
    if isinstance(content, dict):
        return _parts(content, is_partial=value.get("partial") is True)
    is_empty = not value or ("content" in value and content is None)
    return [Heartbeat() if is_empty else _unparsed(data)]


def _plain(value: Mapping[str, Any]) -> Event | None:
    """The event of a frame in the plain dialect; None for any other frame."""
    kind, content = value.get("type"), value.get("content")
    if kind == "text" and isinstance(content, str):
        return _text(content, is_partial=value.get("partial") is True)
    if kind == "tool_call":
        return ToolCall()
    if kind == "tool_result":
        return ToolResult()
    if kind in ("heartbeat", "ping"):
        return Heartbeat()
    if kind == "error":
        return _fault(value) or Fault(None, "error")
    return None


def _parts(content: Mapping[str, Any], *, is_partial: bool) -> list[Event]:
    """The events of a frame in the agent-kit dialect, in order; at least one."""
    parts = content.get("parts")
    events: list[Event] = []
    for part in parts if isinstance(parts, list) else ():
        if not isinstance(part, dict):
            events.append(_unparsed(part if isinstance(part, str) else type(part).__name__))
            continue
        text = part.get("text")
        call = next((part[key] for key in _CALL_KEYS if key in part), None)
        result = next((part[key] for key in _RESULT_KEYS if key in part), None)
        # The agent's thoughts, and our own message echoed, are not for the user.
        if isinstance(text, str) and not part.get("thought") and content.get("role") != "user":
            events.append(_text(text, is_partial=is_partial))
        if isinstance(call, dict):
            events.append(ToolCall())
        if isinstance(result, dict):
            events.append(ToolResult())
    return [event for event in events if event != Heartbeat()] or [Heartbeat()]


def _text(text: str, *, is_partial: bool) -> Event:
    # A secret in a partial text may be incomplete: `Reply` masks it.
    text = readable(text) if is_partial else printable(text)
    return Text(text, is_partial) if text else Heartbeat()


def _unparsed(text: str) -> Unparsed:
    # Redacted before it is cut: half a token would not be recognised.
    return Unparsed(printable(text[: 4 * _SHOWN])[:_SHOWN])


def _fault(value: Mapping[str, Any]) -> Fault | None:
    """The error that a frame carries, in any envelope; None if it carries none."""
    error = value.get("error")
    inner = error if isinstance(error, dict) else {}
    code = _code(value) or _code(inner) or _number(error)
    is_error = value.get("type") == "error" or value.get("success") is False
    if not (code or error or is_error or _message(value, ("errorMessage", "error_message"))):
        return None
    said = _message(inner) or _message(value) or (f"error {code}" if code else "error")
    message = printable(said[: 10 * _SHOWN])
    return Fault(service_code(code, message), message)


def _code(value: Mapping[str, Any]) -> int | None:
    return next(filter(None, (_number(value.get(key)) for key in _CODE_KEYS)), None)


def _number(value: object) -> int | None:
    """An error code, given as a number or as digits."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Written so that NaN fails too.
    if not 0 < abs(value) < _MOST_CODE or value != int(value):
        return None
    return None if value == _OK else int(value)


def _message(value: Mapping[str, Any], keys: Iterable[str] = _MESSAGE_KEYS) -> str:
    texts = (value.get(key) for key in keys)
    return next((text for text in texts if isinstance(text, str) and text.strip()), "")
