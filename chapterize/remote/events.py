"""The agent's event stream, in both of its dialects, and the reply put together from it.

The plain dialect sends ``{"type": "text", "content": …}`` and its like, the agent-kit
``{"content": {"parts": […]}, "partial": …}``; a stream may mix them frame by frame. Nothing that
arrives raises: what cannot be read is `Unread`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chapterize.remote.frames import read_data
from chapterize.remote.wording import (
    OUT_OF_CREDITS,
    closing_question,
    may_become_noise,
    out_of_credits,
    printable,
    service_code,
    without_noise,
)

__all__ = [
    "Answered",
    "Beat",
    "Called",
    "Event",
    "Fault",
    "Reply",
    "Said",
    "Unread",
    "read_events",
]

_SHOWN = 200
_CALL_KEYS = ("functionCall", "function_call")
_RESULT_KEYS = ("functionResponse", "function_response")
_MESSAGE_KEYS = ("message", "error", "content", "errorMessage", "error_message", "detail")
_CODE_KEYS = ("code", "errorCode", "error_code")
_MOST_CODE = 10**9
_FINE = 200
_SENTENCE_ENDS = frozenset(".!?…。！？")


@dataclass(frozen=True)
class Said:
    """Text for the user; a partial one comes once more, in full, behind its like."""

    text: str
    is_partial: bool = False


@dataclass(frozen=True)
class Called:
    """The agent calls a tool; stays inside."""

    name: str


@dataclass(frozen=True)
class Answered:
    """A tool's result; stays inside."""

    name: str


@dataclass(frozen=True)
class Beat:
    """The other side is alive, and says no more than that."""


@dataclass(frozen=True)
class Fault:
    """An error within the stream; `code` of the service, where it is given or meant."""

    code: int | None
    message: str


@dataclass(frozen=True)
class Unread:
    """A frame that is no JSON or of an unknown kind; its first 200 characters."""

    text: str


Event = Said | Called | Answered | Beat | Fault | Unread


def read_events(chunks: Iterable[bytes]) -> Iterator[Event]:
    """The events of a stream, each as soon as its frame is complete.

    They do not depend on how the bytes are cut. No bytes raise; what `chunks` raises goes through.
    """
    for data in read_data(chunks):
        yield from _events_of(data)


def _events_of(data: str) -> list[Event]:
    if not data.strip():
        return [Beat()]
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return [_unread(data)]
    if not isinstance(value, dict):
        return [_unread(data)]
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
    return [Beat() if is_empty else _unread(data)]


def _plain(value: Mapping[str, Any]) -> Event | None:
    """An event of the plain dialect; None for all others."""
    kind, content = value.get("type"), value.get("content")
    if kind == "text" and isinstance(content, str):
        return _said(content, is_partial=value.get("partial") is True)
    if kind == "tool_call":
        return Called(_name(value))
    if kind == "tool_result":
        return Answered(_name(value))
    if kind in ("heartbeat", "ping"):
        return Beat()
    if kind == "error":
        return _fault(value) or Fault(None, "error")
    return None


def _parts(content: Mapping[str, Any], *, is_partial: bool) -> list[Event]:
    """Events of the agent-kit dialect, one for each part; at least one."""
    parts = content.get("parts")
    events: list[Event] = []
    for part in parts if isinstance(parts, list) else ():
        if not isinstance(part, dict):
            events.append(_unread(part if isinstance(part, str) else type(part).__name__))
            continue
        text = part.get("text")
        call = next((part[key] for key in _CALL_KEYS if key in part), None)
        result = next((part[key] for key in _RESULT_KEYS if key in part), None)
        # Thoughts, and our own message sent back, are not what the agent says.
        if isinstance(text, str) and not part.get("thought") and content.get("role") != "user":
            events.append(_said(text, is_partial=is_partial))
        if isinstance(call, dict):
            events.append(Called(_name(call)))
        if isinstance(result, dict):
            events.append(Answered(_name(result)))
    return [event for event in events if event != Beat()] or [Beat()]


def _said(text: str, *, is_partial: bool) -> Event:
    text = printable(text)
    return Said(text, is_partial) if text else Beat()


