"""Words and phrases of languages with spaces between words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from chapterize.language import find_cue_words
from chapterize.title.phrases.grammar import Grammar
from chapterize.title.phrases.never import is_broken
from chapterize.title.phrases.ranking import CUED, Candidates, Phrase, Speech
from chapterize.title.phrases.words import fits_edge, spelling_of, tokens_of

__all__ = ["spaced_speech"]

_PHRASE_WORDS = 5
_SHORTEST = 4
"""Letters of a word that may be a title alone."""

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


def spaced_speech(chapters: Sequence[Sequence[str]], grammar: Grammar) -> Speech:
    """Words and phrases of a language with spaces."""
    tokens = [
        [tokens_of(sentence, grammar.language) for sentence in chapter] for chapter in chapters
    ]
    every = [sentence for chapter in tokens for sentence in chapter]
    spelling = spelling_of(every)
    stems = _korean_stems(spelling) if grammar.language == "ko" else {}
    lowered = [[[stems.get(w, w) for w in map(str.lower, s)] for s in c] for c in tokens]
    spelling.update({stem: stem for stem in stems.values()})
    found = [
        Candidates(
            [w for sentence in chapter for w in sentence if w and w not in grammar.edge],
            _allowed(_spaced_phrases(chapter, sentences, grammar), spelling, grammar),
        )
        for chapter, sentences in zip(lowered, chapters, strict=True)
    ]
    return Speech(found, spelling, _noun_scores(lowered, grammar), _ending_shares(lowered, grammar))


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


def _allowed(phrases: list[Phrase], spelling: dict[str, str], grammar: Grammar) -> list[Phrase]:
    """Phrases that may be titles: no short word alone; in German, they end with a noun.

    German nouns have a capital. Captions without capitals have no such phrase, and keep all.
    """
    found = [one for one in phrases if len(one.words) > 1 or _may_stand_alone(one.words[0])]
    if grammar.language != "de":
        return found
    ended = [one for one in found if spelling[one.words[-1]] != one.words[-1]]
    return ended if ended or any(low != word for low, word in spelling.items()) else found


def _may_stand_alone(word: str) -> bool:
    # A syllable of Korean or Hebrew says more than a letter of Latin, Greek or Cyrillic script.
    return len(word) >= (_SHORTEST if word[0] < "\u0530" else 2) and not word[0].isdigit()


def _runs(words: Sequence[str], grammar: Grammar) -> Iterator[tuple[str, ...]]:
    fit = [bool(word) and word not in grammar.edge and fits_edge(word) for word in words]
    for start, is_fit in enumerate(fit):
        if not is_fit or words[start][0].isdigit():
            continue
        for end in range(start, min(len(words), start + _PHRASE_WORDS)):
            if fit[end]:
                run = words[start : end + 1]
                if is_broken([word for word in run if word not in grammar.inside]):
                    break
                yield tuple(run)
            elif words[end] not in grammar.inside:
                break


def _noun_scores(chapters: Sequence[Sequence[Sequence[str]]], grammar: Grammar) -> dict[str, float]:
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


def _ending_shares(
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
