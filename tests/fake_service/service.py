"""The state of the service: scripted with `switches` and `fail`, inspected by its lists."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.fake_service.answers import Refused, odd_headers
from tests.fake_service.drafts import write_draft
from tests.fake_service.faults import CALLS, Fault, status
from tests.fake_service.records import (
    Account,
    Charge,
    Later,
    Message,
    Render,
    Request,
    Session,
    Token,
)
from tests.fake_service.switches import Switches

STARTER_CREDITS = 100
TOKEN_SECONDS = 7 * 24 * 3600.0


@dataclass
class _Planned:
    call: str
    fault: Fault
    times: int
    skip: int


class FakeService:
    """The interface for tests. `base` is the address; `lock` guards everything.

    `complaints` lists breaches of the contract that a lenient service would overlook: missing
    headers, a message sent twice, a draft that came back changed. `crashes` are errors of the fake
    itself; they fail the test at its end.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = ""
        self.switches = Switches()
        self.lock = threading.RLock()
        self.stopping = asyncio.Event()
        self.history: list[Request] = []
        self.messages: list[Message] = []
        self.charges: list[Charge] = []
        self.renders: dict[str, Render] = {}
        self.sessions: dict[str, Session] = {}
        self.tokens: dict[str, Token] = {}
        self.accounts: dict[str, Account] = {}
        self.unauthorised_leaks: list[str] = []
        self.complaints: list[str] = []
        self.crashes: list[str] = []
        self._starter = STARTER_CREDITS
        self._planned: list[_Planned] = []
        self._expired_http = 401

    # What tests script

    def fail(self, call: str, fault: Fault, times: int = 1, skip: int = 0) -> None:
        """Let the next `times` requests of `call`, after `skip` good ones, meet `fault`."""
        if call not in CALLS:
            raise ValueError(f"no such call: {call}")
        with self.lock:
            self._planned.append(_Planned(call, fault, times, skip))

    def new_token(self, n_credits: int = STARTER_CREDITS) -> str:
        """A token of a new registered user, for ``NEMO_TOKEN``."""
        with self.lock:
            account = self.new_account(is_anonymous=False)
            account.available = account.total = n_credits
            return self.issue(account).text

    def expire_tokens(self, how: Literal["http", "code"] = "http") -> None:
        """Answer 1001 to all tokens known now."""
        with self.lock:
            self._expired_http = 401 if how == "http" else 200
            for token in self.tokens.values():
                token.is_expired = True

    def lose_sessions(self) -> None:
        """Answer 1002 to all sessions known now."""
        with self.lock:
            for session in self.sessions.values():
                session.is_lost = True

    @property
    def credits(self) -> int:
        """Credits of the newest account; setting them applies to every account, and new ones."""
        with self.lock:
            accounts = list(self.accounts.values())
            return accounts[-1].available if accounts else self._starter

    @credits.setter  # noqa: A003
    def credits(self, number: int) -> None:
        with self.lock:
            self._starter = number
            for account in self.accounts.values():
                account.available, account.total = number, number + account.frozen

    # What tests inspect

    def calls(self, call: str) -> list[Request]:
        """The requests of one call, oldest first."""
        with self.lock:
            return [each for each in self.history if each.call == call]

    def draft(self, session: str | None = None) -> dict[str, Any]:
        """The current draft of one session or the newest; not counted as a reading."""
        with self.lock:
            chosen = self.sessions[session] if session else list(self.sessions.values())[-1]
            return write_draft(chosen.pieces, chosen.notes, self.switches.segment_shape)

    # What the calls use

    def now(self) -> float:
        """The time on the service's clock, in Unix seconds."""
        return time.time() + self.switches.clock_offset

    async def pause(self, seconds: float) -> bool:
        """Wait; return False as soon as the service stops."""
        try:
            await asyncio.wait_for(self.stopping.wait(), min(seconds, 86_400.0))
        except TimeoutError:
            return True
        return False

    def take(self, switch: str) -> bool:
        """Whether a counting switch is above zero; decrease it by one."""
        with self.lock:
            left = int(getattr(self.switches, switch))
            if left > 0:
                setattr(self.switches, switch, left - 1)
            return left > 0

    def next_fault(self, call: str) -> Fault | None:
        """The planned fault of this request, or that of the switches for bursts and limits."""
        with self.lock:
            for planned in self._planned:
                if planned.call == call and planned.skip > 0:
                    planned.skip -= 1
                    return None
                if planned.call == call and planned.times > 0:
                    planned.times -= 1
                    return planned.fault
            about = self.switches.burst_calls or tuple(set(CALLS) - {"cdn"})
            if call in about and self.switches.bursts:
                return status(self.switches.bursts.pop(0), b"<html>upstream error</html>")
            if call in about and self.take("rate_limited"):
                return status(429, b'{"code":429,"message":"too many requests","data":null}')
        return None

    def complain(self, text: str) -> None:
        with self.lock:
            self.complaints.append(text)

    def new_account(self, *, is_anonymous: bool = True) -> Account:
        with self.lock:
            prefix = "anon" if is_anonymous else "user"
            account = Account(f"{prefix}_{secrets.token_hex(4)}", self._starter, self._starter)
            account.is_anonymous = is_anonymous
            self.accounts[account.user_id] = account
            return account

    def issue(self, account: Account, client_id: str | None = None) -> Token:
        """A new token, valid for seven days."""
        with self.lock:
            text, now = f"nmv_usr_{secrets.token_hex(16)}", self.now()
            token = Token(text, account, now, now + TOKEN_SECONDS, client_id)
            self.tokens[text] = token
            return token

    def check_headers(self, request: Request) -> None:
        for odd in odd_headers(request.headers):
            self.complain(f"{request.call}: {odd}")

    def authorise(self, request: Request) -> Account:
        """The account of a request.

        Raises
        ------
        Refused : 1001, no token, or an unknown or expired one.
        """
        self.check_headers(request)
        with self.lock:
            if self.switches.token_expired:
                self.expire_tokens(self.switches.token_expired)
                self.switches.token_expired = ""
            scheme, _, text = request.headers.get("authorization", "").partition(" ")
            token = self.tokens.get(text)
            if scheme.lower() != "bearer" or token is None:
                raise Refused(1001, "invalid token", http=401)
            if token.is_expired or token.expires_at <= self.now():
                raise Refused(1001, "token expired", http=self._expired_http)
            return token.account

    def session_of(self, account: Account, session_id: object) -> Session:
        """A user's own session.

        Raises
        ------
        Refused : 1002, it does not exist, belongs to another user, or is lost.
        """
        with self.lock:
            if self.switches.lost_sessions:
                self.lose_sessions()
                self.switches.lost_sessions = False
            session = self.sessions.get(str(session_id))
            if session is None or session.owner is not account or session.is_lost:
                raise Refused(1002, "session not found")
            return session

    def spend(self, what: str, session: Session, amount: int, *, freeze: bool = False) -> None:
        """Charge an account once.

        Raises
        ------
        Refused : 2001, not enough credits.
        """
        with self.lock:
            account = session.owner
            if account.available < amount:
                raise Refused(2001, "insufficient credits")
            account.available -= amount
            if freeze:
                account.frozen += amount
            else:
                account.total -= amount
            self.charges.append(Charge(what, session.id, amount))

    def later(self, session: Session, n_readings: int, change: Callable[[], None]) -> None:
        """Make `change` now, or after `n_readings` more readings of the state."""
        with self.lock:
            if n_readings <= 0:
                change()
            else:
                session.later.append(Later(n_readings, change))
