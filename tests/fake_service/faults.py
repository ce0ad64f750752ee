"""What can go wrong with one call; the gate applies it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

CALLS = (
    *("anonymous-token", "session", "upload", "run", "credits", "state"),
    *("render", "render-status", "cancel", "download", "cdn"),
)
"""The service's calls, in the order of the contract; ``cdn`` is where an output URL leads."""

Kind = Literal[
    "timeout",
    "reset-before",
    "reset-within",
    "reset-after",
    "answer",
    "damage",
    "truncated",
    "trickle",
    "trickle-head",
    "endless",
]


@dataclass(frozen=True)
class Fault:
    """Made by the functions below. `is_processed`: whether the call is carried out."""

    kind: Kind
    seconds: float = 0.0
    n_bytes: int = 0
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_processed: bool = False
    damage: Literal["", "bad-json", "inside", "whole"] = ""


def timeout(seconds: float = 600.0, *, processed: bool = False) -> Fault:
    """Read the request and never answer; hang up after `seconds`."""
    return Fault("timeout", seconds=seconds, is_processed=processed)


def reset_before() -> Fault:
    """Cut the connection before the body is read; nothing is processed."""
    return Fault("reset-before")


def reset_within(n_bytes: int) -> Fault:
    """Processed; cut the connection after `n_bytes` of the real answer's body."""
    return Fault("reset-within", n_bytes=n_bytes, is_processed=True)


def reset_after() -> Fault:
    """Processed; cut the connection before any byte of the answer."""
    return Fault("reset-after", is_processed=True)


def status(
    code: int,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    *,
    processed: bool = False,
) -> Fault:
    """Answer HTTP `code`; nothing is processed by default."""
    return Fault(
        "answer", status=code, body=body, headers=dict(headers or {}), is_processed=processed
    )


def envelope(code: int, http: int = 200, message: str = "refused") -> Fault:
    """Answer ``{"code": code, …}``; nothing is processed."""
    return _answer({"code": code, "message": message, "data": None}, http)


def failure_envelope(error: str, http: int = 200) -> Fault:
    """Answer ``{"success": false, "error": error}``; nothing is processed."""
    return _answer({"success": False, "data": None, "error": error}, http)


def bad_json() -> Fault:
    """Processed; the answer (or each frame) is JSON cut short."""
    return Fault("damage", damage="bad-json", is_processed=True)


def wrong_types(*, whole: bool = False) -> Fault:
    """Processed; every field inside `data` has another type. `whole`: the envelope's too."""
    return Fault("damage", damage="whole" if whole else "inside", is_processed=True)


def truncated(n_missing: int = 64) -> Fault:
    """Processed; the Content-Length promises `n_missing` bytes more than are sent."""
    return Fault("truncated", n_bytes=n_missing, is_processed=True)


def trickle(every: float = 0.01, *, head: bool = False) -> Fault:
    """Answer one byte at a time, for ever; with `head` not even the headers end."""
    return Fault("trickle-head" if head else "trickle", seconds=every)


def endless(start: bytes = b"", headers: Mapping[str, str] | None = None) -> Fault:
    """Answer `start` and then bytes without end, as fast as they are read."""
    kind = dict(headers or {"content-type": "application/json"})
    return Fault("endless", body=start, headers=kind)


def _answer(document: Mapping[str, Any], http: int) -> Fault:
    headers = {"content-type": "application/json"}
    return Fault("answer", status=http, body=json.dumps(document).encode(), headers=headers)


def spoil(body: bytes, content_type: str, damage: str) -> bytes:
    """Damage the body of a JSON answer, or of an event stream frame by frame."""
    if "event-stream" not in content_type:
        return _spoil_json(body, damage)
    lines = body.splitlines(keepends=True)
    return b"".join(
        b"data: " + _spoil_json(line[6:].strip(), damage) + b"\n"
        if line.startswith(b"data: {")
        else line
        for line in lines
    )


def _spoil_json(body: bytes, damage: str) -> bytes:
    if damage == "bad-json":
        return body[: max(1, len(body) * 2 // 3)]
    try:
        document = json.loads(body)
    except ValueError:
        return body
    if damage == "whole" or not isinstance(document, dict):
        return json.dumps(_twist(document)).encode()
    kept = {"code", "success"}
    inside = {
        name: value
        if name in kept
        else {key: _twist(each) for key, each in value.items()}
        if isinstance(value, dict)
        else _twist(value)
        for name, value in document.items()
    }
    return json.dumps(inside).encode()


def _twist(value: Any) -> Any:
    """A value of another JSON type; containers change theirs and keep their twisted values."""
    if isinstance(value, bool) or value is None:
        return [str(value)]
    if isinstance(value, int | float):
        return "many"
    if isinstance(value, str):
        return {"value": len(value)}
    if isinstance(value, list):
        return {str(at): _twist(each) for at, each in enumerate(value)}
    return [[name, _twist(each)] for name, each in value.items()]
