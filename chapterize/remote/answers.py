"""What the service answers: one `unwrap` for all envelopes, and the values inside them.

An envelope is ``{"code": n, "message", "data"}`` or ``{"success": bool, "data", "error"}`` under
any HTTP status; a gateway or a broken service may send plain text, or nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chapterize.errors import (
    ExportBlocked,
    FileTooLarge,
    OutOfCredits,
    RateLimited,
    RemoteError,
    RemoteProtocolError,
    RemoteRefused,
    RemoteUnreachable,
    SessionExpired,
    TokenRefused,
    UnsupportedFile,
)
from chapterize.remote.identity import Token, blank_secrets
from chapterize.remote.wording import service_code

__all__ = [
    "ACCEPTED",
    "Credits",
    "Render",
    "SessionIds",
    "credits_in",
    "files_in",
    "is_refusal",
    "refusal",
    "render_in",
    "session_in",
    "state_in",
    "token_in",
    "unwrap",
]

ACCEPTED = (
    *("mp4", "mov", "avi", "webm", "mkv", "jpg", "png", "gif", "webp"),
    *("mp3", "wav", "m4a", "aac"),
)
"""Kinds of files that the service takes, by suffix."""

_SHOWN = 200
_GATEWAY = (502, 503, 504)
_UNAUTHORISED, _BLOCKED, _LIMITED = 401, 402, 429

_REFUSALS: Mapping[int, tuple[type[RemoteRefused], str, str]] = {
    1001: (TokenRefused, "the service does not accept the token", "it has expired or is not valid"),
    1002: (SessionExpired, "the service does not know the session", "it has ended there"),
    2001: (OutOfCredits, "the credits do not suffice", ""),
    4001: (
        UnsupportedFile,
        "the service does not take this kind of file",
        f"it takes {', '.join(ACCEPTED)}",
    ),
    4002: (FileTooLarge, "the file is too large for the service", "it takes 500 MB at most"),
}
_HINTS = {
    4001: "convert it to one of those",
    4002: "trim it or make it smaller, then: chapterize deliver",
}
_STATUSES: Mapping[int, tuple[type[RemoteRefused], str, str]] = {
    _UNAUTHORISED: _REFUSALS[1001],
    _BLOCKED: (ExportBlocked, "the service does not export on this plan", ""),
    _LIMITED: (RateLimited, "the service has had too many requests", ""),
}


@dataclass(frozen=True)
class SessionIds:
    """Names of a session, and of the task it belongs to, at the service."""

    session_id: str
    task_id: str


@dataclass(frozen=True)
class Credits:
    """What an account has; `frozen` are set aside for work under way."""

    available: float
    frozen: float
    total: float


@dataclass(frozen=True)
class Render:
    """How far a render is.

    `status` is ``pending``, ``processing``, ``completed`` or ``failed``; `progress` in [0, 1];
    `size` in bytes and `duration` in seconds of the video at `url`, where the service says.
    """

    id: str
    status: str
    progress: float = 0.0
    url: str | None = None
    error: str = ""
    size: int | None = None
    duration: float | None = None


def unwrap(status: int, body: bytes, wait: float | None = None) -> dict[str, Any]:
    """The whole JSON object of an answer that says yes; `data` lies in it, if the call has any.

    `status` of HTTP. `wait` : seconds that the service asked to wait, for `RateLimited`.

    Raises
    ------
    RemoteRefused : it says no, under whatever status; by code, else by status.
    RemoteUnreachable : a server has failed, or a gateway; nobody knows how far the call came.
    RemoteProtocolError : it is not JSON, or no object.
    """
    answer = _decoded(body)
    if answer is not None:
        code, said = _verdict(answer)
        if said is None and status < 400:
            return answer
    else:
        code, said = 0, body[:_SHOWN].decode("utf-8", "replace")
    if not code and status not in _STATUSES:
        # Without a number of its own, the words may name one: "Error 2001: …".
        code = service_code(None, said or "") or 0
    if code in _REFUSALS or (code and status < 400):
        raise refusal(code, said)
    is_own = answer is not None and said is not None and not 500 <= code < 600
    said = said or ""
    if status in _STATUSES:
        raise _made(_STATUSES[status], status, said, wait)
    if status in _GATEWAY or (status >= 500 and not is_own):
        raise RemoteUnreachable(
            "the service cannot be had just now",
            why=f"its server answers HTTP {status}",
            hint="try again in some minutes",
        )
    if status >= 300 or answer is not None:
        raise RemoteRefused("the service refuses", why=_line(said) or f"HTTP {status}", code=status)
    raise RemoteProtocolError(
        "the service's answer cannot be read",
        why=f"it is not JSON: {_line(said)!r}",
        hint="the service may have changed; look for a newer chapterize",
    )


def is_refusal(code: int | None) -> bool:
    """Whether a code of the service says that it did nothing."""
    return code in _REFUSALS


def refusal(code: int, said: str | None) -> RemoteRefused:
    """The error for one of the service's own codes."""
    known = _REFUSALS.get(code) or _STATUSES.get(code, (RemoteRefused, "the service refuses", ""))
    return _made(known, code, said or "", None)


