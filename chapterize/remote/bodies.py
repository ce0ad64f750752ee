"""The body of an answer: read up to a limit, unwrapped, and its words shown without secrets."""

from __future__ import annotations

from typing import Any

from chapterize.errors import RemoteError, RemoteProtocolError
from chapterize.remote.answers import unwrap
from chapterize.remote.identity import blank_secrets

__all__ = ["unwrapped"]

_MOST_BYTES = 64_000_000
"""No answer but a video is longer: a draft of a thousand segments is some hundred kilobytes."""


def unwrapped(response: Any, secret: str) -> dict[str, Any]:
    """The JSON object of an HTTP response whose body is still to be read.

    `secret` : the token in use, which a service that refuses may repeat.

    Raises
    ------
    RemoteError : as `unwrap`; or the body has no end.
    """
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if len(content) > _MOST_BYTES:
            raise RemoteProtocolError(
                "the service's answer is too long",
                why=f"it has more than {_MOST_BYTES // 1_000_000} MB",
                hint="the service may have changed; look for a newer chapterize",
            )
    asked = response.headers.get("retry-after", "")
    wait = float(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else None
    try:
        return unwrap(response.status_code, bytes(content), wait)
    except RemoteError as error:
        error.why = blank_secrets(error.why, secret)
        raise
