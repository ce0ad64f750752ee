"""Titles from the transcript for chapters that a person makes: the built-in titler, when needed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from chapterize.data import Chapters
from chapterize.pipeline import Draft
from chapterize.pipeline.draft import plain_titles
from chapterize.pipeline.headings import headings_between
from chapterize.pipeline.kept import texts_between
from chapterize.review.memory import give_back
from chapterize.title import KeyphraseTitler, entitle, written_titles

__all__ = ["Titling"]

_MOST_SUGGESTED = 5

_MOST_READ = 1000
"""Sentences, those of the chapters around included, that suggestions are made from."""

_MANY = 5000
"""Sentences whose titles need so much memory that it is returned at once."""

_IDLE = 60.0
"""Seconds after which the titler, whose tables take 40 MB, is unloaded."""


class Titling:
    """Titles for chapters of a draft; one request at a time."""

    def __init__(self, draft: Draft, *, idle: float = _IDLE) -> None:
        self._draft = draft
        self._idle = idle
        self._lock = threading.Lock()
        self._titler: KeyphraseTitler | None = None
        self._timer: threading.Timer | None = None

    def titles(self, starts: Sequence[float]) -> list[str]:
        """A title for each chapter of the division at `starts`.

        Raises
        ------
        InputError : the starts are out of order or out of range.
        """
        draft = self._draft
        tiled = Chapters.from_starts(starts, [""] * len(starts), draft.media.duration)
        language = draft.transcript.language
        headings = headings_between(draft.signals.pages, tiled.starts, draft.media.duration)
        if not draft.transcript.cues:
            return list(plain_titles(draft.media, len(starts), language, headings))
        with self._loaded() as titler:
            texts = texts_between(draft, tiled.starts)
            return list(entitle(titler, texts, language, headings=headings).titles)

    def suggest(self, start: float, end: float, others: Sequence[float]) -> list[str]:
        """Up to five titles for the chapter from `start` to `end`, the best first.

        `others` are the starts of all chapters: what is said around a chapter tells what is special
        about it.
        """
        draft = self._draft
        if not draft.transcript.cues or start >= draft.media.duration:
            return []
        outside = {each for each in others if not start < each < end}
        starts = sorted({0.0, start, *outside, *([end] if end < draft.media.duration else [])})
        index = starts.index(start)
        headings = headings_between(draft.signals.pages, starts, draft.media.duration)
        texts, at = _near(texts_between(draft, starts), index)
        language, most = draft.transcript.language, _MOST_SUGGESTED
        with self._loaded() as titler:
            found = titler.suggest(texts, at, language=language, most=most)
            own = headings and written_titles([headings[index]], [texts[at]], language)[0]
            return list(dict.fromkeys((*own, *found)))[:most]

    @contextmanager
    def _loaded(self) -> Iterator[KeyphraseTitler]:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._titler = self._titler or KeyphraseTitler()
            try:
                yield self._titler
            finally:
                self._timer = threading.Timer(self._idle, self._unload)
                self._timer.daemon = True
                self._timer.start()
                if len(self._draft.sentences) >= _MANY:
                    give_back()

    def _unload(self) -> None:
        with self._lock:
            # A request may have come while this thread waited for the lock.
            if self._timer is threading.current_thread():
                self._titler = None
                give_back()


def _near(texts: Sequence[Sequence[str]], at: int) -> tuple[list[Sequence[str]], int]:
    """The chapter `at` and what is said around it, as much as is read in a moment; its place."""
    own = texts[at][:_MOST_READ]
    room = (_MOST_READ - len(own)) // 2
    before: list[Sequence[str]] = []
    after: list[Sequence[str]] = []
    for found, others in ((before, texts[:at][::-1]), (after, texts[at + 1 :])):
        left = room
        for each in others:
            if left <= 0:
                break
            found.append(each[:left])
            left -= len(each)
    return [*before[::-1], own, *after], len(before)
