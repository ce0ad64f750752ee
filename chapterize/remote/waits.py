"""How long the service is waited for, in seconds."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from chapterize.remote.identity import is_loopback

__all__ = ["Waits"]

_PACE_VARIABLE = "CHAPTERIZE_PACE"
_SLOWEST = 1000.0
_UNPACED = ("connect", "answer", "upload")


@dataclass(frozen=True)
class Waits:
    """Seconds, but for what begins with ``n_``, which counts.

    Of one request: `connect`, `answer` (silence before or within an answer), `upload` (silence
    after the last byte went out). Before a request is tried again: `again` after a lost
    connection, `gateway` for the first time that a gateway fails and twice as long each time, up
    to `n_gateway` times; `limited` after too many requests, `n_resume` goes at a download.

    Of one run of the agent: `run` in all, `silence` without a byte, `stall` with heartbeats alone,
    `tell` between two words to the user that it is still at work.

    Readings of the state: `settle` between two that should agree, of `n_settle` at the most;
    `broken` before the first after a stream that broke, then `unchanged` before each of
    `n_unchanged`. `poll` between two looks at a render, which may take `render` in all.
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
    tell: float = 120.0
    settle: float = 2.0
    n_settle: int = 10
    broken: float = 30.0
    unchanged: float = 60.0
    n_unchanged: int = 5
    poll: float = 30.0
    render: float = 3600.0

    @classmethod
    def for_address(cls, address: str) -> Waits:
        """Those of the contract; a service on this machine may be asked faster.

        ``CHAPTERIZE_PACE`` is a factor on all waits, heeded for loopback addresses alone.
        """
        pace = os.environ.get(_PACE_VARIABLE, "")
        if not pace or not is_loopback(urlsplit(address).hostname or ""):
            return cls()
        try:
            factor = float(pace)
        except ValueError:
            return cls()
        return cls().paced(factor) if 0 <= factor <= _SLOWEST else cls()

    def paced(self, factor: float) -> Waits:
        """All waits times `factor`; how long an answer may take is left as it is."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        return Waits(
            **{
                name: value if name in _UNPACED or name.startswith("n_") else value * factor
                for name, value in own.items()
            }
        )
