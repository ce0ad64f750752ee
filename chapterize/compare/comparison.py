"""Segment and title documents, run the baselines, and score both against the reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from chapterize.compare.counts import Lists, better_counts, lists_of
from chapterize.compare.titles import language_of, titles_of
from chapterize.data import Boundaries, OnProgress, Vectors
from chapterize.errors import InputError
from chapterize.evaluate import (
    PEERS,
    Document,
    Reliability,
    Scored,
    Table,
    Text,
    by_length,
    paired_starts,
    reliability,
    score,
    summarise,
    title_rouge,
)
from chapterize.language import stop_words
from chapterize.segment import BoundaryModel, SegmentOptions, segment
from chapterize.title import KeyphraseTitler, Titler
from chapterize.vectors import Embedder, embed_sentences

__all__ = ["OURS", "Comparison", "Count", "Prediction", "compare_documents"]

Count = Literal["auto", "reference"]

OURS = "ours"
"""Name of our own method, next to the names of `PEERS`."""

_STAGE = "evaluating"

# Tolerance within which a boundary counts as found: seconds, or units in documents without times.
_HIT = 10.0
_HIT_UNITS = 1.0


@dataclass(frozen=True)
class _Engines:
    embedder: Embedder
    titler: Titler
    options: SegmentOptions


@dataclass(frozen=True)
class Prediction:
    """Our chapters of one document: starts in seconds, 0.0 first, and first units.

    In documents without times, the seconds are those of an assumed reading speed.
    """

    id: str
    starts: tuple[float, ...]
    units: tuple[int, ...]
    n_reference: int
    titles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """The scores of one run.

    `tables` : by source. `macro` : the mean over sources. `lengths` : by minutes, all sources
    together. `calibration` : by source, over our boundaries after the first. `embedder` and
    `titler` : fingerprints.
    """

    count: Count
    embedder: str
    titler: str
    tables: Mapping[str, Table]
    macro: Table
    lengths: Mapping[str, Table]
    calibration: Mapping[str, Reliability]
    predictions: tuple[Prediction, ...]


@dataclass
class _Tally:
    """Results that accumulate over the documents."""

    scored: list[Scored] = field(default_factory=list)
    predictions: list[Prediction] = field(default_factory=list)
    confidence: dict[str, list[float]] = field(default_factory=dict)
    hits: dict[str, list[bool]] = field(default_factory=dict)


def compare_documents(
    documents: Sequence[Document],
    embedder: Embedder,
    *,
    count: Count = "auto",
    model: BoundaryModel | None = None,
    titler: Titler | None = None,
    on_progress: OnProgress | None = None,
) -> Comparison:
    """Score our chapters and those of every baseline on the same units and vectors.

    Units are used as sentences without change. With a `count` of ``reference`` every method gets
    the true number of chapters, and ours takes the nearest number it can solve. With ``auto`` ours
    estimates the number and every baseline gets the same, so they differ only in the boundaries;
    there are also the methods of `better_counts`. `model` replaces the shipped boundary model.

    Raises
    ------
    InputError : there is no document.
    EngineError : the embedder failed.
    """
    if not documents:
        raise InputError(
            "no document to evaluate",
            why="the corpus holds none",
            hint="check the file, or choose other documents with --split",
        )
    engines = _Engines(embedder, titler or KeyphraseTitler(), SegmentOptions(model=model))
    lists = lists_of(documents) if count == "auto" else None
    report = on_progress or (lambda stage, fraction: None)
    tally = _Tally()
    for number, document in enumerate(documents):
        report(_STAGE, number / len(documents))
        _compare_document(document, engines, lists, tally)
    report(_STAGE, 1.0)
    tables, macro = summarise(tally.scored)
    return Comparison(
        count=count,
        embedder=embedder.fingerprint,
        titler=engines.titler.fingerprint,
        tables=tables,
        macro=macro,
        lengths=by_length(tally.scored),
        calibration={
            source: reliability(tally.confidence[source], tally.hits[source]) for source in tables
        },
        predictions=tuple(tally.predictions),
    )


def _compare_document(
    document: Document, engines: _Engines, lists: Lists | None, tally: _Tally
) -> None:
    """Score one document, with an estimated count if there are `lists`."""
    texts = [unit.text for unit in document.units]
    language = language_of(document)
    vectors = embed_sentences(engines.embedder, texts)
    n_reference = len(document.boundaries)
    wanted = n_reference if lists is None else None
    found = _segment(engines.options, document, vectors, language, wanted)
    units = found.solutions[found.chosen]
    titles = titles_of(engines.titler, document, units, language).titles
    starts = _starts(found, units)
    prediction = Prediction(document.id, starts, units, n_reference, titles)
    ours = dict(_score(document, units, starts))
    ours |= _title_scores(document, units, titles, engines.titler, language)
    text = Text(
        id=document.id,
        units=tuple(texts),
        starts=np.array([unit.start for unit in document.units]),
        duration=document.duration,
        vectors=vectors.meaning,
        stop_words=stop_words(language),
    )
    n_chapters = wanted or len(units)
    peers = {name: _score_peer(document, peer(text, n_chapters)) for name, peer in PEERS.items()}
    counts = {} if lists is None else better_counts(document, found, lists, engines.options)
    better = {name: _score_counts(document, found, each) for name, each in counts.items()}
    scores = {OURS: ours} | better | peers
    tally.scored.append(Scored(document.id, document.source, scores, document.duration))
    tally.predictions.append(prediction)
    stated = [float(found.confidence[i]) for i in units[1:]]
    tally.confidence.setdefault(document.source, []).extend(stated)
    tally.hits.setdefault(document.source, []).extend(_hits(document, prediction))


def _starts(found: Boundaries, units: Sequence[int]) -> tuple[float, ...]:
    return (0.0, *(round(float(found.starts[i]), 3) for i in units[1:]))


def _segment(
    options: SegmentOptions,
    document: Document,
    vectors: Vectors,
    language: str | None,
    wanted: int | None,
) -> Boundaries:
    """`wanted` chapters, or the largest possible number below; None: an estimated number."""

    def run(count: int | None) -> Boundaries:
        asked = replace(options, count=count)
        return segment(document.units, vectors, document.duration, language=language, options=asked)

    if wanted is None:
        return run(None)
    try:
        return run(wanted)
    except InputError:
        possible, impossible = 1, wanted
    found = run(possible)
    # Every number up to the largest possible one is possible too.
    while impossible - possible > 1:
        middle = (possible + impossible) // 2
        try:
            found, possible = run(middle), middle
        except InputError:
            impossible = middle
    return found


def _score(
    document: Document, units: Sequence[int], starts: Sequence[float]
) -> Mapping[str, float]:
    return score(
        document.boundaries,
        units,
        len(document.units),
        times=(document.starts, starts) if document.is_timed else None,
        duration=document.duration,
    )


def _score_peer(
    document: Document, segmentations: Sequence[tuple[int, ...]]
) -> Mapping[str, float]:
    """The mean over several segmentations; a chapter starts with its first unit."""
    return _mean(
        [
            _score(document, units, (0.0, *(document.units[i].start for i in units[1:])))
            for units in segmentations
        ]
    )


def _score_counts(
    document: Document, found: Boundaries, counts: Sequence[int]
) -> Mapping[str, float]:
    """The mean over our divisions into each of `counts`, which may repeat."""
    divisions = {count: found.solutions[count] for count in counts}
    scores = {
        count: _score(document, units, _starts(found, units)) for count, units in divisions.items()
    }
    return _mean([scores[count] for count in counts])


def _mean(scores: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    return {name: float(np.mean([each[name] for each in scores])) for name in scores[0]}


def _title_scores(
    document: Document,
    units: Sequence[int],
    titles: Sequence[str],
    titler: Titler,
    language: str | None,
) -> dict[str, float]:
    """ROUGE-L of our titles for our chapters, and for the reference chapters."""
    if all(title is None for title in document.titles):
        return {}
    true = document.boundaries
    reference_titles = titles_of(titler, document, true, language).titles
    n_units = len(document.units)
    scores = {
        "title_rouge": title_rouge(true, document.titles, units, titles, n_units),
        "title_rouge_reference": title_rouge(
            true, document.titles, true, reference_titles, n_units
        ),
    }
    return {name: value for name, value in scores.items() if value is not None}


def _hits(document: Document, prediction: Prediction) -> list[bool]:
    """For each of our chapters after the first, whether the reference has a boundary there."""
    if document.is_timed:
        pairs = paired_starts(document.starts[1:], prediction.starts[1:], _HIT)
    else:
        pairs = paired_starts(document.boundaries[1:], prediction.units[1:], _HIT_UNITS)
    true = {found for _, found in pairs}
    return [number in true for number in range(len(prediction.units) - 1)]
