"""What a person changed in the chapters of a file, applied to a later draft of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from chapterize.data import Chapter, Chapters
from chapterize.pipeline.draft import Draft
from chapterize.pipeline.edits import Edited, Edits
from chapterize.pipeline.headings import headings_between
from chapterize.segment import REMOVED_REACH, SegmentOptions, divide_around
from chapterize.timecode import to_ms
from chapterize.title import Titler, entitle, load_titler, numbered_titles

__all__ = ["keep"]

_SAME_PLACE = 2.0
"""Seconds within which a boundary of another draft is the same boundary."""


def keep(
    draft: Draft,
    edits: Edits,
    options: SegmentOptions | None = None,
    *,
    titler: Titler | None = None,
) -> Draft:
    """`draft` with what a person changed in an earlier draft of the same file; a note says what.

    If the earlier draft was the same, the result has exactly the person's chapters. Otherwise,
    chapters that were locked, moved, retitled or added stay with their titles, boundaries that were
    removed do not come back, and all else is as in `draft`. With a number of chapters in `options`,
    other boundaries give way to reach it.

    `titler` gives titles to chapters that neither the draft nor the person named; by default, the
    built-in one.
    """
    options = options or SegmentOptions()
    fixed = _placed(edits, draft)
    removed = edits.removed
    if not fixed and not removed:
        return draft
    if options.is_estimated:
        starts = _merged(draft, edits, fixed, options.least)
    else:
        starts = divide_around(
            draft.boundaries,
            draft.boundaries.chosen,
            fixed,
            duration=draft.media.duration,
            min_length=options.least,
            removed=removed,
        )
    chapters = _titled(draft, starts, fixed, titler)
    if chapters == draft.chapters:
        return draft
    return replace(draft, chapters=chapters, notes=(*draft.notes, _note(edits, fixed)))


def _placed(edits: Edits, draft: Draft) -> dict[float, Edited]:
    """The chapters to keep by their start in this draft, 0.0 for the first one."""
    starts = draft.chapters.starts
    placed: dict[float, Edited] = {}
    for each in edits.fixed:
        start = each.start
        if not (each.is_locked or each.is_moved or each.is_added):
            # Only the title is the person's: the boundary is where this draft has it.
            nearest = min(starts, key=lambda at: abs(at - each.start))
            if abs(nearest - start) <= _SAME_PLACE and nearest not in placed:
                start = nearest
        if to_ms(start) < to_ms(draft.media.duration):
            placed[start] = each
    return dict(sorted(placed.items()))


def _merged(
    draft: Draft, edits: Edits, fixed: Mapping[float, Edited], min_length: float
) -> tuple[float, ...]:
    """The boundaries of the draft that neither crowd the fixed ones nor were removed, and those."""
    here = [each.start for each in edits.chapters]

    def comes_back(start: float) -> bool:
        if any(abs(start - at) <= _SAME_PLACE for at in here):
            return False
        return any(abs(start - gone) < REMOVED_REACH for gone in edits.removed)

    unchanged = {to_ms(each.start) for each in edits.chapters}
    own = [
        start
        for start in draft.chapters.starts[1:]
        if start not in fixed
        and not comes_back(start)
        and (
            to_ms(start) in unchanged
            or all(abs(start - at) >= min_length for at in fixed if at > 0)
        )
    ]
    return tuple(sorted({0.0, *own, *fixed}))


def _titled(
    draft: Draft,
    starts: Sequence[float],
    fixed: Mapping[float, Edited],
    titler: Titler | None,
) -> Chapters:
    drafted = {to_ms(each.start): each for each in draft.chapters.chapters}
    kept = {to_ms(start): each for start, each in fixed.items()}
    titles: list[str | None] = []
    numbers = numbered_titles(len(starts), draft.transcript.language)
    for number, start in zip(numbers, starts, strict=True):
        person, own = kept.get(to_ms(start)), drafted.get(to_ms(start))
        is_named = person is not None and (draft.transcript.cues or person.title != person.drafted)
        if person is not None and is_named:
            titles.append(person.title)
        elif not draft.transcript.cues and len(starts) > 1 and draft.kept is None:
            titles.append(number)
        else:
            titles.append(None if own is None else own.title)
    if None in titles:
        headings = headings_between(draft.signals.pages, starts, draft.media.duration)
        texts, language = texts_between(draft, starts), draft.transcript.language
        found = entitle(titler or load_titler(), texts, language, headings=headings).titles
        titles = [mine or new for mine, new in zip(titles, found, strict=True)]
    made = Chapters.from_starts(starts, [title or "" for title in titles], draft.media.duration)

    def reasoned(chapter: Chapter) -> Chapter:
        own = drafted.get(to_ms(chapter.start))
        if own is None:
            return chapter
        return replace(chapter, confidence=own.confidence, evidence=own.evidence)

    return replace(made, chapters=tuple(map(reasoned, made.chapters)))


def texts_between(draft: Draft, starts: Sequence[float]) -> list[list[str]]:
    """The sentences of the chapters that begin at `starts`."""
    # A start may lie inside a sentence, which then belongs to the chapter before.
    begins = draft.boundaries.starts
    first = [0, *(bisect_left(begins, start - 5e-4) for start in starts[1:]), len(draft.sentences)]
    return [[each.text for each in draft.sentences[a:b]] for a, b in pairwise(first)]


def _note(edits: Edits, fixed: Mapping[float, Edited]) -> str:
    kinds = (
        ("locked", [each for each in fixed.values() if each.is_locked]),
        ("moved", [each for each in fixed.values() if each.is_moved]),
        ("retitled", [each for each in fixed.values() if each.is_retitled]),
        ("added", [each for each in fixed.values() if each.is_added]),
        ("from another number of chapters", [e for e in fixed.values() if not e.is_changed]),
        ("removed", set(edits.removed) - {each.origin for each in fixed.values()}),
    )
    counts = ", ".join(f"{len(found)} {name}" for name, found in kinds if found)
    return f"Your edits from the review are kept ({counts}). For the draft alone, add --no-edits."
