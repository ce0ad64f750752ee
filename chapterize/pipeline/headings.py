"""Which headings of slides belong to each chapter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from chapterize.data import Slide
from chapterize.slides import topic_of

__all__ = ["headings_between"]

_REACH = (5.0, 8.0)
"""Seconds before and after the start of a chapter in which its slide appears."""

_LEAST_SHARE = 0.1
"""Share of the time in which a chapter shows headings that is needed by the slide at its start; by
a section slide none."""

_MAIN_SHARE = 0.4
"""The same for another slide."""


def headings_between(
    pages: Sequence[Slide], starts: Sequence[float], duration: float
) -> list[tuple[str, ...]]:
    """The headings of each chapter, without numbering; nothing at all without slides that have one.

    The first is that of the slide that appears at the start of the chapter, or "". The others
    follow, the one that is seen longest first.
    """
    headed = [page for page in pages if page.kind == "slide" and page.heading]
    headed = [page for page in headed if not page.is_agenda]
    if not headed:
        return []
    return [_headings(headed, start, end) for start, end in pairwise((*starts, duration))]


def _headings(pages: Sequence[Slide], start: float, end: float) -> tuple[str, ...]:
    seen: dict[int, float] = defaultdict(float)
    texts: dict[int, str] = {}
    opening: list[tuple[bool, float, int]] = []
    for page in pages:
        shown = min(end, page.end) - max(start, page.start)
        if shown <= 0:
            continue
        seen[page.topic] += shown
        texts.setdefault(page.topic, topic_of(page.heading or ""))
        if start - _REACH[0] <= page.start <= start + _REACH[1]:
            opening.append((not page.is_section, abs(page.start - start), page.topic))
    total = sum(seen.values())
    fit = [each for each in opening if not each[0] or seen[each[2]] >= _LEAST_SHARE * total]
    first = min(fit)[2] if fit else None
    main = {topic for topic, shown in seen.items() if shown >= _MAIN_SHARE * total}
    others = sorted(main - {first}, key=lambda topic: -seen[topic])
    return ("" if first is None else texts[first], *(texts[topic] for topic in others))
