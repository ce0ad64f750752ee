"""Features of each word of each chapter, for predicting whether it is in the title."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chapterize.title.phrases.candidates import FAR
from chapterize.title.phrases.speech import Speech, small_words
from chapterize.title.phrases.trees import Floats

__all__ = ["WORD_FEATURES", "Words", "words_of"]

WORD_FEATURES = (
    *("said", "stem_said", "elsewhere", "chapters", "topic", "topic_rank", "stem_topic"),
    *("offset", "offset_share", "in_40", "in_100", "in_sentence", "in_3_sentences"),
    *("before", "is_new", "announced", "asked", "cue", "ask_place", "capital", "odd_capital"),
    *("digit", "noun", "name", "adjective", "commonness", "characters", "spread"),
    *("sentences", "chapter_words", "n_chapters", "place"),
)
_BEFORE = 40
"""Words at the end of the previous chapter, which often announces the next topic."""

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Words:
    """One entry for each distinct word of each chapter, ordered by chapter.

    `features` has shape (n, len(WORD_FEATURES)).
    """

    chapter: Ints
    word: list[str]
    features: Floats


@dataclass(frozen=True)
class _Flat:
    """One entry for each word said; `word` is an index in `vocabulary`."""

    vocabulary: list[str]
    word: Ints
    chapter: Ints
    sentence: Ints
    offset: Ints
    cue: Ints
    asked: Bools
    noun: Bools
    name: Bools
    adjective: Bools


def _flat(speech: Speech) -> _Flat:
    ids: dict[str, int] = {}
    rows: list[tuple[int, int, int, int, int, bool]] = []
    tags: list[str] = []
    for number, chapter in enumerate(speech.chapters):
        for place, line in enumerate(chapter):
            offset = line.offset
            for at, (word, tag) in enumerate(zip(line.words, line.tags, strict=True)):
                if word:
                    cue = min(at - line.cue, FAR) if 0 <= line.cue <= at else FAR
                    identity = ids.setdefault(word, len(ids))
                    rows.append((identity, number, place, offset, cue, line.is_asked))
                    tags.append(tag)
                    offset += 1
    table = np.array(rows, dtype=np.int64).reshape(-1, 6)
    letters = np.array(tags, dtype="U1")
    word, chapter, sentence, offset, cue = table[:, :5].T
    kinds = (letters == "n", letters == "m", letters == "j")
    return _Flat(list(ids), word, chapter, sentence, offset, cue, table[:, 5] > 0, *kinds)


def words_of(speech: Speech) -> Words:
    """Return the words of each chapter."""
    flat = _flat(speech)
    n_words, n_chapters = len(flat.vocabulary), len(speech.chapters)
    word, chapter, offset, sentence = flat.word, flat.chapter, flat.offset, flat.sentence
    length = np.bincount(chapter, minlength=n_chapters)
    key, first, entry, said = np.unique(
        chapter * n_words + word, return_index=True, return_inverse=True, return_counts=True
    )
    of_chapter, of_word = key // n_words, key % n_words

    def tally(where: Bools) -> Ints:
        return np.bincount(entry[where], minlength=len(key))

    def lowest(values: Ints, highest: int) -> Ints:
        found = np.full(len(key), highest)
        np.minimum.at(found, entry, np.minimum(values, highest))
        return found

    small = small_words()
    is_small = np.array([w in small for w in flat.vocabulary], dtype=np.bool_)
    content = ~is_small[of_word]
    total = np.bincount(word, minlength=n_words)
    stems = _stems(flat.vocabulary)
    stem_said, stem_total = _by_stem(stems, chapter, word, of_chapter, of_word)
    mean_content = total[~is_small].sum() / max(n_chapters, 1)
    topic = _topic(said, total[of_word], content, of_chapter, mean_content)
    start = offset[first] if len(first) else np.zeros(0, np.int64)
    end = np.zeros(len(key), np.int64)
    np.maximum.at(end, entry, offset)
    first_chapter = np.full(n_words, n_chapters)
    np.minimum.at(first_chapter, of_word, of_chapter)
    n_sentences = np.bincount(
        np.unique(entry * (sentence.max(initial=0) + 1) + sentence)
        // (sentence.max(initial=0) + 1),
        minlength=len(key),
    )
    written = [speech.spelling.get(w, w) for w in flat.vocabulary]
    common = np.array([speech.commonness[w] for w in flat.vocabulary])
    words = np.maximum(length[of_chapter], 1)
    columns = {
        "said": np.log1p(said),
        "stem_said": np.log1p(stem_said),
        "elsewhere": np.log1p(total[of_word] - said),
        "chapters": np.bincount(of_word, minlength=n_words)[of_word] / max(n_chapters, 1),
        "topic": topic,
        "topic_rank": np.log1p(_rank_within(topic, of_chapter)),
        "stem_topic": _topic(stem_said, stem_total, content, of_chapter, mean_content),
        "offset": np.log1p(start),
        "offset_share": start / words,
        "in_40": tally(offset < 40),
        "in_100": np.log1p(tally(offset < 100)),
        "in_sentence": tally(sentence == 0),
        "in_3_sentences": tally(sentence < 3),
        "before": _just_before(key, chapter, word, length[chapter] - offset, n_words),
        "is_new": first_chapter[of_word] == of_chapter,
        "announced": tally(flat.cue < FAR),
        "asked": tally(flat.asked),
        "cue": lowest(flat.cue, FAR),
        "ask_place": lowest(np.where(flat.asked, sentence, 12), 12),
        "capital": np.array([w != w.lower() for w in written])[of_word],
        "odd_capital": np.array([w[1:] != w[1:].lower() for w in written])[of_word],
        "digit": np.array([any(map(str.isdigit, w)) for w in written])[of_word],
        "noun": tally(flat.noun) / said,
        "name": tally(flat.name) / said,
        "adjective": tally(flat.adjective) / said,
        "commonness": common[of_word],
        "characters": np.array([len(w) for w in written])[of_word],
        "spread": (end - start) / words,
        "sentences": np.log1p(n_sentences),
        "chapter_words": np.log(words),
        "n_chapters": np.full(len(key), n_chapters),
        "place": of_chapter / max(n_chapters - 1, 1),
    }
    features = np.stack([columns[name] for name in WORD_FEATURES], axis=1).astype(np.float32)
    return Words(of_chapter, [flat.vocabulary[w] for w in of_word.tolist()], features)


def _rank_within(values: NDArray[np.floating], chapter: Ints) -> Ints:
    """Return the rank of each value within its chapter, 0 for the largest; chapters ascend."""
    order = np.lexsort((-values, chapter))
    ranks = np.empty(len(values), np.int64)
    starts = np.searchsorted(chapter, chapter[order])
    ranks[order] = np.arange(len(values)) - starts
    return ranks


def _stems(vocabulary: list[str]) -> Ints:
    ids: dict[str, int] = {}
    plain = (w[:-1] if len(w) > 3 and w.endswith("s") else w for w in vocabulary)
    return np.array([ids.setdefault(stem, len(ids)) for stem in plain], dtype=np.int64)


def _by_stem(
    stems: Ints, chapter: Ints, word: Ints, of_chapter: Ints, of_word: Ints
) -> tuple[Ints, Ints]:
    """Counts of the word, in singular or plural, in the chapter and in the whole video."""
    n_stems = int(stems.max(initial=0)) + 1
    found, counts = np.unique(chapter * n_stems + stems[word], return_counts=True)
    said = counts[np.searchsorted(found, of_chapter * n_stems + stems[of_word])]
    return said, np.bincount(stems[word], minlength=n_stems)[stems[of_word]]


def _topic(
    said: Ints, total: Ints, content: Bools, chapter: Ints, mean: float
) -> NDArray[np.float64]:
    """Class-based tf-idf as in `topic_weights`; the strongest word of a chapter has 1.0."""
    values = said * np.log1p(mean / np.maximum(total, 1)) * content
    top = np.zeros(int(chapter.max(initial=-1)) + 1)
    np.maximum.at(top, chapter, values)
    return np.asarray(values / np.maximum(top[chapter], 1e-9))


def _just_before(key: Ints, chapter: Ints, word: Ints, left: Ints, n_words: int) -> Ints:
    """How often the word is said at the end of the previous chapter."""
    near = left <= _BEFORE
    found, counts = np.unique((chapter[near] + 1) * n_words + word[near], return_counts=True)
    if not len(found):
        return np.zeros(len(key), np.int64)
    place = np.minimum(np.searchsorted(found, key), len(found) - 1)
    return np.where(found[place] == key, counts[place], 0)
