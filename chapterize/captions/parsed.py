"""What a reader of one format hands on, before anything is cleaned or repaired."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from chapterize.data import Cue

__all__ = ["Fault", "Parsed", "seconds"]


@dataclass(frozen=True)
class Fault:
    """A place that could not be read: 1-based line (None where lines mean nothing) and reason."""

    line: int | None
    why: str


@dataclass
class Parsed:
    """Cues in file order, their text with markup and line breaks.

    `is_chapters`: the file says itself that it holds chapters. `keeps_order`: the format promises
    ascending times, so cues out of order deserve a note. `is_clean`: the text holds what is said
    and no markup.
    """

    kind: str
    cues: list[Cue] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    language: str | None = None
    is_chapters: bool = False
    keeps_order: bool = True
    is_clean: bool = False


def seconds(value: object) -> float | None:
    """Seconds in a field of JSON, a number or text; None when it holds none, or less than 0."""
    if type(value) is float and 0.0 <= value < math.inf:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None
