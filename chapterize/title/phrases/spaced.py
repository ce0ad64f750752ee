"""Words and phrases of languages with spaces between words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from chapterize.language import find_cue_words
from chapterize.title.phrases.grammar import Grammar
from chapterize.title.phrases.ranking import CUED, Candidates, Phrase, Speech

__all__ = ["ending_shares", "fits_edge", "noun_scores", "spaced_speech", "spelling_of", "tokens_of"]

_PHRASE_WORDS = 5
_ARTICLES = frozenset({"the", "a", "an"})  # inside a phrase only after a preposition
_WORD_CHARACTERS = 40  # longer words are addresses or noise

# fmt: off
_KOREAN_PARTICLES = (
    "에서는", "으로는", "이라는", "에서", "으로", "에게", "까지", "부터", "처럼", "보다", "하고",
    "이나", "라는", "은", "는", "이", "가", "을", "를", "의", "에", "로", "와", "과", "도", "만",
)
# Few nouns end in one of these.
_SURE_PARTICLES = frozenset(
    ("은", "는", "을", "를", "에", "에서", "으로", "에게", "까지", "부터", "처럼")
)
# fmt: on

# \w lacks the vowel signs of Indic scripts and Thai, without which words are split.
_LETTER = (
    r"[\w\u0300-\u036f\u05b0-\u05c7\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
    r"\u0e30-\u0e4e\u0eb0-\u0ece\u102b-\u103e\u17b4-\u17d3]"
)
_TOKEN = re.compile(rf"{_LETTER}+(?:[.\-'+#&/\u200c]{_LETTER}+)*[+#]{{0,2}}")
_ELIDED = re.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|(?:d|n|s)?ell|all|un|quest)'", re.I)
# Contractions and ordinals; endings of Korean verbs, which end every sentence.
_UNFIT = re.compile(
    r"'(?:re|ve|ll|d|m|t)$|^\d+(?:st|nd|rd|th)$|(?:[니시]다|[어아해네세까데]요|지만|는데|하면|해서|죠)$"
)


def spaced_speech(chapters: Sequence[Sequence[str]], grammar: Grammar) -> Speech:
    """Words and phrases of a language with spaces."""
    tokens = [[tokens_of(sentence, grammar) for sentence in chapter] for chapter in chapters]
    every = [sentence for chapter in tokens for sentence in chapter]
    spelling = spelling_of(every)
    stems = _korean_stems(spelling) if grammar.language == "ko" else {}
    lowered = [[[stems.get(w, w) for w in map(str.lower, s)] for s in c] for c in tokens]
    spelling.update({stem: stem for stem in stems.values()})
    found = [
        Candidates(
            [w for sentence in chapter for w in sentence if w and w not in grammar.edge],
            _with_noun_last(_spaced_phrases(chapter, sentences, grammar), spelling, grammar),
        )
        for chapter, sentences in zip(lowered, chapters, strict=True)
    ]
    return Speech(found, spelling, noun_scores(lowered, grammar), ending_shares(lowered, grammar))


def tokens_of(sentence: str, grammar: Grammar) -> list[str]:
    """Words as written, with "" where a phrase cannot continue, such as at punctuation."""
    tokens: list[str] = []
    end = None
    for match in _TOKEN.finditer(sentence):
        if end is not None and sentence[end : match.start()].strip():
            tokens.append("")
        end = match.end()
        word = match.group().strip("_")
        article = _ELIDED.match(word) if grammar.language in {"fr", "it", "ca"} else None
        if article and article.end() < len(word):
            tokens.append(article.group())
            word = word[article.end() :]
        tokens.append(word if len(word) <= _WORD_CHARACTERS else "")
    return tokens


def spelling_of(sentences: Sequence[Sequence[str]]) -> dict[str, str]:
    """The most frequent spelling of each word that is not the first of its sentence.

    If the whole transcript is in capitals, all words become lower case.
    """
    inner: dict[str, Counter[str]] = {}
    outer: dict[str, Counter[str]] = {}
    n_upper = n_cased = 0
    for sentence in sentences:
        previous = ""
        for word in sentence:
            table = inner if previous else outer
            table.setdefault(word.lower(), Counter())[word] += 1
            previous = word
            n_upper += word.isupper() and len(word) > 1
            n_cased += len(word) > 1
    if n_upper > 0.5 * n_cased:
        return {word: word for word in (*inner, *outer)}
    # A word that is always first: its initial capital is no evidence, inner ones are.
    first = {
        low: low if (seen := max(forms, key=forms.__getitem__)) == low.capitalize() else seen
        for low, forms in outer.items()
    }
    return first | {low: max(forms, key=forms.__getitem__) for low, forms in inner.items()}


def _korean_stems(words: Iterable[str]) -> dict[str, str]:
    """Words without their particle, if the stem also occurs alone or with another particle."""
    known = set(words)
    ends: dict[str, set[str]] = {}
    for word in known:
        for particle in _KOREAN_PARTICLES:
            if word.endswith(particle) and len(word) - len(particle) >= 2:
                ends.setdefault(word[: -len(particle)], set()).add(particle)
    return {
        stem + particle: stem
        for stem, particles in sorted(ends.items(), key=lambda item: -len(item[0]))
        for particle in particles
        if stem in known or len(particles) > 1 or particle in _SURE_PARTICLES
    }


def _spaced_phrases(
    chapter: Sequence[Sequence[str]], sentences: Sequence[str], grammar: Grammar
) -> list[Phrase]:
    """Every run of one to five words that could be a title."""
    phrases: dict[tuple[str, ...], Phrase] = {}
    for index, words in enumerate(chapter):
        announced = index < CUED and bool(find_cue_words(sentences[index], grammar.language))
        for run in _runs(words, grammar):
            phrase = phrases.get(run)
            if phrase is None:
                phrase = phrases[run] = Phrase(run, index)
            phrase.count += 1
            phrase.is_announced |= announced
    return list(phrases.values())


def _with_noun_last(
    phrases: list[Phrase], spelling: dict[str, str], grammar: Grammar
) -> list[Phrase]:
    """Only phrases that end with a noun, in German, where nouns have a capital."""
    if grammar.language != "de":
        return phrases
    ended = [phrase for phrase in phrases if spelling[phrase.words[-1]] != phrase.words[-1]]
    return ended or phrases


def _runs(words: Sequence[str], grammar: Grammar) -> Iterator[tuple[str, ...]]:
    fit = [bool(word) and word not in grammar.edge and fits_edge(word) for word in words]
    for start, is_fit in enumerate(fit):
        if not is_fit or words[start][0].isdigit():
            continue
        for end in range(start, min(len(words), start + _PHRASE_WORDS)):
            if fit[end]:
                if end > start and words[end] in words[start:end]:
                    break
                yield tuple(words[start : end + 1])
            elif words[end] not in grammar.inside or not _is_joined(
                words[end - 1 : end + 1], grammar
            ):
                break


def _is_joined(pair: Sequence[str], grammar: Grammar) -> bool:
    """In English, allow "of the" but not "node the" or "or and"; other languages allow all."""
    before, word = pair
    return grammar.language != "en" or (word in _ARTICLES) == (before in grammar.inside)


def fits_edge(word: str) -> bool:
    """Whether a word may begin or end a title."""
    return len(word) > 1 and word[-1] != "'" and not _UNFIT.search(word)


def noun_scores(chapters: Sequence[Sequence[Sequence[str]]], grammar: Grammar) -> dict[str, float]:
    """Return, by word, -1 (verb) to 1 (noun), from the words before it."""
    noun: Counter[str] = Counter()
    verb: Counter[str] = Counter()
    for chapter in chapters:
        for words in chapter:
            for before, word in pairwise(words):
                if before in grammar.before_noun:
                    noun[word] += 1
                elif before in grammar.before_verb:
                    verb[word] += 1
    return {
        word: (noun[word] - verb[word]) / (noun[word] + verb[word] + 2) for word in (*noun, *verb)
    }


def ending_shares(
    chapters: Sequence[Sequence[Sequence[str]]], grammar: Grammar
) -> dict[str, float]:
    """Return, by word, the fraction of its occurrences without a content word after it."""
    seen: Counter[str] = Counter()
    last: Counter[str] = Counter()
    for chapter in chapters:
        for words in chapter:
            seen.update(words)
            last.update(words[-1:])
            last.update(w for w, after in pairwise(words) if not after or after in grammar.edge)
    return {word: (last[word] + 0.5) / (n + 1) for word, n in seen.items()}
