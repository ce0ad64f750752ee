"""Answers of the service: `unwrap` reads every envelope, and the readers return its values.

An envelope is ``{"code": n, "message", "data"}`` or ``{"success": bool, "data", "error"}``, with
any HTTP status. A gateway or a broken service may send plain text, or nothing.
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
from chapterize.masking import blank_secrets
from chapterize.remote.connection import body_pieces
from chapterize.remote.identity import Token
from chapterize.remote.wording import service_code

__all__ = [
    "ACCEPTED",
    "Credits",
    "Render",
    "SessionIds",
    "credits_in",
    "files_in",
    "is_refusal",
    "read_answer",
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
"""Suffixes of the files that the service accepts."""

_SHOWN = 200
_MOST_BYTES = 64_000_000
"""Longest answer, apart from videos: a draft of a thousand segments has some hundred kilobytes."""
_CHANGED = "the service may have changed; check for a newer version of chapterize"
_GATEWAY = (502, 503, 504)
_UNAUTHORISED, _BLOCKED, _LIMITED = 401, 402, 429

_REFUSALS: Mapping[int, tuple[type[RemoteRefused], str, str]] = {
    1001: (TokenRefused, "the service does not accept the token", "it has expired or is not valid"),
    1002: (SessionExpired, "the service does not know the session", "it has ended there"),
    2001: (OutOfCredits, "not enough credits", ""),
    4001: (
        UnsupportedFile,
        "the service does not accept this kind of file",
        f"it accepts {', '.join(ACCEPTED)}",
    ),
    4002: (FileTooLarge, "the file is too large for the service", "it accepts at most 500 MB"),
}
_HINTS = {
    4001: "convert the file to one of those",
    4002: "trim or compress the file, then: chapterize deliver",
}
_STATUSES: Mapping[int, tuple[type[RemoteRefused], str, str]] = {
    _UNAUTHORISED: _REFUSALS[1001],
    _BLOCKED: (ExportBlocked, "the plan does not include exports", ""),
    _LIMITED: (RateLimited, "too many requests to the service", ""),
}


@dataclass(frozen=True)
class SessionIds:
    """Ids of a session at the service, and of the task it belongs to."""

    session_id: str
    task_id: str


@dataclass(frozen=True)
class Credits:
    """The balance of an account; `frozen` credits are reserved for work in progress."""

    available: float
    frozen: float
    total: float


@dataclass(frozen=True)
class Render:
    """The state of a render.

    `status` is ``pending``, ``processing``, ``completed`` or ``failed``; `progress` is in [0, 1].
    `size` in bytes and `duration` in seconds describe the video at `url`; None if not given.
    """

    id: str
    status: str
    progress: float = 0.0
    url: str | None = None
    error: str = ""
    size: int | None = None
    duration: float | None = None


def read_answer(response: Any) -> dict[str, Any]:
    """Read the body of an HTTP response, up to a limit, and `unwrap` it.

    Parameters
    ----------
    response : httpx.Response, its body not yet read.

    Raises
    ------
    RemoteError : as `unwrap`, or the body is too long.
    """
    content = bytearray()
    for piece in body_pieces(response):
        content += piece
        if len(content) > _MOST_BYTES:
            raise RemoteProtocolError(
                "the service's answer is too long",
                why=f"it has more than {_MOST_BYTES // 1_000_000} MB",
                hint=_CHANGED,
            )
    asked = response.headers.get("retry-after", "")
    wait = float(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else None
    return unwrap(response.status_code, bytes(content), wait=wait)


def unwrap(status: int, body: bytes, *, wait: float | None = None) -> dict[str, Any]:
    """Return the JSON object of a successful answer; the values of most calls are in its `data`.

    Parameters
    ----------
    status : of HTTP.
    wait : seconds that the service asks to wait, for `RateLimited`.

    Raises
    ------
    RemoteRefused : the service refuses; the class depends on its code, else on the status.
    RemoteUnreachable : a server or gateway failed; the request may have been carried out.
    RemoteProtocolError : it is not a JSON object.
    """
    answer = _decoded(body)
    if answer is not None:
        code, said = _verdict(answer)
        if said is None and status < 400:
            return answer
    else:
        code, said = 0, body[: 4 * _SHOWN].decode("utf-8", "replace")
    is_own = answer is not None and said is not None and not 500 <= code < 600
    said = blank_secrets((said or "")[: 10 * _SHOWN])
    if not code and status not in _STATUSES:
        # Without a number of its own, the text may name one: "Error 2001: …".
        code = service_code(None, said) or 0
    if code in _REFUSALS or (code and status < 400):
        raise refusal(code, said)
    if status in _STATUSES:
        raise refusal(status, said, wait)
    if status in _GATEWAY or (status >= 500 and not is_own):
        raise RemoteUnreachable(
            "the service is not available",
            why=f"its server answers HTTP {status}",
            hint="try again in a few minutes",
        )
    if status >= 300 or answer is not None:
        raise RemoteRefused("the service refuses", why=_line(said) or f"HTTP {status}", code=status)
    why = f"it is not JSON: {_line(said)!r}"
    raise RemoteProtocolError("the service's answer cannot be read", why=why, hint=_CHANGED)


def is_refusal(code: int | None) -> bool:
    """Whether a code of the service means that it did nothing."""
    return code in _REFUSALS


def refusal(code: int, said: str, wait: float | None = None) -> RemoteRefused:
    """Return the error for one of the service's own codes, or a status of HTTP."""
    known = _REFUSALS.get(code) or _STATUSES.get(code, (RemoteRefused, "the service refuses", ""))
    kind, what, meaning = known
    why = "; ".join(filter(None, (meaning, _line(said)))) or f"it answers {code}"
    if kind is RateLimited:
        return RateLimited(what, why=why, hint="wait a minute", code=code, wait=wait)
    return kind(what, why=why, hint=_HINTS.get(code, ""), code=code)


