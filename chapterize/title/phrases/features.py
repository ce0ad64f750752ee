"""Features of the candidates of a video, for predicting how well a person would like them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from chapterize.title.phrases.candidates import Candidate
from chapterize.title.phrases.ranking import topic_weights
from chapterize.title.phrases.speech import Speech, small_words
from chapterize.title.phrases.trees import Floats
from chapterize.title.phrases.word_features import Words

__all__ = ["FEATURES", "Embed", "Topics", "candidate_features"]

FEATURES = (
    *("size", "characters", "kind", "is_name", "adjective_first", "said", "elsewhere"),
    *("head_said", "first", "offset", "offset_share", "cue", "asked", "named", "article"),
    *("closes", "before_verb", "after_break", "common_first", "common_last"),
    *("common", "common_least", "head_count", "count", "topic_last", "topic_most", "topic"),
    *("said_before", "capital", "likely", "likely_mean", "likely_most", "likely_least"),
    *("likely_share", "likely_best", "own", "margin", "video", "opening"),
    *("chapter_words", "length_ratio", "n_chapters", "is_first", "is_last"),
)
_OPENING = 8
"""Sentences of the opening of a chapter."""

Embed = Callable[[Sequence[str]], Floats]


@dataclass(frozen=True)
class Topics:
    """What the chapters of a video are about.

    `words` with their probabilities `likely` of being in the title; `embed` gives unit vectors.
    """

    speech: Speech
    words: Words
    likely: NDArray[np.float64]
    embed: Embed

    @cached_property
    def probability(self) -> list[dict[str, float]]:
        """The probability of each word of each chapter."""
        found: list[dict[str, float]] = [{} for _ in self.speech.chapters]
        entries = zip(
            self.words.chapter.tolist(), self.words.word, self.likely.tolist(), strict=True
        )
        for chapter, word, likely in entries:
            found[chapter][word] = likely
        return found

    @cached_property
    def topic(self) -> list[dict[str, float]]:
        """Class-based tf-idf of each word of each chapter, at most 1.0."""
        return topic_weights(self.speech.counts, small_words())

    @cached_property
    def centres(self) -> tuple[Floats, Floats]:
        """Unit vectors of the chapters and of their openings, two arrays of one row a chapter."""
        lines = [line for chapter in self.speech.chapters for line in chapter]
        vectors = self.embed([" ".join(w for w in line.words if w) for line in lines])
        weights = np.sqrt([[len(line.words)] for line in lines] or np.zeros((0, 1)))
        whole, opening = [], []
        start = 0
        for chapter in self.speech.chapters:
            end = start + len(chapter)
            whole.append((vectors[start:end] * weights[start:end]).sum(axis=0))
            opening.append(vectors[start : min(end, start + _OPENING)].sum(axis=0))
            start = end
        return _unit(np.array(whole)), _unit(np.array(opening))


def candidate_features(
    topics: Topics, number: int, candidates: Sequence[Candidate], everywhere: Counter[str]
) -> Floats:
    """Return the features of the candidates of a chapter, shape (n, len(FEATURES)).

    `everywhere` counts, by the words joined with spaces, how often a candidate is said.
    """
    if not candidates:
        return np.zeros((0, len(FEATURES)), np.float32)
    heads: Counter[str] = Counter()
    for candidate in candidates:
        heads[candidate.words[-1]] += candidate.said
    small = small_words()
    rows = [_own_features(topics, number, one, heads, everywhere, small) for one in candidates]
    likeness = _likeness(topics, number, candidates)
    shared = np.tile(_chapter_features(topics, number), (len(candidates), 1))
    table = np.concatenate([np.array(rows), likeness, shared], axis=1)
    return table.astype(np.float32)


def _own_features(
    topics: Topics,
    number: int,
    one: Candidate,
    heads: Counter[str],
    everywhere: Counter[str],
    small: frozenset[str],
) -> list[float]:
    speech, words, tags, said = topics.speech, one.words, one.tags, one.said
    counts, topic, likely = speech.counts[number], topics.topic[number], topics.probability[number]
    before = speech.counts[number - 1] if number else {}
    content = [word for word in words if word not in small] or list(words)
    common = [speech.commonness.get(word, 0.0) for word in content]
    n_said = [counts[word] for word in content]
    weight = [topic.get(word, 0.0) for word in content]
    chance = [likely.get(word, 0.0) for word in content]
    n, best = len(content), max(likely.values(), default=1.0)
    text = " ".join(words)
    total = sum(likely.get(word, 0.0) for word in words)
    written = [speech.spelling.get(word, word) for word in content]
    return [
        len(words), len(text), one.kind, tags[-1:] == "m", tags[:1] == "j", np.log1p(said),
        np.log1p(everywhere[text] - said), heads[words[-1]], one.first, np.log1p(one.offset),
        one.offset / max(counts.total(), 1), one.cue, one.asked, one.named, one.article / said,
        one.closes / said, one.before_verb / said, one.after_break / said, common[0], common[-1],
        sum(common) / n, min(common), np.log1p(n_said[-1]), sum(n_said) / n,
        weight[-1], max(weight), sum(weight) / n,
        sum(word in before for word in content) / n,
        sum(w != w.lower() for w in written) / n,
        total, sum(chance) / n, max(chance), min(chance), 2 * total / (len(words) + 3),
        max(chance) / max(best, 1e-9),
    ]  # fmt: skip


def _likeness(topics: Topics, number: int, candidates: Sequence[Candidate]) -> NDArray[np.float64]:
    """Cosines with the chapter, above the best other chapter, with the video, the opening."""
    whole, opening = topics.centres
    vectors = topics.embed([" ".join(one.words) for one in candidates])
    likeness = vectors @ whole.T
    own = likeness[:, number].copy()
    likeness[:, number] = -1.0
    best = likeness.max(axis=1) if len(whole) > 1 else np.zeros(len(own))
    video = vectors @ _unit(whole.mean(axis=0, keepdims=True))[0]
    return np.stack([own, own - best, video, vectors @ opening[number]], axis=1)


def _chapter_features(topics: Topics, number: int) -> list[float]:
    """What all candidates of a chapter share."""
    counts = topics.speech.counts
    length = np.log1p([each.total() for each in counts])
    n = len(counts)
    ratio = length[number] - np.log1p(np.expm1(length).mean())
    return [length[number], ratio, n, number == 0, number == n - 1]


def _unit(rows: Floats) -> Floats:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1), dtype=np.float32)
