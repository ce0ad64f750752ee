"""The candidates of a video and what they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from chapterize.errors import MissingDependency

__all__ = ["CUED", "Candidates", "Phrase", "Speech", "rank", "topic_weights"]

_EARLY = 3.0  # sentences after which being early is worth half
CUED = 12  # an announcement after this many sentences is not the chapter's own

# The first three were fitted by least squares to ROUGE-L against people's titles of five kinds of
# recordings and rounded; the choice of them held with each kind left out in turn. The next three
# make titles read better and cost it at most 0.003.
_WEIGHT_TOPIC = 0.175
_WEIGHT_EARLY = 0.10
_WEIGHT_CUE = 0.03
_WEIGHT_NOUN = 0.05
_WEIGHT_ENDING = 0.02
_WEIGHT_REPEATED = 0.005
# Without spaces the longer of two overlapping runs is the more likely to be whole words.
_WEIGHT_LENGTH = 0.15


@dataclass(slots=True)
class Phrase:
    """One candidate of one chapter; `first` is the sentence in which it is first said."""

    words: tuple[str, ...]
    first: int
    count: int = 0
    is_announced: bool = False
    fullness: float = 0.0  # without spaces: how near it comes to the longest there may be
    ending: float = 0.0
    score: float = 0.0


@dataclass(frozen=True)
class Candidates:
    """`bag`: the words (or, without spaces, the phrases) that carry topic, each as often as said;
    `phrases`: the candidates.
    """

    bag: list[str]
    phrases: list[Phrase]


@dataclass(frozen=True)
class Speech:
    """`spelling`: how a word is written; `nouns`: -1 (verb) to 1 (noun), by the word before it;
    `endings`: how often, from 0 to 1, no other telling word follows it, as adjectives make one do.
    """

    chapters: list[Candidates]
    spelling: dict[str, str]
    nouns: dict[str, float]
    endings: dict[str, float]


@cache
def _vectorizer() -> Any:
    """scikit-learn's CountVectorizer; the first call imports for a second.

    Raises
    ------
    MissingDependency : scikit-learn is not installed.
    """
    try:
        from sklearn.feature_extraction.text import CountVectorizer
    except ImportError as error:
        raise MissingDependency(
            "scikit-learn", install="pip install scikit-learn", why=str(error)
        ) from error
    return CountVectorizer


def topic_weights(bags: Sequence[Sequence[str]]) -> list[dict[str, float]]:
    """Class-based tf-idf of each chapter's words, its strongest word at 1.0.

    `bags` : one list of words for each chapter. The weight of a word is how often the chapter says
    it times log(1 + mean chapter length / how often the whole video does).
    """
    if not any(bags):
        return [{} for _ in bags]
    import numpy as np

    counter = _vectorizer()(analyzer=list, dtype=np.float32)
    counts = counter.fit_transform(bags).tocsr()
    words = counter.get_feature_names_out().tolist()
    total = np.asarray(counts.sum(axis=0)).ravel()
    rarity = np.log1p(counts.sum() / len(bags) / total)
    weights = []
    for row in range(len(bags)):
        span = slice(counts.indptr[row], counts.indptr[row + 1])
        columns = counts.indices[span]
        values = counts.data[span] * rarity[columns]
        values = (values / values.max(initial=1e-9)).tolist()
        weights.append({words[c]: v for c, v in zip(columns.tolist(), values, strict=True)})
    return weights


def rank(phrases: Sequence[Phrase], weight: dict[str, float], speech: Speech) -> list[Phrase]:
    """The phrases of one chapter from the best on; sets their `score`."""
    for phrase in phrases:
        topical = [weight[word] for word in phrase.words if word in weight]
        telling = [speech.nouns.get(word, 0.0) for word in phrase.words if word in weight]
        phrase.ending = speech.endings.get(phrase.words[-1], 0.0)
        phrase.score = (
            _WEIGHT_TOPIC * sum(topical) / len(topical)
            + _WEIGHT_EARLY / (1 + phrase.first / _EARLY)
            + _WEIGHT_CUE * phrase.is_announced
            + _WEIGHT_NOUN * sum(telling) / len(telling)
            + _WEIGHT_REPEATED * (phrase.count > 1)
            + _WEIGHT_LENGTH * phrase.fullness
            + _WEIGHT_ENDING * phrase.ending
        )
    return sorted(phrases, key=lambda phrase: (-phrase.score, phrase.first, phrase.words))
