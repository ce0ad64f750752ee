"""QuickTime text, as QuickTime Player and Subler use it for chapters.

Each ``[hh:mm:ss.fff]`` is on a row of its own, and the title follows it. Braces describe the looks,
and ``{timeScale:n}`` says how many units of the fraction are a second. A last time without a title
is the end.
"""

from __future__ import annotations

import re
from dataclasses import replace

from chapterize.data import Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import Listing, seconds_at
from chapterize.formats.speech import refuse_speech

__all__ = ["recognises", "scan"]

recognises = re.compile(r"\{QTtext\}|\[\d\d:\d\d:\d\d[.:]\d{1,4}\][ \t]*\n", re.IGNORECASE).match
_TIME = re.compile(r"\s*\[(\d+:\d\d:\d\d)(?:[.:](\d+))?\][ \t]*(.*)")
_BRACES = re.compile(r"\{[^{}\n]*\}")
_SCALE = re.compile(r"\{timeScale:\s*(\d{1,9})\s*\}", re.IGNORECASE)
_RELATIVE = re.compile(r"\{timeStamps:\s*relative\s*\}", re.IGNORECASE)
_FEWEST_CUES = 10


def scan(text: str) -> Listing:
    """The times with the rows below them.

    Raises
    ------
    FormatError : no times, a time that cannot be, or captions.
    """
    scale = _SCALE.search(text)
    n_units = int(scale[1]) if scale else None
    marks: list[Mark] = []
    for line, row in enumerate(text.split("\n"), 1):
        if match := _TIME.fullmatch(row):
            start = _seconds(match, n_units, line)
            marks.append(Mark(start, _shown(match[3]), None, line))
        elif marks:
            joined = f"{marks[-1].title} {_shown(row)}".strip()
            marks[-1] = replace(marks[-1], title=joined)
    if not marks:
        raise FormatError("no chapters found", why="no row has a time like [00:06:40.250]")
    if _RELATIVE.search(text):
        marks = _absolute(marks)
    if len(marks) > 1:
        marks = _with_ends(marks)
    if len(marks) >= _FEWEST_CUES:
        refuse_speech(marks)
    return Listing(tuple(marks))


def _seconds(match: re.Match[str], n_units: int | None, line: int) -> float:
    """The time of a row; its fraction counts units of the time scale, or else it is decimal.

    Some programs state a time scale and write decimals: more units than a second has.
    """
    whole, fraction = seconds_at(match[1], line), match[2]
    if fraction is None:
        return whole
    if n_units is None or int(fraction) >= n_units:
        n_units = 10 ** len(fraction)
    return whole + int(fraction) / n_units


def _absolute(marks: list[Mark]) -> list[Mark]:
    """Times from the beginning, where each row has the time since the one before."""
    total = 0.0
    found = []
    for mark in marks:
        total += mark.start
        found.append(replace(mark, start=total))
    return found


def _with_ends(marks: list[Mark]) -> list[Mark]:
    """The titled rows; a row without a title ends the one before it."""
    found: list[Mark] = []
    for mark in marks:
        if mark.title or not found:
            found.append(mark)
        elif found[-1].end is None:
            found[-1] = replace(found[-1], end=mark.start)
    return found


def _shown(row: str) -> str:
    return _BRACES.sub("", row).strip()
