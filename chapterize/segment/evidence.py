"""Evidence for a chapter to begin at each sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from chapterize.data import Boundaries, Evidence, Sentence, Signals
from chapterize.language import find_cue_words, topic_words

__all__ = ["evidence_at", "gather_evidence", "has_cue", "with_words"]

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


def with_words(
    evidence: Sequence[Evidence],
    sentences: Sequence[Sentence],
    places: Iterable[int],
    language: str | None,
) -> tuple[Evidence, ...]:
    """`evidence` with the topic words that stop and start at the sentences `places`."""
    words = [topic_words(sentence.text, language) for sentence in sentences]
    n_with = Counter(word for said in words for word in set(said))
    found = list(evidence)
    for i in places:
        before = Counter(word for said in words[max(0, i - _AROUND) : i] for word in said)
        after = Counter(word for said in words[i : i + _AROUND] for word in said)
        found[i] = replace(
            found[i],
            words_gone=_topic_change(before, after, n_with, len(sentences)),
            words_new=_topic_change(after, before, n_with, len(sentences)),
        )
    return tuple(found)


def evidence_at(
    boundaries: Boundaries, i: int, sentences: Sequence[Sentence], language: str | None
) -> Evidence:
    """The evidence at sentence i with its topic words, also if no chapter begins there."""
    found = boundaries.evidence[i]
    if found.words_gone or found.words_new or i == 0:
        return found
    return with_words(boundaries.evidence, sentences, [i], language)[i]


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
