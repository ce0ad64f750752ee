"""Merge roll-up and paint-on captions, so that every word appears once.

Automatic captions roll up: each cue repeats the previous line and adds one. Others paint on: each
cue repeats the previous one and extends it. Every word is kept once, at its first appearance.
Ordinary captions are left unchanged, so that a speaker's repetitions stay.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice, pairwise

from chapterize.captions.words import spread_words
from chapterize.data import Cue

__all__ = ["is_rolling", "merge_rolling", "trim_overlaps"]

_TOKEN = re.compile(r"\S+")
# Shares of neighbouring cues that must repeat each other, or overlap in time: rolling files have
# 80 % or more of either, captions written by people under 5 %.
_ROLLING_SHARE = 0.4
_OVERLAPPING_SHARE = 0.6
_FEWEST_REPEATS = 2
_NEAR = 0.5
_FILLER = 0.1
_PAINTED_WORDS = 3


def is_rolling(cues: Sequence[Cue]) -> bool:
    """Whether the cues, in order, repeat each other as roll-up captions do, not as a speaker."""
    tokens = [cue.text.split() for cue in cues]
    repeats = sum(
        _repeats_display(before, after, old, new)
        for (before, after), (old, new) in zip(pairwise(cues), pairwise(tokens), strict=True)
    )
    return repeats >= max(_FEWEST_REPEATS, _ROLLING_SHARE * (len(cues) - 1))


def _repeats_display(before: Cue, after: Cue, old: list[str], new: list[str]) -> bool:
    if after.start - before.end > _NEAR:
        return False
    if old == new:
        return min(before.end - before.start, after.end - after.start) < _FILLER
    if _completes_word(before, old, new):
        return True
    n_same = _overlap(old, new)
    return n_same >= 2 or (n_same == 1 and n_same in (len(old), len(new)))


def _overlap(old: list[str], new: list[str]) -> int:
    """The largest number of words that both end `old` and start `new`."""
    for at in range(max(0, len(old) - len(new)), len(old)):
        if old[at] == new[0] and old[at:] == new[: len(old) - at]:
            return len(old) - at
    return 0


def _repeated_words(before: Cue, after: Cue, old: list[str], new: list[str]) -> int:
    """How many words of `after` were already shown in `before`; prefers matches of whole lines."""
    if new[: len(old)] == old:
        return len(old)
    lines_before = [line.split() for line in before.text.split("\n") if line.strip()]
    lines_after = [line.split() for line in after.text.split("\n") if line.strip()]
    for n_same in range(min(len(lines_before), len(lines_after)), 0, -1):
        if lines_before[-n_same:] == lines_after[:n_same]:
            return sum(map(len, lines_after[:n_same]))
    n_same = _overlap(old, new)
    # Where whole lines scroll, one common word is a coincidence.
    has_lines = len(lines_before) > 1 or len(lines_after) > 1
    return 0 if n_same == 1 and has_lines else n_same


def merge_rolling(cues: Sequence[Cue]) -> list[Cue]:
    """Cues without repeated text.

    Returns the cues unchanged if they do not roll (see `is_rolling`). A cue keeps all its words;
    `align_words` later removes those whose text was dropped.
    """
    if not is_rolling(cues):
        return list(cues)
    tokens = [cue.text.split() for cue in cues]
    merged = [cues[0]]
    for (before, cue), (old, new) in zip(pairwise(cues), pairwise(tokens), strict=True):
        if cue.start - before.end > _NEAR:
            merged.append(cue)
            continue
        if _completes_word(before, old, new):
            merged[-1] = _with_last_word(merged[-1], cue, new, len(old))
            n_same = len(old)
        else:
            n_same = _repeated_words(before, cue, old, new)
        if n_same == len(new):
            continue
        fresh, is_same_line = _from_word(cue.text, n_same)
        if n_same == len(old) and is_same_line and _may_paint(merged[-1], fresh, cue):
            merged[-1] = _painted(merged[-1], fresh, cue)
        else:
            merged.append(Cue(cue.start, cue.end, fresh, cue.words))
    return merged


def _from_word(text: str, n_words: int) -> tuple[str, bool]:
    """`text` from word number `n_words`, and whether that word continues the line before it."""
    if n_words == 0:
        return text, False
    starts = [match.start() for match in islice(_TOKEN.finditer(text), n_words + 1)]
    at = starts[n_words]
    return text[at:], "\n" not in text[starts[n_words - 1] : at]


def _completes_word(before: Cue, old: list[str], new: list[str]) -> bool:
    """Whether `new` repeats `old` and extends its last word letter by letter."""
    if not old or len(new) < len(old) or not new[0].startswith(old[0]):
        return False
    if new[: len(old) - 1] != old[:-1]:
        return False
    was, now = old[-1], new[len(old) - 1]
    is_painted = len(old) > 1 or not was.isascii() or before.end - before.start < _NEAR
    return is_painted and was != now and now.startswith(was)


def _with_last_word(last: Cue, cue: Cue, new: list[str], n_words: int) -> Cue:
    """`last` with its last word replaced by word number `n_words` of `new`, the words of `cue`."""
    word = new[n_words - 1]
    kept = last.text[: len(last.text.rstrip()) - len(last.text.split()[-1])]
    words = last.words and (*last.words[:-1], replace(last.words[-1], text=word))
    end = cue.end if len(new) == n_words else last.end
    return replace(last, end=max(last.end, end), text=kept + word, words=words)


def _may_paint(last: Cue, fresh: str, cue: Cue) -> bool:
    few = len(fresh.split()) <= _PAINTED_WORDS and "\n" not in fresh
    return few and not cue.words and (bool(last.words) or len(last.text.split()) <= _PAINTED_WORDS)


def _painted(last: Cue, fresh: str, cue: Cue) -> Cue:
    """`last` extended by the words that `cue` added, timed by when they appeared."""
    words = last.words or spread_words(last.text, last.start, min(last.end, cue.start))
    added = spread_words(fresh, cue.start, cue.end)
    return Cue(last.start, cue.end, f"{last.text} {fresh}", (*words, *added))


def trim_overlaps(cues: Sequence[Cue]) -> list[Cue]:
    """End every cue where the next one starts, if nearly all cues overlap the next.

    In that case two lines are shown at a time. A few overlaps are two speakers and stay.
    """
    overlapping = sum(a.start < b.start < a.end - _FILLER / 2 for a, b in pairwise(cues))
    if len(cues) < 5 or overlapping < _OVERLAPPING_SHARE * (len(cues) - 1):
        return list(cues)
    trimmed = [
        replace(a, end=b.start) if a.start < b.start < a.end else a for a, b in pairwise(cues)
    ]
    return [*trimmed, cues[-1]]
