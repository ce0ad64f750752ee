"""Candidates for titles: runs of words as they were said, questions, pairs, and typical titles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chapterize.title.phrases import CUED
from chapterize.title.readable import ASKING, VERBS, asks_well, is_loose
from chapterize.title.tokens import Bools, Ints, Spoken
from chapterize.title.word_features import Words, rank_within

__all__ = [
    "LONGEST",
    "PAIR",
    "QUESTION",
    "RUN",
    "TYPICAL",
    "WH",
    "Field",
    "Runs",
    "field_of",
    "runs_of",
]

RUN, WH, QUESTION, PAIR, TYPICAL = range(5)
LONGEST = 12
_RUN_WORDS = 7
_WH_WORDS = 8
_EDGE_WORDS = 30
"""Of each chapter, as many of the likeliest words may begin or end a run."""
_LEAST_NOUN = -0.4
"""A last word that stands where verbs stand is no end of a title."""

# fmt: off
_ARTICLES = ("the", "a", "an")
_ASKING = ("what", "how", "why")
_AFTER_ASKING = ("to", "is", "are", "do", "does", "can", "should", "was", "did", "would", "makes")
_POINTING = ("this", "that", "these", "those", "it", "i", "we", "he", "she", "they",
             "there", "here", "me", "us")
_LEADS = ("and", "so", "but", "then", "well", "okay", "ok", "yeah", "like", "now", "")
# fmt: on


@dataclass(frozen=True)
class Field:
    """The tokens with what the word model thinks of them, and running sums over them.

    A sum from token i to j is ``sums[j] - sums[i]``.
    """

    spoken: Spoken
    likely: NDArray[np.float64]
    """By token: the probability that the word is in the title; 0.0 for breaks."""
    said: Ints
    """By token: how often its chapter says the word."""
    edge: Bools
    """By token: among the likeliest words of its chapter, and able to begin or end a title."""


@dataclass(frozen=True)
class Runs:
    """Distinct candidates: tokens ``start`` to ``start + size``, their kind and chapter.

    `start` is the first place; `again` gives, for every place at `starts`, the candidate it is.
    """

    start: Ints
    size: Ints
    kind: Ints
    chapter: Ints
    again: Ints
    starts: Ints


def field_of(spoken: Spoken, words: Words, probability: NDArray[np.float64]) -> Field:
    """Return the field, given the probability of each of `words`."""
    if not len(words.key):
        nothing = np.zeros(len(spoken.words))
        return Field(spoken, nothing, nothing.astype(np.int64), nothing > 0)
    token_key = spoken.chapter * len(spoken.vocabulary) + spoken.words
    is_word = spoken.words > 0
    entry = np.minimum(np.searchsorted(words.key, token_key), len(words.key) - 1)
    fit = spoken.is_edge[words.word]
    rank = rank_within(probability * fit, words.chapter)
    edge = fit & (rank < _EDGE_WORDS)
    said = np.rint(np.expm1(words.features[:, 0])).astype(np.int64)
    return Field(
        spoken,
        np.where(is_word, probability[entry], 0.0),
        np.where(is_word, said[entry], 0),
        is_word & edge[entry],
    )


def runs_of(field: Field) -> Runs:
    """Return the distinct runs and questions of all chapters."""
    found = [*_plain(field), *_wh(field), _questions(field)]
    start = np.concatenate([starts for _, starts, _ in found])
    size = np.concatenate([sizes for _, _, sizes in found])
    kind = np.repeat([kind for kind, _, _ in found], [len(starts) for _, starts, _ in found])
    spoken = field.spoken
    digest = np.zeros(len(start), np.uint64)
    for step in range(LONGEST):
        place = np.minimum(start + step, len(spoken.words) - 1)
        word = spoken.words[place].astype(np.uint64) + np.uint64(7)
        digest = np.where(step < size, digest * np.uint64(0x9E3779B97F4A7C15) + word, digest)
    # A question and a run of the same words are two candidates of the same chapter.
    other = spoken.chapter[start] * 2 + np.minimum(kind, 1)
    digest = digest * np.uint64(0xD1342543DE82EF95) + other.astype(np.uint64)
    # The digests' order is as good as any, for ties are settled by place later.
    _, first, again = np.unique(digest, return_index=True, return_inverse=True)
    return Runs(start[first], size[first], kind[first], spoken.chapter[start[first]], again, start)


def _plain(field: Field) -> list[tuple[int, Ints, Ints]]:
    """Runs between likely words, with nothing inside that a title does not hold."""
    spoken = field.spoken
    words = spoken.words
    inside, article = spoken.is_inside[words], spoken.among(*_ARTICLES)[words]
    after_inside = np.r_[False, (inside & ~article)[:-1]]
    # "of the" but neither "node the" nor "or and".
    bad = (words == 0) | (spoken.is_stop[words] & ~(inside & (article == after_inside)))
    n_bad = np.r_[0, np.cumsum(bad)]
    vocabulary = spoken.vocabulary
    edge = field.edge & ~np.array([is_loose(word) for word in vocabulary])[words]
    opens = edge & ~np.array([word[:1].isdigit() for word in vocabulary])[words]
    closes = edge & (spoken.nouns[words] >= _LEAST_NOUN)
    stutter = np.r_[0, np.cumsum(_stutters(spoken))]
    found = []
    for size in range(1, min(_RUN_WORDS, len(words)) + 1):
        last = len(words) - size + 1
        whole = n_bad[size:] == n_bad[:last]
        fine = opens[:last] & closes[size - 1 :] & whole
        fine &= stutter[size - 1 : size - 1 + last] == stutter[:last]
        if size > 1:
            fine &= words[:last] != words[size - 1 :]
        start = np.flatnonzero(fine)
        found.append((RUN, start, np.full(len(start), size)))
    return found


def _stutters(spoken: Spoken) -> Bools:
    """Whether each token is but the beginning of the one after it ("cri criteria")."""
    texts = [spoken.vocabulary[word] for word in spoken.words.tolist()]
    return (
        np.array(
            [bool(a) and b.startswith(a) for a, b in zip(texts, [*texts[1:], ""], strict=True)],
            dtype=np.bool_,
        )
        if texts
        else np.zeros(0, np.bool_)
    )


def _wh(field: Field) -> list[tuple[int, Ints, Ints]]:
    """ "How to build it in steps", "what is a rollup": up to the end of the clause."""
    spoken = field.spoken
    words = spoken.words
    asking = spoken.among(*_ASKING)[words] & (spoken.sentence < CUED)
    verb = spoken.among(*_AFTER_ASKING)[words]
    n_breaks = np.r_[0, np.cumsum((words == 0) | spoken.among(*_POINTING)[words])]
    ends = np.r_[words[1:] == 0, True]
    found = []
    for size in range(3, min(_WH_WORDS, len(words)) + 1):
        last = len(words) - size + 1
        fine = asking[:last] & verb[1 : last + 1] & (n_breaks[size:] == n_breaks[:last])
        fine &= (spoken.is_edge[words] & ends)[size - 1 :]
        start = np.flatnonzero(fine)
        well = [
            _says_well(spoken, at, size) or spoken.vocabulary[words[at + 1]] == "to"
            for at in start.tolist()
        ]
        start = start[np.array(well, dtype=np.bool_)]
        found.append((WH, start, np.full(len(start), size)))
    return found


def _says_well(spoken: Spoken, start: int, size: int) -> bool:
    return asks_well([spoken.vocabulary[w] for w in spoken.words[start : start + size].tolist()])


def _questions(field: Field) -> tuple[int, Ints, Ints]:
    """What is asked outright among the first sentences, from the question word on."""
    spoken = field.spoken
    words = spoken.words
    by_word = spoken.among(*ASKING)[words]
    by_verb = spoken.among(*VERBS)[words] & spoken.among(*_LEADS)[np.r_[0, words[:-1]]]
    start = np.flatnonzero(spoken.asked & (by_word | by_verb))
    breaks = np.flatnonzero(words == 0)
    end = breaks[np.searchsorted(breaks, start)] if len(start) else start
    following = np.minimum(end + 1, len(words) - 1)
    is_end = (spoken.sentence[following] != spoken.sentence[end]) | (
        spoken.chapter[following] != spoken.chapter[end]
    )
    size = end - start
    fine = (size >= 2) & (size <= LONGEST) & (is_end | (following == end))
    start, size = start[fine], size[fine]
    well = [_says_well(spoken, *place) for place in zip(start.tolist(), size.tolist(), strict=True)]
    kept = np.array(well, dtype=np.bool_)
    return QUESTION, start[kept], size[kept]
