"""A caption file and its reference chapters as a corpus of one document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from chapterize.captions import read_captions
from chapterize.data import Chapter, Chapters, Sentence
from chapterize.errors import InputError
from chapterize.evaluate import Corpus, Document
from chapterize.formats import Listing, read_listing, tile
from chapterize.sentences import resentence

__all__ = ["pair_document"]

_AFTER_WORDS = 60.0
"""Seconds of music or credits after the last words in which a chapter may start; a later start is
that of another recording."""

_LEAST = 1.0
"""Seconds of a chapter whose end is unknown."""


def pair_document(captions: Path, chapters: Path, *, language: str | None = None) -> Corpus:
    """A corpus of one document: the sentences of `captions`, with the boundaries of `chapters`.

    A boundary is the sentence that starts nearest to the chapter; the start in seconds is kept as
    written. Notes report what was repaired, and chapters that were left out because another one
    starts at the same sentence.

    Raises
    ------
    InputError : a file cannot be opened, or there are fewer than two sentences.
    FormatError : a file breaks its format, or a chapter starts a minute or more after the end.
    """
    transcript = read_captions(captions, language=language)
    units = resentence(transcript)
    if len(units) < 2:
        raise InputError(
            f"{captions} has only one sentence",
            why="chapters need at least two",
            hint="give the captions of the whole recording",
        )
    listing = read_listing(chapters)
    parsed = tile(listing, _end(units[-1].end, listing))
    notes = [*transcript.notes, *parsed.notes]
    kept = _nearest_units(parsed.chapters, units, notes)
    document = Document(
        id=captions.name,
        source=captions.name,
        title=captions.stem,
        duration=parsed.chapters.duration,
        units=units,
        boundaries=tuple(kept),
        starts=tuple(chapter.start for chapter in kept.values()),
        titles=tuple(chapter.title for chapter in kept.values()),
    )
    return Corpus((document,), tuple(notes))


def _end(spoken: float, listing: Listing) -> float:
    """Seconds at which the recording ends: its last words, or later if the chapters say so."""
    end = max(spoken, listing.duration or 0.0)
    late = [mark.start for mark in listing.marks if end <= mark.start < end + _AFTER_WORDS]
    return max(late) + _LEAST if late else end


def _nearest_units(
    chapters: Chapters, units: Sequence[Sentence], notes: list[str]
) -> dict[int, Chapter]:
    """The chapter that starts at each boundary; a second one at the same boundary is noted."""
    starts = np.array([unit.start for unit in units])
    kept: dict[int, Chapter] = {}
    for chapter in chapters.chapters:
        unit = int(np.abs(starts - chapter.start).argmin()) if chapter.start else 0
        if unit in kept:
            notes.append(
                f"{chapter.title!r} was left out: same first sentence as {kept[unit].title!r}"
            )
        else:
            kept[unit] = chapter
    return kept
