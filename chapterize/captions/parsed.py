"""What a reader of one format hands on, before anything is cleaned or repaired."""

from __future__ import annotations

from dataclasses import dataclass, field

from chapterize.data import Cue

__all__ = ["Fault", "Parsed"]


@dataclass(frozen=True)
class Fault:
    """A place that could not be read: 1-based line (None where lines mean nothing) and reason."""

    line: int | None
    why: str


@dataclass
class Parsed:
    """Cues in file order, their text with markup and line breaks.

    `is_chapters`: the file says itself that it holds chapters. `keeps_order`: the format promises
    ascending times, so cues out of order deserve a note.
    """

    kind: str
    cues: list[Cue] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    language: str | None = None
    is_chapters: bool = False
    keeps_order: bool = True
