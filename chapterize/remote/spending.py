"""What a job spends: the balance is read right before and right after each act that costs credits.

Only one such act at a time happens on this machine: what the balance loses meanwhile is its price,
even if several deliveries use one account.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median_high
from typing import Any

from chapterize.errors import RemoteError, RemoteUnreachable
from chapterize.remote.journal import Job, Link, SessionJournal
from chapterize.remote.journals import journals
from chapterize.remote.request import LATE, SILENT
from chapterize.remote.writer import waiting_turn

__all__ = ["Spending", "balance", "charged", "note_credits", "price_of", "spending", "usual_price"]

_LOCK = "charges.lock"


@dataclass(frozen=True)
class Spending:
    """The credits that a job has spent; if not `is_exact`, it has spent no more than that.

    `before` and `after` are the first and the last balance of the account that were read for it.
    """

    spent: float
    before: float
    after: float
    is_exact: bool = True


def balance(link: Link) -> float | None:
    """Return the available credits; None if the service does not report them.

    If that took as long as it may, it is not asked again: a run reads the balance many times.
    """
    if link.client.is_balance_slow:
        return None
    try:
        return link.client.credits().available
    except RemoteError as error:
        link.client.is_balance_slow = error.why in (SILENT, LATE)
        return None


def note_credits(link: Link, job: Job | None) -> None:
    """Record the balance, if the service reports it."""
    available = balance(link)
    if available is not None:
        link.journal.note("credits", job=job, available=available)


@contextmanager
def charged(link: Link, job: Job | None, what: str) -> Iterator[None]:
    """Do an act that may cost, of `job` or by hand; wait for one of another process to end.

    `what` it is: ``message`` or ``render``.
    """

    def on_wait() -> None:
        link.user.show("Another command is using credits; waiting for it to end.")

    with waiting_turn(link.client.identity.folder / _LOCK, on_wait):
        link.journal.note("charge", job=job, what=what, step="wanted", available=balance(link))
        try:
            yield
        except Exception as error:
            # A service that is down does not report the balance either.
            available = None if isinstance(error, RemoteUnreachable) else balance(link)
            link.journal.note("charge", job=job, what=what, step="done", available=available)
            raise
        link.journal.note("charge", job=job, what=what, step="done", available=balance(link))


def spending(journal: SessionJournal, job: Job | None, since: int = 0) -> Spending | None:
    """Return what `job` has spent so far; None if no balance is known.

    Without a job, what acts by hand have spent; `since` is the number of entries before them.
    """
    noted = _noted(journal, job, since)
    read = [float(entry["available"]) for entry in noted if entry["available"] is not None]
    if not read:
        return None
    most = Spending(max(0.0, read[0] - read[-1]), read[0], read[-1], is_exact=False)
    spent, is_exact = 0.0, True
    for this, then in pairwise([*noted, {}]):
        if this["act"] != "charge" or this["step"] != "wanted":
            continue
        if this["available"] is None or then.get("available") is None:
            return most
        spent += max(0.0, this["available"] - then["available"])
        # The run was killed: another command may have spent some of it.
        is_exact = is_exact and then["act"] == "charge" and then["step"] == "done"
    if not any(entry["act"] == "charge" for entry in noted) and journal.all_of("message", job):
        # Written by an earlier version.
        return most
    spent -= _refunded(journal, job, since)
    return Spending(max(0.0, spent), read[0], read[-1], is_exact)


def price_of(journal: SessionJournal, job: Job, what: str) -> float | None:
    """Return the price of the first ``message`` or ``render`` of `job`; None if unknown."""
    return next(_prices(journal, job, what), None)


def usual_price(folder: Path, what: str) -> float | None:
    """Return the median price of earlier acts; of two in the middle, the higher one."""
    prices = [
        price
        for journal in journals(folder)
        for job in journal.jobs
        for price in _prices(journal, job, what)
    ]
    return median_high(prices) if prices else None


def _noted(journal: SessionJournal, job: Job | None, since: int = 0) -> list[dict[str, Any]]:
    acts = ("credits", "charge")
    return [e for e in _entries(journal, job, since) if e["act"] in acts]


def _entries(journal: SessionJournal, job: Job | None, since: int) -> list[dict[str, Any]]:
    key = job.key if job is not None else None
    return [entry for entry in journal.entries[since:] if entry.get("job") == key]


def _prices(journal: SessionJournal, job: Job, what: str) -> Iterator[float]:
    for this, then in pairwise(_noted(journal, job)):
        # After a kill the next run's first reading ends the act.
        if (this.get("what"), this.get("step")) != (what, "wanted"):
            continue
        if this["available"] is not None and then["available"] is not None:
            price = float(this["available"] - then["available"])
            # The price of an act that was refused says nothing.
            if price > 0:
                yield price


def _refunded(journal: SessionJournal, job: Job | None, since: int) -> float:
    """What the service has paid back for renders that failed, by the next reading."""
    refunded = price = 0.0
    last: float | None = None
    is_failed = False
    for entry in _entries(journal, job, since):
        if entry["act"] == "render" and entry["step"] == "failed":
            is_failed = True
        elif entry["act"] in ("credits", "charge") and entry["available"] is not None:
            now = float(entry["available"])
            if is_failed and last is not None:
                refunded += min(price, max(0.0, now - last))
            is_failed = False
            if entry["act"] == "charge" and (entry["what"], entry["step"]) == ("render", "done"):
                price = max(0.0, last - now) if last is not None else 0.0
            last = now
    return refunded
