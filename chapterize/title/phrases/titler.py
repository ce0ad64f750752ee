"""From ranked phrases to one title for each chapter."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, combinations, islice
from typing import Protocol

from chapterize.language import guess_language, has_case, normalise_language
from chapterize.title.numbers import numbered_titles
from chapterize.title.phrases.grammar import AND, Grammar, grammar_of
from chapterize.title.phrases.ranking import Phrase, rank, topic_weights
from chapterize.title.phrases.readable import rough_stems
from chapterize.title.phrases.scorer import (
    LANGUAGE,
    Scorer,
    fingerprint,
    is_question,
    known_words,
    ranked,
    read_speech,
)
from chapterize.title.phrases.spaced import spaced_speech
from chapterize.title.phrases.sponsors import sponsor_of
from chapterize.title.phrases.unspaced import unspaced_speech

__all__ = ["KeyphraseTitler", "Titler", "tidy"]

MAX_CHARACTERS = 60  # YouTube truncates titles at about 50 in the player and 70 in the list
MAX_WORDS = 6

_COMPANION = 0.9  # a second phrase is added if its score is at least this share of the first's,
_ENDING = 0.5  # and its last word usually has no content word after it, unlike an adjective
_LONGER = 0.9  # a longer phrase replaces one inside it if its score is at least this share
_TRIED = 20
_GUESSED = 400  # sentences from which the language is guessed


class Titler(Protocol):
    """Gives titles to chapters; `fingerprint` changes whenever the titles could."""

    @property
    def fingerprint(self) -> str:
        """Name and version of what makes the titles."""

    def title(
        self, chapters_text: Sequence[Sequence[str]], *, language: str | None
    ) -> tuple[str, ...]:
        """One title for each chapter, given its sentences; `language` as ISO 639-1 or None."""


class KeyphraseTitler:
    """Titles of a few words (2 to 12 characters without spaces), mostly from the transcript.

    Titles are deterministic, unique and at most 60 characters long. A chapter without words gets
    a number. In English, a scorer trained on people's titles chooses among phrases, questions and
    generic titles. In other languages the strongest phrase is the title; this imports
    scikit-learn.

    Parameters
    ----------
    scorer : by default, the shipped one.
    plain : use the strongest phrases in English too.

    Raises
    ------
    EngineError : the shipped scorer is missing or damaged.
    """

    def __init__(self, *, scorer: Scorer | None = None, plain: bool = False) -> None:
        self._scorer = None if plain else scorer or Scorer.load()
        self._known = {} if plain else known_words()
        self.fingerprint = "keyphrase/1" if plain else f"keyphrase/2 {fingerprint()}"

    def title(
        self, chapters_text: Sequence[Sequence[str]], *, language: str | None
    ) -> tuple[str, ...]:
        """One title for each chapter, given its sentences; if `language` is None, it is guessed."""
        chapters = [[tidy(sentence) for sentence in chapter] for chapter in chapters_text]
        opening = " ".join(islice(chain.from_iterable(chapters), _GUESSED))
        code = normalise_language(language) or guess_language(opening)
        grammar = grammar_of(code)
        fallback = numbered_titles(len(chapters), code)
        # Reserved, so that a chapter about "Chapter 3" does not get the number of another one.
        taken = {_fold(title.split()) for title in fallback}
        if self._scorer and code == LANGUAGE:
            found = self._chosen(chapters, grammar, taken, self._scorer)
        else:
            found = _strongest(chapters, grammar, taken)
        return tuple(title or number for title, number in zip(found, fallback, strict=True))

    def _chosen(
        self,
        chapters: Sequence[Sequence[str]],
        grammar: Grammar,
        taken: set[tuple[str, ...]],
        scorer: Scorer,
    ) -> list[str | None]:
        """The titles with the highest scores."""
        tokens, features = read_speech(chapters, self._known)
        pool, score = scorer.pool(tokens, features)
        spelling = tokens.spelling | {"q&a": "Q&A"}
        titles: list[str | None] = []
        for number, order in enumerate(ranked(pool, score, len(chapters))):
            title = _sponsored(chapters[number], taken) if number else None
            for index in order if title is None else []:
                words, kind = pool.words[index], int(pool.kind[index])
                key = _fold(words)
                text = _cased(words, spelling, grammar)
                text += "?" * is_question(words, kind)
                if key not in taken and len(text) <= MAX_CHARACTERS:
                    taken.add(key)
                    title = text
                    break
            titles.append(title)
        return titles


def _sponsored(sentences: Sequence[str], taken: set[tuple[str, ...]]) -> str | None:
    """ "Sponsor: X" if the sentences announce X as the sponsor; added to `taken`."""
    name = sponsor_of(sentences)
    key = _fold(["sponsor", *(name or "").split()])
    if name is None or key in taken:
        return None
    taken.add(key)
    return f"Sponsor: {name}"


def _strongest(
    chapters: Sequence[Sequence[str]], grammar: Grammar, taken: set[tuple[str, ...]]
) -> list[str | None]:
    """The titles of the strongest phrases."""
    read = spaced_speech if grammar.spaced else unspaced_speech
    speech = read(chapters, grammar)
    weights = topic_weights([chapter.bag for chapter in speech.chapters])
    return [
        _compose(rank(chapter.phrases, weight, speech), speech.spelling, grammar, taken)
        for chapter, weight in zip(speech.chapters, weights, strict=True)
    ]


def tidy(sentence: str) -> str:
    """Return the sentence in Unicode NFC, with plain apostrophes."""
    return unicodedata.normalize("NFC", sentence).replace("’", "'")


def _fold(words: Iterable[str]) -> tuple[str, ...]:
    """A key that ignores case, plural s and order, which readers hardly notice."""
    return tuple(sorted(w.rstrip("s") if len(w) > 3 else w for w in map(str.casefold, words)))


def _compose(
    ranked: Sequence[Phrase],
    spelling: dict[str, str],
    grammar: Grammar,
    taken: set[tuple[str, ...]],
) -> str | None:
    """The best title not in `taken`, which it is added to; None if there is none."""
    for words in _drafts(ranked, grammar):
        key = _fold(words)
        title = _cased(words, spelling, grammar)
        if key not in taken and len(title) <= MAX_CHARACTERS:
            taken.add(key)
            return title
    return None


def _drafts(ranked: Sequence[Phrase], grammar: Grammar) -> Iterator[tuple[str, ...]]:
    """Titles, the best first: phrases, then pairs of words, then single words."""
    if not grammar.spaced:
        yield from (phrase.words for phrase in ranked)
        return
    phrases = [phrase for phrase in ranked if len(phrase.words) > 1]
    single = [phrase.words for phrase in ranked if len(phrase.words) == 1][:_TRIED]
    link = (AND[grammar.language],) if grammar.language in AND else ()
    for phrase in phrases[:_TRIED]:
        yield _accompanied(_lengthened(phrase, phrases), ranked, link)
    for phrase in phrases:
        yield phrase.words
    for first, second in combinations(single, 2):
        yield (*first, *link, *second)
    yield from single


def _lengthened(phrase: Phrase, phrases: Sequence[Phrase]) -> Phrase:
    """The longest phrase that contains this one and has nearly the same score."""
    best = phrase
    for other in phrases[:_TRIED]:
        if other.score < _LONGER * phrase.score:
            break
        n = len(phrase.words)
        if len(other.words) > len(best.words) and any(
            other.words[i : i + n] == phrase.words for i in range(len(other.words) - n + 1)
        ):
            best = other
    return best


def _accompanied(
    phrase: Phrase, ranked: Sequence[Phrase], link: tuple[str, ...]
) -> tuple[str, ...]:
    """The phrase, joined with the next one about something else if that is short and good."""
    if not link or link[0] in phrase.words:
        return phrase.words
    known = rough_stems(phrase.words)
    for other in ranked:
        if other.score < _COMPANION * phrase.score:
            break
        if other.ending >= _ENDING and known.isdisjoint(rough_stems(other.words)):
            words = (*phrase.words, *link, *other.words)
            return words if len(words) <= MAX_WORDS else phrase.words
    return phrase.words


def _cased(words: Sequence[str], spelling: dict[str, str], grammar: Grammar) -> str:
    """Title case in English, sentence case in other languages; names as in the transcript."""
    written = [spelling.get(word, word) for word in words]
    if not grammar.spaced:
        return "".join(written)
    if not has_case(grammar.language):
        return " ".join(written)
    for index, word in enumerate(written):
        is_edge = index in (0, len(written) - 1)
        is_raised = index == 0 or (
            grammar.language == "en" and (is_edge or word.lower() not in grammar.inside)
        )
        if is_raised and word == word.lower():
            written[index] = word[:1].upper() + word[1:]
    return " ".join(written).replace("' ", "'")
