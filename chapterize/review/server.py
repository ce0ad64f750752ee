"""The server of the page: Starlette routes, run by uvicorn on 127.0.0.1."""

from __future__ import annotations

import gzip
import json
import logging
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chapterize.errors import ChapterizeError, InputError, MissingDependency, OutputError
from chapterize.review.api import Api, Text
from chapterize.review.guard import App, Guard, Keys
from chapterize.review.project import Changed

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

__all__ = ["Review", "application", "listen", "serve"]

PAGE = Path(__file__).parent / "page"

_HOST = "127.0.0.1"
_MOST_BYTES = 4 * 1024 * 1024
"""Of a request."""

_GRACE = 0.4
"""Seconds that answers get to finish after Ctrl-C."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
_INSTALL = 'pip install "chapterize-video[review]"'


@dataclass
class Review:
    """What the server serves.

    `routes` : of other modules, below ``/api/`` and ``/media/``; the latter get the path parameter
    ``key``, which is checked before. `on_close` : called when the server stops.
    """

    api: Api
    keys: Keys = field(default_factory=Keys)
    routes: list[BaseRoute] = field(default_factory=list)
    on_close: list[Callable[[], None]] = field(default_factory=list)
    page: Path = PAGE


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
        """The version that a change is made to; `_NoVersion` if the request has none."""
        if self.version is None:
            raise _NoVersion
        return self.version


class _NoVersion(Exception):
    """A change without If-Match."""


def application(review: Review, port: int) -> App:
    """The ASGI application that answers at `port`; MissingDependency without starlette."""
    try:
        from starlette.applications import Starlette
        from starlette.routing import Route
    except ImportError as error:
        raise MissingDependency("starlette", install=_INSTALL, why=str(error)) from error
    api = review.api
    parts = _parts(review.page)

    def page(request: Request) -> Response:
        return _static(parts, request.path_params.get("name", "index.html"), request)

    answers: list[tuple[str, str, Callable[[Call], Any]]] = [
        ("GET", "/api/project", lambda call: api.show()),
        ("GET", "/api/status", lambda call: api.status()),
        ("GET", "/api/why", lambda call: api.why(call.seconds("start"))),
        ("GET", "/api/count/{count:int}", lambda call: api.count(int(call.path["count"]))),
        ("POST", "/api/titles", lambda call: {"titles": api.titles(_starts(call.body))}),
        (
            "GET",
            "/api/suggest",
            lambda call: {"titles": api.suggest(call.seconds("start"), call.seconds("end"))},
        ),
        ("PUT", "/api/chapters", lambda call: api.put(call.body, call.require_version())),
        ("POST", "/api/undo", lambda call: api.undo(call.require_version())),
        ("POST", "/api/redo", lambda call: api.redo(call.require_version())),
        ("POST", "/api/restore", lambda call: api.restore(call.require_version())),
        ("GET", "/api/check", lambda call: api.check(call.query.get("platform", "youtube"))),
        (
            "POST",
            "/api/check",
            lambda call: api.check(str(call.body.get("platform", "youtube"))),
        ),
        ("GET", "/api/text", lambda call: api.text(call.query.get("format", "youtube"))),
        ("POST", "/api/paste", lambda call: api.paste(call.body.get("text"))),
    ]
    large = {"/api/transcript": api.transcript, "/api/curve": api.curve}
    routes: list[BaseRoute] = [
        Route("/", page, methods=["GET"]),
        Route("/static/{name:path}", page, methods=["GET"]),
        *(Route(path, _endpoint(work, api), methods=[method]) for method, path, work in answers),
        *(Route(path, _compressed(work), methods=["GET"]) for path, work in large.items()),
        *review.routes,
    ]

    def missing(request: Request, error: Exception) -> Response:
        return _json({"error": {"what": "there is nothing at this address"}}, 404)

    def failed(request: Request, error: Exception) -> Response:
        logging.getLogger(__name__).debug("a request failed", exc_info=error)
        why = f"{type(error).__name__}: {error}"
        return _json({"error": {"what": "the program failed", "why": why, "hint": ""}}, 500)

    app = Starlette(routes=routes, exception_handlers={404: missing, 500: failed})
    return Guard(app, review.keys, port)


def _endpoint(work: Callable[[Call], Any], api: Api) -> Callable[[Request], Any]:
    """An endpoint that does `work` in a thread and turns its errors into answers."""
    from starlette.concurrency import run_in_threadpool

    async def answer(request: Request) -> Response:
        content = b""
        async for chunk in request.stream():
            content += chunk
            if len(content) > _MOST_BYTES:
                return _error(InputError("the request is too large"), 413)
        try:
            call = _call(request, content)
        except InputError as error:
            return _error(error, 400)
        return await run_in_threadpool(_done, work, call, api)

    return answer


def _done(work: Callable[[Call], Any], call: Call, api: Api) -> Response:
    try:
        made = work(call)
    except _NoVersion:
        what = "the request does not say which version it changes"
        return _error(InputError(what, hint="send If-Match"), 428)
    except Changed as error:
        return _error(error, 412, current=api.state())
    except OutputError as error:
        return _error(error, 503)
    except ChapterizeError as error:
        return _error(error, 400)
    if isinstance(made, Text):
        return _text(made)
    version = made.get("version")
    return _json(made, headers={} if version is None else {"ETag": f'"{version}"'})


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
    return Call(
        request.path_params,
        request.query_params,
        body,
        int(match) if match.isascii() and match.isdigit() and len(match) < 16 else None,
    )


def _starts(body: Mapping[str, Any]) -> list[float]:
    found = body.get("starts")
    if not isinstance(found, list) or not all(
        isinstance(each, int | float) and 0.0 <= each < float("inf") for each in found
    ):
        raise InputError("the request cannot be read", why="starts is no list of seconds")
    return [float(each) for each in found]


def _json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    from starlette.responses import Response

    content = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(content.encode(), status, dict(headers or {}), "application/json")


def _error(error: ChapterizeError, status: int, **more: Any) -> Response:
    parts = {"what": error.what, "why": error.why, "hint": error.hint}
    return _json({"error": parts, **more}, status)


def _text(made: Text) -> Response:
    from starlette.responses import Response

    name = quote(made.name.encode("utf-8", "replace"), safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(made.text.encode(), 200, headers, "text/plain; charset=utf-8")


def _compressed(work: Callable[[], Any]) -> Callable[[Request], Response]:
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


def _parts(folder: Path) -> dict[str, Path]:
    """The files of the page by name: nothing else is ever opened for an address."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in _TYPES
    }


