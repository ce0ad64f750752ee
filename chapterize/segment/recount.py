"""Switch to another count of chapters: every count is already solved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from chapterize.data import Boundaries, Sentence
from chapterize.errors import InputError
from chapterize.segment.estimates import confidence, confidence_clues, granularities
from chapterize.segment.evidence import has_cue, with_words

__all__ = ["recount"]


def recount(
    boundaries: Boundaries,
    count: int,
    sentences: Sequence[Sentence],
    *,
    language: str | None,
    how: str = "asked for",
    normal: int | None = None,
) -> Boundaries:
    """`boundaries` with `count` chapters chosen, from the solutions that it holds.

    `sentences` and `language` are those that were segmented. `normal` is the count that the
    granularities refer to, by default `count`.

    Raises
    ------
    InputError : there is no solution for `count`.
    """
    if count not in boundaries.solutions:
        most = max(boundaries.solutions)
        raise InputError(
            f"{count} chapters are not possible here",
            why=f"there are solutions for 1 to {most} chapters",
            hint="choose a count in that range, or draft again with a lower min_length",
        )
    scores = boundaries.scores.astype(np.float64)
    clues = confidence_clues(boundaries.solutions, count, scores, has_cue(boundaries.evidence))
    natural = granularities(boundaries.solutions, normal or count)
    shown = {i for n in {count, *natural.values()} for i in boundaries.solutions[n][1:]}
    return replace(
        boundaries,
        confidence=confidence(clues, np.asarray(boundaries.coefficients)),
        evidence=with_words(boundaries.evidence, sentences, shown, language),
        chosen=count,
        how=how,
        granularities=natural,
        granularity=None,
        likely=None,
    )
