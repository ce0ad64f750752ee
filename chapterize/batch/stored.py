"""Drafts in short, kept in the cache: other formats are written from them without any media."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chapterize import formats
from chapterize.batch.items import Item
from chapterize.batch.plan import Plan
from chapterize.batch.rows import ChapterRow, Row
from chapterize.batch.thumbnails import thumbnail
from chapterize.cache import stage_key
from chapterize.data import Chapter, Chapters
from chapterize.errors import FormatError
from chapterize.fingerprint import file_fingerprint
from chapterize.pipeline import Draft

__all__ = ["ShortDraft", "draft_key"]

_STAGE = "batch-draft/1"

_FAULT = re.compile(r"\bcut off\b|\bdamaged\b|\bbelong to another video\b")
"""What is wrong with a file, among notes that are about other things."""


@dataclass(frozen=True)
class ShortDraft:
    """What is written of a draft.

    `media_name` is None for captions alone. `lacks_words` : there is audio, but no speech model was
    on the disk, so that another run may do better.
    """

    chapters: Chapters
    language: str | None
    media_name: str | None
    frame_rate: float | None
    lacks_words: bool
    notes: tuple[str, ...]
    words: str = ""
    faults: tuple[str, ...] = ()
    thumbnail: str = ""

    @classmethod
    def of(cls, draft: Draft) -> ShortDraft:
        """The short form of `draft`."""
        media = draft.media
        is_media = media.has_video or media.has_audio
        # One would be asked to choose for each of many files.
        notes = draft.notes_beyond_count
        is_titled = draft.kept is not None and not draft.kept.untitled
        return cls(
            draft.chapters,
            draft.transcript.language,
            media.path.name if is_media else None,
            media.frame_rate,
            draft.transcript.source == "none" and media.has_audio and not is_titled,
            notes,
            draft.transcript.source if draft.transcript.cues else "kept" if is_titled else "none",
            tuple(note for note in notes if _FAULT.search(note)),
            thumbnail(media),
        )

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        rows = [[c.start, c.end, c.title, c.confidence] for c in self.chapters.chapters]
        values = {name: getattr(self, name) for name in _PLAIN}
        return {**values, "chapters": rows, "duration": self.chapters.duration}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ShortDraft:
        """The draft of a JSON form; KeyError, TypeError or ValueError if it is damaged."""
        rows = tuple(Chapter(*row) for row in value["chapters"])
        values = {name: value[name] for name in _PLAIN}
        for name in ("notes", "faults"):
            values[name] = tuple(values[name])
        return cls(Chapters(rows, value["duration"]), **values)

    def text(self, kind: str, plan: Plan) -> tuple[str, tuple[str, ...]]:
        """The chapters in a format, and notes on what the format could not hold.

        Raises
        ------
        FormatError : the format cannot hold a title.
        """
        rate = plan.frame_rate or formats.known_rate(self.frame_rate or 0)
        try:
            text = formats.dumps(self.chapters, kind, frame_rate=rate, media=self.media_name)
        except FormatError as error:
            hint = "change the title on the page of chapterize review, or choose another --format"
            raise FormatError(error.what, why=error.why, hint=hint) from error
        notes = formats.changes(
            self.chapters,
            kind,
            frame_rate=rate,
            media=self.media_name,
            stated_rate=self.frame_rate,
        )
        return text, tuple(notes)

    def row(self, source: str) -> Row:
        """The row of the file, as done."""
        shown = [ChapterRow(c.start, c.title, c.confidence) for c in self.chapters.chapters]
        known = [each.confidence for each in shown[1:] if each.confidence is not None]
        return Row(
            source,
            "done",
            duration=self.chapters.duration,
            n_chapters=len(shown),
            confidence_low=min(known, default=None),
            notes=self.notes,
            chapters=tuple(shown),
            language=self.language,
            words=self.words,
            faults=self.faults,
            thumbnail=self.thumbnail,
        )


_PLAIN = (
    "language",
    "media_name",
    "frame_rate",
    "lacks_words",
    "notes",
    "words",
    "faults",
    "thumbnail",
)


def draft_key(item: Item, identity: Mapping[str, Any], captions: Sequence[str], plan: Plan) -> str:
    """The key of a short draft: of the contents and options that it depends on.

    Raises
    ------
    InputError : a caption file cannot be read.
    """
    texts = [(name, file_fingerprint(item.path.parent / name)) for name in captions]
    keys = [plan.keys[each] for each in ("words", "boundaries", "titles")]
    # The name is a title where nothing is said.
    name = item.relative.name
    return stage_key(_STAGE, name, identity["fingerprint"], texts, identity["edits"], *keys)
