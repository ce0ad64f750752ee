"""From the scores of documents to tables: each source, their mean, each length, and leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from chapterize.evaluate.bootstrap import Figure, Statistic, macro_figure
from chapterize.evaluate.measures import (
    boundary_similarity,
    chunk_hits,
    f1,
    pk,
    tiou_f1,
    window_diff,
)

__all__ = ["MEASURES", "Measure", "Scored", "Table", "by_length", "score", "summarise"]

Floats = NDArray[np.float64]
Scores = Mapping[str, float]


@dataclass(frozen=True)
class Measure:
    """A measure; `better` is +1 if higher is better, -1 if lower is, 0 if neither.

    `parts` : the precision and the recall of documents, if it is the F1 of their means.
    """

    name: str
    label: str
    better: int
    is_share: bool = True
    parts: tuple[str, str] | None = None

    @property
    def statistic(self) -> Statistic:
        """How documents of a source are combined: the mean of shares, the median of ratios."""
        if self.parts is not None:
            return "f1"
        return "mean" if self.is_share else "median"


MEASURES = (
    Measure("pk", "Pk", -1),
    Measure("window_diff", "WinDiff", -1),
    Measure("boundary_similarity", "B", +1),
    Measure("f1_3", "F1@3s", +1),
    Measure("f1_5", "F1@5s", +1),
    Measure("f1_10", "F1@10s", +1),
    Measure("f1_20", "F1@20s", +1),
    Measure("chunk_f1", "F1/6s", +1, parts=("chunk_precision", "chunk_recall")),
    Measure("tiou_f1", "tIoU-F1", +1),
    Measure("count_ratio", "count", 0, is_share=False),
    Measure("title_rouge", "titles", +1),
    Measure("title_rouge_reference", "titles on reference chapters", +1),
)
"""Every measure: shares in [0, 1], and the number of chapters over that of the reference."""

LENGTHS = {"under 10": 10.0, "10 to 30": 30.0, "30 to 60": 60.0, "over 60": float("inf")}
"""Groups of documents by their minutes, with the length that is too long for each."""


@dataclass(frozen=True)
class Scored:
    """The scores of one document, by method and measure; a measure may be missing.

    So may a method, but not the first; the others then come in the order of other documents.
    `duration` : seconds.
    """

    id: str
    source: str
    scores: Mapping[str, Scores]
    duration: float = 0.0


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
        found |= {f"f1_{tolerance}": f1(*times, float(tolerance)) for tolerance in (3, 5, 10, 20)}
        found["tiou_f1"] = tiou_f1(*times, duration)
        found["chunk_precision"], found["chunk_recall"] = chunk_hits(*times, duration)
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


def by_length(documents: Sequence[Scored]) -> Mapping[str, Table]:
    """A table for each length in minutes that occurs, the shortest first; sources are merged."""
    groups: dict[str, list[Scored]] = {name: [] for name in LENGTHS}
    for document in documents:
        name = next(name for name, most in LENGTHS.items() if document.duration < 60 * most)
        groups[name].append(document)
    return {name: _table({name: scored}) for name, scored in groups.items() if scored}


def _table(sources: Mapping[str, Sequence[Scored]]) -> Table:
    methods = max((list(each.scores) for scored in sources.values() for each in scored), key=len)
    figures: dict[str, dict[str, Figure]] = {method: {} for method in methods}
    leads: dict[str, dict[str, Figure]] = {method: {} for method in methods[1:]}
    for method, measure in product(methods, MEASURES):
        if values := _values(sources, [method], measure):
            columns = {name: column for name, (column,) in values.items()}
            figures[method][measure.name] = macro_figure(columns, statistic=measure.statistic)
        if method in leads and measure.better:
            pairs = _values(sources, [methods[0], method][:: measure.better], measure)
            better, worse = ({name: pair[at] for name, pair in pairs.items()} for at in (0, 1))
            if pairs:
                leads[method][measure.name] = macro_figure(
                    better, statistic=measure.statistic, less=worse
                )
    return Table(sum(map(len, sources.values())), figures, leads)


def _values(
    sources: Mapping[str, Sequence[Scored]], methods: Sequence[str], measure: Measure
) -> dict[str, Floats]:
    """By source, if any of its documents has the measure; shape (n_methods, n_documents).

    A measure with parts has a third axis of length 2.
    """
    parts = measure.parts or (measure.name,)
    found = {}
    for name, scored in sources.items():
        both = [[document.scores.get(method, {}) for method in methods] for document in scored]
        rows = [
            [[each[part] for part in parts] for each in chosen]
            for chosen in both
            if all(parts[0] in each for each in chosen)
        ]
        if rows:
            values = np.array(rows).swapaxes(0, 1)
            found[name] = values if measure.parts else values[..., 0]
    return found
