"""A transcript with spaces as arrays, with an entry for each word and for each break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chapterize.language import find_cue_words
from chapterize.title.phrases.grammar import Grammar
from chapterize.title.phrases.ranking import CUED
from chapterize.title.phrases.spaced import (
    ending_shares,
    fits_edge,
    noun_scores,
    spelling_of,
    tokens_of,
)

__all__ = ["FAR", "Bools", "Floats", "Ints", "Tokens", "tokenize"]

FAR = 15
"""Words after a cue phrase at which its effect ends."""
_CUE_TOKENS = 9

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Tokens:
    """`words`, `chapter`, `sentence`, `offset`, `cue` and `asked` have one value for each token.

    `words` are indices in `vocabulary` (lower case), where 0 is a break, which no title spans.
    `sentence` and `offset` (words before) count within the chapter. `cue` is the distance to the
    last cue phrase in tokens, at most FAR. `asked` is true in a question among the first
    sentences. `spelling`, `nouns`, `endings` (as in `Speech`), `is_stop`, `is_edge` (may begin or
    end a title) and `is_inside` are by word of the vocabulary.
    """

    n_chapters: int
    vocabulary: list[str]
    spelling: dict[str, str]
    words: Ints
    chapter: Ints
    sentence: Ints
    offset: Ints
    cue: Ints
    asked: Bools
    nouns: Floats
    endings: Floats
    is_stop: Bools
    is_edge: Bools
    is_inside: Bools
    question_rate: Floats
    """By chapter: the fraction of questions among its sentences."""

    def among(self, *words: str) -> Bools:
        """For each word of the vocabulary, whether it is one of `words`."""
        return np.array([word in words for word in self.vocabulary])


def tokenize(chapters: Sequence[Sequence[str]], grammar: Grammar) -> Tokens:
    """Return the tokens of the sentences of each chapter."""
    ids = {"": 0, "and": 1}
    columns: list[tuple[int, int, int, int, int, bool]] = []
    written: list[list[str]] = []
    lowered: list[list[list[str]]] = []
    for number, sentences in enumerate(chapters):
        offset = 0
        lowered.append([])
        for place, sentence in enumerate(sentences):
            tokens = tokens_of(sentence, grammar)
            low = [token.lower() for token in tokens]
            written.append(tokens)
            lowered[-1].append(low)
            is_early = place < CUED
            cue = _since_cue(sentence, low, grammar) if is_early else FAR
            asked = is_early and sentence.rstrip().endswith("?")
            for at, word in enumerate((*low, "")):
                since = min(at - cue, FAR) if at >= cue else FAR
                identity = ids.setdefault(word, len(ids))
                columns.append((identity, number, place, offset, since, asked))
                offset += identity != 0
    table = np.array(columns, dtype=np.int64).reshape(-1, 6)
    vocabulary = list(ids)
    nouns, endings = noun_scores(lowered, grammar), ending_shares(lowered, grammar)
    return Tokens(
        n_chapters=len(chapters),
        vocabulary=vocabulary,
        spelling=spelling_of(written),
        words=table[:, 0],
        chapter=table[:, 1],
        sentence=table[:, 2],
        offset=table[:, 3],
        cue=table[:, 4],
        asked=table[:, 5] > 0,
        nouns=np.array([nouns.get(w, 0.0) for w in vocabulary], dtype=np.float32),
        endings=np.array([endings.get(w, 0.0) for w in vocabulary], dtype=np.float32),
        is_stop=np.array([not w or w in grammar.edge for w in vocabulary]),
        is_edge=np.array([_may_be_edge(w, grammar) for w in vocabulary]),
        is_inside=np.array([w in grammar.inside for w in vocabulary]),
        question_rate=np.array([_share_asked(c) for c in chapters], dtype=np.float32),
    )


def _may_be_edge(word: str, grammar: Grammar) -> bool:
    """Whether a word may begin or end a title; "mm-hmm", for example, may not."""
    edge = grammar.edge
    return fits_edge(word) and word not in edge and not edge.issuperset(word.split("-"))


def _share_asked(sentences: Sequence[str]) -> float:
    return sum(s.rstrip().endswith("?") for s in sentences) / max(len(sentences), 1)


def _since_cue(sentence: str, words: Sequence[str], grammar: Grammar) -> int:
    """The index after the last cue phrase of a sentence; FAR + len(words) if there is none."""
    numbered = [(at, word) for at, word in enumerate(words) if word]
    after = -1
    for cue in find_cue_words(sentence, grammar.language):
        phrase = cue.split()
        for start in range(min(_CUE_TOKENS, len(numbered) - len(phrase) + 1)):
            if [word for _, word in numbered[start : start + len(phrase)]] == phrase:
                after = max(after, numbered[start + len(phrase) - 1][0] + 1)
    return after if after >= 0 else FAR + len(words)
