"""From ranked phrases to one title for each chapter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice, repeat
from typing import Protocol

from chapterize.language import guess_language, has_case, normalise_language
from chapterize.title.numbers import numbered_titles
from chapterize.title.phrases.candidates import Candidate
from chapterize.title.phrases.grammar import Grammar, grammar_of
from chapterize.title.phrases.ranking import Phrase, rank, topic_weights
from chapterize.title.phrases.scorer import Scorer, fingerprint, known_words
from chapterize.title.phrases.spaced import spaced_speech
from chapterize.title.phrases.speech import LANGUAGE, Speech, read_speech
from chapterize.title.phrases.tagger import Tagger
from chapterize.title.phrases.typical import typical_title
from chapterize.title.phrases.unspaced import unspaced_speech
from chapterize.title.phrases.words import tidy
from chapterize.vectors import StaticEmbedder

__all__ = ["KeyphraseTitler", "Titler"]

MAX_CHARACTERS = 60  # YouTube truncates titles at about 50 in the player and 70 in the list
_LONGER = 0.9  # a longer phrase replaces one inside it if its score is at least this share
_TRIED = 20
_GUESSED = 400  # sentences from which the language is guessed

_Option = tuple[Sequence[str], str]  # the words of a title, and the title


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
    """Titles of a few words (2 to 12 characters without spaces), from the transcript.

    Titles are deterministic, unique and at most 60 characters long. A chapter without words gets
    a number. In English, candidates are noun phrases and questions, and a scorer trained on
    people's titles chooses among them. In other languages the strongest phrase is the title.

    Parameters
    ----------
    scorer : by default, the shipped one.

    Raises
    ------
    EngineError : the shipped scorer, tagger or table of vectors is missing or damaged.
    """

    def __init__(self, *, scorer: Scorer | None = None) -> None:
        self._scorer = scorer or Scorer.load()
        self._tagger = Tagger()
        self._embed = StaticEmbedder().embed
        self._known = known_words()
        self.fingerprint = f"keyphrase/3 {fingerprint()}"

    def title(
        self,
        chapters_text: Sequence[Sequence[str]],
        *,
        language: str | None,
        written: Sequence[Sequence[str]] = (),
    ) -> tuple[str, ...]:
        """One title for each chapter, given its sentences; if `language` is None, it is guessed.

        `written` : titles of each chapter that come before its phrases, if there are any.
        """
        chapters = [[tidy(sentence) for sentence in chapter] for chapter in chapters_text]
        opening = " ".join(islice(chain.from_iterable(chapters), _GUESSED))
        code = normalise_language(language) or guess_language(opening)
        fallback = numbered_titles(len(chapters), code)
        # Reserved, so that a chapter about "Chapter 3" does not get the number of another one.
        taken = {_fold(title.split()) for title in fallback}
        if code == LANGUAGE:
            each = self._options(chapters)
            if written and any(chapters) and typical_title(chapters, 0):
                # The slide that opens a talk has the title of the whole.
                written = [(), *written[1:]]
        else:
            each = _strongest_options(chapters, grammar_of(code))
        own = chain(written, repeat(()))
        found = [
            _first_new(_with_written(titles, options), taken)
            for titles, options in zip(own, each, strict=False)
        ]
        return tuple(title or number for title, number in zip(found, fallback, strict=True))

    def suggest(
        self,
        chapters_text: Sequence[Sequence[str]],
        number: int,
        *,
        language: str | None,
        most: int = 5,
    ) -> tuple[str, ...]:
        """Up to `most` titles for chapter `number`, counted from 0, the best first.

        The other chapters tell what is special about this one.
        """
        chapters = [[tidy(sentence) for sentence in chapter] for chapter in chapters_text]
        opening = " ".join(islice(chain.from_iterable(chapters), _GUESSED))
        code = normalise_language(language) or guess_language(opening)
        if not any(chapters[number]):
            return ()
        if code == LANGUAGE:
            speech = read_speech(chapters, self._tagger, self._known)
            ranked = self._scorer.ranked(speech, self._embed)[number]
            options = _with_typical(chapters, number, _options(ranked, speech))
        else:
            options = _strongest_options(chapters, grammar_of(code))[number]
        # Each call takes up where the last one stopped.
        titles = iter(partial(_first_new, options, set()), None)
        return tuple(islice(titles, most))

    def _options(self, chapters: Sequence[Sequence[str]]) -> list[Iterator[_Option]]:
        """For each chapter the titles with the highest scores, the best first."""
        if not any(map(any, chapters)):
            return [iter(()) for _ in chapters]
        speech = read_speech(chapters, self._tagger, self._known)
        return [
            _with_typical(chapters, number, _options(ranked, speech))
            for number, ranked in enumerate(self._scorer.ranked(speech, self._embed))
        ]


def _with_written(titles: Iterable[str], options: Iterator[_Option]) -> Iterator[_Option]:
    """`titles`, then `options`."""
    return chain(((title.split(), title) for title in titles), options)


def _with_typical(
    chapters: Sequence[Sequence[str]], number: int, options: Iterator[_Option]
) -> Iterator[_Option]:
    """The typical title of chapter `number`, if it has one, then `options`."""
    typical = typical_title(chapters, number)
    return chain([(typical.split(), typical)] if typical else [], options)


def _options(ranked: Sequence[Candidate], speech: Speech) -> Iterator[_Option]:
    for one in ranked:
        title = _sentence_case([speech.spelling.get(word, word) for word in one.words])
        yield one.words, title + "?" * one.is_question


def _first_new(options: Iterable[_Option], taken: set[tuple[str, ...]]) -> str | None:
    """The first title that is short enough and whose words are not in `taken`; adds them to it."""
    for words, title in options:
        key = _fold(words)
        if key not in taken and len(title) <= MAX_CHARACTERS:
            taken.add(key)
            return title
    return None


def _strongest_options(
    chapters: Sequence[Sequence[str]], grammar: Grammar
) -> list[Iterator[_Option]]:
    """For each chapter the titles of its phrases, the strongest first."""
    read = spaced_speech if grammar.spaced else unspaced_speech
    speech = read(chapters, grammar)
    weights = topic_weights([Counter(chapter.bag) for chapter in speech.chapters])
    found: list[Iterator[_Option]] = []
    for chapter, weight in zip(speech.chapters, weights, strict=True):
        drafts = _drafts(rank(chapter.phrases, weight, speech), grammar)
        found.append((words, _cased(words, speech.spelling, grammar)) for words in drafts)
    return found


def _fold(words: Iterable[str]) -> tuple[str, ...]:
    """A key that ignores case, plural s and order, which readers hardly notice."""
    return tuple(sorted(w.rstrip("s") if len(w) > 3 else w for w in map(str.casefold, words)))


def _drafts(ranked: Sequence[Phrase], grammar: Grammar) -> Iterator[tuple[str, ...]]:
    """Titles, the best first: phrases, then single words."""
    phrases = [one for one in ranked if len(one.words) > 1 or not grammar.spaced]
    for phrase in phrases[:_TRIED] if grammar.spaced else []:
        yield _lengthened(phrase, phrases).words
    yield from (one.words for one in phrases)
    yield from (one.words for one in ranked if len(one.words) == 1 and grammar.spaced)


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


def _cased(words: Sequence[str], spelling: dict[str, str], grammar: Grammar) -> str:
    """Sentence case, with names as in the transcript."""
    written = [spelling.get(word, word) for word in words]
    if not grammar.spaced:
        return "".join(written)
    if not has_case(grammar.language):
        return " ".join(written)
    return _sentence_case(written).replace("' ", "'")


def _sentence_case(written: Sequence[str]) -> str:
    first = written[0]
    if first == first.lower():
        first = first[:1].upper() + first[1:]
    return " ".join([first, *written[1:]])