def _static(parts: Mapping[str, Path], name: str, request: Request) -> Response:
    from starlette.responses import Response

    path = parts.get(name)
    if path is None:
        return _json({"error": {"what": "there is nothing at this address"}}, 404)
    content = path.read_bytes()
    headers = {"Cache-Control": "no-cache"}
    return Response(content, 200, headers, _TYPES[path.suffix])


def listen(port: int = 0) -> socket.socket:
    """A socket that listens on 127.0.0.1, at a free port for 0.

    Raises
    ------
    InputError : the port is taken, or may not be used.
    """
    import socket as sockets

    found = sockets.socket(sockets.AF_INET, sockets.SOCK_STREAM)
    try:
        found.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
        found.bind((_HOST, port))
        found.listen()
    except (OSError, OverflowError) as error:
        found.close()
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"port {port} cannot be used", why=why, hint="omit --port, or choose another one"
        ) from error
    return found


def serve(review: Review, listening: socket.socket, *, on_ready: Callable[[], None]) -> None:
    """Serve until Ctrl-C, SIGTERM, or `stop` of the object that `on_ready` may keep.

    Raises
    ------
    MissingDependency : starlette or uvicorn is not installed.
    """
    try:
        import anyio
        import uvicorn
    except ImportError as error:
        raise MissingDependency("uvicorn", install=_INSTALL, why=str(error)) from error
    port = listening.getsockname()[1]
    config = uvicorn.Config(
        application(review, port),
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    # Its own would raise the signal again at the end, as if the user had broken something off.
    server.capture_signals = nullcontext  # type: ignore[assignment,method-assign]

    def end(*_: object) -> None:
        server.should_exit = True
        # Streams that a browser holds open must not hold up the end.
        timer = threading.Timer(_GRACE, partial(setattr, server, "force_exit", True))
        timer.daemon = True
        timer.start()

    try:
        with _signals(end):
            on_ready()
            anyio.run(partial(server.serve, sockets=[listening]))
    finally:
        listening.close()
        for close in review.on_close:
            close()


@contextmanager
def _signals(end: Callable[..., None]) -> Iterator[None]:
    """Inside, SIGINT and SIGTERM call `end`."""
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
