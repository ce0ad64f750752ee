"""The result of one run, and chapters in any other number from the same run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from typing import Any

from chapterize.characters import cut
from chapterize.data import Boundaries, Chapters, Media, Sent, Sentence, Signals, Slide, Transcript
from chapterize.pipeline.existing import KEEPING, Existing, kept_note
from chapterize.pipeline.headings import headings_between
from chapterize.profiles import Habit
from chapterize.segment import other_divisions, recount, require_granularity
from chapterize.title import Titler, entitle, load_titler, numbered_titles

__all__ = [
    "Draft",
    "chapter_headings",
    "chapter_texts",
    "draft_json",
    "place_titles",
    "plain_titles",
]

# Fields of the JSON that are those of Media.
_MEDIA = ("audio_start", "has_video", "width", "height", "frame_rate")

_TITLE_BYTES = 200
"""Most bytes of a file's name as a title; MP4 holds 240."""


@dataclass(frozen=True)
class Draft:
    """Everything that one run produced, before anyone reviewed it.

    `sentences` are the units of `boundaries`; without a transcript they are intervals of the
    media, with empty text. `timings` are seconds by stage. `sent` is what a title server
    received, or None. `signals` are the pauses and slide changes that were looked for. `habit` is
    what the profile says that was followed, or None. `kept` are the chapters that the file had
    already, if these are kept.
    """

    media: Media
    transcript: Transcript
    sentences: tuple[Sentence, ...]
    boundaries: Boundaries
    chapters: Chapters
    timings: Mapping[str, float]
    notes: tuple[str, ...] = ()
    sent: Sent | None = None
    signals: Signals = field(default_factory=Signals)
    habit: Habit | None = None
    kept: Existing | None = None

    @property
    def n_sentences(self) -> int:
        """Number of spoken sentences."""
        return len(self.sentences) if self.transcript.cues else 0

    @property
    def notes_beyond_count(self) -> tuple[str, ...]:
        """The notes without the one that offers other counts."""
        offer = other_divisions(self.boundaries)
        return tuple(note for note in self.notes if note != offer)

    def with_count(self, count: int, *, titler: Titler | None = None, titled: bool = True) -> Draft:
        """The same draft with `count` chapters.

        Every count was solved when the draft was made, so nothing is read, recognised or embedded
        again. `titler` replaces the built-in one; a title server is asked only if it is given
        here. With ``titled=False`` the chapters are numbered, which is faster. What was kept of a
        person's edits is not kept in another count.

        Raises
        ------
        InputError : there is no solution for `count`.
        EngineError : the titler failed.
        """
        language = self.transcript.language
        boundaries = recount(self.boundaries, count, self.sentences, language=language)
        return self._divided(boundaries, titler, is_titled=titled)

    def with_granularity(
        self, name: str, *, titler: Titler | None = None, titled: bool = True
    ) -> Draft:
        """The same draft, ``coarse``, ``normal`` or ``fine``, as `with_count`.

        Where there is no coarser or finer division, it is the normal one. `boundaries` still has
        the counts of all three.

        Raises
        ------
        InputError : there is no granularity `name`.
        EngineError : the titler failed.
        """
        require_granularity(name)
        counts, language = self.boundaries.granularities, self.transcript.language
        normal, name = counts["normal"], name if name in counts else "normal"
        boundaries = recount(
            self.boundaries, counts[name], self.sentences, language=language, normal=normal
        )
        return self._divided(replace(boundaries, granularity=name), titler, is_titled=titled)

    def _divided(self, boundaries: Boundaries, titler: Titler | None, *, is_titled: bool) -> Draft:
        """The draft with the chosen division of `boundaries`, and titles."""
        language, count = self.transcript.language, boundaries.chosen
        headings = chapter_headings(self.signals, boundaries, self.media.duration)
        if is_titled and self.transcript.cues:
            texts = chapter_texts(self.sentences, boundaries)
            titles = entitle(titler or load_titler(), texts, language, headings=headings).titles
            if self.habit is not None:
                titles = self.habit.titles(titles, language, are_phrases=titler is None)
        elif is_titled:
            titles = plain_titles(self.media, count, language, headings)
        else:
            titles = numbered_titles(count, language)
        chapters = place_titles(titles, boundaries, self.media.duration)
        outdated = {"" if self.habit is None else self.habit.note}
        if self.kept is not None:
            has_words = bool(self.transcript.cues)
            outdated |= {kept_note(self.kept, use, has_words=has_words) for use in KEEPING}
        notes = tuple(note for note in self.notes_beyond_count if note not in outdated)
        made = replace(self, boundaries=boundaries, chapters=chapters, notes=notes)
        return replace(made, sent=None, kept=None)


