"""How many chapters: what is asked for, and the count that follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Evidence
from chapterize.errors import InputError, OptionError
from chapterize.segment.estimates import (
    SPREAD,
    expected_count,
    granularities,
    likely_range,
    nearest,
    require_granularity,
    with_topics,
)
from chapterize.segment.headings import FEWEST_TOPICS
from chapterize.segment.model import BoundaryModel

__all__ = ["Choice", "SegmentOptions", "choose_count"]

Floats = NDArray[np.float64]

_SHORTEST = 10.0
_SHORT_MEDIA = 300.0
_SHORTEST_IN_SHORT = 60.0
"""Seconds: the shortest chapter, and the shortest in media below five minutes."""


@dataclass(frozen=True)
class SegmentOptions:
    """How many chapters, and how short they may be.

    `count` sets the number and `per_hour` a rate; without either, the number is estimated from the
    length. Then `granularity` is ``coarse``, ``normal`` (as None) or ``fine``, `offset` says how
    much finer this person cuts than others (the logarithm of a ratio), and `spread` how sure that
    is (a standard deviation). `min_length` is the shortest chapter in seconds; None: 10, and 60 in
    media below five minutes, unless more are asked for than fit. Each weight is a bonus in the
    cost of `partition` for a chapter that begins at such a place: where the scorer expects one
    (per unit of log-odds), at cue words, at a slide change, after a pause in media without a
    transcript, after a silence of 15 s or more in media with one, and at the sentence of a
    person's marker. A slide with a new topic has `heading_weight` more, or `section_weight` if it
    is a section slide or the agenda lists it. `model` replaces the shipped scorer.
    """

    count: int | None = None
    per_hour: float | None = None
    min_length: float | None = None
    score_weight: float = 0.4
    cue_weight: float = 0.75
    slide_weight: float = 0.25
    heading_weight: float = 1.5
    section_weight: float = 2.5
    pause_weight: float = 1.0
    silence_weight: float = 1.0
    marker_weight: float = 5.0
    model: BoundaryModel | None = None
    granularity: str | None = None
    offset: float = 0.0
    spread: float = SPREAD

    def __post_init__(self) -> None:
        if self.count is not None and self.per_hour is not None:
            raise OptionError(
                "--count and --per-hour cannot be used together",
                why="both set the number of chapters",
                hint="give one of them",
            )
        if self.count is not None and self.count < 1:
            raise OptionError(
                f"--count {self.count} is not possible",
                why="it must be 1 or more",
                hint="give another number, or leave it out",
            )
        if self.per_hour is not None and not 0 < self.per_hour <= 3600:
            raise OptionError(
                f"--per-hour {self.per_hour:g} is not possible",
                why="it must be above 0 and at most 3600",
                hint="give another number, or leave it out",
            )
        if self.granularity is not None:
            require_granularity(self.granularity)
            if not self.is_estimated:
                other = f"--count {self.count}" if self.count else f"--per-hour {self.per_hour:g}"
                raise OptionError(
                    f"--granularity {self.granularity} cannot be used with {other}",
                    why="both set the number of chapters",
                    hint="give one of them",
                )
        if self.min_length is not None and not 1.0 <= self.min_length < float("inf"):
            raise OptionError(
                f"--min-length {self.min_length:g} is not possible",
                why="it must be 1 s or more",
                hint="give another number, or leave it out",
            )

    @property
    def is_estimated(self) -> bool:
        """Whether the number of chapters is estimated."""
        return self.count is None and self.per_hour is None

    @property
    def least(self) -> float:
        """The shortest chapter that is possible, in seconds."""
        return _SHORTEST if self.min_length is None else self.min_length

    def shortest(self, duration: float) -> float:
        """The shortest chapter, in seconds, that is made unasked in media of `duration` seconds."""
        is_short = self.min_length is None and duration < _SHORT_MEDIA
        return _SHORTEST_IN_SHORT if is_short else self.least


class Solved(Protocol):
    """What `choose_count` reads of a division, as in `Boundaries`."""

    @property
    def starts(self) -> Floats: ...
    @property
    def evidence(self) -> tuple[Evidence, ...]: ...
    @property
    def solutions(self) -> Mapping[int, tuple[int, ...]]: ...


@dataclass(frozen=True)
class Choice:
    """A count, where it comes from, and how it relates to others, as in `Boundaries`."""

    count: int
    how: str
    normal: int
    granularity: str | None = None
    likely: tuple[int, int] | None = None


def choose_count(found: Solved, duration: float, law: Floats, options: SegmentOptions) -> Choice:
    """The count that `options` choose of those that are solved; nothing is divided again.

    `law` : that of `expected_count`.

    Raises
    ------
    InputError : a number is asked for that is not possible.
    """
    if options.count is not None:
        if options.count not in found.solutions:
            most = max(found.solutions)
            raise InputError(
                f"cannot make {options.count} chapters",
                why=f"at {options.least:g} s or more each, at most {most} fit",
                hint=f"ask for at most {most}, or lower --min-length",
            )
        return Choice(options.count, "set by --count", options.count)
    if options.per_hour is not None:
        count = nearest(duration / 3600 * options.per_hour, found.solutions)
        return Choice(count, "set by --per-hour", count)
    wanted = expected_count(duration, law, options.offset)
    how = "estimated from the length"
    n_topics = sum(seen.heading is not None for seen in found.evidence)
    # A profile knows more about how finely this person cuts.
    has_profile = (options.offset, options.spread) != (0.0, SPREAD)
    has_topics = n_topics >= FEWEST_TOPICS and not has_profile
    if has_topics:
        wanted = with_topics(duration, law, n_topics, options.spread)
        how = f"estimated from the length and {n_topics} slide topics"
    likely: tuple[int, int] | None = likely_range(wanted, options.spread, found.solutions)
    n_marked = sum(seen.marker is not None for seen in found.evidence)
    # Fewer markers are not those of all chapters.
    if n_marked and likely and n_marked + 1 >= likely[0]:
        wanted, likely = n_marked + 1, None
        how = "from 1 marker" if n_marked == 1 else f"from {n_marked} markers"
    # Who sets markers, or cuts finer than others, asks for short chapters; slides may show them.
    is_asked = likely is None or options.offset > 0 or has_topics
    shortest = options.least if is_asked else options.shortest(duration)
    possible = [
        count
        for count, at in found.solutions.items()
        if count == 1 or np.diff([*found.starts[list(at)], duration]).min() >= shortest - 1e-6
    ]
    normal = nearest(wanted, possible)
    if max(possible) == 1:
        how = f"shorter than two chapters of {shortest:g} s"
    counts = granularities(found.solutions, normal)
    if (name := options.granularity or "normal") == "normal" or name not in counts:
        return Choice(normal, how, normal, "normal", likely)
    return Choice(counts[name], f"{name}, {how}", normal, name)
