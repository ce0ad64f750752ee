"""Format and parse times; no other module does.

A time is a number of seconds on the player's clock, never negative in text.
"""

from __future__ import annotations

import re

from chapterize.errors import FormatError

__all__ = [
    "format_clock",
    "format_length",
    "format_seconds",
    "format_timestamp",
    "parse_time",
    "to_ms",
]

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2})(?:[.,](\d{1,9}))?")
_PLAIN = re.compile(r"\d{1,9}(?:[.,]\d{1,20})?")


def to_ms(seconds: float) -> int:
    """Nearest whole millisecond; ties go to even, as in `round`."""
    return round(seconds * 1000)


def format_clock(seconds: float) -> str:
    """``0:00``, ``12:05``, ``1:02:03``: whole seconds, rounded down as players do."""
    hours, minutes, secs, _ = _parts(seconds)
    return f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes}:{secs:02d}"


def format_timestamp(seconds: float, *, digits: int = 3, separator: str = ".") -> str:
    """``01:02:03.450``: zero-padded, with `digits` (3 to 9) decimals after `separator`."""
    hours, minutes, secs, ms = _parts(seconds)
    decimals = f"{ms:03d}".ljust(digits, "0")
    return f"{hours:02d}:{minutes:02d}:{secs:02d}{separator}{decimals}"


def _parts(seconds: float) -> tuple[int, int, int, int]:
    # to_ms first: 59.9999999 from a sum of floats is one minute, not 59 s.
    whole, ms = divmod(to_ms(seconds), 1000)
    return whole // 3600, whole // 60 % 60, whole % 60, ms


def format_seconds(seconds: float, *, digits: int = 3) -> str:
    """``62.500``: plain seconds with `digits` (3 to 9) decimals."""
    whole, fraction = divmod(to_ms(seconds), 1000)
    return f"{whole}.{f'{fraction:03d}'.ljust(digits, '0')}"


def format_length(seconds: float) -> str:
    """A duration in words: ``8 s``, ``12 min 5 s``, ``2 h 3 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def parse_time(text: str) -> float:
    """Seconds from ``1:02:03.5``, ``62:03``, ``00:01:02,500`` or plain seconds ``62.5``.

    Seconds after a colon must be below 60, and so must minutes after hours.

    Raises
    ------
    FormatError : the text has none of these forms.
    """
    text = text.strip()
    if match := _CLOCK.fullmatch(text):
        hours, minutes, secs, fraction = match.groups()
        if int(secs) < 60 and (hours is None or int(minutes) < 60):
            whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(secs)
            return whole + float(f"0.{fraction}") if fraction else float(whole)
    elif _PLAIN.fullmatch(text):
        return float(text.replace(",", "."))
    raise FormatError(
        f"not a time: {text[:40]!r}",
        why="a time is h:mm:ss, m:ss or seconds, with an optional fraction",
        hint="write it like 1:02:03.5",
    )
