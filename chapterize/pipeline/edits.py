"""What a person changed in the chapters of a file, and where it is stored.

There is one private file for each media file, named after its content, so that edits survive
renaming. `review` writes it; every draft of the command line reads it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chapterize.data import Chapters
from chapterize.files import state_folder

__all__ = ["FOLDER", "SCHEMA", "Edited", "Edits", "edits_file", "first_edits", "read_edits"]

SCHEMA = "chapterize.edits/1"
FOLDER = "reviews"

_SAME = 0.0015
"""Two starts, rounded to the millisecond, are the same within this many seconds."""


@dataclass(frozen=True, slots=True)
class Edited:
    """One chapter as a person left it.

    `origin` is the start that a draft gave it, or None if a person added it. `drafted` is the
    title that a draft gave it, or None. `id` stays the same through all edits of the chapter.
    """

    id: str
    start: float
    title: str
    is_locked: bool = False
    origin: float | None = None
    drafted: str | None = None

    @property
    def is_added(self) -> bool:
        """Whether a person added it."""
        return self.origin is None

    @property
    def is_moved(self) -> bool:
        """Whether a person moved its start."""
        return self.origin is not None and abs(self.start - self.origin) > _SAME

    @property
    def is_retitled(self) -> bool:
        """Whether a person changed its title."""
        return self.drafted is not None and self.title != self.drafted

    @property
    def is_changed(self) -> bool:
        """Whether a person locked, moved, retitled or added it."""
        return self.is_locked or self.is_moved or self.is_retitled or self.is_added

    def as_row(self) -> list[Any]:
        """The JSON form, a list, because a history holds thousands."""
        return [self.id, self.start, self.title, int(self.is_locked), self.origin, self.drafted]

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Edited:
        """The chapter of a stored row; ValueError or TypeError if it is damaged."""
        name, start, title, is_locked, origin, drafted = row
        if not (isinstance(name, str) and isinstance(title, str)):
            raise TypeError("a name or a title is no text")
        if not (drafted is None or isinstance(drafted, str)):
            raise TypeError("a title is no text")
        origin = None if origin is None else float(origin)
        return cls(name, float(start), title, bool(is_locked), origin, drafted)


@dataclass(frozen=True)
class Edits:
    """The edited chapters of a file, and the draft that they were made from.

    `first` are the chapters of that draft. `dropped` are boundaries of earlier drafts, in seconds,
    that a person removed.
    """

    chapters: tuple[Edited, ...]
    first: tuple[Edited, ...]
    dropped: tuple[float, ...] = ()

    @property
    def removed(self) -> tuple[float, ...]:
        """Boundaries of drafts, in seconds, where no chapter starts any more."""
        here = [each.start for each in self.chapters]
        drafted = (*(each.start for each in self.first), *self.dropped)
        return tuple(
            sorted({start for start in drafted if all(abs(start - at) > _SAME for at in here)})
        )

    @property
    def fixed(self) -> tuple[Edited, ...]:
        """The chapters that a later draft must keep: all that are not as the draft had them."""
        first = {round(each.start * 1000) for each in self.first}
        return tuple(
            each
            for each in self.chapters
            if each.is_changed or round(each.start * 1000) not in first
        )


def first_edits(chapters: Chapters, *, prefix: str = "d") -> tuple[Edited, ...]:
    """The chapters of a draft, before any edit."""
    return tuple(
        Edited(f"{prefix}{number}", each.start, each.title, False, each.start, each.title)
        for number, each in enumerate(chapters.chapters, 1)
    )


def edits_file(fingerprint: str) -> Path:
    """Where the edits of the file with this fingerprint are stored."""
    return state_folder() / FOLDER / f"{fingerprint}.json"


def read_edits(fingerprint: str) -> Edits | None:
    """The stored edits of a file; None if there are none, or they cannot be read."""
    path = edits_file(fingerprint)
    with suppress(FileNotFoundError):
        try:
            return edits_of(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            logging.getLogger(__name__).debug("cannot read %s: %s", path, error)
    return None


def edits_of(stored: Mapping[str, Any]) -> Edits:
    """The edits in a stored file; KeyError, ValueError or TypeError if it is damaged."""
    if stored["schema"] != SCHEMA:
        raise ValueError("another schema")
    chapters = tuple(map(Edited.from_row, stored["chapters"]))
    first = tuple(map(Edited.from_row, stored["first"]))
    if not chapters or not first:
        raise ValueError("no chapters")
    return Edits(chapters, first, tuple(map(float, stored["dropped"])))
