"""HTTP for titles: a server on this machine, and no other."""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chapterize.errors import InputError

if TYPE_CHECKING:
    import httpx

__all__ = ["KEY_VARIABLE", "EndpointLimits", "Failure", "Server", "checked_base", "checked_key"]

KEY_VARIABLE = "CHAPTERIZE_TITLES_KEY"
"""Environment variable with the key of a server that needs one."""

_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
_MOST_BYTES = 1_000_000
_SHOWN = 120


@dataclass(frozen=True)
class EndpointLimits:
    """Limits on the requests of one draft, in seconds.

    `request` leaves a model that thinks time for one title.
    """

    connect: float = 5.0
    request: float = 120.0
    total: float = 900.0


class Failure(Exception):
    """The server gave no usable answer.

    `is_final` : the next request would fail too. `was_sent` : the request may have arrived.
    `status` : the HTTP status, if there was a response.
    """

    def __init__(
        self, why: str, *, is_final: bool = True, was_sent: bool = True, status: int | None = None
    ) -> None:
        super().__init__(why)
        self.why = why
        self.is_final = is_final
        self.was_sent = was_sent
        self.status = status


def checked_base(url: str) -> str:
    """Return the base address in normal form; InputError if it is not http on this machine."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise _refusal("it is not an address") from error
    if parts.scheme not in ("http", "https") or not host:
        raise _refusal("it does not start with http:// and a host")
    if parts.username is not None or parts.password is not None:
        raise _refusal(f"it contains a user name or password; set {KEY_VARIABLE} for a key")
    if parts.query or parts.fragment or not parts.path.isprintable() or " " in parts.path:
        raise _refusal("it contains more than scheme, host, port and path")
    _require_loopback(host)
    # Built from the checked parts, so that another parser cannot read another host from it.
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def checked_key() -> str:
    """The key in the environment, or an empty text; InputError if no header can hold it."""
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise InputError(
            f"the key in {KEY_VARIABLE} cannot be sent",
            why="it contains spaces or characters outside ASCII",
            hint="correct it, or unset it: most local servers need no key",
        )
    return key


def _require_loopback(host: str) -> None:
    addresses = {host}
    if host == "localhost":
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError as error:
            raise _refusal("localhost has no address") from error
        addresses = {str(entry[4][0]) for entry in found}
    for address in addresses:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError as error:
            raise _refusal(f"{host} may be another machine") from error
        if not any(ip in network for network in _LOOPBACK):
            raise _refusal(f"{host} is another machine, or reachable from others")


def _refusal(why: str) -> InputError:
    # The address is not repeated: it may contain a password.
    return InputError(
        "the title server cannot be used",
        why=f"{why}; the transcript is not sent to other machines",
        hint="give a server on this machine, such as http://127.0.0.1:11434/v1",
    )


class Server:
    """A connection to an OpenAI-compatible server, made by `opened`."""

    def __init__(self, base: str, client: httpx.Client, key: str, limits: EndpointLimits) -> None:
        self.base = base
        self._client = client
        self._key = key
        self._limits = limits
        self._until = time.monotonic() + limits.total

    def __repr__(self) -> str:
        return f"Server({self.base!r})"

    @classmethod
    @contextmanager
    def opened(cls, base: str, limits: EndpointLimits) -> Iterator[Server]:
        """A connection without proxies, cookies or redirects; checks address and key again."""
        import httpx

        checked_base(base)
        key = checked_key()
        # No compression: a small answer could decompress to a huge one.
        headers = {"Accept-Encoding": "identity"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        timeout = httpx.Timeout(limits.request, connect=limits.connect)
        with httpx.Client(
            headers=headers, timeout=timeout, trust_env=False, follow_redirects=False
        ) as client:
            yield cls(base, client, key, limits)

    def models(self) -> list[str]:
        """Names of the server's models; Failure if it lists none."""
        answer = self._send("GET", "/models", None)
        rows = answer.get("data", answer.get("models"))
        names = [row.get("id") or row.get("name") for row in _objects(rows)]
        found = [name for name in names if isinstance(name, str) and name]
        if not found:
            raise Failure("it lists no models")
        return found

    def complete(self, body: Mapping[str, Any]) -> str:
        """The text of a chat completion with the request `body`; Failure if there is none.

        Retries once if the connection breaks.
        """
        try:
            answer = self._send("POST", "/chat/completions", body)
        except _Broken:
            answer = self._send("POST", "/chat/completions", body)
        choices = _objects(answer.get("choices"))
        message = choices[0].get("message") if choices else None
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, list):
            content = "".join(str(part.get("text", "")) for part in _objects(content))
        if not isinstance(content, str):
            raise Failure("its answer has no text", is_final=False)
        return content

    def shown(self, text: str) -> str:
        """`text` for display: one short line, without the key."""
        if self._key:
            text = text.replace(self._key, "…")
        line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"

    def _send(self, verb: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        import httpx

        left = self._until - time.monotonic()
        if left <= 0:
            why = f"it took more than {self._limits.total:g} s in total"
            raise Failure(why, was_sent=False)
        timeout = httpx.Timeout(min(self._limits.request, left), connect=self._limits.connect)
        until = time.monotonic() + min(self._limits.request, left)
        try:
            with self._client.stream(
                verb, self.base + path, json=body, timeout=timeout
            ) as response:
                content = _read(response, until)
                status = response.status_code
        except httpx.ConnectTimeout as error:
            raise Failure("connecting to it timed out", was_sent=False) from error
        except httpx.TimeoutException as error:
            why = f"it did not answer within {timeout.read:g} s"
            raise Failure(why, is_final=False) from error
        except httpx.ConnectError as error:
            why = f"it cannot be reached: {self.shown(str(error))}"
            raise Failure(why, was_sent=False) from error
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            raise _Broken("the connection broke", is_final=False) from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise Failure(f"the request failed: {type(error).__name__}") from error
        if status != httpx.codes.OK:
            raise self._refused(status, content)
        return _decoded(content)

    def _refused(self, status: int, content: bytes) -> Failure:
        if 300 <= status < 400:
            return Failure(f"it redirects (HTTP {status}), and redirects are not followed")
        said = self.shown(_message(content))
        meaning = {
            401: f"it needs a key; set {KEY_VARIABLE}",
            403: "it rejects the key",
            404: "it does not have this model",
        }
        text = f"{meaning.get(status, 'it failed')} (HTTP {status}){f': {said}' if said else ''}"
        return Failure(text, is_final=status < 500 and status != 429, status=status)


class _Broken(Failure):
    """The connection broke."""


def _read(response: httpx.Response, until: float) -> bytes:
    """The body, unless it arrives too slowly or is too long."""
    content = b""
    # Read chunks as they arrive: a slow server could delay full ones beyond the limit.
    for chunk in response.iter_raw():
        content += chunk
        if len(content) > _MOST_BYTES:
            raise Failure("its answer is too long for a title")
        if time.monotonic() > until:
            raise Failure("its answer took too long", is_final=False)
    return content


def _decoded(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Failure("its answer is not JSON", is_final=False) from error
    if not isinstance(answer, dict):
        raise Failure("its answer is not a JSON object", is_final=False)
    return answer


def _message(content: bytes) -> str:
    """The error message of a server: ``error.message`` as from OpenAI, or ``detail``."""
    try:
        answer = _decoded(content)
    except Failure:
        return ""
    error = answer.get("error", answer.get("detail", answer.get("message", "")))
    error = error.get("message", "") if isinstance(error, dict) else error
    return error if isinstance(error, str) else ""


def _objects(rows: object) -> list[dict[str, Any]]:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
