"""One request: what is sent, how long an answer may take, and when it is sent again."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from json import dumps
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chapterize.errors import (
    InputError,
    RateLimited,
    RemoteError,
    RemoteProtocolError,
    RemoteRefused,
    RemoteUnreachable,
    TokenRefused,
)
from chapterize.files import explaining
from chapterize.remote.identity import is_loopback

__all__ = ["LATE", "SILENT", "SLOWEST_RATE", "OnBytes", "Request", "Tries", "Waits"]

OnBytes = Callable[[int], None]
"""Called with the number of bytes of each piece that was sent."""

SILENT = "it does not answer"
"""Reason given on a read timeout: retry once, without gateway back-off."""

LATE = "it sends or takes its data too slowly"
"""Reason given when a request takes too long although bytes arrive: retry once, too."""

SLOWEST_RATE = 16_000.0
"""Bytes a second of a video that are waited for: 128 kbit/s, an old mobile network."""

_PACE_VARIABLE = "CHAPTERIZE_PACE"
_SLOWEST_PACE = 1000.0
_UNPACED = ("connect", "answer", "upload", "whole")
_BAD_REQUEST = 400


@dataclass(frozen=True)
class Request:
    """One request, and how it is sent.

    `path` may be a whole address. `json` or `files`, by name, are the body; `on_bytes` follows
    the files. `silence` replaces the timeout of an answer, and `total` the time from the start to
    the last byte, which starts again with each piece of a file. `is_safe` : it may be repeated.
    """

    verb: str
    path: str
    json: Mapping[str, Any] | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
    on_bytes: OnBytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    silence: float | None = None
    total: float | None = None
    is_safe: bool = False
    with_token: bool = True

    def body(self, stack: ExitStack, on_piece: OnBytes) -> dict[str, Any]:
        """The arguments of httpx; opened files are closed by `stack`.

        `on_piece` is called like `on_bytes`, before it.
        """
        if self.files:
            shown = self.on_bytes or (lambda n_bytes: None)

            def on_bytes(n_bytes: int) -> None:
                on_piece(n_bytes)
                shown(n_bytes)

            opened = [
                # A name that is not valid UTF-8 could not be sent.
                (name.encode("utf-8", "replace").decode(), _opened(path, on_bytes, stack))
                for name, path in self.files.items()
            ]
            return {"files": [("files", each) for each in opened]}
        # A draft is returned as it came, with its NaN and unpaired surrogates.
        return {} if self.json is None else {"content": dumps(self.json).encode()}


class _CountedFile(io.FileIO):
    """A file that reports how much of it has been read."""

    def __init__(self, path: Path, on_bytes: OnBytes) -> None:
        super().__init__(path)
        self._on_bytes = on_bytes

    def read(self, size: int | None = -1) -> bytes:
        """Read the next bytes, at most `size`."""
        piece = super().read(size) or b""
        self._on_bytes(len(piece))
        return piece


def _opened(path: Path, on_bytes: OnBytes, stack: ExitStack) -> io.FileIO:
    hint = "check that the file exists and that you may read it"
    with explaining(InputError, f"cannot read {path}", hint):
        return stack.enter_context(_CountedFile(path, on_bytes))


@dataclass(frozen=True)
class Waits:
    """Timeouts and pauses in seconds; fields whose names start with ``n_`` are counts.

    One request: `connect`, `answer` (silence before or within an answer), `upload` (silence after
    the last byte was sent), `whole` (until the last byte of an answer: a service that sends a byte
    a second must not hold a request for ever). Before a retry: `again` after a lost connection;
    `gateway` after the first gateway error, doubled each time, up to `n_gateway` times; `limited`
    after too many requests. A download is resumed up to `n_resume` times without progress.

    One run of the agent: `run` in total, `silence` without a byte, `stall` with heartbeats only,
    `report` between two messages that it is still working.

    Reading the state: `settle` between two readings that should agree, at most `n_settle` of them;
    after a broken stream `broken` before the first reading, then `unchanged` before each of
    `n_unchanged`. A render is polled every `poll` seconds, for at most `render` seconds.
    """

    connect: float = 10.0
    answer: float = 60.0
    upload: float = 300.0
    whole: float = 90.0
    again: float = 1.0
    gateway: float = 1.0
    n_gateway: int = 4
    limited: float = 30.0
    n_resume: int = 5
    run: float = 900.0
    silence: float = 120.0
    stall: float = 600.0
    report: float = 120.0
    settle: float = 2.0
    n_settle: int = 10
    broken: float = 30.0
    unchanged: float = 60.0
    n_unchanged: int = 5
    poll: float = 30.0
    render: float = 3600.0

    @classmethod
    def for_address(cls, address: str) -> Waits:
        """Return the waits of the contract, scaled for a service on this machine.

        ``CHAPTERIZE_PACE`` is the factor; it is ignored unless the address is a loopback address.
        """
        pace = os.environ.get(_PACE_VARIABLE, "")
        if not pace or not is_loopback(urlsplit(address).hostname or ""):
            return cls()
        try:
            factor = float(pace)
        except ValueError:
            return cls()
        return cls().paced(factor) if 0 <= factor <= _SLOWEST_PACE else cls()

    def paced(self, factor: float) -> Waits:
        """Multiply all waits by `factor`, except the timeouts of a single answer."""
        return Waits(
            **{
                name: value if name in _UNPACED or name.startswith("n_") else value * factor
                for name, value in asdict(self).items()
            }
        )


class Tries:
    """The retries of one request.

    Parameters
    ----------
    is_safe : the request may be repeated even if the service has already acted on it.
    renew : replaces a refused token, or raises; None for a request without a token.
    identify : has the client id sent that an HTTP 400 asks for, or raises; None for other hosts.
    """

    def __init__(
        self,
        waits: Waits,
        *,
        is_safe: bool = False,
        renew: Callable[[TokenRefused], None] | None = None,
        identify: Callable[[RemoteRefused], None] | None = None,
    ) -> None:
        self.waits = waits
        self.is_safe = is_safe
        self._renew = renew
        self._identify = identify
        self._n_limited = self._n_lost = self._n_gateway = 0

    def again(self, error: RemoteError) -> None:
        """Wait and return if the request may be sent again; raise `error` otherwise.

        An answer that cannot be read is like a failing gateway: a safe request is sent again.
        """
        if isinstance(error, TokenRefused):
            renew, self._renew = self._renew, None
            if renew is None:
                raise error
            renew(error)
        elif isinstance(error, RateLimited):
            self._n_limited += 1
            if self._n_limited > 1:
                raise error
            time.sleep(min(error.wait or self.waits.limited, self.waits.limited))
        elif isinstance(error, RemoteRefused):
            # A bad request was not carried out.
            identify, self._identify = self._identify, None
            if identify is None or error.code != _BAD_REQUEST:
                raise error
            identify(error)
        elif isinstance(error, RemoteUnreachable) and (
            not error.was_sent or error.why in (SILENT, LATE)
        ):
            self._n_lost += 1
            if self._n_lost > 1 or (error.was_sent and not self.is_safe):
                raise error
            time.sleep(self.waits.again)
        elif not isinstance(error, RemoteUnreachable | RemoteProtocolError):
            raise error
        else:
            self._n_gateway += 1
            if not self.is_safe or self._n_gateway > self.waits.n_gateway:
                raise error
            time.sleep(self.waits.gateway * 2.0 ** (self._n_gateway - 1))
