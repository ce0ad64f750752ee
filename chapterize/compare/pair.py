"""A caption file and its reference chapters as a corpus of one document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from chapterize.captions import read_captions
from chapterize.data import Chapter, Chapters, Sentence
from chapterize.errors import InputError
from chapterize.evaluate import Corpus, Document
from chapterize.formats import read_listing, tile
from chapterize.sentences import resentence

__all__ = ["pair_document"]


def pair_document(captions: Path, chapters: Path, *, language: str | None = None) -> Corpus:
    """A corpus of one document: the sentences of `captions`, with the boundaries of `chapters`.

    A boundary is the sentence that starts nearest to the chapter; the start in seconds is kept as
    written. Notes report what was repaired, and chapters that were left out because another one
    starts at the same sentence.

    Raises
    ------
    InputError : a file cannot be opened, or there are fewer than two sentences.
    FormatError : a file breaks its format, or a chapter starts after the end.
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
    parsed = tile(listing, max(units[-1].end, listing.duration or 0.0))
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
