"""From sentences, vectors and signals to boundaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Boundaries, Evidence, Sentence, Signals, Slide, Vectors
from chapterize.errors import InputError
from chapterize.segment.contrast import (
    contrasts_of,
    novelty,
    running_sums,
    topic_drops,
    window_contrasts,
    window_products,
)
from chapterize.segment.counts import SegmentOptions, choose_count
from chapterize.segment.evidence import gather_evidence, has_cue
from chapterize.segment.headings import Turn, is_new, new_topics, turns, with_headings
from chapterize.segment.markers import marked_sentences, with_markers
from chapterize.segment.model import BoundaryModel, shipped_model
from chapterize.segment.partition import Material, best_partitions
from chapterize.segment.pauses import chapter_starts, silence_bonus
from chapterize.segment.recount import recount

__all__ = ["Division", "Talk", "divide", "segment"]

Floats = NDArray[np.float64]

_MAX_NODES = 1600
"""Sentences at which a chapter may begin; if there are more, those with the highest scores."""

_ROOM = 70.0
"""Seconds per chapter from which on the least length in short media leaves a choice of places."""

_MAX_COUNT = 300
_CHAPTERS_PER_HOUR = 120.0
_SHORT_COUNT = 12
"""Counts up to these limits are solved: the rate, but at least `_SHORT_COUNT` and at most
`_MAX_COUNT`. A larger count is solved only if it is asked for."""


@dataclass(frozen=True)
class Talk:
    """What is divided; `vectors` has one row for each sentence, `duration` is in seconds."""

    sentences: Sequence[Sentence]
    vectors: Vectors
    duration: float
    signals: Signals = field(default_factory=Signals)
    language: str | None = None


@dataclass(frozen=True)
class Division:
    """All that is known before a count is chosen.

    `scores` : shape (n,), the scorer's log-odds, or novelty if it cannot read the sentences.
    `solutions` : by count.
    """

    starts: Floats
    scores: Floats
    is_scored: bool
    evidence: tuple[Evidence, ...]
    solutions: dict[int, tuple[int, ...]]


def segment(
    sentences: Sequence[Sentence],
    vectors: Vectors,
    duration: float,
    *,
    signals: Signals | None = None,
    language: str | None = None,
    options: SegmentOptions | None = None,
) -> Boundaries:
    """Divide a transcript by topic, into every number of chapters at once.

    Parameters
    ----------
    sentences : in order, at least one; without a transcript their text is empty.
    vectors : one row for each sentence.
    duration : seconds.

    Returns
    -------
    `Boundaries` whose solutions all keep `min_length` and whose `chosen` is one of them.

    Raises
    ------
    InputError : there is no sentence, or the requested count is not possible.
    """
    options = options or SegmentOptions()
    if signals is not None and signals.markers:
        # A person who sets markers asks for chapters as short as the markers are apart.
        options = replace(options, min_length=options.least)
    model = options.model or shipped_model()
    talk = Talk(sentences, vectors, duration, signals or Signals(), language)
    found = divide(talk, options, model)
    choice = choose_count(found, duration, model.count, options)
    solved = Boundaries(
        starts=found.starts,
        scores=found.scores.astype(np.float32),
        confidence=np.zeros(len(sentences), dtype=np.float32),
        evidence=found.evidence,
        solutions=found.solutions,
        chosen=choice.count,
        how=choice.how,
        coefficients=model.confidence[found.is_scored].tolist(),
    )
    how, normal = choice.how, choice.normal
    solved = recount(solved, choice.count, sentences, language=language, how=how, normal=normal)
    return replace(solved, granularity=choice.granularity, likely=choice.likely)


def divide(talk: Talk, options: SegmentOptions, model: BoundaryModel | None) -> Division:
    """The best division into every count; without a `model`, nothing is scored.

    Raises
    ------
    InputError : there is no sentence, or the number of vectors is another one.
    """
    sentences, vectors = talk.sentences, talk.vectors
    if not sentences or len(sentences) != len(vectors.meaning):
        raise InputError(
            f"cannot divide {len(sentences)} sentences with {len(vectors.meaning)} vectors",
            why="each sentence needs one vector, and there must be at least one sentence",
        )
    starts, pauses = chapter_starts(sentences, talk.signals)
    parts = _parts(vectors)
    # The sums are computed again for the partition: keeping them would fill the memory.
    products = [window_products(running_sums(part)) for part in parts]
    contrasts = contrasts_of(np.sum(products, axis=0))
    drops = topic_drops(contrasts)
    evidence = gather_evidence(sentences, starts, pauses, drops, talk.signals, talk.language)
    scores = novelty(contrasts)
    topics = new_topics(talk.signals.pages)
    bonus = _bonus(evidence, talk.signals.pages, topics, options)
    if np.any(vectors.meaning):
        bonus += options.silence_weight * silence_bonus(sentences, pauses)
    else:
        bonus[1:] += options.pause_weight * np.log1p(pauses[1:])
    is_scored = model is not None and vectors.table is not None
    if model is not None and vectors.table is not None:
        scores = _score(model, sentences, vectors, products, evidence)
        bonus += options.score_weight * scores
    turned = turns(starts, bonus, topics)
    for i, turn in turned.items():
        bonus[i] += options.section_weight if turn.is_strong else options.heading_weight
    evidence = with_headings(evidence, turned)
    marked = marked_sentences(starts, bonus, talk.signals)
    bonus[list(marked)] += options.marker_weight
    evidence = with_markers(evidence, marked)
    nodes = _choose_nodes(starts, scores + bonus, talk.duration)
    material = _material(parts, starts, bonus, nodes, talk.duration)
    counts = _counts(talk.duration, len(nodes), options)
    at_nodes = _solve(material, counts, options, talk.duration)
    # One chapter is always possible, even if the media is shorter than the shortest chapter.
    solutions: dict[int, tuple[int, ...]] = {1: (0,)}
    solutions |= {count: tuple(int(nodes[i]) for i in at) for count, at in at_nodes.items()}
    return Division(starts, scores, is_scored, evidence, solutions)


def _parts(vectors: Vectors) -> list[NDArray[np.float32]]:
    """Meaning and wording, scaled to weigh the same when concatenated."""
    if vectors.wording is None:
        return [vectors.meaning]
    return [part * np.float32(np.sqrt(0.5)) for part in (vectors.meaning, vectors.wording)]


def _score(
    model: BoundaryModel,
    sentences: Sequence[Sentence],
    vectors: Vectors,
    products: Sequence[Floats],
    evidence: Sequence[Evidence],
) -> Floats:
    assert vectors.table is not None
    given = (vectors.table, vectors.meaning if vectors.wording is None else vectors.wording)
    meaning, wording = contrasts_of(products[0]), contrasts_of(products[-1])
    if vectors.table is not vectors.meaning:
        meaning = window_contrasts(running_sums(vectors.table))
    scores = model.score(sentences, given, (meaning, wording), has_cue(evidence))
    return scores.astype(np.float64)


def _bonus(
    evidence: Sequence[Evidence],
    pages: Sequence[Slide],
    topics: Sequence[Turn],
    options: SegmentOptions,
) -> Floats:
    slides = [seen.slide for seen in evidence]
    has_slide = np.array([at is not None and is_new(at, pages, topics) for at in slides])
    bonus = options.cue_weight * has_cue(evidence) + options.slide_weight * has_slide
    bonus[0] = 0.0
    return bonus


def _choose_nodes(starts: Floats, scores: Floats, duration: float) -> NDArray[np.intp]:
    """Indices of the sentences at which a chapter may begin, 0 first; shape (n_nodes,)."""
    eligible = np.flatnonzero((starts < duration) & (np.diff(starts, prepend=-1.0) > 0))
    if len(eligible) > _MAX_NODES:
        strongest = np.argsort(-scores[eligible], kind="stable")[:_MAX_NODES]
        eligible = np.union1d(eligible[strongest], [0])
    return eligible


def _material(
    parts: Sequence[NDArray[np.float32]],
    starts: Floats,
    bonus: Floats,
    nodes: NDArray[np.intp],
    duration: float,
) -> Material:
    sums = [running_sums(part) for part in parts]
    norms = np.sum([np.einsum("ij,ij->i", x, x, dtype=np.float64) for x in parts], axis=0)
    ends = np.append(nodes, len(starts))
    return Material(
        sums=np.hstack([each[ends] for each in sums]),
        # A sentence without a known word has no weight.
        sizes=np.append(0.0, np.cumsum(norms > 0))[ends],
        times=np.append(starts[nodes], duration),
        bonus=np.append(bonus[nodes], 0.0),
    )


def _solve(
    material: Material, counts: Sequence[int], options: SegmentOptions, duration: float
) -> dict[int, tuple[int, ...]]:
    """The best division into each count, as `best_partitions`.

    Counts that are too many for the shortest length of short media are divided without it.
    """
    shortest = options.shortest(duration)
    if shortest == options.least:
        return best_partitions(material, counts, min_length=shortest)
    few = [count for count in counts if count == 1 or count * _ROOM <= duration]
    found = best_partitions(material, few, min_length=shortest)
    if rest := [count for count in counts if count not in found]:
        found |= best_partitions(material, rest, min_length=options.least)
    return found


def _counts(duration: float, n_nodes: int, options: SegmentOptions) -> list[int]:
    hours = duration / 3600
    most = min(
        n_nodes,
        max(1, int(duration / options.least)),
        _MAX_COUNT,
        max(_SHORT_COUNT, round(hours * _CHAPTERS_PER_HOUR)),
    )
    counts = set(range(1, most + 1))
    # Time and memory grow with the count, and more chapters than nodes are impossible.
    if options.count is not None and options.count <= n_nodes:
        counts.add(options.count)
    if options.per_hour is not None:
        counts.add(max(1, round(hours * options.per_hour)))
    return sorted(counts)
