"""One reading of an English transcript: words, parts of speech, counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import log1p

from chapterize.language import filler_words, find_cue_words, stop_words
from chapterize.title.phrases.ranking import CUED
from chapterize.title.phrases.tagger import Tagger
from chapterize.title.phrases.words import spelling_of, tokens_of

__all__ = ["LANGUAGE", "UNKNOWN", "Line", "Speech", "read_speech", "small_words"]

LANGUAGE = "en"
UNKNOWN = 11.0
"""Commonness of a word that is not in the table."""
_CUE_WORDS = 9
_ASKING = 4
"""Sentences at the start of a chapter that may name who asked."""
_QUESTIONS = frozenset({"question", "questions", "asks"})


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence: words in lower case ("" for breaks), one letter of `TAGS` for each.

    `offset` : words before it in the chapter. `cue` : index after the last cue phrase, or -1.
    `is_asked` : it is a question near the start of the chapter.
    """

    words: list[str]
    tags: str
    offset: int
    cue: int
    is_asked: bool


@dataclass(frozen=True)
class Speech:
    """`chapters` : the sentences of each chapter. `spelling` : how words are written."""

    chapters: list[list[Line]]
    spelling: dict[str, str]
    commonness: dict[str, float]
    """Logarithm of the rank of each word among the pieces of the static table."""

    @cached_property
    def counts(self) -> list[Counter[str]]:
        """How often each word is said in each chapter."""
        return [
            Counter(word for line in chapter for word in line.words if word)
            for chapter in self.chapters
        ]

    @cached_property
    def total(self) -> Counter[str]:
        """How often each word is said."""
        found: Counter[str] = Counter()
        for counts in self.counts:
            found.update(counts)
        return found


def read_speech(
    chapters: Sequence[Sequence[str]], tagger: Tagger, known: Mapping[str, int]
) -> Speech:
    """Return the sentences of each chapter, read and tagged; `known` gives the rank of a word."""
    written = [[tokens_of(sentence, LANGUAGE) for sentence in chapter] for chapter in chapters]
    flat = [tokens for chapter in written for tokens in chapter]
    tags = iter(tagger.tag_carefully(flat))
    found = []
    for sentences, tokens in zip(chapters, written, strict=True):
        lines: list[Line] = []
        offset = 0
        for place, (sentence, words) in enumerate(zip(sentences, tokens, strict=True)):
            low = [word.lower() for word in words]
            is_early = place < CUED
            cue = _after_cue(sentence, low) if is_early else -1
            is_asked = is_early and sentence.rstrip().endswith("?")
            lines.append(Line(low, next(tags), offset, cue, is_asked))
            offset += sum(map(bool, low))
        found.append(_without_askers(lines))
    spelling = spelling_of(flat)
    return Speech(found, spelling, {word: _commonness(word, known) for word in spelling})


def _without_askers(lines: list[Line]) -> list[Line]:
    """The lines with the name in "the next question is from NAME" tagged as no noun."""
    askers: set[str] = set()
    for line in lines[:_ASKING]:
        words, tags = line.words, line.tags
        if _QUESTIONS.isdisjoint(words) or "from" not in words:
            continue
        start = end = words.index("from") + 1
        while end < min(len(words), start + 2) and tags[end] in "nm":
            end += 1
        askers.update(words[start:end])
    if not askers:
        return lines
    found = []
    for line in lines:
        letters = zip(line.words, line.tags, strict=True)
        tags = "".join("x" if word in askers else tag for word, tag in letters)
        found.append(replace(line, tags=tags))
    return found


def _commonness(word: str, known: Mapping[str, int]) -> float:
    rank = known.get(word, known.get(word.rstrip("s")))
    return UNKNOWN if rank is None else log1p(rank)


@cache
def small_words() -> frozenset[str]:
    """Words that carry no topic."""
    return stop_words(LANGUAGE) | filler_words(LANGUAGE)


def _after_cue(sentence: str, words: Sequence[str]) -> int:
    after = -1
    for cue in find_cue_words(sentence, LANGUAGE):
        phrase = cue.split()
        for start in range(min(_CUE_WORDS, len(words) - len(phrase) + 1)):
            if words[start : start + len(phrase)] == phrase:
                after = max(after, start + len(phrase))
    return after
