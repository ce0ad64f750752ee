"""Check what a title says against the transcript.

Every number, every name that the transcript writes with a capital, and what comes from the prompt's
examples, a word of a title or two words together of a text, must be said in the chapter. In
languages that the built-in table of word vectors knows, the title must also be more like its
chapter than like the others, or consist of the chapter's words; scripts/title_check.py measures how
much of each. In other languages two thirds of its words must be said, and in scripts without spaces
or capitals two thirds of its characters in pairs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import cache, cached_property
from itertools import pairwise
from typing import Protocol

import numpy as np

from chapterize.data import FloatArray
from chapterize.language import filler_words, has_spaces, stop_words
from chapterize.title.llm.answers import PAIRED, bare, fold, why_malformed, words
from chapterize.title.llm.prompt import EXAMPLES

__all__ = ["Embedder", "Talk", "content_words", "margin", "share_said"]

# Words of titles that need not be said in the chapter.
_EDITORIAL = frozenset(
    """introduction intro overview summary conclusion recap outlook questions basics explained
    einführung einleitung überblick zusammenfassung fazit ausblick fragen grundlagen
    introducción resumen conclusión preguntas présentation conclusion résumé introdução
    introduzione conclusione""".split()  # noqa: SIM905
)
_KANA = re.compile(r"[\u3041-\u309f]")
_ENDING = re.compile(r"(?:ing|ed|es|e|s)$")
_COMPOUNDING = frozenset({"de", "nl", "sv", "da", "no", "fi"})
_LEAST_SHARE = 2 / 3

# Fitted by scripts/title_check.py on train splits: 91 % of the titles that people wrote pass.
_SHARE_WEIGHT = 0.5
_LEAST_LIKENESS = 0.02

_UNSUPPORTED = "not supported by the transcript"


class Embedder(Protocol):
    """What the check needs of the built-in table of word vectors."""

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """One unit row for each text."""

    def knows(self, texts: Sequence[str]) -> bool:
        """Whether most words of the texts are in the table."""


class Talk:
    """The chapters of one video, for checking titles.

    Parameters
    ----------
    chapters : the sentences of each chapter.
    language : ISO 639-1 code, or None.
    load : loads the built-in table of word vectors, when it is first needed.
    """

    def __init__(
        self,
        chapters: Sequence[Sequence[str]],
        language: str | None,
        load: Callable[[], Embedder],
    ) -> None:
        self._texts = [" ".join(chapter) for chapter in chapters]
        self._sentences = [sentence for chapter in chapters for sentence in chapter]
        self._language = language
        self._load = load
        self._known = [frozenset(_parts(words(text))) for text in self._texts]
        self._everywhere = frozenset().union(*self._known)
        self._names = _names(self._sentences)

    @cached_property
    def _rows(self) -> tuple[Embedder, FloatArray] | None:
        """The table and the vectors of the chapters; None if the table lacks the language."""
        if len(self._texts) < 2:
            return None
        table = self._load()
        return (table, table.embed(self._texts)) if table.knows(self._sentences) else None

    def why_refused(self, title: str, chapter: int, taken: Collection[str] = ()) -> str | None:
        """Why a tidied title is not accepted for the chapter; None if it is.

        `taken` are the folded titles of the other chapters.
        """
        why = why_malformed(title, self._texts[chapter])
        if why is not None:
            return why
        if fold(title) in taken:
            return "the same as another"
        if PAIRED.search(title):
            return None if self._is_paired(title, chapter) else _UNSUPPORTED
        known = self._known[chapter]
        if (leaked := self._unsaid(title, known)) is not None:
            return leaked
        share = share_said(title, known, self._language)
        if self._rows is None:
            return None if share >= _LEAST_SHARE else _UNSUPPORTED
        table, rows = self._rows
        likeness = margin(table.embed([title])[0], rows, chapter) + _SHARE_WEIGHT * share
        return None if likeness >= _LEAST_LIKENESS else "more like another chapter"

    def _unsaid(self, title: str, known: frozenset[str]) -> str | None:
        """A number, a name or a word of the examples that the chapter does not say."""
        tokens = words(title, as_written=True)
        raised = sum(token[:1].isupper() for token in tokens)
        is_title_case = raised > 1 and raised >= len(content_words(title, self._language))
        for index, token in enumerate(tokens):
            word = re.sub(r"'s$", "", bare(token))
            if is_said(word, known, self._language):
                continue
            if any(c.isdigit() for c in word):
                return "with a number that is not said"
            around = (bare(other) for other in tokens[max(0, index - 1) : index + 2])
            if word in _of_examples() or _pairs_of_examples() & {*pairwise(around)}:
                return "with a word of the examples"
            # A capital says little in title case, and in German for words that are not known.
            is_name = token != token.lower() and not is_title_case and self._language != "de"
            is_name = is_name and (index > 0 or any(c.isupper() for c in token[1:]))
            if word in self._names or (is_name and word not in self._everywhere):
                return "with a name that is not said"
        return None

    def _is_paired(self, title: str, chapter: int) -> bool:
        text = self._texts[chapter]
        return _pairs_are_said(title, text, self._language) and all(
            word in bare(text) for word in re.findall(r"[a-z0-9]+", bare(title))
        )


def margin(title: FloatArray, chapters: FloatArray, chapter: int) -> float:
    """How much more a title is like its chapter than like the most similar other one."""
    likeness = chapters @ title
    return float(likeness[chapter] - np.delete(likeness, chapter).max())


def content_words(title: str, language: str | None) -> list[str]:
    """The words of a title, without stop words and words about parts of a video."""
    plain = stop_words(language) | filler_words(language) | _EDITORIAL
    return [word for word in words(title) if word not in plain]


def share_said(title: str, known: Collection[str], language: str | None) -> float:
    """The share of the content words of a title that are in `known`, apart from inflection."""
    content = content_words(title, language)
    if not content:
        # Words about parts of a video need not be said.
        return float(all(word in known or word in _EDITORIAL for word in words(title)))
    return sum(is_said(word, known, language, is_loose=True) for word in content) / len(content)


def is_said(
    word: str, known: Collection[str], language: str | None, *, is_loose: bool = False
) -> bool:
    """Whether `word`, or an inflection of it, is in `known`; `is_loose` allows derivations."""
    if word in known:
        return True
    if any(c.isdigit() for c in word):
        return False
    parts = re.split(r"[.'+#&-]+", word)
    if len(parts) > 1 and all(part in known for part in parts if part):
        return True
    if any(_is_inflection(word, other) for other in known):
        return True
    if is_loose and len(word) > 5 and any(other[:5] == word[:5] for other in known):
        return True
    return language in _COMPOUNDING and _is_compound(word, known)


def _parts(said: Sequence[str]) -> list[str]:
    """The words, and the parts of those with hyphens: ``T-Rex`` also says ``rex``."""
    return [*said, *(part for word in said for part in re.split(r"[.'+#&-]+", word) if part)]


def _names(sentences: Sequence[str]) -> frozenset[str]:
    """Words that the transcript writes with a capital inside its sentences, and never without."""
    raised: set[str] = set()
    low: set[str] = set()
    for sentence in sentences:
        tokens = words(sentence, as_written=True)
        for index, token in enumerate(tokens):
            if token == token.lower():
                low.add(bare(token))
            elif index > 0 and not sentence.isupper():
                raised.add(re.sub(r"'s$", "", bare(token)))
    return frozenset(raised - low)


def _of_examples() -> frozenset[str]:
    """The content words of the titles in the prompt's examples."""
    return frozenset(word for _, title in EXAMPLES for word in content_words(title, "en"))