def plain_titles(
    media: Media, count: int, language: str | None, headings: Sequence[Sequence[str]] = ()
) -> tuple[str, ...]:
    """Titles for chapters without words: the file's name, headings of slides, or numbers."""
    if count == 1:
        return (cut(media.path.stem, _TITLE_BYTES),)
    if not any(headings):
        return numbered_titles(count, language)
    return entitle(load_titler(), [()] * count, language, headings=headings).titles


def chapter_headings(
    signals: Signals, boundaries: Boundaries, duration: float
) -> list[tuple[str, ...]]:
    """The headings of slides in each chosen chapter, as of `headings_between`."""
    first = boundaries.solutions[boundaries.chosen]
    return headings_between(signals.pages, [float(boundaries.starts[i]) for i in first], duration)


def chapter_texts(sentences: Sequence[Sentence], boundaries: Boundaries) -> list[list[str]]:
    """The sentences of each chosen chapter."""
    first = boundaries.solutions[boundaries.chosen]
    return [
        [sentence.text for sentence in sentences[a:b]]
        for a, b in pairwise((*first, len(sentences)))
    ]


def place_titles(titles: Sequence[str], boundaries: Boundaries, duration: float) -> Chapters:
    """Chapters at the chosen boundaries, with their confidence and evidence."""
    first = boundaries.solutions[boundaries.chosen]
    starts = [float(boundaries.starts[i]) for i in first]
    chapters = Chapters.from_starts(starts, titles, duration)
    placed = (
        replace(
            chapter,
            confidence=round(float(boundaries.confidence[i]), 3),
            evidence=boundaries.evidence[i],
        )
        for chapter, i in zip(chapters.chapters, first, strict=True)
    )
    return replace(chapters, chapters=tuple(placed))


def draft_json(draft: Draft) -> dict[str, Any]:
    """`draft` as the JSON of ``chapterize.draft/1``."""
    media, boundaries = draft.media, draft.boundaries
    return {
        "schema": "chapterize.draft/1",
        "media": {
            "path": str(media.path),
            "container": media.container,
            "duration": round(media.duration, 3),
            **{name: getattr(media, name) for name in _MEDIA},
        },
        "transcript": {
            "source": draft.transcript.source,
            "language": draft.transcript.language,
            "n_sentences": draft.n_sentences,
        },
        "count": {
            "chosen": boundaries.chosen,
            "how": boundaries.how,
            "granularity": boundaries.granularity,
            "likely": boundaries.likely,
            "counts": dict(boundaries.granularities),
            "granularities": {
                name: [round(float(boundaries.starts[i]), 3) for i in boundaries.solutions[count]]
                for name, count in boundaries.granularities.items()
            },
        },
        "profile": None if draft.habit is None else _habit_json(draft.habit),
        "slides": [_slide_json(page) for page in draft.signals.pages],
        "duration": draft.chapters.duration,
        "chapters": [asdict(chapter) for chapter in draft.chapters.chapters],
        "kept": None if draft.kept is None else draft.kept.to_json(),
        "sent": None if draft.sent is None else asdict(draft.sent),
        "notes": list(draft.notes),
        "timings": dict(draft.timings),
    }


def _slide_json(page: Slide) -> dict[str, Any]:
    return {
        "time": round(page.start, 3),
        "end": round(page.end, 3),
        "kind": page.kind,
        "heading": page.heading,
        "lines": [line.text for line in page.lines],
    }


def _habit_json(habit: Habit) -> dict[str, Any]:
    return {
        "from": habit.name or str(habit.path or ""),
        "lists": habit.lists,
        "offset": round(habit.offset, 3),
        "spread": round(habit.spread, 3),
        "granularity": habit.granularity,
    }
