"""How a user who got the local result comes by the service's after all."""

from __future__ import annotations

from urllib.parse import quote

from chapterize.errors import (
    ExportBlocked,
    FileTooLarge,
    OutOfCredits,
    RemoteError,
    TokenRefused,
    UnsupportedFile,
)
from chapterize.remote.identity import Token
from chapterize.remote.journal import SessionJournal

__all__ = ["way_back"]

_REGISTER = "https://nemovideo.com/register?bind="
_TOP_UP = "https://nemovideo.com"


def way_back(
    error: RemoteError,
    token: Token | None,
    journal: SessionJournal | None = None,
    *,
    is_taken: bool = False,
) -> str:
    """How to get the service's result after all; `is_taken` : what was made here has its name."""
    resume = f"chapterize remote resume {journal.name}" if journal is not None else ""
    resume += " --force" if resume and is_taken else ""
    if isinstance(error, TokenRefused) and error.hint:
        return f"{error.hint}, then: {resume or 'chapterize deliver'}"
    if isinstance(error, OutOfCredits):
        where = f"top up at {_TOP_UP}"
        if token is not None and token.is_anonymous and token.user_id:
            where = f"register at {_REGISTER}{quote(token.user_id, safe='')}"
        return f"{where}, then: {resume or 'chapterize deliver'}"
    if isinstance(error, ExportBlocked):
        return f"change the plan at {_TOP_UP}, then: {resume or 'chapterize deliver'}"
    if isinstance(error, UnsupportedFile | FileTooLarge):
        return error.hint
    return f"later: {resume or 'chapterize deliver'}"
