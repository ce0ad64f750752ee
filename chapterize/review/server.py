"""The server of the page: Starlette routes, run by uvicorn on 127.0.0.1."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chapterize.errors import InputError
from chapterize.review.answers import Call, compressed, endpoint, failure
from chapterize.review.api import Api
from chapterize.review.guard import OPEN, App, Guard, Keys
from chapterize.review.listing import check_for, pasted, text_as

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

__all__ = ["Review", "application", "listen", "serve"]

PAGE = Path(__file__).parent / "page"

_HOST = "127.0.0.1"
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

    def address(self, port: int) -> str:
        """The address of the page, with the token."""
        return f"http://{_HOST}:{port}/#token={self.keys.token}"

    def link(self, port: int) -> str:
        """An address that opens the page once, and does not show the token."""
        return f"http://{_HOST}:{port}{OPEN}{self.keys.new_code()}"


def application(review: Review, port: int) -> App:
    """The ASGI application that answers at `port`."""
    from starlette.applications import Starlette
    from starlette.responses import RedirectResponse
    from starlette.routing import Route

    api = review.api
    parts = _parts(review.page)

    def page(request: Request) -> Response:
        return _static(parts, request.path_params.get("name", "index.html"))

    def enter(request: Request) -> Response:
        # A HEAD request must not use up the code.
        if request.method == "GET" and review.keys.redeem(request.path_params["code"]):
            return RedirectResponse(f"/#token={review.keys.token}", 303)
        return failure("this address has opened the page already", 403)

    large = {"/api/transcript": api.transcript, "/api/curve": api.curve}
    routes: list[BaseRoute] = [
        Route("/", page, methods=["GET"]),
        Route("/static/{name:path}", page, methods=["GET"]),
        Route(f"{OPEN}{{code}}", enter, methods=["GET"]),
        *(
            Route(path, endpoint(work), methods=[method])
            for (method, path), work in _answers(api).items()
        ),
        *(Route(path, compressed(work), methods=["GET"]) for path, work in large.items()),
        *review.routes,
    ]

    def missing(request: Request, error: Exception) -> Response:
        return failure("there is nothing at this address", 404)

    def failed(request: Request, error: Exception) -> Response:
        return failure("the program failed", 500, error)

    app = Starlette(routes=routes, exception_handlers={404: missing, 500: failed})
    return Guard(app, review.keys, port)


def _answers(api: Api) -> dict[tuple[str, str], Callable[[Call], Any]]:
    """The functions that answer, by method and address."""
    project = api.project
    return {
        ("GET", "/api/project"): lambda call: api.show(),
        ("GET", "/api/status"): lambda call: api.status(),
        ("GET", "/api/why"): lambda call: api.why(call.seconds("start")),
        ("GET", "/api/count/{count:int}"): lambda call: api.count(int(call.path["count"])),
        ("POST", "/api/titles"): lambda call: api.titles(call.body.get("starts")),
        ("GET", "/api/suggest"): lambda call: api.suggest(
            call.seconds("start"), call.seconds("end")
        ),
        ("PUT", "/api/chapters"): lambda call: api.put(call.body, call.require_version()),
        ("POST", "/api/undo"): lambda call: api.changed(project.undo, call.require_version()),
        ("POST", "/api/redo"): lambda call: api.changed(project.redo, call.require_version()),
        ("POST", "/api/restore"): lambda call: api.changed(project.restore, call.require_version()),
        ("GET", "/api/check"): lambda call: check_for(
            project, call.query.get("platform", "youtube")
        ),
        ("GET", "/api/text"): lambda call: text_as(project, call.query.get("format", "youtube")),
        ("POST", "/api/paste"): lambda call: pasted(project, call.body.get("text")),
    }


def _parts(folder: Path) -> dict[str, Path]:
    """The files of the page by name: nothing else is ever opened for an address."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in _TYPES
    }


def _static(parts: Mapping[str, Path], name: str) -> Response:
    from starlette.responses import Response

    path = parts.get(name)
    if path is None:
        return failure("there is nothing at this address", 404)
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

    found = sockets.socket(
        # With the number of the protocol, asyncio sends small answers at once, else 40 ms later.
        sockets.AF_INET,
        sockets.SOCK_STREAM,
        sockets.IPPROTO_TCP,
    )
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
    """Serve until Ctrl-C or SIGTERM; `on_ready` is called when requests are accepted."""
    import anyio
    import uvicorn

    port = listening.getsockname()[1]
    config = uvicorn.Config(
        application(review, port),
        log_config=None,
        # A failed request is answered as an error; a traceback would say no more to its user.
        log_level="critical",
        access_log=False,
        lifespan="off",
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    # Its own would raise the signal again at the end, as if the user had broken something off.
    setattr(server, "capture_signals", nullcontext)  # noqa: B010

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
