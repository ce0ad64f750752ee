"""From sentences, vectors and signals to boundaries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

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
from chapterize.segment.estimates import (
    SPREAD,
    expected_count,
    granularities,
    likely_range,
    require_granularity,
)
from chapterize.segment.evidence import gather_evidence, has_cue
from chapterize.segment.markers import marked_sentences, with_markers
from chapterize.segment.model import BoundaryModel, shipped_model
from chapterize.segment.partition import Material, PartitionOptions, best_partitions
from chapterize.segment.pauses import chapter_starts, silence_bonus
from chapterize.segment.recount import recount

__all__ = ["Division", "SegmentOptions", "Talk", "divide", "segment"]

Floats = NDArray[np.float64]

_MAX_NODES = 1600
"""Sentences at which a chapter may begin; if there are more, those with the highest scores."""

_SHORTEST = 10.0
_SHORT_MEDIA = 300.0
_SHORTEST_IN_SHORT = 60.0
"""Seconds: the shortest chapter, and the shortest in media below five minutes."""

_ROOM = 70.0
"""Seconds per chapter from which on `_SHORTEST_IN_SHORT` leaves a choice of places."""

_MAX_COUNT = 300
_CHAPTERS_PER_HOUR = 120.0
_SHORT_COUNT = 12
"""Counts up to these limits are solved: the rate, but at least `_SHORT_COUNT` and at most
`_MAX_COUNT`. A larger count is solved only if it is asked for."""


@dataclass(frozen=True)
class SegmentOptions:
    """How many chapters, and how short they may be.

    `count` sets the number and `per_hour` a rate; without either, the number is estimated from the
    length. Then `granularity` is ``coarse``, ``normal`` (as None) or ``fine``, `offset` says how
    much finer this person cuts than others (the logarithm of a ratio), and `spread` how sure that
    is (a standard deviation). `min_length` is the shortest chapter in seconds; None: 10, and 60 in
    media below five minutes, unless so many chapters are asked for that they do not fit. Each
    weight is a bonus in the cost of `partition` for a chapter that begins at such a place: where
    the scorer expects one (per unit of log-odds), at cue words, at a slide change, after a pause
    in media without a transcript, after a silence of 15 s or more in media with one, and at the
    sentence of a person's marker. `model` replaces the shipped scorer.
    """

    count: int | None = None
    per_hour: float | None = None
    min_length: float | None = None
    score_weight: float = 0.4
    cue_weight: float = 0.75
    slide_weight: float = 0.25
    pause_weight: float = 1.0
    silence_weight: float = 1.0
    marker_weight: float = 5.0
    model: BoundaryModel | None = None
    granularity: str | None = None
    offset: float = 0.0
    spread: float = SPREAD

    def __post_init__(self) -> None:
        if self.count is not None and self.per_hour is not None:
            raise InputError(
                "--count and --per-hour cannot be used together",
                why="both set the number of chapters",
                hint="give one of them",
            )
        if self.count is not None and self.count < 1:
            raise InputError(
                f"--count {self.count} is not possible",
                why="it must be 1 or more",
                hint="give another number, or leave it out",
            )
        if self.per_hour is not None and not 0 < self.per_hour <= 3600:
            raise InputError(
                f"--per-hour {self.per_hour:g} is not possible",
                why="it must be above 0 and at most 3600",
                hint="give another number, or leave it out",
            )
        if self.granularity is not None:
            require_granularity(self.granularity)
            if not self.is_estimated:
                other = f"--count {self.count}" if self.count else f"--per-hour {self.per_hour:g}"
                raise InputError(
                    f"--granularity {self.granularity} cannot be used with {other}",
                    why="both set the number of chapters",
                    hint="give one of them",
                )
        if self.min_length is not None and not 1.0 <= self.min_length < float("inf"):
            raise InputError(
                f"--min-length {self.min_length:g} is not possible",
                why="it must be 1 s or more",
                hint="give another number, or leave it out",
            )

    @property
    def is_estimated(self) -> bool:
        """Whether the number of chapters is estimated."""
        return self.count is None and self.per_hour is None

    @property
    def least(self) -> float:
        """The shortest chapter that is possible, in seconds."""
        return _SHORTEST if self.min_length is None else self.min_length

    def shortest(self, duration: float) -> float:
        """The shortest chapter, in seconds, that is made unasked in media of `duration` seconds."""
        is_short = self.min_length is None and duration < _SHORT_MEDIA
        return _SHORTEST_IN_SHORT if is_short else self.least


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
    `solutions` and `errors` (the squared error that remains) : by count. `costs` : `errors` less
    the bonus.
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
    model = options.model or shipped_model()
    talk = Talk(sentences, vectors, duration, signals or Signals(), language)
    found = divide(talk, options, model)
    choice = _choose_count(found, talk, options, model)
    solved = Boundaries(
        starts=found.starts,
        scores=found.scores.astype(np.float32),
        confidence=np.zeros(len(sentences), dtype=np.float32),
        evidence=found.evidence,
        solutions=found.solutions,
        chosen=choice.count,
        how=choice.how,
        coefficients=model.confidence[found.is_scored].tolist(),
        costs=found.costs,
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
    bonus = _bonus(evidence, options)
    if np.any(vectors.meaning):
        bonus += options.silence_weight * silence_bonus(sentences, pauses)
    else:
        bonus[1:] += options.pause_weight * np.log1p(pauses[1:])
    is_scored = model is not None and vectors.table is not None
    if model is not None and vectors.table is not None:
        scores = _score(model, sentences, vectors, products, evidence)
        bonus += options.score_weight * scores
    marked = marked_sentences(starts, bonus, talk.signals)
    bonus[list(marked)] += options.marker_weight
    evidence = with_markers(evidence, marked)
    nodes = _choose_nodes(starts, scores + bonus, talk.duration)
    material = _material(parts, starts, bonus, nodes, talk.duration)
    counts = _counts(talk.duration, len(nodes), options)
    at_nodes, errors = _solve(material, counts, options, talk.duration)
    costs = _costs(material, at_nodes, errors)
    # One chapter is always possible, even if the media is shorter than the shortest chapter.
    solutions: dict[int, tuple[int, ...]] = {1: (0,)}
    solutions |= {count: tuple(int(nodes[i]) for i in at) for count, at in at_nodes.items()}
    return Division(starts, scores, is_scored, evidence, solutions, errors, costs)


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


def _bonus(evidence: Sequence[Evidence], options: SegmentOptions) -> Floats:
    has_slide = np.array([seen.slide is not None for seen in evidence])
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
        squares=np.append(0.0, np.cumsum(norms))[ends],
        # A sentence without a known word has no weight.
        sizes=np.append(0.0, np.cumsum(norms > 0))[ends],
        times=np.append(starts[nodes], duration),
        bonus=np.append(bonus[nodes], 0.0),
    )


def _solve(
    material: Material, counts: Sequence[int], options: SegmentOptions, duration: float
) -> tuple[dict[int, tuple[int, ...]], dict[int, float]]:
    """The best division into each count, as `best_partitions`.

    Counts that are too many for the shortest length of short media are divided without it.
    """
    shortest = options.shortest(duration)
    if shortest == options.least:
        return best_partitions(material, counts, min_length=shortest)
    few = [count for count in counts if count * _ROOM <= duration]
    found, errors = best_partitions(material, few, min_length=shortest) if few else ({}, {})
    rest = [count for count in counts if count not in found]
    more, their_errors = best_partitions(material, rest, min_length=options.least)
    return found | more, errors | their_errors


def _costs(
    material: Material, solutions: Mapping[int, Sequence[int]], errors: Mapping[int, float]
) -> dict[int, float]:
    """Cost of each division without the prior on length, whose mean depends on the count."""
    weight = PartitionOptions().error_weight
    return {
        count: float(weight * errors[count] - material.bonus[list(at)].sum())
        for count, at in solutions.items()
    }


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


@dataclass(frozen=True)
class _Choice:
    """A count, where it comes from, and how it relates to others, as in `Boundaries`."""

    count: int
    how: str
    normal: int
    granularity: str | None = None
    likely: tuple[int, int] | None = None


def _choose_count(
    found: Division, talk: Talk, options: SegmentOptions, model: BoundaryModel
) -> _Choice:
    if options.count is not None:
        if options.count not in found.solutions:
            most = max(found.solutions)
            raise InputError(
                f"cannot make {options.count} chapters",
                why=f"at {options.least:g} s or more each, at most {most} fit",
                hint=f"ask for at most {most}, or lower --min-length",
            )
        return _Choice(options.count, "set by --count", options.count)
    if options.per_hour is not None:
        count = _nearest(talk.duration / 3600 * options.per_hour, found.solutions)
        return _Choice(count, "set by --per-hour", count)
    # A person who cuts finer than others asks for short chapters.
    shortest = options.least if options.offset > 0 else options.shortest(talk.duration)
    possible = [
        count
        for count, at in found.solutions.items()
        if count == 1 or np.diff([*found.starts[list(at)], talk.duration]).min() >= shortest - 1e-6
    ]
    wanted = expected_count(talk.duration, model.count, options.offset)
    low, high = likely_range(wanted, options.spread, found.solutions)
    likely: tuple[int, int] | None = (low, high)
    how = "estimated from the length"
    n_marked = sum(seen.marker is not None for seen in found.evidence)
    # Fewer markers are not those of all chapters.
    if n_marked and n_marked + 1 >= low:
        wanted, likely = n_marked + 1, None
        how = "from 1 marker" if n_marked == 1 else f"from {n_marked} markers"
    normal = _nearest(wanted, possible)
    if max(possible) == 1:
        how = f"shorter than two chapters of {shortest:g} s"
    counts = granularities(found.costs, normal)
    if (name := options.granularity or "normal") == "normal" or name not in counts:
        return _Choice(normal, how, normal, "normal", likely)
    return _Choice(counts[name], f"{name}, {how}", normal, name)


def _nearest(wanted: float, counts: Iterable[int]) -> int:
    """The count whose ratio to `wanted` is nearest to 1."""
    return min(counts, key=lambda count: (abs(np.log(count / max(wanted, 0.5))), count))
