"""Candidate phrases and their scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

__all__ = ["CUED", "Candidates", "Phrase", "Speech", "rank", "topic_weights"]

_EARLY = 3.0  # sentences after which the bonus for early phrases is halved
CUED = 12  # cue phrases after this many sentences do not announce the chapter's topic

# The first three were fitted by least squares to ROUGE-L with people's titles of five kinds of
# recordings, and rounded; the selection was stable with each kind left out in turn. The next three
# make titles read better and reduce ROUGE-L by at most 0.003.
_WEIGHT_TOPIC = 0.175
_WEIGHT_EARLY = 0.10
_WEIGHT_CUE = 0.03
_WEIGHT_NOUN = 0.05
_WEIGHT_ENDING = 0.02
_WEIGHT_REPEATED = 0.005
# Without spaces, the longer of two overlapping runs is more likely to consist of whole words.
_WEIGHT_LENGTH = 0.15


@dataclass(slots=True)
class Phrase:
    """One candidate of one chapter; `first` is the index of its first sentence."""

    words: tuple[str, ...]
    first: int
    count: int = 0
    is_announced: bool = False
    fullness: float = 0.0  # without spaces: its length over the longest allowed
    ending: float = 0.0
    score: float = 0.0


@dataclass(frozen=True)
class Candidates:
    """`bag` : the content words (phrases, without spaces), repeated as often as they are said.
    `phrases` : the candidates.
    """

    bag: list[str]
    phrases: list[Phrase]


@dataclass(frozen=True)
class Speech:
    """`spelling` : how a word is written. `nouns` : -1 (verb) to 1 (noun), from the words before.
    `endings` : the fraction of occurrences without a content word after; low for adjectives.
    """

    chapters: list[Candidates]
    spelling: dict[str, str]
    nouns: dict[str, float]
    endings: dict[str, float]


def topic_weights(
    counts: Sequence[Counter[str]], small: frozenset[str] = frozenset()
) -> list[dict[str, float]]:
    """Class-based tf-idf of each chapter's words; the strongest word of a chapter has 1.0.

    `counts` : how often each word is said in each chapter. The weight of a word is its count times
    log(1 + mean chapter length / its count in the video). Words in `small` are never the strongest.
    """
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    mean = total.total() / max(len(counts), 1)
    found = []
    for each in counts:
        weight = {word: n * log1p(mean / total[word]) for word, n in each.items()}
        most = max((value for word, value in weight.items() if word not in small), default=1.0)
        found.append({word: value / most for word, value in weight.items()})
    return found


def rank(phrases: Sequence[Phrase], weight: dict[str, float], speech: Speech) -> list[Phrase]:
    """The phrases of one chapter, the best first; sets their `score`."""
    for phrase in phrases:
        topical = [weight[word] for word in phrase.words if word in weight]
        nouns = [speech.nouns.get(word, 0.0) for word in phrase.words if word in weight]
        phrase.ending = speech.endings.get(phrase.words[-1], 0.0)
        phrase.score = (
            _WEIGHT_TOPIC * sum(topical) / len(topical)
            + _WEIGHT_EARLY / (1 + phrase.first / _EARLY)
            + _WEIGHT_CUE * phrase.is_announced
            + _WEIGHT_NOUN * sum(nouns) / len(nouns)
            + _WEIGHT_REPEATED * (phrase.count > 1)
            + _WEIGHT_LENGTH * phrase.fullness
            + _WEIGHT_ENDING * phrase.ending
        )
    return sorted(phrases, key=lambda phrase: (-phrase.score, phrase.first, phrase.words))
