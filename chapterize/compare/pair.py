"""A caption file and the chapters someone gave it: a corpus of one document."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from chapterize.captions import read_captions
from chapterize.errors import InputError
from chapterize.evaluate import Corpus, Document
from chapterize.formats import read_listing, tile
from chapterize.sentences import resentence

__all__ = ["pair_document"]


def pair_document(captions: Path, chapters: Path, *, language: str | None = None) -> Corpus:
    """One document: the sentences of `captions`, divided as `chapters` says.

    Each chapter begins at the sentence that starts nearest, its start in seconds stays as written.
    The notes say what was repaired, and which chapters were left out because another begins at the
    same sentence.

    Raises
    ------
    InputError : a file cannot be opened, there are fewer than two sentences, or a chapter begins
        after the end.
    FormatError : a file breaks its format.
    """
    transcript = read_captions(captions, language=language)
    units = resentence(transcript)
    if len(units) < 2:
        raise InputError(
            f"{captions} holds one sentence",
            why="there is nothing to divide in fewer than two",
            hint="give the captions of the whole recording",
        )
    listing = read_listing(chapters)
    parsed = tile(listing, max(units[-1].end, listing.duration or 0.0))
    begin = np.array([unit.start for unit in units])
    notes = [*transcript.notes, *parsed.notes]
    kept: dict[int, tuple[float, str]] = {}
    for chapter in parsed.chapters.chapters:
        unit = int(np.abs(begin - chapter.start).argmin()) if chapter.start else 0
        if unit in kept:
            notes.append(
                f"{chapter.title!r} begins at the same sentence as {kept[unit][1]!r}: left out"
            )
        else:
            kept[unit] = (chapter.start, chapter.title)
    document = Document(
        id=captions.name,
        source=captions.name,
        title=captions.stem,
        duration=parsed.chapters.duration,
        units=units,
        boundaries=tuple(kept),
        starts=tuple(start for start, _ in kept.values()),
        titles=tuple(title for _, title in kept.values()),
    )
    return Corpus((document,), tuple(notes))
