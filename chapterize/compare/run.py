"""Divide and title documents, beside peers, and measure how close each comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from chapterize.data import Boundaries, OnProgress, Sentence, Vectors
from chapterize.errors import InputError
from chapterize.evaluate import (
    PEERS,
    Document,
    Reliability,
    Scored,
    Table,
    Text,
    paired_starts,
    reliability,
    score,
    summarise,
    title_rouge,
)
from chapterize.language import guess_language, stop_words
from chapterize.segment import SegmentOptions, segment
from chapterize.title import KeyphraseTitler, Titler
from chapterize.vectors import Embedder, embed_sentences

__all__ = ["OURS", "Count", "Prediction", "Segmenter", "Trial", "run_trial"]

Count = Literal["auto", "reference"]

OURS = "ours"
"""What our own method is called beside its peers."""

STAGE = "evaluating"

_HIT = 10.0
"""Seconds within which a boundary with a stated confidence counts as true,"""
_HIT_UNITS = 1.0
"""and units where there are no times."""
_LANGUAGE_UNITS = 400


class Segmenter(Protocol):
    """What `segment` is, as far as a trial asks it: one trained otherwise can take its place."""

    def __call__(
        self,
        sentences: Sequence[Sentence],
        vectors: Vectors,
        duration: float,
        *,
        language: str | None,
        options: SegmentOptions | None,
    ) -> Boundaries:
        """Divide a transcript by topic; an InputError tells that a count cannot be had."""


@dataclass(frozen=True)
class _Engines:
    embedder: Embedder
    segmenter: Segmenter
    titler: Titler


@dataclass(frozen=True)
class Prediction:
    """Where our chapters begin in one document: in seconds, 0.0 first, and at which units.

    Without times of its own the seconds are those of the assumed clock.
    """

    id: str
    starts: tuple[float, ...]
    units: tuple[int, ...]
    n_reference: int
    titles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trial:
    """All that one run found out.

    `tables` : by source. `macro` : the mean over sources. `calibration` : by source, of our
    boundaries after the first. `embedder` and `titler` are fingerprints.
    """

    count: Count
    embedder: str
    titler: str
    tables: Mapping[str, Table]
    macro: Table
    calibration: Mapping[str, Reliability]
    predictions: tuple[Prediction, ...]


@dataclass
class _Tally:
    """What grows with each document."""

    scored: list[Scored] = field(default_factory=list)
    predictions: list[Prediction] = field(default_factory=list)
    confidence: dict[str, list[float]] = field(default_factory=dict)
    hits: dict[str, list[bool]] = field(default_factory=dict)


def run_trial(
    documents: Sequence[Document],
    embedder: Embedder,
    *,
    count: Count = "auto",
    segmenter: Segmenter = segment,
    titler: Titler | None = None,
    on_progress: OnProgress | None = None,
) -> Trial:
    """Measure our chapters and those of every peer, on the same units and vectors.

    Units are taken as sentences as they stand. With a `count` of ``reference`` all are told how
    many chapters there are; ours takes the nearest number it can solve. With ``auto`` ours chooses,
    and every peer is given the number it chose, so that they differ in where alone.

    Raises
    ------
    InputError : no document.
    EngineError : the embedder failed.
    """
    if not documents:
        raise InputError("no document to evaluate")
    engines = _Engines(embedder, segmenter, titler or KeyphraseTitler())
    report = on_progress or (lambda stage, fraction: None)
    tally = _Tally()
    for number, document in enumerate(documents):
        report(STAGE, number / len(documents))
        _try_document(document, engines, count, tally)
    report(STAGE, 1.0)
    tables, macro = summarise(tally.scored)
    return Trial(
        count=count,
        embedder=embedder.fingerprint,
        titler=engines.titler.fingerprint,
        tables=tables,
        macro=macro,
        calibration={
            source: reliability(tally.confidence[source], tally.hits[source]) for source in tables
        },
        predictions=tuple(tally.predictions),
    )


def _try_document(document: Document, engines: _Engines, count: Count, tally: _Tally) -> None:
    words = [unit.text for unit in document.units]
    language = guess_language(" ".join(words[:_LANGUAGE_UNITS]))
    vectors = embed_sentences(engines.embedder, words)
    n_reference = len(document.boundaries)
    told = n_reference if count == "reference" else None
    found = _divide(engines.segmenter, document, vectors, language, told)
    at = found.solutions[found.chosen]
    titles = _titles(engines.titler, document.units, at, language)
    starts = (0.0, *(round(float(found.starts[i]), 3) for i in at[1:]))
    prediction = Prediction(document.id, starts, at, n_reference, titles)
    ours = dict(_score(document, at, starts))
    ours |= _title_scores(document, at, titles, engines.titler, language)
    text = Text(
        id=document.id,
        units=tuple(words),
        starts=np.array([unit.start for unit in document.units]),
        duration=document.duration,
        vectors=vectors.meaning,
        stop_words=stop_words(language),
    )
    given = told or len(at)
    peers = {name: _score_peer(document, peer(text, given)) for name, peer in PEERS.items()}
    tally.scored.append(Scored(document.id, document.source, {OURS: ours} | peers))
    tally.predictions.append(prediction)
    stated = [float(found.confidence[i]) for i in at[1:]]
    tally.confidence.setdefault(document.source, []).extend(stated)
    tally.hits.setdefault(document.source, []).extend(_hits(document, prediction))


def _divide(
    segmenter: Segmenter,
    document: Document,
    vectors: Vectors,
    language: str | None,
    wanted: int | None,
) -> Boundaries:
    """`wanted` chapters, or as near to it as can be had; what can be had has no gaps."""

    def divide(count: int | None) -> Boundaries:
        options = SegmentOptions(count=count)
        return segmenter(
            document.units, vectors, document.duration, language=language, options=options
        )

    if wanted is None:
        return divide(None)
    try:
        return divide(wanted)
    except InputError:
        possible, impossible = 1, wanted
    found = divide(possible)
    while impossible - possible > 1:
        middle = (possible + impossible) // 2
        try:
            found, possible = divide(middle), middle
        except InputError:
            impossible = middle
    return found


def _score(
    document: Document, division: Sequence[int], starts: Sequence[float]
) -> Mapping[str, float]:
    return score(
        document.boundaries,
        division,
        len(document.units),
        times=(document.starts, starts) if document.is_timed else None,
        duration=document.duration,
    )


def _score_peer(document: Document, divisions: Sequence[tuple[int, ...]]) -> Mapping[str, float]:
    """The mean of the scores; chapters begin when their first unit does."""
    scores = [
        _score(document, units, (0.0, *(document.units[i].start for i in units[1:])))
        for units in divisions
    ]
    return {name: float(np.mean([each[name] for each in scores])) for name in scores[0]}


def _titles(
    titler: Titler, units: Sequence[Sentence], division: Sequence[int], language: str | None
) -> tuple[str, ...]:
    ends = [*division[1:], len(units)]
    chapters = [[unit.text for unit in units[a:b]] for a, b in zip(division, ends, strict=True)]
    return titler.title(chapters, language=language)


def _title_scores(
    document: Document,
    division: Sequence[int],
    titles: Sequence[str],
    titler: Titler,
    language: str | None,
) -> dict[str, float]:
    """ROUGE-L of our titles on our chapters, and on the reference's."""
    if all(title is None for title in document.titles):
        return {}
    true = document.boundaries
    given = _titles(titler, document.units, true, language)
    n_units = len(document.units)
    scores = {
        "title_rouge": title_rouge(true, document.titles, division, titles, n_units),
        "title_rouge_reference": title_rouge(true, document.titles, true, given, n_units),
    }
    return {name: value for name, value in scores.items() if value is not None}


def _hits(document: Document, prediction: Prediction) -> list[bool]:
    """For each of our chapters after the first, whether the reference begins one there."""
    if document.is_timed:
        pairs = paired_starts(document.starts[1:], prediction.starts[1:], _HIT)
    else:
        pairs = paired_starts(document.boundaries[1:], prediction.units[1:], _HIT_UNITS)
    true = {found for _, found in pairs}
    return [number in true for number in range(len(prediction.units) - 1)]
