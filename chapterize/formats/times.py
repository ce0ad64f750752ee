"""Times at the start of a row, as people and programs write them; all but `TIME` need a note.

`parse_time` reads clock times. This module also knows times with dots for colons, with frames or
milliseconds after a colon, and with units.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from chapterize.timecode import format_clock, format_timestamp, to_ms

__all__ = ["LOOSE", "TIME", "Kind", "as_clock", "clock", "in_url"]

# The colon of ASCII, of East Asian keyboards, and the ratio sign that looks like it.
_COLON = "[:：∶꞉﹕]"
TIME = rf"(?:\d{{1,3}}{_COLON})?\d{{1,3}}{_COLON}\d{{2}}(?:[.,]\d{{1,9}})?"
"""A clock time: hours or none, minutes, two digits of seconds, a fraction or none."""

_HOUR = r"h(?:rs?|ours?)?|st(?:d|unden?)\.?|heures?|horas?|ore|ч|час(?:а|ов)?|時間|小时|小時|시간"
_MINUTE = r"m(?:in(?:s|utes?|uten?|utos?|uti)?)?\.?|['′’]|мин\.?|分钟|分鐘|分|분"
_SECOND = r"s(?:ec(?:s|onds?|ondes?)?|eg(?:undos?)?|ek(?:unden?)?)?\.?|''|[\"″”]|сек\.?|秒|초"
_NO_TIME = r"(?!\s*(?:[€$£¥%°]|(?:euros?|eur|usd|gbp|chf|uhr|[ap]\.?m|km|kg|[gm]b|mio|o.clock)\b))"


@dataclass(frozen=True)
class Kind:
    """A way to write times: a pattern, and the seconds of what matches it (None: impossible).

    `from_zero`: without a clock time near it, such a number is a time only if the first is 0.
    """

    pattern: str
    seconds: Callable[[str], float | None]
    from_zero: bool = False


def as_clock(text: str) -> str:
    """`text`, a clock time, with ASCII colons."""
    return re.sub(_COLON, ":", text)


def clock(seconds: float) -> str:
    """A time for notes, with milliseconds only if there are any."""
    return format_timestamp(seconds) if to_ms(seconds) % 1000 else format_clock(seconds)


def in_url(url: str) -> float | None:
    """The time at which a link starts a video: ``t=400``, ``t=6m40s`` or ``start=400``."""
    match = re.search(r"[?&#](?:t|start|time_continue)=([\dhms]+)", url)
    if match is None:
        return None
    return float(match[1]) if match[1].isdigit() else _in_units(match[1])


def _sum(*parts: str) -> float | None:
    """Seconds of minutes and seconds, perhaps after hours; None if no clock shows them."""
    numbers = [int(part) for part in parts]
    if any(number >= 60 for number in numbers[1:]):
        return None
    seconds = 0.0
    for number in numbers:
        seconds = seconds * 60 + number
    return seconds


def _with_dots(text: str) -> float | None:
    return _sum(*re.split(r"\D", text))


def _with_spaces(text: str) -> float | None:
    return _sum(*re.findall(r"\d+", text))


def _with_frames(text: str) -> float | None:
    """Three digits after the seconds are milliseconds, two are frames, which are left out."""
    *parts, last = re.split(r"\D", text)
    seconds = _sum(*parts)
    return seconds if seconds is None or len(last) < 3 else seconds + int(last) / 1000


def _in_units(text: str) -> float | None:
    """Seconds of numbers with units; a last number without one is of the unit that follows."""
    parts = re.findall(rf"(\d+)\s*(?:({_HOUR})|({_MINUTE})|({_SECOND}))?", text, re.IGNORECASE)
    seconds, place = 0.0, -1
    for number, *units in parts:
        place = next((n for n, unit in enumerate(units) if unit), place + 1)
        if place > 2:
            return None
        seconds += int(number) * 60 ** (2 - place)
    return seconds if place >= 0 else None


def _only_seconds(text: str) -> float | None:
    match = re.match(r"\d+(?:[.,]\d+)?", text)
    return float(match[0].replace(",", ".")) if match else None


LOOSE = (
    Kind(r"\d{1,2}(?:[:：;]\d{2}){2}[:：;]\d{2,3}|\d{1,3}[.:]\d{2}[.:]\d{3}", _with_frames),
    Kind(
        rf"(?<![:：])(?<![:：] )\d{{1,3}}(?: {_COLON} ?| ?{_COLON} )\d{{2}}"
        rf"(?: ?{_COLON} ?\d{{2}})?",
        _with_spaces,
    ),
    Kind(
        rf"(?:\d{{1,3}} ?(?:{_HOUR})\s*(?:\d{{1,2}}(?: ?(?:{_MINUTE})\s*"
        rf"(?:\d{{1,2}}(?: ?(?:{_SECOND}))?)?)?|\d{{1,2}} ?(?:{_SECOND}))|"
        rf"\d{{1,3}} ?(?:{_MINUTE})\s*\d{{1,2}}(?: ?(?:{_SECOND}))?)",
        _in_units,
    ),
    Kind(r"\d{1,2}:\d{1,2}:\d{1,2}|0:0", _with_spaces, from_zero=True),
    Kind(rf"\d{{1,2}}[.,:]\d{{2}}[.,:]\d{{2}}{_NO_TIME}", _with_dots, from_zero=True),
    Kind(rf"\d{{1,3}}[.,;·]\d{{2}}{_NO_TIME}", _with_dots, from_zero=True),
    Kind(rf"\d{{1,5}}(?:[.,]\d{{1,3}})? ?(?:{_SECOND})", _only_seconds, from_zero=True),
    Kind(rf"\d{{1,3}} ?(?:{_MINUTE})", _in_units, from_zero=True),
)
"""The kinds of times that are read with a note, the clearest first."""
