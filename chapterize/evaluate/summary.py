"""From the scores of documents to tables: each source, the mean over sources, and leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from chapterize.evaluate.bootstrap import Figure, Statistic, macro_figure
from chapterize.evaluate.measures import boundary_similarity, f1, pk, tiou_f1, window_diff

__all__ = ["MEASURES", "Measure", "Scored", "Table", "score", "summarise"]

Floats = NDArray[np.float64]
Scores = Mapping[str, float]


@dataclass(frozen=True)
class Measure:
    """A measure; `better` is +1 if higher is better, -1 if lower is, 0 if neither."""

    name: str
    label: str
    better: int
    is_share: bool = True

    @property
    def statistic(self) -> Statistic:
        """How documents of a source are combined: the mean of shares, the median of ratios."""
        return "mean" if self.is_share else "median"


MEASURES = (
    Measure("pk", "Pk", -1),
    Measure("window_diff", "WinDiff", -1),
    Measure("boundary_similarity", "B", +1),
    Measure("f1_5", "F1@5s", +1),
    Measure("f1_10", "F1@10s", +1),
    Measure("f1_20", "F1@20s", +1),
    Measure("tiou_f1", "tIoU-F1", +1),
    Measure("count_ratio", "count", 0, is_share=False),
    Measure("title_rouge", "titles", +1),
    Measure("title_rouge_reference", "titles on reference chapters", +1),
)
"""Every measure: shares in [0, 1], and the number of chapters over that of the reference."""


@dataclass(frozen=True)
class Scored:
    """The scores of one document, by method and measure; a measure may be missing."""

    id: str
    source: str
    scores: Mapping[str, Scores]


@dataclass(frozen=True)
class Table:
    """Figures of one source, or of all sources.

    `figures` : by method and measure. `leads` : by peer and measure, how far the first method is
    ahead of that peer over the same documents; above 0 means better, for every measure. A lead
    whose interval is above 0 is significant.
    """

    n_documents: int
    figures: Mapping[str, Mapping[str, Figure]]
    leads: Mapping[str, Mapping[str, Figure]]


def score(
    reference: Sequence[int],
    hypothesis: Sequence[int],
    n_units: int,
    *,
    times: tuple[Sequence[float], Sequence[float]] | None,
    duration: float,
) -> Scores:
    """All measures of one division except those of titles.

    `reference` and `hypothesis` are unit indices, 0 first; `times` are the seconds at which their
    chapters start, None if the document has no times.
    """
    found = {
        "pk": pk(reference, hypothesis, n_units),
        "window_diff": window_diff(reference, hypothesis, n_units),
        "boundary_similarity": boundary_similarity(reference, hypothesis),
        "count_ratio": len(hypothesis) / len(reference),
    }
    if times is not None:
        found |= {f"f1_{tolerance}": f1(*times, float(tolerance)) for tolerance in (5, 10, 20)}
        found["tiou_f1"] = tiou_f1(*times, duration)
    return found


def summarise(documents: Sequence[Scored]) -> tuple[Mapping[str, Table], Table]:
    """The table of each source by its name, and the macro average over the sources.

    Leads are those of the first method of the documents. A figure is over the documents that have
    the measure, a macro average over the sources that have it.
    """
    by_source: dict[str, list[Scored]] = {}
    for document in documents:
        by_source.setdefault(document.source, []).append(document)
    tables = {name: _table({name: scored}) for name, scored in sorted(by_source.items())}
    return tables, _table(dict(sorted(by_source.items())))


def _table(sources: Mapping[str, Sequence[Scored]]) -> Table:
    methods = list(next(iter(sources.values()))[0].scores)
    figures: dict[str, dict[str, Figure]] = {method: {} for method in methods}
    leads: dict[str, dict[str, Figure]] = {method: {} for method in methods[1:]}
    for method, measure in product(methods, MEASURES):
        if values := _values(sources, [method], measure.name):
            columns = {name: column for name, (column,) in values.items()}
            figures[method][measure.name] = macro_figure(columns, statistic=measure.statistic)
        if method in leads and measure.better:
            pairs = _values(sources, [methods[0], method], measure.name)
            ahead = {name: measure.better * (a - b) for name, (a, b) in pairs.items()}
            if ahead:
                leads[method][measure.name] = macro_figure(ahead)
    return Table(sum(map(len, sources.values())), figures, leads)


def _values(
    sources: Mapping[str, Sequence[Scored]], methods: Sequence[str], measure: str
) -> dict[str, Floats]:
    """By source, if any of its documents has the measure; shape (n_methods, n_documents)."""
    found = {}
    for name, scored in sources.items():
        rows = [
            [document.scores[method][measure] for method in methods]
            for document in scored
            if all(measure in document.scores[method] for method in methods)
        ]
        if rows:
            found[name] = np.array(rows).T
    return found
