"""The trained choice among candidates, for English; models/title.md tells how it was made."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chapterize.errors import EngineError
from chapterize.title.grammar import grammar_of
from chapterize.title.phrase_features import COLUMN, FEATURES
from chapterize.title.pool import PLACED_TITLES, TYPICAL_TITLES, Pool, pool_of
from chapterize.title.runs import PAIR, QUESTION, RUN, TYPICAL, WH, field_of
from chapterize.title.tokens import Floats, Spoken, spoken
from chapterize.title.trees import Trees
from chapterize.title.word_features import WORD_FEATURES, Words, words_of
from chapterize.weights import artefact, digests

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
"""Words of a video's mean chapter from which a chapter treats of more than one phrase names."""
_PAIR_COST = 0.04
"""By so much more ROUGE-L a pair must be worth then: "X and Y" reads worse than either alone."""
_TYPICAL_COST = 0.06
"""The same for a title that fits anything: a wrong "Conclusion" misleads more than it helps."""
_LAST = 1.0
"""What only comes when nothing else is left: pairs in videos of short chapters, a typical title
where nothing speaks for it, and a run that never ends where a phrase ends ("history of paper" of
"paper mills").
"""
_FILES = ("title.npz", "static.npz")


@dataclass(frozen=True)
class Scorer:
    """`words` tells how likely a word is in the title, `phrases` how near a candidate comes.

    `typical` : how near each of TYPICAL_TITLES comes in the first, a middle and the last chapter.
    """

    words: Trees
    phrases: Trees
    typical: Floats

    def pool(self, heard: Spoken, told: Words) -> tuple[Pool, NDArray[np.float64]]:
        """Return the candidates of all chapters, and the score of each."""
        likely = logistic(self.words.predict(told.features))
        pool = pool_of(field_of(heard, told, likely), told, self.typical)
        cost = np.zeros(len(pool.kind))
        n_words = int((heard.words > 0).sum())
        cost[pool.kind == PAIR] = _PAIR_COST if n_words > _LONG * heard.n_chapters else _LAST
        cost[pool.kind == TYPICAL] = _TYPICAL_COST
        is_torn = (pool.features[:, COLUMN["closes"]] == 0) & np.isin(pool.kind, (RUN, PAIR))
        is_placed = np.array([words in PLACED_TITLES for words in pool.words], dtype=np.bool_)
        is_bad = is_torn | (is_placed & (pool.kind != TYPICAL))
        return pool, self.phrases.predict(pool.features) - cost - _LAST * is_bad

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what `read` takes."""
        return {
            **self.words.arrays("words"),
            **self.phrases.arrays("phrases"),
            "typical": self.typical,
        }

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]]) -> Scorer:
        """Return the scorer that `arrays` gave.

        Raises
        ------
        KeyError, ValueError : the arrays are not those of a scorer of this version.
        """
        found = cls(Trees.read(arrays, "words"), Trees.read(arrays, "phrases"), arrays["typical"])
        n_used = [int(t.feature.max(initial=0)) for t in (found.words, found.phrases)]
        fits = n_used[0] < len(WORD_FEATURES) and n_used[1] < len(FEATURES)
        if not fits or found.typical.shape != (len(TYPICAL_TITLES), 3):
            raise ValueError("it was made for other features")
        return found

    @classmethod
    def load(cls) -> Scorer:
        """Return the scorer that the program ships.

        Raises
        ------
        EngineError : it is missing or damaged.
        """
        path = artefact(_FILES[0])
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
                return cls.read(dict(arrays.items()))
        except Exception as error:
            raise EngineError(
                f"cannot read the scorer of titles {path}",
                why=f"{type(error).__name__}: {error}".splitlines()[0],
                hint='install it anew: pip install --force-reinstall "chapterize"',
            ) from error


def fingerprint() -> str:
    """Return a name for the trained files that make the titles."""
    listed = digests()
    return "+".join(listed.get(name, "none")[:12] for name in _FILES)


def known_words() -> dict[str, int]:
    """Return the place of each whole word among the pieces of the static table.

    The pieces stand in the order of a vocabulary made by frequency.

    Raises
    ------
    EngineError : the table is missing or damaged.
    """
    path = artefact(_FILES[1])
    try:
        with np.load(path, allow_pickle=False) as arrays:
            pieces = arrays["pieces"].tobytes().decode("utf-8").split("\n")
    except Exception as error:
        raise EngineError(
            f"cannot read the list of words in {path}",
            why=f"{type(error).__name__}: {error}".splitlines()[0],
            hint='install it anew: pip install --force-reinstall "chapterize"',
        ) from error
    return {piece: place for place, piece in enumerate(pieces) if piece[:2] != "##"}


def read_speech(
    chapters: Sequence[Sequence[str]], known: Mapping[str, int]
) -> tuple[Spoken, Words]:
    """Return what the models look at, for English chapters."""
    heard = spoken(chapters, grammar_of(LANGUAGE))
    return heard, words_of(heard, known)


def logistic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(-values))."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * values)))


def ranked(pool: Pool, score: NDArray[np.float64], n_chapters: int) -> Iterator[list[int]]:
    """Yield, for each chapter, the indices of its candidates, the best first."""
    # Scores are rounded so that processors that add in other orders agree on ties.
    order = np.lexsort((np.arange(len(score)), -np.round(score, 6), pool.chapter))
    edges = np.searchsorted(pool.chapter[order], np.arange(n_chapters + 1))
    for start, end in pairwise(edges.tolist()):
        yield order[start:end].tolist()


def is_question(words: Sequence[str], kind: int) -> bool:
    """Whether a title of these words wants a question mark."""
    return kind == QUESTION or (kind == WH and len(words) > 1 and words[1] != "to")
