"""Evidence for a chapter to begin at each sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Evidence, Sentence, Signals
from chapterize.language import find_cue_words, topic_words

__all__ = ["gather_evidence", "has_cue", "with_words", "word_counts"]

Floats = NDArray[np.float64]

_SLIDE_REACH = 4.0
"""Seconds between a slide change and the sentence it belongs to."""

_AROUND = 12
"""Sentences on each side whose words are compared."""
_SHOWN = 3
_FEWEST = 2
"""A word must be said this often on its side to be evidence of a topic."""


def gather_evidence(
    sentences: Sequence[Sentence],
    starts: Floats,
    pauses: Floats,
    drops: Floats,
    signals: Signals,
    language: str | None,
) -> tuple[Evidence, ...]:
    """Evidence for every sentence, without the topic words that `with_words` adds.

    `starts`, `pauses` : shape (n,), seconds. `drops` : shape (n,), the `topic_drops`.
    """
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


def has_cue(evidence: Sequence[Evidence]) -> NDArray[np.bool_]:
    """Whether each sentence has cue words, shape (n,)."""
    return np.array([bool(seen.cue_words) for seen in evidence])


def word_counts(sentences: Sequence[Sentence], language: str | None) -> Counter[str]:
    """How many sentences have each topic word."""
    return Counter(word for each in sentences for word in set(topic_words(each.text, language)))


def with_words(
    evidence: Sequence[Evidence],
    sentences: Sequence[Sentence],
    places: Iterable[int],
    language: str | None,
    counts: Counter[str] | None = None,
) -> tuple[Evidence, ...]:
    """`evidence` with the topic words that stop and start at the sentences `places`.

    `counts` : the `word_counts` of `sentences`, if they are known.
    """
    counts = word_counts(sentences, language) if counts is None else counts
    found = list(evidence)
    for i in places:
        before, after = (
            Counter(word for each in side for word in topic_words(each.text, language))
            for side in (sentences[max(0, i - _AROUND) : i], sentences[i : i + _AROUND])
        )
        found[i] = replace(
            found[i],
            words_gone=_topic_change(before, after, counts, len(sentences)),
            words_new=_topic_change(after, before, counts, len(sentences)),
        )
    return tuple(found)


def _topic_change(
    here: Counter[str], there: Counter[str], n_with: Counter[str], n_sentences: int
) -> tuple[str, ...]:
    """Words said here and not there, ordered by tf-idf; `n_with` counts sentences by word."""
    weights = {
        word: count * np.log((1 + n_sentences) / n_with[word])
        for word, count in here.items()
        if count >= _FEWEST and word not in there
    }
    return tuple(sorted(weights, key=lambda word: (-weights[word], word))[:_SHOWN])