def _decoded(body: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _verdict(answer: Mapping[str, Any]) -> tuple[int, str | None]:
    """The service's code (0: none, or success), and its message if the answer is a failure."""
    code = _whole(answer.get("code"))
    error = answer.get("error")
    if isinstance(error, dict):
        code = code or _whole(error.get("code"))
        error = error.get("message", "")
    if not isinstance(error, str) or not error:
        error = answer.get("message", answer.get("detail"))
    said = error if isinstance(error, str) else ""
    # Some failures have nothing but an error; the status of a render has one too.
    is_failure = answer.get("error") and "status" not in answer and not answer.get("success")
    return code, said if code or answer.get("success") is False or is_failure else None


def _whole(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _line(text: str) -> str:
    """The service's words as one short line without secrets, fit to be shown."""
    line = " ".join("".join(c if c.isprintable() else " " for c in blank_secrets(text)).split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def token_in(answer: Mapping[str, Any]) -> Token:
    """Return a new starter token."""
    token = Token.starter(_data(answer, "token"))
    if token is None:
        raise _missing("token")
    return token


def session_in(answer: Mapping[str, Any]) -> SessionIds:
    """Return the ids of a new session."""
    data = _data(answer, "session")
    return SessionIds(_text(data, "session_id"), _text(data, "task_id"))


def files_in(answer: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return the service's description of each uploaded file."""
    files = _data(answer, "upload").get("files")
    rows = files if isinstance(files, list) else ()
    described = tuple(each for each in rows if isinstance(each, dict))
    if not described:
        raise _missing("upload")
    return described


def credits_in(answer: Mapping[str, Any]) -> Credits:
    """Return the balance."""
    data = _data(answer, "balance")
    if _number(data.get("available")) is None:
        raise _missing("balance")
    return Credits(*(_number(data.get(name)) or 0.0 for name in ("available", "frozen", "total")))


def state_in(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the state of a session: ``video_infos``, ``draft`` and more; empty for a new one."""
    state = _data(answer, "state").get("state") or {}
    if not isinstance(state, dict):
        raise _missing("state")
    return state


def render_in(answer: Mapping[str, Any], render_id: str) -> Render:
    """Return a render from either of its two shapes; without data it has only been started.

    Raises
    ------
    RemoteProtocolError : its status is not a string.
    """
    data = answer["data"] if isinstance(answer.get("data"), dict) else answer
    output = data["output"] if isinstance(data.get("output"), dict) else {}
    status = data.get("status", "pending")
    if not isinstance(status, str):
        raise _missing("status")
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
        raise _missing(what)
    return data


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= 4096 or not value.isprintable():
        raise _missing(name)
    if blank_secrets(value) != value:
        # An id is shown and recorded; none contains the token.
        raise _missing(name)
    return value


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 else None


def _missing(what: str) -> RemoteError:
    return RemoteProtocolError(
        f"the service's answer contains no {what.replace('_', ' ')}",
        why="its contract requires one",
        hint=_CHANGED,
    )
