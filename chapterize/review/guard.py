"""Who may talk to the server: this machine's own page, and nobody else.

A web page of another site can send requests to a port of this machine, and through DNS rebinding
even with a Host and an Origin of its own that agree. So Host and Origin must be this server's, and
data needs a token that only the page knows.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

__all__ = ["OPEN", "Guard", "Keys"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "media-src 'self' blob:",
        "img-src 'self' data: blob:",
        "style-src 'self'",
        "script-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    )
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_SAFE = ("GET", "HEAD")
OPEN = "/open/"
"""Before the code that opens the page once."""
TOKEN_HEADER = "x-chapterize-token"  # noqa: S105 - the name of a header


class Keys:
    """The secrets of one run: `token` opens the data, `media` the addresses of media.

    A browser is started with a code instead of the token: other users of the machine see the
    arguments of every process, and each code opens the page once.
    """

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(32)
        self.media = secrets.token_urlsafe(32)
        self._codes: set[str] = set()

    def __repr__(self) -> str:
        return "Keys()"

    def new_code(self) -> str:
        """A code that opens the page once."""
        code = secrets.token_urlsafe(24)
        self._codes.add(code)
        return code

    def redeem(self, code: str) -> bool:
        """Whether `code` opens the page; the next time, it does not."""
        is_valid = code in self._codes
        self._codes.discard(code)
        return is_valid


class Guard:
    """An ASGI application that lets only allowed requests through to `app`.

    The page and its parts contain no data, so they need no token: otherwise the address alone
    could not open the page.
    """

    def __init__(self, app: App, keys: Keys, port: int) -> None:
        self._app = app
        self._keys = keys
        names = ("127.0.0.1", "localhost")
        self._hosts = {f"{name}:{port}" for name in names}
        if port == 80:
            self._hosts.update(names)
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            # Nothing here speaks WebSocket.
            await send({"type": "websocket.close", "code": 1008})
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), *_HEADERS]
                if not any(name.lower() == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                message["headers"] = headers
            await send(message)

        why = self._refusal(scope)
        if why is None:
            await self._app(scope, receive, guarded)
            return
        error = {"what": "the request was refused", "why": why, "hint": ""}
        body = json.dumps({"error": error}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await guarded({"type": "http.response.start", "status": 403, "headers": headers})
        sent = b"" if scope["method"] == "HEAD" else body
        await guarded({"type": "http.response.body", "body": sent})

    def _refusal(self, scope: Scope) -> str | None:
        """Why a request is refused; None if it is not."""
        headers = _headers(scope)
        if headers.get("host", "").lower() not in self._hosts:
            return "it is addressed to another host"
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in self._origins:
            return "it comes from another site"
        path = str(scope["path"])
        if scope["method"] not in _SAFE:
            site = headers.get("sec-fetch-site")
            if origin is None and site != "same-origin":
                return "it does not say that it comes from this page"
        if path == "/" or path.startswith(("/static/", OPEN)) or path == "/favicon.ico":
            return None if scope["method"] in _SAFE else "the page cannot be changed"
        if path.startswith("/media/"):
            key = path.split("/")[2]
            return None if _equal(key, self._keys.media) else "the address is of another run"
        if not _equal(headers.get(TOKEN_HEADER, ""), self._keys.token):
            return "the token is missing, or of another run; open the address in the terminal again"
        return None


def _headers(scope: Scope) -> Mapping[str, str]:
    """The headers by name; one that comes twice has both values, which are then no valid one."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _equal(given: str, secret: str) -> bool:
    return secrets.compare_digest(given.encode(), secret.encode())
