"""The trained scorer of English title candidates; models/title.md describes how it was made."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chapterize.title.phrases.candidates import Candidate, candidates_of
from chapterize.title.phrases.features import FEATURES, Embed, Topics, candidate_features
from chapterize.title.phrases.speech import Speech
from chapterize.title.phrases.trees import Floats, Trees
from chapterize.title.phrases.word_features import WORD_FEATURES, words_of
from chapterize.weights import artefact, digests, reading

__all__ = ["Scorer", "Table", "fingerprint", "known_words", "logistic", "tables_of"]

_FILES = ("title.npz", "tagger.npz", "static.npz")
_NAMES = "features"
_SURE = 0.2
"""Closeness below which no candidate is near, and likeness to the chapter helps to choose."""
_LIKENESS = 0.3
_ONCE = 0.1
"""Subtracted from "fibre of hemp" said once, which is rather a part of a story than a topic."""
_VAGUE, _RARE = 0.12, 0.04
"""Subtracted from "ocean", which readers reject twice as often as phrases; the second also if it is
said once, and if it is said as often in other chapters."""
_COUNTS = ("elsewhere", "head_count")
_KNOWN = 10.0
"""Commonness under which a single noun is no name of a topic by itself."""
_NEARLY = 0.05
"""How much lower the score of "spring tides" may be than that of "tides", to replace it."""
_OFTEN = 4
"""A noun said so often is the topic itself."""

Table = tuple[list[Candidate], Floats]
"""The candidates of a chapter, and their features."""


@dataclass(frozen=True)
class Scorer:
    """`words` predicts whether a word is in the title, `phrases` how close a candidate is to it."""

    words: Trees
    phrases: Trees

    def ranked(self, speech: Speech, embed: Embed) -> list[list[Candidate]]:
        """Return the candidates of each chapter, the best first."""
        words = words_of(speech)
        likely = logistic(self.words.predict(words.features))
        tables = tables_of(Topics(speech, words, likely, embed))
        scores = self.phrases.predict(np.concatenate([rows for _, rows in tables]))
        found, start = [], 0
        for candidates, rows in tables:
            score = scores[start : start + len(candidates)]
            start += len(candidates)
            found.append(_ordered(candidates, rows, score, speech))
        return found

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]]) -> Scorer:
        """Return the scorer in `arrays`; ValueError if it was trained on other features."""
        names = arrays.get(_NAMES, np.zeros(0, np.uint8)).tobytes().decode(errors="replace")
        if names != _features():
            raise ValueError("the scorer was trained on other features than this version computes")
        return cls(Trees.read(arrays, "words"), Trees.read(arrays, "phrases"))

    @staticmethod
    def names() -> dict[str, NDArray[Any]]:
        """Return the array by which `read` recognises the features."""
        return {_NAMES: np.frombuffer(_features().encode(), np.uint8)}

    @classmethod
    def load(cls) -> Scorer:
        """Return the shipped scorer; EngineError if the file is missing or damaged."""
        path = artefact(_FILES[0])
        loading = reading("the title scorer", path)
        # In memory, because np.load leaves a damaged file open.
        with loading, np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            return cls.read(dict(arrays))


def _ordered(
    candidates: Sequence[Candidate], rows: Floats, scores: NDArray[np.float64], speech: Speech
) -> list[Candidate]:
    """Return the candidates, the best first; phrases that say more come before vague nouns."""
    if not candidates:
        return []
    elsewhere, heads = (np.rint(np.expm1(rows[:, FEATURES.index(n)])) for n in _COUNTS)
    vague = np.array([_is_vague(one, speech) for one in candidates], dtype=np.int64)
    said = np.array([one.said for one in candidates])
    is_part = np.array(["of" in one.words for one in candidates])
    score = scores - _ONCE * (is_part & (said == 1))
    score -= vague * (_VAGUE + _RARE * ((heads == 1).astype(np.int64) + (said <= elsewhere)))
    if score.max() < _SURE:
        score += _LIKENESS * rows[:, FEATURES.index("own")]
    # Rounded, so that ties do not depend on the order of a processor's additions.
    order = np.argsort(-np.round(score, 6), kind="stable").tolist()
    ranked = [candidates[place] for place in order]
    first = ranked[0]
    near = [candidates[at] for at in order if score[at] >= score[order[0]] - _NEARLY]
    longer = [one for one in near if vague[order[0]] and _narrows(one, first)]
    return (longer[:1] or _whole(first, ranked)) + ranked


def _is_vague(one: Candidate, speech: Speech) -> bool:
    """Whether it is a single known noun; a name is written with a capital letter."""
    word = one.words[0]
    is_name = one.tags == "m" and speech.spelling.get(word, word) != word
    return len(one.words) == 1 and not is_name and speech.commonness[word] < _KNOWN


def _narrows(one: Candidate, noun: Candidate) -> bool:
    """Whether it is "spring tides" for "tides", and no less certain a topic."""
    last = one.words[-1].rstrip("s") == noun.words[0].rstrip("s")
    return last and len(one.words) == 2 and one.kind == 0 and (noun.said < _OFTEN or one.said > 1)


def _whole(first: Candidate, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Return "bottom bracket" for "bracket", if that is said more than once and never alone."""
    n = len(first.words)
    longer = [
        one
        for one in ranked
        if len(one.words) > n and one.words[-n:] == first.words and one.said == first.said > 1
    ]
    return sorted(longer, key=lambda one: len(one.words))[:1]


def _features() -> str:
    return " ".join((*WORD_FEATURES, "|", *FEATURES))


def tables_of(topics: Topics) -> list[Table]:
    """Return the candidates of each chapter with their features."""
    speech = topics.speech
    found = [candidates_of(lines, speech.commonness) for lines in speech.chapters]
    everywhere: Counter[str] = Counter()
    for candidates in found:
        for one in candidates:
            everywhere[" ".join(one.words)] += one.said
    return [
        (candidates, candidate_features(topics, number, candidates, everywhere))
        for number, candidates in enumerate(found)
    ]


def fingerprint() -> str:
    """Return a name that changes with the trained files."""
    listed = digests()
    return "+".join(listed.get(name, "none")[:12] for name in _FILES)


def known_words() -> dict[str, int]:
    """Return the index of each whole word among the pieces of the static table.

    The pieces are roughly ordered by frequency. EngineError if the table is missing or damaged.
    """
    path = artefact("static.npz")
    with reading("the list of words in", path), np.load(path, allow_pickle=False) as arrays:
        pieces = arrays["pieces"].tobytes().decode("utf-8").split("\n")
    return {piece: place for place, piece in enumerate(pieces) if piece[:2] != "##"}


def logistic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(-values))."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * values)))
