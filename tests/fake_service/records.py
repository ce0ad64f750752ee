"""Records of the service: accounts, tokens, sessions, uploads, messages, charges, renders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fake_service.drafts import Piece


@dataclass
class Request:
    """One request; `body` and `n_bytes` are filled in while it is read.

    `call` is a name of `faults.CALLS` or ``"other"``; header names are in lower case; `body` is
    None if it is not JSON; `at` is in seconds of ``time.monotonic``.
    """

    call: str
    verb: str
    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    at: float
    body: Any = None
    n_bytes: int = 0


@dataclass
class Account:
    """A user and their credits; `frozen` ones belong to unfinished renders."""

    user_id: str
    available: int
    total: int
    frozen: int = 0
    is_anonymous: bool = True


@dataclass
class Token:
    """A bearer token; times are Unix seconds on the service's clock."""

    text: str = field(repr=False)
    account: Account
    issued_at: float
    expires_at: float
    client_id: str | None = None
    is_expired: bool = False


@dataclass(frozen=True)
class Upload:
    """One accepted file. `path` is None if its bytes were only counted and hashed."""

    filename: str
    file_type: str
    cdn_url: str
    duration: float
    width: int
    height: int
    fps: float
    n_bytes: int
    sha256: str
    path: Path | None
    is_media: bool


@dataclass(frozen=True)
class Message:
    """A text that the agent accepted, and charged for."""

    session: str
    text: str
    at: float


@dataclass(frozen=True)
class Charge:
    """`what` is ``edit``, ``render`` or ``refund`` (a negative `amount`)."""

    what: str
    session: str
    amount: int


@dataclass
class Later:
    """A change of the draft that appears after `n_readings` more readings of the state."""

    n_readings: int
    change: Callable[[], None]


@dataclass
class Session:
    """One project: uploads, the timeline as pieces, and changes still to come."""

    id: str
    task_id: str
    task_name: str
    language: str
    owner: Account
    uploads: list[Upload] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    later: list[Later] = field(default_factory=list)
    n_plans: int = 0
    n_laid: int = 0
    n_readings: int = 0
    shown_draft: Any = None
    is_lost: bool = False


@dataclass
class Render:
    """An export; `status` is ``pending``, ``processing``, ``completed`` or ``failed``."""

    id: str
    session: Session
    draft: Any = field(repr=False)
    output: Any
    cost: int
    status: str = "pending"
    progress: int = 5
    error: str | None = None
    n_polls: int = 0
    path: Path | None = None
    duration: float = 0.0
    url_version: int = 0
    n_expired: int = 0

    @property
    def is_over(self) -> bool:
        return self.status in ("completed", "failed")