def _made(
    known: tuple[type[RemoteRefused], str, str], code: int, said: str, wait: float | None
) -> RemoteRefused:
    kind, what, why = known
    told = "; ".join(filter(None, (why, _line(said)))) or f"it answers {code}"
    if kind is RateLimited:
        return RateLimited(what, why=told, hint="wait a minute", code=code, wait=wait)
    return kind(what, why=told, hint=_HINTS.get(code, ""), code=code)


def _decoded(body: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _verdict(answer: Mapping[str, Any]) -> tuple[int, str | None]:
    """The service's code (0: none or fine), and what it says if it says no."""
    code = _whole(answer.get("code"))
    error = answer.get("error")
    if isinstance(error, dict):
        code = code or _whole(error.get("code"))
        error = error.get("message", "")
    said = (
        error if isinstance(error, str) and error else answer.get("message", answer.get("detail"))
    )
    said = said if isinstance(said, str) else ""
    is_no = bool(code) or answer.get("success") is False
    # Some failures carry an error alone; a render's status has one too, which is no envelope.
    is_no = is_no or (
        bool(answer.get("error")) and "status" not in answer and not answer.get("success")
    )
    return code, said if is_no else None


def _whole(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _line(text: str) -> str:
    """What the service says as it may be shown: one short line without secrets."""
    line = " ".join("".join(c if c.isprintable() else " " for c in blank_secrets(text)).split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def token_in(answer: Mapping[str, Any]) -> Token:
    """The starter token of ``anonymous-token``."""
    data = _data(answer, "token")
    secret = _word(data, "token")
    if not (secret.isascii() and secret.isprintable() and " " not in secret):
        raise _odd("token")
    user, until = data.get("user_id"), data.get("expires_at")
    return Token(
        secret,
        True,
        user if isinstance(user, str) else None,
        until if isinstance(until, str) else None,
    )


def session_in(answer: Mapping[str, Any]) -> SessionIds:
    """The ids of a new session."""
    data = _data(answer, "session")
    return SessionIds(_word(data, "session_id"), _word(data, "task_id"))


def files_in(answer: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """What the service says of the files that were uploaded."""
    files = _data(answer, "upload").get("files")
    found = (
        tuple(each for each in files if isinstance(each, dict)) if isinstance(files, list) else ()
    )
    if not found:
        raise _odd("upload")
    return found


def credits_in(answer: Mapping[str, Any]) -> Credits:
    """The balance."""
    data = _data(answer, "balance")
    if _number(data.get("available")) is None:
        raise _odd("balance")
    return Credits(*(_number(data.get(name)) or 0.0 for name in ("available", "frozen", "total")))


def state_in(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The state of a session: ``video_infos``, ``draft`` and more; empty for a new one."""
    state = _data(answer, "state").get("state") or {}
    if not isinstance(state, dict):
        raise _odd("state")
    return state


def render_in(answer: Mapping[str, Any], render_id: str) -> Render:
    """A render in either of its two shapes; one without any data is only begun.

    Raises
    ------
    RemoteProtocolError : how far it is, is not told in a word.
    """
    data = answer["data"] if isinstance(answer.get("data"), dict) else answer
    output = data["output"] if isinstance(data.get("output"), dict) else {}
    status = data.get("status", "pending")
    if not isinstance(status, str):
        raise _odd("status")
    url = data.get("outputUrl") or output.get("url") or data.get("url")
    size, error = _number(output.get("size")), data.get("error")
    if isinstance(error, dict):
        error = error.get("message")
    return Render(
        id=render_id,
        status=status.lower(),
        progress=min(1.0, max(0.0, (_number(data.get("progress")) or 0.0) / 100.0)),
        url=url if isinstance(url, str) and url else None,
        error=_line(error) if isinstance(error, str) else "",
        size=int(size) if size is not None and size > 0 else None,
        duration=_number(output.get("duration")),
    )


def _data(answer: Mapping[str, Any], what: str) -> Mapping[str, Any]:
    data = answer.get("data")
    if not isinstance(data, dict):
        raise _odd(what)
    return data


def _word(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= 4096 or not value.isprintable():
        raise _odd(name)
    return value


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 else None


def _odd(what: str) -> RemoteError:
    return RemoteProtocolError(
        f"the service's answer holds no {what.replace('_', ' ')}",
        why="its contract has one there",
        hint="the service may have changed; look for a newer chapterize",
    )
