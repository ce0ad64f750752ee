"""Candidates for titles: runs of words as they were said, and questions."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from chapterize.title.phrases.ranking import CUED
from chapterize.title.phrases.readable import ASKING, VERBS, asks_well, is_loose
from chapterize.title.phrases.tokens import Bools, Ints, Tokens
from chapterize.title.phrases.word_features import Words, rank_within

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
"""Number of most likely words of each chapter that may begin or end a run."""
_LEAST_NOUN = -0.4
"""A word with a lower noun score, which is rather a verb, cannot end a title."""

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
    """The tokens with the scores of the word model."""

    tokens: Tokens
    likely: NDArray[np.float64]
    """By token: the probability that the word is in the title; 0.0 for breaks."""
    said: Ints
    """By token: the count of the word in its chapter."""
    edge: Bools
    """By token: whether it is among the most likely words of its chapter and can be an edge."""


@dataclass(frozen=True)
class Runs:
    """Distinct candidates: tokens ``start`` to ``start + size``, their kind and chapter.

    `start` is the first occurrence. `starts` are all occurrences, and `again` the index of the
    candidate at each.
    """

    start: Ints
    size: Ints
    kind: Ints
    chapter: Ints
    again: Ints
    starts: Ints


def field_of(tokens: Tokens, words: Words, probability: NDArray[np.float64]) -> Field:
    """Return the scored tokens, given the probability of each of `words`."""
    if not len(words.key):
        nothing = np.zeros(len(tokens.words))
        return Field(tokens, nothing, nothing.astype(np.int64), nothing > 0)
    token_key = tokens.chapter * len(tokens.vocabulary) + tokens.words
    is_word = tokens.words > 0
    entry = np.minimum(np.searchsorted(words.key, token_key), len(words.key) - 1)
    fit = tokens.is_edge[words.word]
    rank = rank_within(probability * fit, words.chapter)
    edge = fit & (rank < _EDGE_WORDS)
    said = np.rint(np.expm1(words.features[:, 0])).astype(np.int64)
    return Field(
        tokens,
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
    tokens = field.tokens
    digest = np.zeros(len(start), np.uint64)
    for step in range(LONGEST):
        place = np.minimum(start + step, len(tokens.words) - 1)
        word = tokens.words[place].astype(np.uint64) + np.uint64(7)
        digest = np.where(step < size, digest * np.uint64(0x9E3779B97F4A7C15) + word, digest)
    # A question and a run of the same words are different candidates of a chapter.
    other = tokens.chapter[start] * 2 + np.minimum(kind, 1)
    digest = digest * np.uint64(0xD1342543DE82EF95) + other.astype(np.uint64)
    # The order of the digests does not matter: ties are resolved by position later.
    _, first, again = np.unique(digest, return_index=True, return_inverse=True)
    return Runs(start[first], size[first], kind[first], tokens.chapter[start[first]], again, start)


def _plain(field: Field) -> list[tuple[int, Ints, Ints]]:
    """Runs between likely words, without words inside that a title cannot have."""
    tokens = field.tokens
    words = tokens.words
    inside, article = tokens.is_inside[words], tokens.among(*_ARTICLES)[words]
    after_inside = np.r_[False, (inside & ~article)[:-1]]
    # Allowed: "of the". Not allowed: "node the", "or and".
    bad = (words == 0) | (tokens.is_stop[words] & ~(inside & (article == after_inside)))
    n_bad = np.r_[0, np.cumsum(bad)]
    vocabulary = tokens.vocabulary
    edge = field.edge & ~np.array([is_loose(word) for word in vocabulary])[words]
    opens = edge & ~np.array([word[:1].isdigit() for word in vocabulary])[words]
    closes = edge & (tokens.nouns[words] >= _LEAST_NOUN)
    stutter = np.r_[0, np.cumsum(_stutters(tokens))]
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


def _stutters(tokens: Tokens) -> Bools:
    """Whether each token is the beginning of the next one ("cri criteria")."""
    texts = [tokens.vocabulary[word] for word in tokens.words.tolist()]
    pairs = zip_longest(texts, texts[1:], fillvalue="")
    return np.array([bool(a) and b.startswith(a) for a, b in pairs], dtype=np.bool_)


def _wh(field: Field) -> list[tuple[int, Ints, Ints]]:
    """Clauses such as "how to build it in steps" or "what is a rollup", up to their end."""
    tokens = field.tokens
    words = tokens.words
    asking = tokens.among(*_ASKING)[words] & (tokens.sentence < CUED)
    verb = tokens.among(*_AFTER_ASKING)[words]
    n_breaks = np.r_[0, np.cumsum((words == 0) | tokens.among(*_POINTING)[words])]
    ends = np.r_[words[1:] == 0, True]
    found = []
    for size in range(3, min(_WH_WORDS, len(words)) + 1):
        last = len(words) - size + 1
        fine = asking[:last] & verb[1 : last + 1] & (n_breaks[size:] == n_breaks[:last])
        fine &= (tokens.is_edge[words] & ends)[size - 1 :]
        start = np.flatnonzero(fine)
        well = [
            _says_well(tokens, at, size) or tokens.vocabulary[words[at + 1]] == "to"
            for at in start.tolist()
        ]
        start = start[np.array(well, dtype=np.bool_)]
        found.append((WH, start, np.full(len(start), size)))
    return found


def _says_well(tokens: Tokens, start: int, size: int) -> bool:
    return asks_well([tokens.vocabulary[w] for w in tokens.words[start : start + size].tolist()])


def _questions(field: Field) -> tuple[int, Ints, Ints]:
    """Questions among the first sentences, from the question word on."""
    tokens = field.tokens
    words = tokens.words
    by_word = tokens.among(*ASKING)[words]
    by_verb = tokens.among(*VERBS)[words] & tokens.among(*_LEADS)[np.r_[0, words[:-1]]]
    start = np.flatnonzero(tokens.asked & (by_word | by_verb))
    breaks = np.flatnonzero(words == 0)
    end = breaks[np.searchsorted(breaks, start)] if len(start) else start
    following = np.minimum(end + 1, len(words) - 1)
    is_end = (tokens.sentence[following] != tokens.sentence[end]) | (
        tokens.chapter[following] != tokens.chapter[end]
    )
    size = end - start
    fine = (size >= 2) & (size <= LONGEST) & (is_end | (following == end))
    start, size = start[fine], size[fine]
    well = [_says_well(tokens, *place) for place in zip(start.tolist(), size.tolist(), strict=True)]
    kept = np.array(well, dtype=np.bool_)
    return QUESTION, start[kept], size[kept]