def _name(value: Mapping[str, Any]) -> str:
    name = value.get("name")
    return printable(name[:_SHOWN]) if isinstance(name, str) else ""


def _unread(text: str) -> Unread:
    # Blanked before it is cut: half a token is half too much.
    return Unread(printable(text[: 4 * _SHOWN])[:_SHOWN])


def _fault(value: Mapping[str, Any]) -> Fault | None:
    """An error in whichever envelope; None when the frame is none."""
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
    """A whole number that stands for an error, given as such or as digits."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Written so that NaN is none, either.
    if not 0 < abs(value) < _MOST_CODE or value != int(value):
        return None
    return None if value == _FINE else int(value)


def _message(value: Mapping[str, Any], keys: Iterable[str] = _MESSAGE_KEYS) -> str:
    texts = (value.get(key) for key in keys)
    return next((text for text in texts if isinstance(text, str) and text.strip()), "")


class Reply:
    """What the agent says in one run, put together event by event."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._pending: list[str] = []
        self._faults: list[Fault] = []
        self._is_held = False
        self._is_apart = False
        self._n_tools = 0

    def hear(self, event: Event) -> str:
        """The new text to show, right behind what was shown before; "" for none."""
        if isinstance(event, Said):
            return self._hear_text(event)
        if isinstance(event, Called | Answered):
            self._is_apart = True
            self._n_tools += isinstance(event, Called)
        elif isinstance(event, Fault):
            self._faults.append(event)
        elif isinstance(event, Unread) and out_of_credits(event.text):
            self._faults.append(Fault(OUT_OF_CREDITS, event.text))
        return ""

    @property
    def text(self) -> str:
        """All of it, without noise at its end."""
        whole = "".join(self._said).strip()
        return without_noise(whole) or whole

    @property
    def question(self) -> str | None:
        """What the agent asks in its last sentence."""
        return closing_question(self.text)

    @property
    def fault(self) -> Fault | None:
        """Out of credits, in whichever way it was said; else the first error."""
        for fault in self._faults:
            if fault.code == OUT_OF_CREDITS:
                return fault
        sentence = out_of_credits("".join(self._said))
        if sentence is not None:
            return Fault(OUT_OF_CREDITS, sentence[:_SHOWN])
        return self._faults[0] if self._faults else None

    @property
    def n_tools(self) -> int:
        """How many tools were called."""
        return self._n_tools

    def _hear_text(self, event: Said) -> str:
        is_going_on = bool(self._pending) and not self._is_held
        if event.is_partial:
            self._pending.append(event.text)
            new = self._unheld(event.text)
        else:
            new = self._unshown(event.text)
            is_going_on = is_going_on and new != event.text
            kept = without_noise(new)
            new = kept if kept or self._said else new
        if not new:
            return ""
        if not is_going_on and self._is_new_line(new):
            new = f"\n{new}"
        self._said.append(new)
        self._is_apart = False
        return new

    def _unheld(self, piece: str) -> str:
        """The partial text that can be shown now: what may yet prove to be noise waits."""
        if self._said and (self._is_held or len(self._pending) == 1):
            run = "".join(self._pending)
            self._is_held = may_become_noise(run)
            return "" if self._is_held else run
        return piece

    def _unshown(self, full: str) -> str:
        """What partial texts did not show of a full one yet."""
        shown = "" if self._is_held else "".join(self._pending)
        self._is_held = False
        self._pending = []
        if not shown:
            return full
        if shown.startswith(full):
            # One full text in several parts: the next one accounts for the rest.
            self._pending = [shown[len(full) :]] if len(shown) > len(full) else []
            return ""
        if full.startswith(shown):
            return full[len(shown) :]
        # After a tool, or with its spaces trimmed, the full text is the end of what was shown.
        is_known = "".join(shown.split()).endswith("".join(full.split()))
        return "" if is_known else full

    def _is_new_line(self, text: str) -> bool:
        """Whether this text begins a message of its own, and is not the next piece of one."""
        last = self._said[-1][-1] if self._said else "\n"
        if last == "\n" or text.startswith("\n"):
            return False
        begins = text[0].isalpha() and not text[0].islower()
        return self._is_apart or (last in _SENTENCE_ENDS and begins)
