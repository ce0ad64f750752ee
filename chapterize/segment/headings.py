"""New topics on the slides: each belongs to the sentence at which the speech turns to it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Evidence, Slide

__all__ = ["FEWEST_TOPICS", "Turn", "is_new", "new_topics", "turns", "with_headings"]

Floats = NDArray[np.float64]

_REACH = (8.0, 5.0)
"""Seconds before and after a slide change in which the speech turns to the topic of the slide."""

_PER_SECOND = 0.2
"""What each second between the sentence and the slide change costs, as a bonus does."""

_SAME_CHANGE = 1.5
"""Seconds within which a slide change is that of a slide's start."""

FEWEST_TOPICS = 3
"""New topics from which on they say something about the number of chapters."""


@dataclass(frozen=True)
class Turn:
    """A slide with a new topic; `is_strong` : a section slide, or a topic that an agenda lists."""

    page: Slide
    is_strong: bool


def new_topics(pages: Sequence[Slide]) -> tuple[Turn, ...]:
    """The slides that show a topic for the first time, after the first one of all.

    A topic that is continued or that comes back is none, and neither is a list of topics.
    """
    seen: set[int] = set()
    listed: set[str] = set()
    found = []
    for page in pages:
        if page.kind != "slide" or page.heading is None or page.topic in seen:
            continue
        if seen and not page.is_agenda:
            found.append(Turn(page, page.is_section or _key(page.heading) in listed))
        seen.add(page.topic)
        if page.is_agenda:
            listed |= {_key(line.text) for line in page.lines}
    return tuple(found)


def is_new(change: float, pages: Sequence[Slide], topics: Sequence[Turn]) -> bool:
    """Whether a slide change is any evidence: not where a known topic grows, goes on or returns."""
    page = next((p for p in pages if p.start - _SAME_CHANGE <= change < p.end - _SAME_CHANGE), None)
    if page is None or page.heading is None:
        return True
    return any(abs(change - turn.page.start) <= _SAME_CHANGE for turn in topics)


def turns(starts: Floats, bonus: Floats, topics: Sequence[Turn]) -> dict[int, Turn]:
    """The sentence of each new topic, by sentence index.

    `starts` : shape (n,), seconds. `bonus` : shape (n,), how much else speaks for each sentence. A
    topic without a sentence in reach has none; of two at one sentence the strong one stays.
    """
    found: dict[int, Turn] = {}
    for turn in topics:
        after = starts - turn.page.start
        is_near = (after >= -_REACH[0]) & (after <= _REACH[1])
        is_near[0] = False
        if is_near.any():
            value = np.where(is_near, bonus - _PER_SECOND * np.abs(after), -np.inf)
            i = int(value.argmax())
            if i not in found or (turn.is_strong and not found[i].is_strong):
                found[i] = turn
    return found


def with_headings(evidence: Sequence[Evidence], turns: Mapping[int, Turn]) -> tuple[Evidence, ...]:
    """`evidence` with the headings of `turns`, and the times of their slides."""
    return tuple(
        replace(each, heading=turns[i].page.heading, slide=turns[i].page.start)
        if i in turns
        else each
        for i, each in enumerate(evidence)
    )


def _key(text: str) -> str:
    """Letters and digits alone, without the numbering in front of a listed topic."""
    plain = re.sub(r"^\W*\d{0,2}[.):]?\s+", "", unicodedata.normalize("NFKC", text).casefold())
    return "".join(filter(str.isalnum, plain))