@cache
def _pairs_of_examples() -> frozenset[tuple[str, str]]:
    """Words that stand together in the texts of the prompt's examples, such as "index fund"."""
    plain = stop_words("en") | filler_words("en")
    found = {pair for text, _ in EXAMPLES for pair in pairwise(words(text))}
    return frozenset(pair for pair in found if plain.isdisjoint(pair))


def _is_inflection(word: str, other: str) -> bool:
    stem = _ENDING.sub("", word)
    if len(stem) >= 3 and stem == _ENDING.sub("", other):
        return True
    short, long = sorted((word, other), key=len)
    return len(short) >= 4 and len(long) - len(short) <= 2 and long.startswith(short)


def _is_compound(word: str, known: Collection[str]) -> bool:
    """Whether a word is made of two known ones: "Brotteig" of "Brot" and "Teig"."""
    for at in range(3, len(word) - 2):
        first, second = word[:at], word[at:]
        if second in known and (first in known or first.removesuffix("s") in known):
            return True
    return False


def _pairs_are_said(title: str, chapter: str, language: str | None) -> bool:
    said = "".join(c for c in bare(chapter) if PAIRED.match(c))
    text = bare(title)
    for word in sorted(stop_words(language), key=len, reverse=True):
        # Question words, for example; those of one character may be parts of other words.
        if len(word) > 1 and not has_spaces(language):
            text = text.replace(word, " ")
    covered: list[bool] = []
    for run in re.findall(rf"(?:{PAIRED.pattern})+", text):
        pairs = [run[at : at + 2] in said for at in range(len(run) - 1)]
        around = zip([False, *pairs], [*pairs, False], strict=True)
        # Hiragana is mostly grammar, in which the title may differ.
        covered += [a or b for (a, b), c in zip(around, run, strict=True) if not _KANA.match(c)]
    return bool(covered) and sum(covered) >= _LEAST_SHARE * len(covered)
