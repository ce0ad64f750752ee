"""Numbers of chapters from more than the length of a document: earlier documents, or a choice."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from chapterize.data import Boundaries
from chapterize.evaluate import Document
from chapterize.profiles import KeptList, Profile
from chapterize.segment import SegmentOptions, choose_count, expected_count, shipped_model

__all__ = ["EARLIER", "ONE_CLICK", "Lists", "better_counts", "lists_of"]

EARLIER = {"1 earlier": 1, "3 earlier": 3}
"""Methods whose profile has learned from this number of other documents of the source."""

ONE_CLICK = "one click"
"""The method that takes ``coarse``, ``normal`` or ``fine``: what is nearest to people's number."""

_N_DRAWS = 10

Lists = Mapping[str, Sequence[KeptList]]
"""What a profile would keep of each document, by source."""


def lists_of(documents: Sequence[Document]) -> Lists:
    """What a profile would keep of the numbers of chapters.

    Documents without times are a source of their own, because their length is assumed. A document
    of one chapter teaches nothing.
    """
    found: dict[str, list[KeptList]] = {}
    for each in documents:
        n_chapters = len(each.boundaries)
        kept = KeptList(each.id, n_chapters, each.duration / 60, 0.0, 0, "mixed", False)
        found.setdefault(_group(each), []).extend([kept] * (n_chapters > 1))
    return found


def better_counts(
    document: Document, found: Boundaries, lists: Lists, options: SegmentOptions
) -> dict[str, list[int]]:
    """By method, the counts that it would choose for a document that is divided already.

    Ten times, other documents of the source are drawn to learn from; a method that needs more of
    them than there are is left out. `found` : the document, divided into an estimated count.
    """
    others = [each for each in lists[_group(document)] if each.id != document.id]
    counts = {
        method: list(_learned(document, found, others, n_earlier, options))
        for method, n_earlier in EARLIER.items()
        if len(others) >= n_earlier
    }
    wanted = math.log(len(document.boundaries))
    nearest = min(found.granularities.values(), key=lambda count: abs(math.log(count) - wanted))
    return counts | {ONE_CLICK: [nearest]}


def _learned(
    document: Document,
    found: Boundaries,
    others: Sequence[KeptList],
    n_earlier: int,
    options: SegmentOptions,
) -> Iterator[int]:
    law = (options.model or shipped_model()).count
    dice = np.random.default_rng(list(document.id.encode("utf-8")))
    for _ in range(_N_DRAWS):
        drawn = dice.choice(len(others), n_earlier, replace=False)
        profile = Profile(tuple(others[at] for at in drawn))
        habit = profile.habit(lambda seconds: expected_count(seconds, law))
        known = replace(options, offset=habit.offset, spread=habit.spread)
        yield choose_count(found, document.duration, law, known).count


def _group(document: Document) -> str:
    return f"{document.source} {'with' if document.is_timed else 'without'} times"
