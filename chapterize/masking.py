"""Secrets are masked in everything that is printed, logged or recorded.

A service may repeat the token that it was sent, whole or in two pieces. So every known secret is
registered here, and its own characters are masked, whatever it looks like.
"""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from itertools import groupby
from typing import Any
from urllib.parse import quote

__all__ = ["blank_secrets", "hide", "start_of_secret", "without_secrets"]

_MASK = "…"
_PREFIX = r"nmv_[A-Za-z0-9]+_"
_SECRET = re.compile(rf"{_PREFIX}[^\s\"'&<>,;)}}\]]+")
_PIECE = 8
_WORD = 12
"""Lengths of the shortest part of a secret that is masked, because the rest came in another event.

A part of lowercase letters alone must have the greater one: lower values would blank ordinary words
for a token that contains some.
"""

_SEED = 4
"""Eight characters of a secret in a row contain one of its groups of four: a text without any of
those is not searched further."""

_whole: set[str] = set()
_spelled: set[str] = set()
_pieces: set[str] = set()
_seeds: set[str] = set()
_short: set[str] = set()


def hide(secret: str) -> None:
    """Mask `secret` from now on, also URL-encoded and in base64.

    One of fewer than 8 characters is masked only after a word such as "token": it may be a word of
    ordinary text, and is too short to be a secret.
    """
    if not secret or secret in _whole:
        return
    if len(secret) < _PIECE:
        _short.add(secret)
        return
    _whole.add(secret)
    for form in _forms(secret):
        _spelled.add(form)
        # The public part of a token is not secret.
        own = re.sub(rf"^{_PREFIX}", "", form)
        _seeds.update(own[at : at + _SEED] for at in range(0, len(own) - _SEED + 1, _SEED))
        for length in (_PIECE, _WORD):
            parts = (own[at : at + length] for at in range(len(own) - length + 1))
            _pieces.update(
                part for part in parts if length == _WORD or not (part.isalpha() and part.islower())
            )


def _forms(secret: str) -> Iterator[str]:
    yield from {secret, quote(secret, safe="")}
    content = secret.encode("utf-8", "surrogatepass")
    for encode in (b64encode, urlsafe_b64encode):
        for n_before in range(3):
            # The characters at both ends depend on what is encoded before and after the secret.
            encoded = encode(b"\0" * n_before + content).decode().rstrip("=")
            yield encoded[n_before + (n_before > 0) : -1]


def blank_secrets(text: str) -> str:
    """Return `text` with "…" for everything that is a known secret, or looks like a token."""
    # A copy: another thread may fetch a token meanwhile.
    for secret in tuple(_whole):
        text = text.replace(secret, _MASK)
    # Before the pieces: a token that has lost its prefix would no longer be recognised.
    text = _SECRET.sub(_MASK, text)
    if any(seed in text for seed in tuple(_seeds)):
        text = _without_pieces(text)
    for secret in tuple(_short):
        named = rf"((?:bearer|token|authorization|secret|key)[\"'\s:=]{{1,5}}){re.escape(secret)}"
        text = re.sub(rf"{named}(?!\w)", rf"\1{_MASK}", text, flags=re.I)
    return text


def start_of_secret(text: str) -> int:
    """Return how many characters at the end of `text` may be the start of a known secret.

    They must not be shown before what follows is known.
    """
    lengths = (
        n
        for form in tuple(_spelled)
        for n in range(1, min(len(form), len(text) + 1))
        if text.endswith(form[:n])
    )
    return max(lengths, default=0)


def _without_pieces(text: str) -> str:
    is_masked = bytearray(len(text))
    for length in (_PIECE, _WORD):
        for at in range(len(text) - length + 1):
            if text[at : at + length] in _pieces:
                is_masked[at : at + length] = b"\1" * length
    if 1 not in is_masked:
        return text
    runs = groupby(zip(is_masked, text, strict=True), key=lambda pair: pair[0])
    return "".join(_MASK if masked else "".join(c for _, c in run) for masked, run in runs)


def without_secrets(value: Any) -> Any:
    """Return a JSON value with the secrets in its texts and keys masked."""
    if isinstance(value, str):
        return blank_secrets(value)
    if isinstance(value, dict):
        return {without_secrets(key): without_secrets(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(each) for each in value]
    return value
