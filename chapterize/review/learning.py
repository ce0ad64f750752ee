"""Teach the profile the list that a person kept.

A list is kept when a result is made of it, and when the page is closed after a change. A
half-edited list does no harm: each video counts once, with its newest list. The draft alone teaches
nothing, not even if it is exported: it would only confirm what the profile says already.
"""

from __future__ import annotations

from chapterize.data import Chapters, OnNote
from chapterize.errors import ChapterizeError
from chapterize.fingerprint import file_fingerprint
from chapterize.pipeline import Options
from chapterize.pipeline.habits import teach
from chapterize.profiles import KeptList
from chapterize.review.project import Project
from chapterize.timecode import to_ms

__all__ = ["Learning"]


class Learning:
    """What the review of a file teaches; nothing is ever raised."""

    def __init__(self, project: Project, options: Options, on_note: OnNote) -> None:
        self._project, self._options, self._on_note = project, options, on_note
        self._opened = project.version
        self._is_taught = False

    def keep(self, chapters: Chapters) -> None:
        """Learn `chapters` that a result was made of, unless they are those of the draft."""
        first = [(to_ms(each.start), each.title) for each in self._project.first]
        if [(to_ms(each.start), each.title) for each in chapters.chapters] == first:
            return
        media = self._project.draft.media.path
        try:
            kept = KeptList.of(chapters, file_fingerprint(media))
        except ChapterizeError:
            return
        self._is_taught |= teach(media, [kept], self._options, self._on_note)

    def close(self) -> None:
        """Learn the chapters as they are now, if they were changed, and say what was learned."""
        if self._project.version != self._opened:
            self.keep(self._project.tiled())
        if self._is_taught:
            self._on_note(
                "The profile learned from your chapters. See chapterize learn --show; --no-learn "
                "prevents it."
            )
