"""Parsed cues: sort them, repair them and keep those inside the media."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from chapterize.captions.words import spoken_length, words_from_starts
from chapterize.data import Cue
from chapterize.timecode import format_clock

__all__ = [
    "SENTENCE_END",
    "SPEECH_RATE",
    "Fault",
    "Parsed",
    "Span",
    "are_few_names",
    "characters",
    "cues_of_spans",
    "is_chapter_list",
    "keep_inside",
    "put_in_order",
]

Span = tuple[float, float, list[tuple[float, str]]]
"""Start and end of a cue, and its pieces, each with its start."""

logger = logging.getLogger(__name__)

_TOUCHING = 0.002
# Chapters last at least tens of seconds. Captions last a few seconds, with about fifteen
# characters per second.
_TITLE_SECONDS = 8.0
SENTENCE_END = re.compile(r"[.!?;,…。！？][\"'”’)]*$")
SPEECH_RATE = 6.0
"""Characters a second: captions have more, chapters with their titles fewer."""
_LONG_TITLE_SECONDS = 45.0
_LONG_TITLE_RATE = 1.0


@dataclass(frozen=True)
class Fault:
    """A part of a file that could not be parsed: 1-based line (None if unknown) and reason."""

    line: int | None
    why: str


@dataclass
class Parsed:
    """The cues of one file, in file order and with markup and line breaks.

    `is_chapters`: the file says that it contains chapters. `keeps_order`: the format requires
    ascending times. `is_clean`: the text contains only speech and no markup. `is_doubtful`: the
    text may be something else, unless a person says that it is captions. `notes`: what a user
    should know about how the file was read.
    """

    kind: str
    cues: list[Cue] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    language: str | None = None
    is_chapters: bool = False
    keeps_order: bool = True
    is_clean: bool = False
    is_doubtful: bool = False


def cues_of_spans(spans: Sequence[Span]) -> list[Cue]:
    """The cues of YouTube, each ending when the next one starts: a line stays visible till then."""
    stops = [*(start for start, _, _ in spans[1:]), math.inf]
    cues: list[Cue] = []
    for (start, end, pieces), stop in zip(spans, stops, strict=False):
        limit = min(end, stop) if stop > start else end
        words = words_from_starts(pieces, limit) if len(pieces) > 1 else []
        text = "".join(text for _, text in pieces).strip()
        cues.append(Cue(start, max(start, limit), text, tuple(words)))
    return cues


def characters(text: str) -> float:
    """The length of `text`; a character of Chinese, Japanese or Korean takes as long as two."""
    return len(text) + sum(character > "\u2e80" for character in text)


def are_few_names(lines: Sequence[str]) -> bool:
    """Whether the lines are names that come back, and no sentences."""
    is_few = len(set(lines)) <= (len(lines) + 1) // 2
    return is_few and not any(len(line) > 60 or SENTENCE_END.search(line) for line in lines)


def is_chapter_list(cues: Sequence[Cue]) -> bool:
    """Whether these cues, in order, are chapter titles rather than speech.

    They are if they cover the file from its start without gaps, are long and have little text; or
    if they have gaps, are very long and have very little text.
    """
    if not cues:
        return False
    lengths = [cue.end - cue.start for cue in cues]
    characters = sum(len(cue.text) for cue in cues)
    typical, rate = median(lengths), characters / max(sum(lengths), 0.001)
    tiles = cues[0].start < _TOUCHING and all(
        abs(after.start - before.end) < _TOUCHING for before, after in pairwise(cues)
    )
    if tiles and typical >= _TITLE_SECONDS and rate < SPEECH_RATE:
        return True
    return len(cues) > 1 and typical >= _LONG_TITLE_SECONDS and rate < _LONG_TITLE_RATE


def put_in_order(cues: Sequence[Cue], *, keeps_order: bool) -> tuple[list[Cue], list[str]]:
    """Cues that ascend by start and end after they start, and notes on lost cues.

    `keeps_order` : the format requires ascending cues, so sorting them is logged. Of cues repeated
    with the same times (layers of an effect) only one is kept.
    """
    notes: list[str] = []
    kept = [cue for cue in cues if cue.end >= cue.start]
    if n_negative := len(cues) - len(kept):
        notes.append(f"Cues that end before they start are ignored: {n_negative}.")
    n_out_of_order = sum(after.start < before.start for before, after in pairwise(kept))
    if n_out_of_order:
        kept.sort(key=lambda cue: cue.start)
        if keeps_order:
            logger.debug("sorted the cues by time: %d were out of order", n_out_of_order)
    ordered: list[Cue] = []
    n_without_length = 0
    for cue, later in zip(kept, _later_starts(kept), strict=True):
        if ordered and cue == ordered[-1]:
            continue
        if cue.end == cue.start:
            n_without_length += 1
            cue = replace(cue, end=min(later, cue.start + spoken_length(cue.text)))
        ordered.append(cue)
    if n_without_length:
        logger.debug("estimated the length of %d cues that had none", n_without_length)
    return ordered, notes


def _later_starts(cues: Sequence[Cue]) -> list[float]:
    """For each cue, in order, the next start that is later than its own."""
    later = [math.inf] * len(cues)
    for index in range(len(cues) - 2, -1, -1):
        following = cues[index + 1].start
        later[index] = following if following > cues[index].start else later[index + 1]
    return later


def keep_inside(cues: Sequence[Cue], duration: float) -> tuple[list[Cue], list[str]]:
    """Cues that start before `duration`, clipped to it, and notes on the others."""
    inside = [_clip(cue, duration) for cue in cues if cue.start < duration]
    n_after = len(cues) - len(inside)
    if not n_after:
        return inside, []
    notes = [
        f"Cues that start after the end of the media ({format_clock(duration)}) are ignored: "
        f"{n_after} of {len(cues)}."
    ]
    if n_after > len(inside):
        notes.append("These captions seem to belong to another video.")
    return inside, notes


def _clip(cue: Cue, duration: float) -> Cue:
    if cue.end <= duration:
        return cue
    # All words are kept; only their times change.
    words = tuple(
        replace(word, start=min(word.start, duration), end=min(word.end, duration))
        for word in cue.words
    )
    return replace(cue, end=duration, words=words)
