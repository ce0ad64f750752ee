"""The trained scorer of English title candidates; models/title.md describes how it was made."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chapterize.title.phrases.grammar import grammar_of
from chapterize.title.phrases.phrase_features import COLUMN, FEATURES
from chapterize.title.phrases.pool import PLACED_TITLES, TYPICAL_TITLES, Pool, pool_of
from chapterize.title.phrases.runs import PAIR, QUESTION, RUN, TYPICAL, WH, field_of
from chapterize.title.phrases.tokens import Floats, Tokens, tokenize
from chapterize.title.phrases.trees import Trees
from chapterize.title.phrases.word_features import WORD_FEATURES, Words, words_of
from chapterize.weights import artefact, digests, reading

__all__ = [
    "LANGUAGE",
    "Scorer",
    "fingerprint",
    "is_question",
    "known_words",
    "logistic",
    "ranked",
    "read_speech",
]

LANGUAGE = "en"
_LONG = 600
"""Mean words per chapter from which one phrase does not cover a chapter, and pairs are used."""
_PAIR_COST = 0.04
"""ROUGE-L by which a pair must be better: "X and Y" reads worse than either phrase alone."""
_TYPICAL_COST = 0.06
"""The same for a generic title: a wrong "Conclusion" misleads more than a right one helps."""
_LAST = 1.0
"""Cost of a last resort: pairs in videos with short chapters, the words of a generic title in the
wrong position, and a run that never ends at the end of a phrase ("history of paper" in "history of
paper mills").
"""
_FILES = ("title.npz", "static.npz")


@dataclass(frozen=True)
class Scorer:
    """`words` predicts whether a word is in the title, `phrases` the ROUGE-L of a candidate.

    `typical` : mean ROUGE-L of each of TYPICAL_TITLES in first, middle and last chapters.
    """

    words: Trees
    phrases: Trees
    typical: Floats

    def pool(self, tokens: Tokens, words: Words) -> tuple[Pool, NDArray[np.float64]]:
        """Return the candidates of all chapters and their scores."""
        likely = logistic(self.words.predict(words.features))
        pool = pool_of(field_of(tokens, words, likely), words, self.typical)
        cost = np.zeros(len(pool.kind))
        n_words = int((tokens.words > 0).sum())
        cost[pool.kind == PAIR] = _PAIR_COST if n_words > _LONG * tokens.n_chapters else _LAST
        cost[pool.kind == TYPICAL] = _TYPICAL_COST
        is_torn = (pool.features[:, COLUMN["closes"]] == 0) & np.isin(pool.kind, (RUN, PAIR))
        is_placed = np.array([words in PLACED_TITLES for words in pool.words], dtype=np.bool_)
        is_bad = is_torn | (is_placed & (pool.kind != TYPICAL))
        return pool, self.phrases.predict(pool.features) - cost - _LAST * is_bad

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]]) -> Scorer:
        """Return the scorer in `arrays`; KeyError or ValueError if it is of another version."""
        found = cls(Trees.read(arrays, "words"), Trees.read(arrays, "phrases"), arrays["typical"])
        n_used = [int(t.feature.max(initial=0)) for t in (found.words, found.phrases)]
        fits = n_used[0] < len(WORD_FEATURES) and n_used[1] < len(FEATURES)
        if not fits or found.typical.shape != (len(TYPICAL_TITLES), 3):
            raise ValueError("it needs other features")
        return found

    @classmethod
    def load(cls) -> Scorer:
        """Return the shipped scorer; EngineError if the file is missing or damaged."""
        path = artefact(_FILES[0])
        loading = reading("the title scorer", path)
        # In memory, because np.load leaves a damaged file open.
        with loading, np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            return cls.read(dict(arrays))


def fingerprint() -> str:
    """Return a name that changes with the trained files."""
    listed = digests()
    return "+".join(listed.get(name, "none")[:12] for name in _FILES)


def known_words() -> dict[str, int]:
    """Return the index of each whole word among the pieces of the static table.

    The pieces are roughly ordered by frequency. EngineError if the table is missing or damaged.
    """
    path = artefact(_FILES[1])
    with reading("the list of words in", path), np.load(path, allow_pickle=False) as arrays:
        pieces = arrays["pieces"].tobytes().decode("utf-8").split("\n")
    return {piece: place for place, piece in enumerate(pieces) if piece[:2] != "##"}


def read_speech(
    chapters: Sequence[Sequence[str]], known: Mapping[str, int]
) -> tuple[Tokens, Words]:
    """Return the tokens and word features of English chapters."""
    tokens = tokenize(chapters, grammar_of(LANGUAGE))
    return tokens, words_of(tokens, known)


def logistic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(-values))."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * values)))


def ranked(pool: Pool, score: NDArray[np.float64], n_chapters: int) -> Iterator[list[int]]:
    """Yield, for each chapter, the indices of its candidates, the best first."""
    # Scores are rounded, so that ties do not depend on the order of a processor's additions.
    order = np.lexsort((np.arange(len(score)), -np.round(score, 6), pool.chapter))
    edges = np.searchsorted(pool.chapter[order], np.arange(n_chapters + 1))
    for start, end in pairwise(edges.tolist()):
        yield order[start:end].tolist()


def is_question(words: Sequence[str], kind: int) -> bool:
    """Whether a title of these words needs a question mark."""
    return kind == QUESTION or (kind == WH and len(words) > 1 and words[1] != "to")
