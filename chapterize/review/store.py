"""The stored state of a review: read, checked and written as one private file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from chapterize.errors import OutputError
from chapterize.files import replacing
from chapterize.pipeline.edits import SCHEMA, Edited, Edits, edits_of

__all__ = ["State", "Stored", "read_stored", "write_stored"]

_MODE = 0o600

State = tuple[Edited, ...]
"""The chapters at one step of the history."""


@dataclass(frozen=True)
class Stored:
    """Everything that is stored: `states` is the history, and `position` the current state.

    `first` and `dropped` are those of `Edits`. `n_ids` is the number of ids given so far.
    """

    states: tuple[State, ...]
    position: int
    version: int
    first: State
    dropped: tuple[float, ...] = ()
    n_ids: int = 0

    @property
    def chapters(self) -> State:
        """The current chapters."""
        return self.states[self.position]

    @property
    def edits(self) -> Edits:
        """The current chapters as a later draft takes them."""
        return Edits(self.chapters, self.first, self.dropped)


def read_stored(file: Path, duration: float) -> Stored | None:
    """What `file` holds about media of `duration` seconds; None if there is no file.

    Raises
    ------
    OSError, ValueError, KeyError, TypeError, AttributeError : it cannot be read, or is damaged.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    value = json.loads(text)
    edits = edits_of(value)
    states = tuple(tuple(map(Edited.from_row, rows)) for rows in value["history"])
    position, version = int(value["position"]), int(value["version"])
    if not (0 <= position < len(states) and states[position] == edits.chapters):
        raise ValueError("the history does not hold the chapters")
    if not all(_is_tiled(state, duration) for state in states):
        raise ValueError("chapters are out of order")
    return Stored(states, position, version, edits.first, edits.dropped, int(value["n_ids"]))


def _is_tiled(state: State, duration: float) -> bool:
    marks = [-1e-9, *(each.start for each in state), duration]
    return all(before < after for before, after in pairwise(marks))


def write_stored(file: Path, stored: Stored, name: str) -> None:
    """Replace `file` in one step; `name` is that of the media file, for people who look into it.

    Raises
    ------
    OutputError : it cannot be written, and is as it was.
    """
    value = {
        "schema": SCHEMA,
        "name": name,
        "version": stored.version,
        "saved_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "chapters": _rows(stored.chapters),
        "first": _rows(stored.first),
        "dropped": stored.dropped,
        "history": [_rows(state) for state in stored.states],
        "position": stored.position,
        "n_ids": stored.n_ids,
    }
    # ASCII, because the name of a file need not be UTF-8.
    text = json.dumps(value, separators=(",", ":"))
    try:
        with replacing(file, force=True, mode=_MODE) as temporary:
            temporary.write_text(text, encoding="ascii")
    except OutputError as error:
        raise OutputError(
            "the change could not be saved",
            why=error.why,
            hint=f"make {file.parent} writable, with free space, and try again",
        ) from error


def _rows(state: Sequence[Edited]) -> list[list[object]]:
    return [each.as_row() for each in state]
