"""One row of a list: ``0:00 Title`` with all that people put around it, or ``Title 0:00``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chapterize.data import Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import seconds_at
from chapterize.formats.times import LOOSE, TIME, as_clock

__all__ = [
    "INSIDE",
    "NEEDS_DASH",
    "Loose",
    "in_seconds",
    "is_leading",
    "leading",
    "loose",
    "trailing",
]

_DASH = r"[-–—‒−]"
# A range: "0:00 - 1:30", "0:00 → 1:30", "0:00 to 1:30".
_UNTIL = r"(?:to|till?|until|bis|à|a|до)\s+"
_TO = rf"(?:\s*(?:{_DASH}{{1,2}}>?|[~〜～→]|,(?=\d)|\.{{2,3}}|…)\s*|\s+{_UNTIL})"
_LABEL = (
    r"(?:chapter|chap|ch|kapitel|chapitre|cap[íi]tulo|capitolo|hoofdstuk|part|teil|track|глава)"
)
_NUMBER = rf"(?:(?:{_LABEL}\b\.?\s*)?[#№]?\s?\d{{1,3}}\s?(?:[.):]|{_DASH})?\s+|\[\d{{1,3}}\]\s+)?"
_SIGNS = (
    r"*+•·‣▪▶►→>#~|\u2190-\u2bff\u3001-\u3007\u3012\u3013\u3020-\u303f\U0001f000-\U0001faff\ufe0f"
)
_BULLET = rf"(?:[{_SIGNS}]\s*|[-–—]\s+)*"
_OPEN, _CLOSE = r"[(\[{<（【［〔「]{1,2}", r"[)\]}>）】］〕」]{1,2}"
_SIGN = r"[|:=>→・;,]"
_TITLE = rf"(?:\s*(?:{_DASH}|{_SIGN})+(?=\s)|[:|：]|{_DASH})?(?P<title>.*)"


def _row(time: str) -> re.Pattern[str]:
    """A row: bullets, a number, the time, perhaps "- end", a separator, the title."""
    return re.compile(
        rf"\s*{_BULLET}{_NUMBER}(?:(?P<open>{_OPEN})\s?)?(?P<start>{time})"
        rf"(?:(?(open)(?:{_CLOSE})?){_TO}(?(open)(?:{_OPEN})?)(?P<end>{time}))?"
        rf"(?(open)\s?{_CLOSE})(?=\s|$|[:,]\s|(?!;\d)[^\w:.,]|(?<=[)\]}}>）】］〕」秒초分분]))"
        + _TITLE,
        re.IGNORECASE,
    )


_LEADING = _row(TIME)
_LOOSE = tuple((kind, _row(kind.pattern)) for kind in LOOSE)
_NEARLY = _row(r"(?=[\d.;]*[:：])\d{1,4}(?:[:：.;]\d{1,4}){1,3}")
_TRAILING = re.compile(
    rf"(?:^|(?<=[\s._…]))(?P<open>{_OPEN})?(?P<start>{TIME})(?:{_TO}(?P<end>{TIME}))?"
    rf"(?(open){_CLOSE})$"
)
INSIDE = re.compile(rf"\s+(?=[(\[]?{TIME}[)\]]?(?:\s|$))")
"""What is before a time in the middle of a row."""
_PLAIN = re.compile(r"\s*(?P<start>\d{1,6}(?:[.,]\d{1,6})?)(?:\s+|\s*[,;|]\s*)(?P<title>\S.*)")
_NEGATIVE = re.compile(rf"\s*[-−](?P<start>{TIME})\s")
NEEDS_DASH = re.compile(
    rf"(?:{_DASH}|{_SIGN})+(?:\s|$)|{_TO}\d|[:|：]|{_UNTIL}\d",
    re.IGNORECASE,
)
"""The start of a title that, after a bare time, would be read as a separator or as an end."""


@dataclass(frozen=True)
class Loose:
    """A row whose time needs a note: its line, the time as `written`, and how it was read.

    `mark` is None if the time is impossible. `from_zero` as in `times.Kind`.
    """

    line: int
    written: str
    mark: Mark | None
    from_zero: bool = False


def is_leading(row: str) -> bool:
    """Whether a row starts with a clock time."""
    return _LEADING.fullmatch(row) is not None


def leading(row: str, line: int) -> Mark | None:
    """The chapter of a row that starts with a clock time; None for other rows.

    Raises
    ------
    FormatError : a time below 0, or an impossible one such as 3:75.
    """
    if match := _NEGATIVE.match(row):
        raise FormatError(
            f"the time -{match['start']} is below 0",
            hint="if the dash is a bullet, put a space after it",
            line=line,
        )
    match = _LEADING.fullmatch(row)
    if match is None:
        return None
    return Mark(_seconds(match["start"], line), _title(match), _end(match, line), line)


def loose(row: str, line: int) -> Loose | None:
    """What a row says whose time is nearly one, such as ``6.40 Title``; None for other rows."""
    for kind, pattern in _LOOSE:
        if match := pattern.fullmatch(row):
            seconds = kind.seconds(match["start"])
            end = None if match["end"] is None else kind.seconds(match["end"])
            mark = None if seconds is None else Mark(seconds, _title(match), end, line)
            return Loose(line, match["start"], mark, kind.from_zero)
    if match := _NEARLY.fullmatch(row):
        return Loose(line, match["start"], None)
    return None


def in_seconds(row: str, line: int) -> Loose | None:
    """A row that starts with plain seconds, such as ``400.25 Title``; None for other rows."""
    match = _PLAIN.fullmatch(row)
    if match is None:
        return None
    mark = Mark(seconds_at(match["start"], line), _title(match), None, line)
    return Loose(line, match["start"], mark, from_zero=True)


def trailing(row: str, line: int) -> Mark | None:
    """The chapter of a row that ends with a clock time; None for other rows."""
    row = row.strip()
    match = _TRAILING.search(row[-45:])
    if match is None:
        return None
    title = row[: len(row) - len(match[0])].rstrip()
    title = re.sub(rf"(?:\s{_DASH}|[|:]|[\s.·…_]{{3,}}|…)$", "", title)
    title = re.sub(rf"^(?:[*•·▶►]|{_DASH}\s)\s*", "", title).strip()
    if not title:
        return None
    return Mark(_seconds(match["start"], line), title, _end(match, line), line)


def _seconds(text: str, line: int) -> float:
    return seconds_at(as_clock(text), line)


def _end(match: re.Match[str], line: int) -> float | None:
    return _seconds(match["end"], line) if match["end"] else None


def _title(match: re.Match[str]) -> str:
    return match["title"].strip()
