"""Cues in an order and within bounds that the rest of the house can rely on, with notes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from chapterize.captions.words import spoken_length
from chapterize.data import Cue
from chapterize.timecode import format_clock

__all__ = ["is_chapter_list", "keep_inside", "put_in_order"]

_TOUCHING = 0.002
# Chapter titles stand for tens of seconds and more; captions are replaced every few seconds and
# carry some fifteen characters for each.
_TITLE_SECONDS = 8.0
_TITLE_RATE = 6.0
_LONG_TITLE_SECONDS = 45.0
_LONG_TITLE_RATE = 1.0


def is_chapter_list(cues: Sequence[Cue]) -> bool:
    """Whether these cues, in order, are titles of chapters rather than what is said.

    They are when they tile the file from its start without a gap, last long and say little; or,
    with gaps, last very long and say very little.
    """
    if not cues:
        return False
    lengths = [cue.end - cue.start for cue in cues]
    characters = sum(len(cue.text) for cue in cues)
    typical, rate = median(lengths), characters / max(sum(lengths), 0.001)
    tiles = cues[0].start < _TOUCHING and all(
        abs(after.start - before.end) < _TOUCHING for before, after in pairwise(cues)
    )
    if tiles and typical >= _TITLE_SECONDS and rate < _TITLE_RATE:
        return True
    return len(cues) > 1 and typical >= _LONG_TITLE_SECONDS and rate < _LONG_TITLE_RATE


def put_in_order(cues: Sequence[Cue], *, keeps_order: bool) -> tuple[list[Cue], list[str]]:
    """Cues that ascend by start and end after they start, and notes on what was changed.

    `keeps_order`: the format promises ascending cues, so a breach is worth a note. Cues repeated
    at the same times (layers of an effect) are told once.
    """
    notes: list[str] = []
    kept = [cue for cue in cues if cue.end >= cue.start]
    if n_negative := len(cues) - len(kept):
        notes.append(f"cues that end before they start, left out: {n_negative}")
    n_out_of_order = sum(after.start < before.start for before, after in pairwise(kept))
    if n_out_of_order:
        kept.sort(key=lambda cue: cue.start)
        if keeps_order:
            notes.append(f"cues out of order: {n_out_of_order}; all were sorted by time")
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
        notes.append(f"cues without a length, given one: {n_without_length}")
    return ordered, notes


def _later_starts(cues: Sequence[Cue]) -> list[float]:
    """For each cue, in order, the next start that is later than its own."""
    later = [math.inf] * len(cues)
    for index in range(len(cues) - 2, -1, -1):
        following = cues[index + 1].start
        later[index] = following if following > cues[index].start else later[index + 1]
    return later


def keep_inside(cues: Sequence[Cue], duration: float) -> tuple[list[Cue], list[str]]:
    """Cues that begin before `duration`, cut there, and notes on those left out."""
    inside = [
        cue if cue.end <= duration else _cut(cue, duration) for cue in cues if cue.start < duration
    ]
    n_beyond = len(cues) - len(inside)
    if not n_beyond:
        return inside, []
    notes = [
        "cues that begin after the end of the media "
        f"({format_clock(duration)}), left out: {n_beyond} of {len(cues)}"
    ]
    if n_beyond > len(inside):
        notes.append("these captions seem to belong to another video")
    return inside, notes


def _cut(cue: Cue, duration: float) -> Cue:
    # What is said late is kept: it is only its times that give way.
    words = tuple(
        replace(word, start=min(word.start, duration), end=min(word.end, duration))
        for word in cue.words
    )
    return replace(cue, end=duration, words=words)
