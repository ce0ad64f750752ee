"""One file under review: its draft, the chapters a person makes of it, and their history.

Every gesture is one step of the history, which holds whole states. It is stored after each step,
so that it survives a reload, and a crash of this program.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chapterize.data import Chapters
from chapterize.errors import ChapterizeError, InputError, OutputError
from chapterize.files import STATE_VARIABLE, explaining, make_private, replacing
from chapterize.pipeline import Draft
from chapterize.pipeline.edits import SCHEMA, Edited, Edits, edits_of, first_edits
from chapterize.pipeline.kept import keep
from chapterize.review.proposals import Proposal, clean
from chapterize.segment import SegmentOptions
from chapterize.timecode import to_ms

__all__ = ["MOST_CHAPTERS", "MOST_STEPS", "Changed", "Project"]

MOST_STEPS = 100
"""Steps that can be undone."""

MOST_CHAPTERS = 1000
_MODE = 0o600

State = tuple[Edited, ...]


class Changed(ChapterizeError):
    """The chapters have another version than the one that a change was made to.

    `current` : the chapters as the API shows them; it is filled in there.
    """

    current: Mapping[str, Any] | None = None

    def __init__(self) -> None:
        super().__init__(
            "the chapters were changed in another tab",
            why="this change was made to an older version of them",
            hint="take the other version, or save yours over it",
        )


class Project:
    """The chapters of one file, with their history.

    Parameters
    ----------
    draft : the draft of the file, without edits.
    file : where the state is stored, by `edits_file`.
    options : of the draft, for chapters around the locked ones.
    given : chapters of the person's own to start from.

    Raises
    ------
    OutputError : the state cannot be stored.
    """

    def __init__(
        self,
        draft: Draft,
        file: Path,
        options: SegmentOptions | None = None,
        given: Chapters | None = None,
    ) -> None:
        self.draft = draft
        self.file = file
        self.options = options or SegmentOptions()
        self.notes: list[str] = []
        self._lock = threading.RLock()
        self.first = first_edits(draft.chapters)
        self.dropped: tuple[float, ...] = ()
        self.version = 1
        self._states: list[State] = [self.first]
        self._position = 0
        self._n_ids = 0
        stored = self._read()
        if stored is not None:
            self._resume(*stored)
        if given is not None:
            self._begin_with(given)
        with explaining(
            OutputError,
            f"cannot create the folder {file.parent}",
            f"set {STATE_VARIABLE} to another folder",
        ):
            make_private(file.parent)

    # What is known now.

    @property
    def chapters(self) -> State:
        """The chapters as they are now."""
        return self._states[self._position]

    @property
    def edits(self) -> Edits:
        """The chapters as a later draft takes them."""
        return Edits(self.chapters, self.first, self.dropped)

    @property
    def can_undo(self) -> bool:
        """Whether there is a state before this one."""
        return self._position > 0

    @property
    def can_redo(self) -> bool:
        """Whether a step was undone."""
        return self._position + 1 < len(self._states)

    @property
    def n_history(self) -> int:
        """Number of states that can be reached with undo and redo."""
        return len(self._states)

    def tiled(self, state: State | None = None) -> Chapters:
        """The chapters as values, without confidence and evidence."""
        chapters = self.chapters if state is None else state
        return Chapters.from_starts(
            [each.start for each in chapters],
            [each.title for each in chapters],
            self.draft.media.duration,
        )

    # Changes. Each returns the new version.

    def put(self, proposals: Sequence[Proposal], version: int) -> int:
        """Replace the chapters, as one step; the same chapters are no step.

        Raises
        ------
        Changed : `version` is not the current one.
        InputError : the chapters are out of order or out of range.
        OutputError : the new state cannot be stored; the old one stays.
        """
        with self._lock:
            self._require(version)
            state = self._checked(proposals)
            if state == self.chapters:
                return self.version
            states = [*self._states[: self._position + 1], state][-(MOST_STEPS + 1) :]
            return self._commit(states, len(states) - 1)

    def undo(self, version: int) -> int:
        """Go back one step; nothing happens at the first one. Errors as `put`."""
        return self._go(-1, version)

    def redo(self, version: int) -> int:
        """Take back one undo; nothing happens at the last step. Errors as `put`."""
        return self._go(1, version)

    def restore(self, version: int) -> int:
        """Return to the first draft, as one more step. Errors as `put`."""
        first = [
            Proposal(each.start, each.title, False, each.id, is_placed=True, is_titled=True)
            for each in self.first
        ]
        return self.put(first, version)

    def _go(self, step: int, version: int) -> int:
        with self._lock:
            self._require(version)
            to = self._position + step
            if not 0 <= to < len(self._states):
                return self.version
            return self._commit(self._states, to)

    def _require(self, version: int) -> None:
        if version != self.version:
            raise Changed

    def _commit(self, states: list[State], position: int) -> int:
        self._write(states, position, self.version + 1)
        self._states, self._position = states, position
        self.version += 1
        return self.version

    # What the page sends.

    def _checked(self, proposals: Sequence[Proposal]) -> State:
        if not 1 <= len(proposals) <= MOST_CHAPTERS:
            raise InputError(
                f"{len(proposals)} chapters", why=f"there must be 1 to {MOST_CHAPTERS} of them"
            )
        tiled = Chapters.from_starts(
            [each.start for each in proposals],
            [clean(each.title or "") for each in proposals],
            self.draft.media.duration,
        )
        known = {each.id: each for state in (self.first, self.chapters) for each in state}
        by_start = {to_ms(each.start): each for each in self.chapters}
        claimed = {each.id for each in proposals if each.id is not None}
        used: set[str] = set()
        state = []
        for proposal, chapter in zip(proposals, tiled.chapters, strict=True):
            old = known.get(proposal.id) if proposal.id is not None else None
            if old is None:
                there = by_start.get(to_ms(chapter.start))
                old = there if there is not None and there.id not in claimed else None
            if old is not None and old.id in used:
                old = None
            if old is None:
                old = self._new(chapter.start, chapter.title, is_drafted=proposal.is_placed)
            used.add(old.id)
            drafted = chapter.title if proposal.is_titled else old.drafted
            state.append(
                replace(
                    old,
                    start=chapter.start,
                    title=chapter.title,
                    is_locked=proposal.is_locked,
                    drafted=drafted,
                )
            )
        return tuple(state)

    def _new(self, start: float, title: str, *, is_drafted: bool) -> Edited:
        self._n_ids += 1
        return Edited(
            f"c{self._n_ids}",
            start,
            title,
            origin=start if is_drafted else None,
            drafted=title if is_drafted else None,
        )

    # The stored file.

    def _resume(self, edits: Edits, stored: Mapping[str, Any]) -> None:
        """Continue with the stored history; a draft that is another one now is merged into it."""
        self.version = int(stored["version"])
        self._n_ids = int(stored["n_ids"])
        states = [tuple(map(Edited.from_row, rows)) for rows in stored["history"]]
        position = int(stored["position"])
        if not (states and 0 <= position < len(states) and states[position] == edits.chapters):
            raise ValueError("a damaged history")
        if any(each.start >= self.draft.media.duration for s in states for each in s):
            raise ValueError("the media has another duration")
        self._states, self._position, self.dropped = states, position, edits.dropped
        same = [(e.start, e.title) for e in self.first] == [(e.start, e.title) for e in edits.first]
        if same:
            self.first = edits.first
            return
        self._merge(edits)

    def _merge(self, edits: Edits) -> None:
        """One more step: the draft of now with the edits kept."""
        self.dropped = edits.removed
        kept = keep(self.draft, edits, self.options).chapters
        mine = {to_ms(each.start): each for each in edits.chapters}
        own = {to_ms(each.start): each for each in self.first}
        self._n_ids += 1
        # Ids of another draft must not be taken for those of this one.
        self.first = first_edits(self.draft.chapters, prefix=f"d{self._n_ids}.")
        own = {to_ms(each.start): each for each in self.first}
        state = []
        for chapter in kept.chapters:
            old = mine.get(to_ms(chapter.start)) or own.get(to_ms(chapter.start))
            if old is None:
                old = self._new(chapter.start, chapter.title, is_drafted=True)
            state.append(replace(old, title=chapter.title))
        states = [*self._states[: self._position + 1], tuple(state)][-(MOST_STEPS + 1) :]
        self._states, self._position = states, len(states) - 1
        self.version += 1

    def _begin_with(self, given: Chapters) -> None:
        """One more step: a person's own chapters."""
        drafted = {to_ms(each.start): each for each in self.first}
        state = []
        for chapter in given.chapters:
            title = clean(chapter.title)
            old = drafted.get(to_ms(chapter.start))
            if old is None or old.title != title:
                old = self._new(chapter.start, title, is_drafted=False)
            state.append(old)
        if tuple(state) != self.chapters:
            states = [*self._states[: self._position + 1], tuple(state)][-(MOST_STEPS + 1) :]
            self._states, self._position = states, len(states) - 1
            self.version += 1

    def _read(self) -> tuple[Edits, Mapping[str, Any]] | None:
        try:
            stored = json.loads(self.file.read_text(encoding="utf-8"))
            return edits_of(stored), stored
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self._put_aside()
            return None

    def _put_aside(self) -> None:
        aside = self.file.with_name(f"{self.file.name}.damaged")
        with suppress(OSError):
            self.file.replace(aside)
        self.notes.append(
            f"The stored edits could not be read. They are kept as {aside}; the review starts from "
            "the draft."
        )

    def _write(self, states: Sequence[State], position: int, version: int) -> None:
        value = {
            "schema": SCHEMA,
            "name": self.draft.media.path.name,
            "version": version,
            "saved_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "chapters": [each.as_row() for each in states[position]],
            "first": [each.as_row() for each in self.first],
            "dropped": list(self.dropped),
            "history": [[each.as_row() for each in state] for state in states],
            "position": position,
            "n_ids": self._n_ids,
        }
        # The name of a file need not be UTF-8.
        text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
        with replacing(self.file, force=True, mode=_MODE) as temporary:
            temporary.write_text(text, encoding="utf-8")
