"""From sentences, vectors and signals to boundaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Boundaries, Evidence, Sentence, Signals, Vectors
from chapterize.errors import InputError
from chapterize.segment.contrast import (
    contrasts_of,
    novelty,
    running_sums,
    topic_drops,
    window_contrasts,
    window_products,
)
from chapterize.segment.count import count_clues, estimate_count, length_count
from chapterize.segment.evidence import gather_evidence
from chapterize.segment.model import BoundaryModel, shipped_model
from chapterize.segment.partition import Material, PartitionOptions, best_partitions
from chapterize.segment.recount import recount
from chapterize.segment.silences import silence_bonus

__all__ = ["Division", "SegmentOptions", "divide", "segment"]

Floats = NDArray[np.float64]

_LONGEST_LEAD = 2.0
"""Seconds a chapter begins before its first sentence at the most, however long the pause."""

_MAX_NODES = 1600
"""Sentences that may begin a chapter; of more, those with the highest novelty are taken."""

_MAX_COUNT = 300
_CHAPTERS_PER_HOUR = 120.0
_SHORT_COUNT = 12
"""Counts up to these limits are solved: the rate, but at least `_SHORT_COUNT` and at most
`_MAX_COUNT`. A larger count is solved only if it is asked for."""


@dataclass(frozen=True)
class SegmentOptions:
    """How many chapters, and how short they may be.

    `count` asks for exactly so many, `per_hour` for a rate; neither: the count is estimated.
    `min_length` is the shortest chapter in seconds. The weights are bonuses in the cost of
    `partition` for a chapter that begins where the scorer expects one (a unit of its log-odds),
    with announcing words, beside a slide change, after a pause in media without a transcript, or
    after a silence of 15 s or more in media with one.
    """

    count: int | None = None
    per_hour: float | None = None
    min_length: float = 10.0
    score_weight: float = 0.4
    cue_weight: float = 0.75
    slide_weight: float = 0.25
    pause_weight: float = 1.0
    silence_weight: float = 1.0

    def __post_init__(self) -> None:
        if self.count is not None and self.per_hour is not None:
            raise InputError("--count and --per-hour exclude each other", hint="give one of them")
        if self.count is not None and self.count < 1:
            raise InputError(f"{self.count} chapters", why="there is at least one chapter")
        if self.per_hour is not None and not 0 < self.per_hour <= 3600:
            raise InputError(f"{self.per_hour} chapters an hour", why="the rate must be above 0")
        if not 1.0 <= self.min_length < float("inf"):
            raise InputError(
                f"a shortest chapter of {self.min_length} s", why="it must be 1 s or more"
            )

    @property
    def is_estimated(self) -> bool:
        """Whether nobody said how many chapters."""
        return self.count is None and self.per_hour is None


@dataclass(frozen=True)
class Division:
    """All that is known before a count is chosen.

    `scores` : shape (n,), the scorer's log-odds, or novelty where it cannot read the sentences.
    `solutions`, and `errors`, the squared error left, by count. `costs` : `errors` less the bonus.
    """

    starts: Floats
    scores: Floats
    is_scored: bool
    evidence: tuple[Evidence, ...]
    solutions: dict[int, tuple[int, ...]]
    errors: dict[int, float]
    costs: dict[int, float]


def segment(
    sentences: Sequence[Sentence],
    vectors: Vectors,
    duration: float,
    *,
    signals: Signals | None = None,
    language: str | None = None,
    options: SegmentOptions | None = None,
    model: BoundaryModel | None = None,
) -> Boundaries:
    """Divide a transcript by topic, into every number of chapters at once.

    Parameters
    ----------
    sentences : in order, at least one; their text may be empty where there is no transcript.
    vectors : one row for each sentence.
    duration : seconds.
    model : in place of the one that is shipped.

    Returns
    -------
    `Boundaries` whose solutions all keep `min_length` and whose `chosen` is one of them.

    Raises
    ------
    InputError : no sentence, or the count asked for cannot be had.
    """
    options, model = options or SegmentOptions(), model or shipped_model()
    found = divide(
        sentences,
        vectors,
        duration,
        signals=signals or Signals(),
        language=language,
        options=options,
        model=model,
    )
    chosen, how = _choose_count(found, sentences, duration, options, model)
    solved = Boundaries(
        starts=found.starts,
        scores=found.scores.astype(np.float32),
        confidence=np.zeros(len(sentences), dtype=np.float32),
        evidence=found.evidence,
        solutions=found.solutions,
        chosen=chosen,
        how=how,
        is_scored=found.is_scored,
        costs=found.costs,
    )
    return recount(solved, chosen, sentences, language=language, how=how, model=model)


def divide(
    sentences: Sequence[Sentence],
    vectors: Vectors,
    duration: float,
    *,
    signals: Signals,
    language: str | None,
    options: SegmentOptions,
    model: BoundaryModel | None,
) -> Division:
    """The best division into every count; without a `model` nothing is scored."""
    if not sentences or len(sentences) != len(vectors.meaning):
        raise InputError(f"{len(sentences)} sentences and {len(vectors.meaning)} vectors to divide")
    starts, pauses = chapter_starts(sentences, signals)
    parts = _parts(vectors)
    # The sums are made anew for the division: kept meanwhile, they would fill the memory.
    products = [window_products(running_sums(part)) for part in parts]
    contrasts = contrasts_of(np.sum(products, axis=0))
    drops = topic_drops(contrasts)
    evidence = gather_evidence(sentences, starts, pauses, drops, signals, language)
    scores = novelty(contrasts)
    bonus = _bonus(evidence, options)
    if np.any(vectors.meaning):
        bonus += options.silence_weight * silence_bonus(sentences, pauses)
    else:
        bonus[1:] += options.pause_weight * np.log1p(pauses[1:])
    is_scored = model is not None and vectors.table is not None
    if model is not None and vectors.table is not None:
        scores = _score(model, sentences, vectors, products, evidence)
        bonus += options.score_weight * scores
    nodes = _choose_nodes(starts, scores + bonus, duration)
    sums = [running_sums(part) for part in parts]
    material = _material(parts, sums, starts, bonus, nodes, duration)
    counts = _counts(duration, len(nodes), options)
    at_nodes, errors = best_partitions(material, counts, min_length=options.min_length)
    costs = _costs(material, at_nodes, errors)
    # One chapter is always to be had, also of media shorter than the shortest chapter.
    solutions: dict[int, tuple[int, ...]] = {1: (0,)}
    solutions |= {count: tuple(int(nodes[i]) for i in at) for count, at in at_nodes.items()}
    return Division(starts, scores, is_scored, evidence, solutions, errors, costs)


def _parts(vectors: Vectors) -> list[NDArray[np.float32]]:
    """Meaning and wording, to be set side by side with an equal say."""
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
    cued = np.array([bool(seen.cue_words) for seen in evidence])
    return model.score(sentences, given, (meaning, wording), cued).astype(np.float64)


def chapter_starts(sentences: Sequence[Sentence], signals: Signals) -> tuple[Floats, Floats]:
    """Where a chapter would begin at each sentence, and the pause before it.

    Returns
    -------
    starts : shape (n,), seconds: the middle of the pause before the sentence, `_LONGEST_LEAD` at
        the most before the sentence; starts[0] is 0.0.
    pauses : shape (n,), seconds of silence before the sentence.
    """
    begin = np.array([sentence.start for sentence in sentences])
    before = np.append(0.0, [sentence.end for sentence in sentences[:-1]])
    pauses = np.maximum(begin - before, 0.0)
    for pause in signals.pauses:
        # Heard silence beats the times of captions, which often touch each other.
        i = int(np.searchsorted(begin, pause.end - 0.5))
        if i < len(begin) and pause.start <= begin[i] <= pause.end + 0.5:
            pauses[i] = max(pauses[i], min(begin[i], pause.end) - pause.start)
    starts = begin - np.minimum(pauses / 2.0, _LONGEST_LEAD)
    starts = np.maximum.accumulate(starts)
    starts[0] = 0.0
    return starts, pauses


def _bonus(evidence: Sequence[Evidence], options: SegmentOptions) -> Floats:
    bonus = np.zeros(len(evidence))
    for i, seen in enumerate(evidence[1:], 1):
        bonus[i] = options.cue_weight * bool(seen.cue_words)
        bonus[i] += options.slide_weight * (seen.slide is not None)
    return bonus


def _choose_nodes(starts: Floats, scores: Floats, duration: float) -> NDArray[np.intp]:
    """Indices of the sentences at which a chapter may begin, 0 first."""
    eligible = np.flatnonzero((starts < duration) & (np.diff(starts, prepend=-1.0) > 0))
    if len(eligible) > _MAX_NODES:
        strongest = np.argsort(-scores[eligible], kind="stable")[:_MAX_NODES]
        eligible = np.union1d(eligible[strongest], [0])
    return eligible


def _material(
    parts: Sequence[NDArray[np.float32]],
    sums: Sequence[Floats],
    starts: Floats,
    bonus: Floats,
    nodes: NDArray[np.intp],
    duration: float,
) -> Material:
    norms = sum(np.einsum("ij,ij->i", part, part, dtype=np.float64) for part in parts)
    norms = np.asarray(norms)
    ends = np.append(nodes, len(starts))
    return Material(
        sums=np.hstack([each[ends] for each in sums]),
        squares=np.append(0.0, np.cumsum(norms))[ends],
        # A sentence without a known word neither joins nor parts: it has no weight.
        sizes=np.append(0.0, np.cumsum(norms > 0))[ends],
        times=np.append(starts[nodes], duration),
        bonus=np.append(bonus[nodes], 0.0),
    )


def _costs(
    material: Material, solutions: Mapping[int, Sequence[int]], errors: Mapping[int, float]
) -> dict[int, float]:
    """What each division costs but for the prior on lengths, which asks for another mean each."""
    weight = PartitionOptions().error_weight
    return {
        count: float(weight * errors[count] - material.bonus[list(at)].sum())
        for count, at in solutions.items()
    }


def _counts(duration: float, n_nodes: int, options: SegmentOptions) -> list[int]:
    hours = duration / 3600
    most = min(
        n_nodes,
        max(1, int(duration / options.min_length)),
        _MAX_COUNT,
        max(_SHORT_COUNT, round(hours * _CHAPTERS_PER_HOUR)),
    )
    counts = set(range(1, most + 1))
    if options.count is not None:
        counts.add(options.count)
    if options.per_hour is not None:
        counts.add(max(1, round(hours * options.per_hour)))
    return sorted(counts)


def _choose_count(
    found: Division,
    sentences: Sequence[Sentence],
    duration: float,
    options: SegmentOptions,
    model: BoundaryModel,
) -> tuple[int, str]:
    if options.count is not None:
        if options.count not in found.solutions:
            raise InputError(
                f"{options.count} chapters cannot be had",
                why=f"with at least {options.min_length:g} s each there is room for "
                f"{max(found.solutions)} that begin with a sentence",
                hint=f"ask for at most {max(found.solutions)}, or lower --min-length",
            )
        return options.count, "asked for with --count"
    if options.per_hour is not None:
        wanted, how = duration / 3600 * options.per_hour, "from --per-hour"
    elif duration < 2 * options.min_length or not found.errors:
        return 1, f"shorter than two chapters of {options.min_length:g} s"
    elif max(found.errors.values()) <= 0:
        wanted, how = length_count(duration), "estimated from the length"
    else:
        clues = count_clues(sentences, duration, found.errors)
        wanted = estimate_count(clues, model.count)
        how = "estimated from the length, the sentences and how far topics part"
    chosen = min(found.solutions, key=lambda count: (abs(np.log(count / max(wanted, 0.5))), count))
    return chosen, how
