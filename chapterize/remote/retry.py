"""How long the client waits for the service, and when it sends a failed request again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from chapterize.errors import RateLimited, RemoteUnreachable, TokenRefused
from chapterize.remote.identity import is_loopback

__all__ = ["SILENT", "Tries", "Waits"]

SILENT = "it does not answer"
"""Reason given on a read timeout: retry once, without gateway back-off."""

_PACE_VARIABLE = "CHAPTERIZE_PACE"
_SLOWEST_PACE = 1000.0
_UNPACED = ("connect", "answer", "upload")


@dataclass(frozen=True)
class Waits:
    """Timeouts and pauses in seconds; fields whose names start with ``n_`` are counts.

    One request: `connect`, `answer` (silence before or within an answer), `upload` (silence after
    the last byte was sent). Before a retry: `again` after a lost connection; `gateway` after the
    first gateway error, doubled each time, up to `n_gateway` times; `limited` after too many
    requests. A download is resumed up to `n_resume` times without progress.

    One run of the agent: `run` in total, `silence` without a byte, `stall` with heartbeats only,
    `report` between two messages that it is still working.

    Reading the state: `settle` between two readings that should agree, at most `n_settle` of them;
    after a broken stream `broken` before the first reading, then `unchanged` before each of
    `n_unchanged`. A render is polled every `poll` seconds, for at most `render` seconds.
    """

    connect: float = 10.0
    answer: float = 60.0
    upload: float = 300.0
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
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        return Waits(
            **{
                name: value if name in _UNPACED or name.startswith("n_") else value * factor
                for name, value in own.items()
            }
        )


class Tries:
    """The retries of one request.

    Parameters
    ----------
    is_safe : the request may be repeated even if the service has already acted on it.
    renew : replaces a refused token, or raises; None for a request without a token.
    """

    def __init__(
        self,
        waits: Waits,
        *,
        is_safe: bool = False,
        renew: Callable[[TokenRefused], None] | None = None,
    ) -> None:
        self.waits = waits
        self.is_safe = is_safe
        self._renew = renew
        self._n_limited = self._n_lost = self._n_gateway = 0

    def again(self, error: RateLimited | TokenRefused | RemoteUnreachable) -> None:
        """Wait and return if the request may be sent again; raise `error` otherwise."""
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
        elif not error.was_sent or error.why == SILENT:
            self._n_lost += 1
            if self._n_lost > 1 or (error.was_sent and not self.is_safe):
                raise error
            time.sleep(self.waits.again)
        else:
            self._n_gateway += 1
            if not self.is_safe or self._n_gateway > self.waits.n_gateway:
                raise error
            time.sleep(self.waits.gateway * 2.0 ** (self._n_gateway - 1))
