"""One file under review: its draft, the chapters a person makes of it, and their history.

Every gesture is one step of the history, which holds whole states. It is stored after each step,
so that it survives a reload, and a crash of this program.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from chapterize.data import Chapters
from chapterize.errors import ChapterizeError, InputError, OutputError
from chapterize.files import STATE_VARIABLE, explaining, make_private
from chapterize.pipeline import Draft
from chapterize.pipeline.edits import Edited, Edits, first_edits
from chapterize.pipeline.kept import keep
from chapterize.review.proposals import Proposal, clean
from chapterize.review.store import State, Stored, read_stored, write_stored
from chapterize.segment import SegmentOptions
from chapterize.timecode import to_ms

__all__ = ["MOST_CHAPTERS", "MOST_STEPS", "Changed", "Project"]

MOST_STEPS = 100
"""Steps that can be undone."""

MOST_CHAPTERS = 1000


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
    given : chapters to start from instead of the stored ones, as one more step.

    Raises
    ------
    OutputError : the folder of the state cannot be created.
    """

    def __init__(
        self,
        draft: Draft,
        file: Path,
        options: SegmentOptions | None = None,
        given: Chapters | None = None,
    ) -> None:
        # Of the transcript, only the sentences are needed, and ten hours of words take 20 MB.
        cues = draft.transcript.cues[:1]
        self.draft = replace(draft, transcript=replace(draft.transcript, cues=cues))
        self.file = file
        self.options = options or SegmentOptions()
        self.notes: list[str] = []
        self._lock = threading.RLock()
        self._now = self._opened(first_edits(draft.chapters))
        if given is not None:
            self._begin_with(given)
        hint = f"set {STATE_VARIABLE} to another folder"
        with explaining(OutputError, f"cannot create the folder {file.parent}", hint):
            make_private(file.parent)

    # What is known now.

    @property
    def version(self) -> int:
        """The version of the chapters; it grows with every change, undo and redo included."""
        return self._now.version

    @property
    def chapters(self) -> State:
        """The chapters as they are now."""
        return self._now.chapters

    @property
    def first(self) -> State:
        """The chapters of the first draft."""
        return self._now.first

    @property
    def edits(self) -> Edits:
        """The chapters as a later draft takes them."""
        return self._now.edits

    @property
    def can_undo(self) -> bool:
        """Whether there is a state before this one."""
        return self._now.position > 0

    @property
    def can_redo(self) -> bool:
        """Whether a step was undone."""
        return self._now.position + 1 < self.n_history

    @property
    def n_history(self) -> int:
        """Number of states that can be reached with undo and redo."""
        return len(self._now.states)

    def tiled(self) -> Chapters:
        """The chapters as values, without confidence and evidence."""
        chapters = self.chapters
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
            ids = _Ids(self._now.n_ids)
            state = self._checked(proposals, ids)
            if state != self.chapters:
                self._commit(self._step(state, ids))
            return self.version

    def undo(self, version: int) -> int:
        """Go back one step; nothing happens at the first one. Errors as `put`."""
        return self._go(-1, version)

    def redo(self, version: int) -> int:
        """Take back one undo; nothing happens at the last step. Errors as `put`."""
        return self._go(1, version)

    def restore(self, version: int) -> int:
        """Return to the first draft, as one more step. Errors as `put`."""
        with self._lock:
            self._require(version)
            if self.chapters != self.first:
                self._commit(self._step(self.first, _Ids(self._now.n_ids)))
            return self.version

    def _go(self, step: int, version: int) -> int:
        with self._lock:
            self._require(version)
            position = self._now.position + step
            if 0 <= position < self.n_history:
                self._commit(replace(self._now, position=position, version=version + 1))
            return self.version

    def _require(self, version: int) -> None:
        if version != self.version:
            raise Changed

    def _step(self, state: State, ids: _Ids) -> Stored:
        """What will be stored after one more step, which drops all steps that were undone."""
        now = self._now
        states = (*now.states[: now.position + 1], state)[-(MOST_STEPS + 1) :]
        return replace(
            now,
            states=states,
            position=len(states) - 1,
            version=now.version + 1,
            n_ids=ids.n_given,
        )

    def _commit(self, new: Stored) -> None:
        write_stored(self.file, new, self.draft.media.path.name)
        self._now = new

    # What the page sends.

    def _checked(self, proposals: Sequence[Proposal], ids: _Ids) -> State:
        if not 1 <= len(proposals) <= MOST_CHAPTERS:
            raise InputError(
                f"{len(proposals)} chapters", why=f"there must be 1 to {MOST_CHAPTERS} of them"
            )
        tiled = Chapters.from_starts(
            [each.start for each in proposals],
            [clean(each.title or "") for each in proposals],
            self.draft.media.duration,
        )
        known = {each.id: each for each in (*self.first, *self.chapters)}
        claimed = {each.id for each in proposals}
        # A pasted row without an id is the chapter that starts there, unless that one is sent too.
        here = {to_ms(e.start): e for e in self.chapters if e.id not in claimed}
        state = []
        for proposal, chapter in zip(proposals, tiled.chapters, strict=True):
            start, title = chapter.start, chapter.title
            # An id that comes twice counts once.
            old = known.pop(proposal.id, None) if proposal.id else here.get(to_ms(start))
            if old is None:
                old = _new(ids, start, title if proposal.is_placed else None)
            drafted = title if proposal.is_titled else old.drafted
            is_locked = proposal.is_locked
            state.append(
                replace(old, start=start, title=title, is_locked=is_locked, drafted=drafted)
            )
        return tuple(state)

    # The stored state, and a draft that is not the one it was made from.

    def _opened(self, first: State) -> Stored:
        try:
            stored = read_stored(self.file, self.draft.media.duration)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            stored = None
            self._put_aside()
        if stored is None:
            return Stored((first,), 0, 1, first)
        if [(e.start, e.title) for e in first] == [(e.start, e.title) for e in stored.first]:
            return stored
        return self._merged(stored)

    def _put_aside(self) -> None:
        aside = self.file.with_name(f"{self.file.name}.damaged")
        with suppress(OSError):
            self.file.replace(aside)
        self.notes.append(
            f"The stored edits could not be read. They are kept as {aside}; the review starts from "
            "the draft."
        )

    def _merged(self, stored: Stored) -> Stored:
        """One more step: the draft of now, with the edits kept."""
        edits = stored.edits
        ids = _Ids(stored.n_ids)
        # Ids of the former draft must not be taken for those of this one.
        first = first_edits(self.draft.chapters, prefix=f"{ids.next()}.")
        mine = {to_ms(each.start): each for each in edits.chapters}
        own = {to_ms(each.start): each for each in first}
        state = []
        for chapter in keep(self.draft, edits, self.options).chapters.chapters:
            at = to_ms(chapter.start)
            old = mine.get(at) or own.get(at) or _new(ids, chapter.start, chapter.title)
            state.append(replace(old, title=chapter.title))
        self._now = replace(stored, first=first, dropped=edits.removed)
        self.notes.append(
            "The draft has changed since the last review. Your edits are kept; undo returns to the "
            "chapters as they were then."
        )
        return self._step(tuple(state), ids)

    def _begin_with(self, given: Chapters) -> None:
        """One more step: chapters that a person gave, which are the person's all."""
        ids = _Ids(self._now.n_ids)
        drafted = {(to_ms(each.start), each.title): each for each in self.first}
        rows = [(each.start, clean(each.title)) for each in given.chapters]
        state = tuple(
            drafted.get((to_ms(start), title)) or replace(_new(ids, start, None), title=title)
            for start, title in rows
        )
        if state != self.chapters:
            self._now = self._step(state, ids)


class _Ids:
    """Gives ids to new chapters; `n_given` so far."""

    def __init__(self, n_given: int) -> None:
        self.n_given = n_given

    def next(self) -> str:
        """An id that no other chapter of the file has or had."""
        self.n_given += 1
        return f"c{self.n_given}"


def _new(ids: _Ids, start: float, drafted: str | None) -> Edited:
    """A chapter that was not there: a person's, or of another division with the title `drafted`."""
    origin = None if drafted is None else start
    return Edited(ids.next(), start, drafted or "", False, origin, drafted)
