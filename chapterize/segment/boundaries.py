"""From sentences, vectors and signals to boundaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Boundaries, Evidence, Sentence, Signals
from chapterize.errors import InputError
from chapterize.language import find_cue_words
from chapterize.segment.contrast import novelty, topic_drops, window_contrasts
from chapterize.segment.count import estimate_count
from chapterize.segment.partition import Material, best_partitions

__all__ = ["SegmentOptions", "segment"]

Floats = NDArray[np.float64]

_LONGEST_LEAD = 2.0
"""Seconds a chapter begins before its first sentence at the most, however long the pause."""

_SLIDE_REACH = 4.0
"""Seconds between a slide change and the sentence it belongs to."""

_MAX_NODES = 1600
"""Sentences that may begin a chapter; of more, those with the highest novelty are taken."""

_MAX_COUNT = 300
_CHAPTERS_PER_HOUR = 120.0
"""No count above these is solved unless it is asked for."""


@dataclass(frozen=True)
class SegmentOptions:
    """How many chapters, and how short they may be.

    `count` asks for exactly so many, `per_hour` for a rate; neither: the count is estimated.
    `min_length` is the shortest chapter in seconds. The weights are bonuses in the cost of
    `partition` for a chapter that begins with announcing words, beside a slide change, or after a
    pause in media without a transcript.
    """

    count: int | None = None
    per_hour: float | None = None
    min_length: float = 10.0
    cue_weight: float = 0.75
    slide_weight: float = 0.25
    pause_weight: float = 1.0

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


def segment(
    sentences: Sequence[Sentence],
    vectors: NDArray[np.float32],
    duration: float,
    *,
    signals: Signals | None = None,
    language: str | None = None,
    options: SegmentOptions | None = None,
) -> Boundaries:
    """Divide a transcript by topic, into every number of chapters at once.

    Parameters
    ----------
    sentences : in order, at least one; their text may be empty where there is no transcript.
    vectors : shape (n_sentences, d), unit rows; a zero row for a sentence of unknown words.
    duration : seconds.

    Returns
    -------
    `Boundaries` whose solutions all keep `min_length` and whose `chosen` is one of them.

    Raises
    ------
    InputError : no sentence, or the count asked for cannot be had.
    """
    options = options or SegmentOptions()
    signals = signals or Signals()
    if not sentences or len(sentences) != len(vectors):
        raise InputError(f"{len(sentences)} sentences and {len(vectors)} vectors to divide")
    starts, pauses = chapter_starts(sentences, signals)
    sums = np.vstack([np.zeros(vectors.shape[1]), np.cumsum(vectors, axis=0, dtype=np.float64)])
    contrasts = window_contrasts(sums)
    has_text = bool(np.any(vectors))
    evidence = _gather(sentences, starts, pauses, topic_drops(contrasts), signals, language)
    bonus = _bonus(evidence, options, has_text=has_text)
    scores = novelty(contrasts) + bonus
    scores[0] = 0.0
    nodes = _choose_nodes(starts, scores, duration)
    material = _material(vectors, sums, starts, bonus, nodes, duration)
    counts = _counts(duration, len(nodes), options)
    found, _ = best_partitions(material, counts, min_length=options.min_length)
    # One chapter is always to be had, also of media shorter than the shortest chapter.
    solutions: dict[int, tuple[int, ...]] = {1: (0,)}
    solutions |= {count: tuple(int(nodes[i]) for i in at) for count, at in found.items()}
    chosen, how = _choose_count(solutions, duration, options)
    return Boundaries(
        starts=starts,
        scores=scores.astype(np.float32),
        confidence=_confidence(solutions, chosen, scores, evidence),
        evidence=evidence,
        solutions=solutions,
        chosen=chosen,
        how=how,
    )


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


def _gather(
    sentences: Sequence[Sentence],
    starts: Floats,
    pauses: Floats,
    drops: Floats,
    signals: Signals,
    language: str | None,
) -> tuple[Evidence, ...]:
    slides = np.asarray(signals.slides, dtype=np.float64)
    evidence = []
    for i, sentence in enumerate(sentences):
        slide = None
        if len(slides):
            nearest = float(slides[np.abs(slides - starts[i]).argmin()])
            slide = nearest if abs(nearest - starts[i]) <= _SLIDE_REACH else None
        evidence.append(
            Evidence(
                topic_drop=round(float(drops[i]), 3),
                pause=round(float(pauses[i]), 3),
                cue_words=find_cue_words(sentence.text, language),
                slide=slide,
            )
        )
    return tuple(evidence)


def _bonus(evidence: Sequence[Evidence], options: SegmentOptions, *, has_text: bool) -> Floats:
    bonus = np.zeros(len(evidence))
    for i, seen in enumerate(evidence[1:], 1):
        bonus[i] = options.cue_weight * bool(seen.cue_words)
        bonus[i] += options.slide_weight * (seen.slide is not None)
        if not has_text:
            bonus[i] += options.pause_weight * np.log1p(seen.pause)
    return bonus


def _choose_nodes(starts: Floats, scores: Floats, duration: float) -> NDArray[np.intp]:
    """Indices of the sentences at which a chapter may begin, 0 first."""
    eligible = np.flatnonzero((starts < duration) & (np.diff(starts, prepend=-1.0) > 0))
    if len(eligible) > _MAX_NODES:
        strongest = np.argsort(-scores[eligible], kind="stable")[:_MAX_NODES]
        eligible = np.union1d(eligible[strongest], [0])
    return eligible


def _material(
    vectors: NDArray[np.float32],
    sums: Floats,
    starts: Floats,
    bonus: Floats,
    nodes: NDArray[np.intp],
    duration: float,
) -> Material:
    norms = np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64)
    ends = np.append(nodes, len(vectors))
    return Material(
        sums=sums[ends],
        squares=np.append(0.0, np.cumsum(norms))[ends],
        # A sentence without a known word neither joins nor parts: it has no weight.
        sizes=np.append(0.0, np.cumsum(norms > 0))[ends],
        times=np.append(starts[nodes], duration),
        bonus=np.append(bonus[nodes], 0.0),
    )


def _counts(duration: float, n_nodes: int, options: SegmentOptions) -> list[int]:
    hours = duration / 3600
    most = min(
        n_nodes,
        max(1, int(duration / options.min_length)),
        _MAX_COUNT,
        max(2, round(hours * _CHAPTERS_PER_HOUR)),
    )
    counts = set(range(1, most + 1))
    if options.count is not None:
        counts.add(options.count)
    if options.per_hour is not None:
        counts.add(max(1, round(hours * options.per_hour)))
    return sorted(counts)


def _choose_count(
    solutions: dict[int, tuple[int, ...]], duration: float, options: SegmentOptions
) -> tuple[int, str]:
    if options.count is not None:
        if options.count not in solutions:
            raise InputError(
                f"{options.count} chapters cannot be had",
                why=f"with at least {options.min_length:g} s each there is room for "
                f"{max(solutions)} that begin with a sentence",
                hint=f"ask for at most {max(solutions)}, or lower --min-length",
            )
        return options.count, "asked for with --count"
    if options.per_hour is not None:
        wanted, how = duration / 3600 * options.per_hour, "from --per-hour"
    elif duration < 2 * options.min_length:
        return 1, f"shorter than two chapters of {options.min_length:g} s"
    else:
        wanted, how = estimate_count(duration), "estimated from the length"
    chosen = min(solutions, key=lambda count: (abs(np.log(count / max(wanted, 0.5))), count))
    return chosen, how


def _confidence(
    solutions: dict[int, tuple[int, ...]],
    chosen: int,
    scores: Floats,
    evidence: Sequence[Evidence],
) -> NDArray[np.float32]:
    """In [0, 1]: how steadily nearby counts agree on the boundary, and how strong it is."""
    near = [at for count, at in solutions.items() if chosen / 1.5 <= count <= chosen * 1.5 + 1]
    votes = np.zeros(len(scores))
    for at in near:
        hit = np.zeros(len(scores), dtype=bool)
        for shift in (-1, 0, 1):
            hit[np.clip(np.asarray(at) + shift, 0, len(scores) - 1)] = True
        votes += hit
    cues = np.array([bool(seen.cue_words) for seen in evidence])
    steady = votes / max(1, len(near))
    logit = -2.2 + 1.3 * steady + 0.35 * scores + 0.6 * cues
    confidence = 1.0 / (1.0 + np.exp(-logit))
    confidence[0] = 1.0
    return confidence.astype(np.float32)
