"""How close titles come to those people gave."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["rouge_l", "title_rouge"]

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
"""A run of letters and digits; each character of a script that sets no spaces."""


def rouge_l(reference: str, hypothesis: str) -> float:
    """ROUGE-L in [0, 1] of two titles (Lin 2004): the F1 of their longest common subsequence.

    Words are compared in lower case and not stemmed; punctuation is dropped; in scripts without
    spaces every character is a word. 0.0 when either holds no word.
    """
    true, found = _words(reference), _words(hypothesis)
    if not true or not found:
        return 0.0
    return 2 * _common(true, found) / (len(true) + len(found))


def title_rouge(
    reference: Sequence[int],
    reference_titles: Sequence[str | None],
    hypothesis: Sequence[int],
    hypothesis_titles: Sequence[str],
    n_units: int,
) -> float | None:
    """Mean ROUGE-L of the reference chapters that have a title; None when none has.

    `reference` and `hypothesis` are the unit indices at which chapters begin, 0 first. Each
    reference chapter is compared with the one found chapter that shares most units with it, the
    earlier of equals; a found chapter may so stand for several, or for none. Where both divisions
    are the same this compares title by title.
    """
    scores = []
    ends, found_ends = [*reference[1:], n_units], [*hypothesis[1:], n_units]
    for start, end, title in zip(reference, ends, reference_titles, strict=True):
        if title is None:
            continue
        shared = [min(end, b) - max(start, a) for a, b in zip(hypothesis, found_ends, strict=True)]
        scores.append(rouge_l(title, hypothesis_titles[shared.index(max(shared))]))
    return sum(scores) / len(scores) if scores else None


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for word in a:
        diagonal = 0
        for j, other in enumerate(b, 1):
            above = row[j]
            row[j] = diagonal + 1 if word == other else max(above, row[j - 1])
            diagonal = above
    return row[-1]
