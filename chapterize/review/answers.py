"""Requests as values, and values as responses: the border to Starlette."""

from __future__ import annotations

import gzip
import json
import logging
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chapterize.errors import ChapterizeError, InputError, OutputError
from chapterize.masking import blank_secrets, without_secrets
from chapterize.review.project import Changed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = [
    "Answer",
    "Call",
    "Conflict",
    "Json",
    "Missing",
    "Text",
    "compressed",
    "endpoint",
    "error_json",
    "failure",
]

_MOST_BYTES = 4 * 1024 * 1024
"""Of a request."""


class Missing(InputError):
    """There is nothing of that name; status 404."""


class Conflict(ChapterizeError):
    """It is not possible as things are; status 409. `names` are those of files in the way."""

    names: Sequence[str] = ()


class NoVersion(InputError):
    """A change without If-Match; status 428."""


_STATUS: tuple[tuple[type[ChapterizeError], int], ...] = (
    (Changed, 412),
    (NoVersion, 428),
    (Missing, 404),
    (Conflict, 409),
    (OutputError, 503),
)
"""The status of each kind of error; 400 for all others."""


@dataclass(frozen=True)
class Json:
    """An answer with a status of its own."""

    value: Mapping[str, Any]
    status: int


@dataclass(frozen=True)
class Text:
    """An answer that is no JSON: text under a file name."""

    text: str
    name: str


@dataclass(frozen=True)
class Call:
    """One request: path and query parameters, the JSON body, and the version in If-Match."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    version: int | None

    def seconds(self, name: str) -> float:
        """A query parameter that is a time; InputError if it is none."""
        try:
            found = float(self.query[name])
        except (KeyError, ValueError):
            found = -1.0
        if not 0.0 <= found < float("inf"):
            raise InputError(f"the parameter {name} is no number of seconds")
        return found

    def require_version(self) -> int:
        """The version that a change is made to; `NoVersion` if the request does not say."""
        if self.version is None:
            what = "the request does not say which version it changes"
            raise NoVersion(what, hint="send the version as If-Match")
        return self.version


Answer = Mapping[str, Any] | Sequence[Any] | Json | Text
"""What an endpoint makes of a request; a mapping or a sequence is sent as JSON."""


def endpoint(work: Callable[[Call], Answer]) -> Callable[[Request], Any]:
    """An endpoint that does `work` in a thread, and turns its errors into answers."""
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import ClientDisconnect

    async def answer(request: Request) -> Response:
        content = bytearray()
        try:
            async for chunk in request.stream():
                content += chunk
                if len(content) > _MOST_BYTES:
                    return _error(InputError("the request is too large"), 413)
        except ClientDisconnect:
            return failure("the request is incomplete", 400)
        try:
            call = _call(request, bytes(content))
        except InputError as error:
            return _error(error, 400)
        return await run_in_threadpool(_done, work, call)

    return answer


def _done(work: Callable[[Call], Answer], call: Call) -> Response:
    try:
        made = work(call)
    except ChapterizeError as error:
        status = next((code for kind, code in _STATUS if isinstance(error, kind)), 400)
        return _error(error, status)
    if isinstance(made, Text):
        return _text(made)
    if isinstance(made, Json):
        return _json(made.value, made.status)
    version = made.get("version") if isinstance(made, Mapping) else None
    return _json(made, headers={} if version is None else {"ETag": f'"{version}"'})


def failure(what: str, status: int, cause: Exception | None = None) -> Response:
    """The answer to a request that failed for a reason that no `ChapterizeError` describes."""
    if cause is not None:
        logging.getLogger(__name__).debug("a request failed", exc_info=cause)
    why = "" if cause is None else f"{type(cause).__name__}: {cause}"
    return _json({"error": {"what": what, "why": blank_secrets(why), "hint": ""}}, status)


def error_json(error: Exception) -> dict[str, Any]:
    """What failed, why, and what to do next, without secrets and command-line options."""
    if not isinstance(error, ChapterizeError):
        return {"what": blank_secrets(f"{type(error).__name__}: {error}"), "why": "", "hint": ""}
    # A page has no command line: what names an option helps nobody there.
    hint = re.sub(r" with -[\w-]+( or -[\w-]+)*$", "", error.hint)
    hints = [part for part in re.split(r"(?<=[,;?.]) ", hint) if "--" not in part]
    parts = {"what": error.what, "why": error.why, "hint": " ".join(hints).rstrip(",;")}
    return {name: blank_secrets(text) for name, text in parts.items()}


def compressed(work: Callable[[], Any]) -> Callable[[Request], Response]:
    """An endpoint for what is large and never changes: made and compressed once."""
    from starlette.responses import Response

    made: list[bytes] = []
    lock = threading.Lock()

    def answer(request: Request) -> Response:
        with lock:
            if not made:
                text = json.dumps(work(), ensure_ascii=False, separators=(",", ":"))
                made.append(gzip.compress(text.encode(), 6))
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(gzip.decompress(made[0]), media_type="application/json")
        headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(made[0], 200, headers, "application/json")

    return answer


def _call(request: Request, content: bytes) -> Call:
    body: Any = {}
    if content:
        try:
            body = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise InputError("the request cannot be read", why=str(error)) from error
    if not isinstance(body, dict):
        raise InputError("the request cannot be read", why="it is no JSON object")
    match = request.headers.get("if-match", "").strip().removeprefix("W/").strip('"')
    is_number = match.isascii() and match.isdigit() and len(match) < 16
    version = int(match) if is_number else None
    return Call(request.path_params, request.query_params, body, version)


def _json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    from starlette.responses import Response

    content = json.dumps(without_secrets(value), ensure_ascii=False, separators=(",", ":"))
    # A name of a file, or a title, may hold what UTF-8 cannot.
    encoded = content.encode("utf-8", "replace")
    return Response(encoded, status, dict(headers or {}), "application/json")


def _error(error: ChapterizeError, status: int) -> Response:
    parts = error_json(error)
    if isinstance(error, Conflict):
        parts["names"] = list(error.names)
    more = {"current": error.current} if isinstance(error, Changed) else {}
    return _json({"error": parts, **more}, status)


def _text(made: Text) -> Response:
    from starlette.responses import Response

    name = quote(made.name.encode("utf-8", "replace"), safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    encoded = made.text.encode("utf-8", "replace")
    return Response(encoded, 200, headers, "text/plain; charset=utf-8")
