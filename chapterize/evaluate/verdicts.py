"""What people think of titles: verdicts counted by method, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from chapterize.evaluate.bootstrap import Figure
from chapterize.evaluate.measures import rouge_l

__all__ = ["VERDICTS", "Judged", "MethodVerdicts", "count_verdicts", "wilson"]

VERDICTS = ("keep", "edit", "delete")
"""Keep: publish it as it is. Edit: the topic is right, the wording is not. Delete: it is wrong."""

_Z = 1.959964
"""The normal quantile of a two-sided 95 % interval."""


@dataclass(frozen=True)
class Judged:
    """A title of one method, its verdict (None: none yet), and people's title of the chapter."""

    method: str
    source: str
    title: str
    reference: str
    verdict: str | None


@dataclass(frozen=True)
class MethodVerdicts:
    """The verdicts on one method.

    `shares` : by verdict, over the `n` judged titles. `rouge` : mean ROUGE-L of the same titles
    with people's, None if no title is judged. `n_open` : titles without a verdict.
    """

    n: int
    n_open: int
    shares: Mapping[str, Figure]
    rouge: float | None


def wilson(n_hits: int, n: int) -> Figure:
    """The share `n_hits` of `n` and its 95 % score interval (Wilson 1927); `n` is at least 1."""
    share = n_hits / n
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    # Rounding must not put the interval outside of [0, 1], or the share outside of the interval.
    return Figure(
        share, max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)), n
    )


def count_verdicts(judged: Sequence[Judged]) -> dict[str, MethodVerdicts]:
    """The verdicts of each method, in the order in which the methods occur."""
    methods: dict[str, list[Judged]] = {}
    for each in judged:
        methods.setdefault(each.method, []).append(each)
    return {name: _count(rows) for name, rows in methods.items()}


def _count(rows: Sequence[Judged]) -> MethodVerdicts:
    done = [row for row in rows if row.verdict is not None]
    n = len(done)
    shares = {
        verdict: wilson(sum(row.verdict == verdict for row in done), n) for verdict in VERDICTS if n
    }
    scores = [rouge_l(row.reference, row.title) for row in done]
    return MethodVerdicts(n, len(rows) - n, shares, sum(scores) / n if n else None)
