"""One row of a list: ``0:00 Title`` with all that people put around it, or ``Title 0:00``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chapterize.data import Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import seconds_at
from chapterize.formats.times import LOOSE, TIME, as_clock
from chapterize.timecode import parse_time

__all__ = [
    "INSIDE",
    "MEDIAINFO_ROW",
    "NEEDS_DASH",
    "Loose",
    "first_language",
    "in_seconds",
    "is_bare",
    "is_leading",
    "is_meant",
    "leading",
    "loose",
    "loose_trailing",
    "separator",
    "trailing",
]

# MediaInfo: "00:00:00.000    : en:Title - fr:Titre", without a language ": :Title".
_LANGUAGE = r"(?:[a-z]{2,3}(?:-[A-Za-z]{2,8})*)?:"
MEDIAINFO_ROW = re.compile(rf"\s*_?\d\d:\d\d:\d\d\.\d{{3}}\s*:\s+{_LANGUAGE}(?:\S|\s*$)")
_DASH = r"[-–—‒−]"
# A range: "0:00 - 1:30", "0:00 → 1:30", "0:00 to 1:30".
_UNTIL = r"(?:to|till?|until|bis|à|a|до)\s+"
_TO = rf"(?:\s*(?:{_DASH}{{1,2}}>?|[~〜～→/]|,(?=\d)|\.{{2,3}}|…)\s*|\s+{_UNTIL})"
_LABEL = (
    r"(?:chapter|chap|ch|kapitel|chapitre|cap[íi]tulo|capitolo|hoofdstuk|part|teil|track|глава|часть|урок|раздел"
    r"|partie|parte|section|abschnitt|rozdział)"
)
_NUMBER = (
    rf"(?:(?:{_LABEL}\b\.?\s*)?[#№]?\s?\d{{1,3}}(?:\.\d{{1,3}})*\s?(?:[.):]|{_DASH})?\s+"
    r"|\[\d{1,3}\]\s+|(?:[ivx]{1,5}|[a-z])[.)]\s+)?"
)
# Signs that decorate the start of a row, emoji, and marks that nobody sees.
_SIGNS = (
    r"@*+•·‣▪▶►→>#~|\u2190-\u2bff\u3001-\u3007\u3012\u3013\u3020-\u303f\U0001f000-\U0001faff\ufe0f"
    r"\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
)
_BULLET = rf"(?:[{_SIGNS}]\s*|[-–—]\s+)*"
_OPEN, _CLOSE = r"[(\[{<（【［〔「]{1,2}", r"[)\]}>）】］〕」]{1,2}"
_BETWEEN = r"[|/:=>→・;,•·~»▶►▸➤⇒]"
_TITLE = rf"(?:\s*(?:{_DASH}|{_BETWEEN})+(?=\s)|[:|：.]|{_DASH})?(?P<title>.*)"


# A title that follows without a space: a capital or a letter of another script.
_GLUED = r"(?-i:(?![AP]M\b|Uhr\b)[^\W\d_a-z])"
# The first word of a row that was meant as a time: 6::40, O6:4O, ??:??, 0640.
_MEANT = re.compile(
    rf"\s*{_BULLET}(?:{_OPEN})?(?=\S*[\d:])"
    r"(?:[\dOoIlXx?]{0,4}[:.,;'’-]{1,2}[\dOoIlXx?]+(?:[:.,;'’-]+[\dOoIlXx?]*)*"
    r"|\d{3,6}|\d{1,2} \d{2})"
    r"(?=[\s)\]}>:.]|$|[A-Z])"
)


def _row(time: str, end: str = "") -> re.Pattern[str]:
    """A row: bullets, a number, the time, perhaps "- end", a separator, the title."""
    # A row such as "6:40 pm dinner" is about the clock on the wall.
    stop = "[:,.]" if time is TIME else "[:,]"
    after = r"(?-i:min|h)?(?!\s?(?-i:pm\b|[ap]\.m\.))"
    return re.compile(
        rf"\s*{_BULLET}{_NUMBER}(?:(?P<open>{_OPEN})\s?)?(?P<start>{time}){after}"
        rf"(?:(?(open)(?:{_CLOSE})?){_TO}(?(open)(?:{_OPEN})?)(?P<end>{end or time}))?"
        rf"(?(open)\s?{_CLOSE})(?=\s|$|{stop}(?:\s|$)|(?!;\d)[^\w:.,]|{_GLUED}|(?<=[)\]}}>）】］〕」秒초分분]))"
        + _TITLE,
        re.IGNORECASE,
    )


_LEADING = _row(TIME)
_ANY = "|".join((TIME, *(kind.pattern for kind in LOOSE)))
_LOOSE = tuple((kind, _row(kind.pattern, _ANY)) for kind in LOOSE)
_LOOSE_TRAILING = tuple(
    (
        kind,
        re.compile(
            rf"(?P<title>\S.*?)[\s:|–—-]+(?<!\d[:：])[(\[]?(?P<start>{kind.pattern})[)\]]?", re.I
        ),
    )
    for kind in LOOSE
)
_NEARLY = _row(r"(?=[\d.;]*[:：])\d{1,4}(?:[:：.;]\d{1,4}){1,3}")
_TRAILING = re.compile(
    rf"(?:^|(?<=[\s._…]))(?P<open>{_OPEN})?(?P<start>{TIME})(?:{_TO}(?P<end>{TIME}))?"
    rf"(?(open){_CLOSE})$"
)
INSIDE = re.compile(rf"\s+(?=[(\[]?{TIME}[)\]]?(?:\s|$))")
"""What is before a time in the middle of a row."""
_PLAIN = re.compile(
    r"\s*(?P<start>\d{1,6}(?:[.,]\d{1,6})?)(?:(?:\s+|\s*[,;|]\s*)(?P<title>\S.*)|\s*)"
)
_LONGEST_TRAILING = 300
_NEGATIVE = re.compile(rf"\s*[-−](?P<start>{TIME})\s")
# A sign at the start of a title, which is a separator if all titles of a list have it.
_SIGN = re.compile(r"[^\w\s\"'“„«‹(\[{#@&$€£¿¡\U0001f000-\U0001faff\ufe0f\u200d]{1,3}\s+(?=\S)")
NEEDS_DASH = re.compile(
    rf"{_SIGN.pattern}|(?:{_DASH}|{_BETWEEN})+(?:\s|$)|{_TO}\d|[:|：]|{_UNTIL}\d",
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
    return _has_digit(row) and _LEADING.fullmatch(row) is not None


def leading(row: str, line: int) -> Mark | None:
    """The chapter of a row that starts with a clock time; None for other rows.

    Raises
    ------
    FormatError : a time below 0, or an impossible one such as 3:75.
    """
    if not _has_digit(row):
        return None
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


def is_bare(row: str) -> bool:
    """Whether a row has a time and no title."""
    near = None if is_leading(row) else loose(row, 0)
    mark = near.mark if near else leading(row, 0)
    return mark is not None and not mark.title


def loose(row: str, line: int) -> Loose | None:
    """What a row says whose time is nearly one, such as ``6.40 Title``; None for other rows."""
    if not _has_digit(row):
        return None
    for kind, pattern in _LOOSE:
        if match := pattern.fullmatch(row):
            seconds = kind.seconds(match["start"])
            end = None if match["end"] is None else _any_seconds(match["end"])
            mark = None if seconds is None else Mark(seconds, _title(match), end, line)
            return Loose(line, match["start"].strip(), mark, kind.from_zero)
    if match := _NEARLY.fullmatch(row):
        return Loose(line, match["start"], None)
    return None


def loose_trailing(row: str, line: int) -> Loose | None:
    """What a row says that ends with a time that is nearly one; None for other rows."""
    row = _without_bullet(row.strip())
    if not _has_digit(row[-30:]):
        return None
    for kind, pattern in _LOOSE_TRAILING:
        if len(row) <= _LONGEST_TRAILING and (match := pattern.fullmatch(row)):
            seconds = kind.seconds(match["start"])
            mark = None if seconds is None else Mark(seconds, _title(match), None, line)
            return Loose(line, match["start"].strip(), mark, kind.from_zero)
    return None


def is_meant(row: str) -> bool:
    """Whether a row starts with a word that looks like a time with a mistake in it."""
    return _MEANT.match(row) is not None


def in_seconds(row: str, line: int) -> Loose | None:
    """A row of plain seconds, such as ``400.25 Title`` or ``400.25``; None for other rows."""
    match = _PLAIN.fullmatch(row)
    if match is None or (not match["title"] and match["start"].isdecimal()):
        return None
    mark = Mark(seconds_at(match["start"], line), match["title"] or "", None, line)
    return Loose(line, match["start"], mark, from_zero=True)


def trailing(row: str, line: int) -> Mark | None:
    """The chapter of a row that ends with a clock time; None for other rows."""
    row = row.strip()
    match = _TRAILING.search(row[-45:])
    if match is None:
        return None
    title = row[: len(row) - len(match[0])].rstrip()
    title = re.sub(rf"(?:\s{_DASH}|\s@|[|:]|[\s.·…_]{{3,}}|…)$", "", title)
    title = _without_bullet(title)
    if not title:
        return None
    return Mark(_seconds(match["start"], line), title, _end(match, line), line)


def _has_digit(row: str) -> bool:
    """Whether `row` may have a time at all: most rows of running text do not."""
    return any(map(str.isdecimal, row))


def _without_bullet(title: str) -> str:
    return re.sub(rf"^(?:[*•·▶►]|{_DASH}\s)\s*", "", title).strip()


def _any_seconds(text: str) -> float | None:
    """Seconds of a time of any kind."""
    if re.fullmatch(TIME, text):
        return parse_time(as_clock(text))
    kinds = (kind for kind in LOOSE if re.fullmatch(kind.pattern, text, re.IGNORECASE))
    return next((kind.seconds(text) for kind in kinds), None)


def _seconds(text: str, line: int) -> float:
    return seconds_at(as_clock(text), line)


def _end(match: re.Match[str], line: int) -> float | None:
    return _seconds(match["end"], line) if match["end"] else None


def _title(match: re.Match[str]) -> str:
    return match["title"].strip()


def separator(row: str, title: str) -> str:
    """What may be a separator at the start of a title; empty if the row has one before it."""
    found = _SIGN.match(title)
    before = row.removesuffix(title).rstrip()
    return found[0] if found and re.search(r"[\d)\]]$", before) else ""


def first_language(title: str) -> str:
    """The title of MediaInfo in the first of its languages."""
    return re.split(rf" - (?={_LANGUAGE})", re.sub(f"^{_LANGUAGE}", "", title))[0]
