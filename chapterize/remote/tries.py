"""When a request that failed may be sent again, and how long to wait before."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from chapterize.errors import RateLimited, RemoteUnreachable, TokenRefused
from chapterize.remote.identity import TOKEN_VARIABLE

if TYPE_CHECKING:
    from chapterize.remote.client import Client

__all__ = ["SILENT", "Tries"]

SILENT = "it does not answer"
"""Why nothing came in time: worth one more try, but not many long waits."""


class Tries:
    """Whether a request that failed is sent again, and the wait before."""

    def __init__(self, client: Client, *, is_safe: bool = False, can_renew: bool = True) -> None:
        self.client = client
        self.is_safe = is_safe
        self.can_renew = can_renew
        if can_renew:
            # Fetched here and not within a try: that call has tries of its own.
            _ = client.token
        self.n_limited = self.n_lost = self.n_gateway = 0

    def again(self, error: RateLimited | TokenRefused | RemoteUnreachable) -> None:
        """Return when the request may be sent again; raise `error` when it may not."""
        waits = self.client.waits
        if isinstance(error, TokenRefused):
            self._renew(error)
        elif isinstance(error, RateLimited):
            self.n_limited += 1
            if self.n_limited > 1:
                raise error
            time.sleep(min(error.wait or waits.limited, waits.limited))
        elif not error.was_sent or error.why == SILENT:
            self.n_lost += 1
            if self.n_lost > 1 or (error.was_sent and not self.is_safe):
                raise error
            time.sleep(waits.again)
        else:
            self.n_gateway += 1
            if not self.is_safe or self.n_gateway > waits.n_gateway:
                raise error
            time.sleep(waits.gateway * 2.0 ** (self.n_gateway - 1))

    def _renew(self, error: TokenRefused) -> None:
        is_ours = self.can_renew and not self.client.token.is_anonymous
        if is_ours:
            error.hint = f"set {TOKEN_VARIABLE} to a new token, or unset it for a starter token"
        if is_ours or not self.can_renew or not self.client.renew_token():
            raise error
        self.can_renew = False
