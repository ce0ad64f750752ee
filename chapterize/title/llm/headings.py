"""Headings of slides as titles: what the lecturer wrote, where it was read well and says something.

The heading of the slide at which a chapter starts needs no support by the words that are spoken:
"Nothing but twist" names a chapter about ropes better than a phrase from it. That of a later slide
does, as any title from a language model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from chapterize.title.llm.answers import PAIRED, tidy, why_malformed, words
from chapterize.title.llm.check import Talk, content_words
from chapterize.title.phrases.scorer import known_words
from chapterize.vectors import StaticEmbedder

__all__ = ["shown_headings", "word_table", "written_titles"]

_MOST_SHOWN = 3
_LONGEST_SHOWN = 80  # characters of a heading that a language model is shown

# Headings that say nothing about the chapter; the words of each in order, as `words` finds them.
_EMPTY = frozenset(
    line.strip()
    for text in (
        "thank you|thanks|thank you very much|thank you for your attention|thanks for listening",
        "thanks for watching|any questions|questions|question|questions?|q&a|q a|the end|end",
        "outline|agenda|contents|table of contents|overview|today|topics|plan|roadmap|slide",
        "untitled|title|click to add title|notes|break|references|bibliography|sources|example",
        "what we will cover|what we'll cover|today topics|topics for today|in this video",
        "in this talk|examples|figure|contact|logo|welcome|hello",
        "danke|vielen dank|danke für die aufmerksamkeit|vielen dank für ihre aufmerksamkeit",
        "danke für ihre aufmerksamkeit|fragen|noch fragen|gibt es fragen|ende|inhalt|gliederung",
        "übersicht|überblick|ablauf|quellen|literatur|beispiel|pause|willkommen",
        "merci|merci de votre attention|sommaire|plan|des questions|gracias|preguntas|índice",
        "grazie|domande|indice|obrigado|obrigada|perguntas|bedankt|vragen|inhoud",
        "谢谢|谢谢大家|谢谢观看|感谢聆听|提问|问答|目录|大纲|提纲|今天的内容|主要内容|结束|参考文献",
    )
    for line in text.split("|")
)
_VOWEL = re.compile(r"[aeiouyæøœ]", re.I)
_LEAST_WORDLIKE = 2 / 3
_LONG_WORD = 4


@cache
def word_table() -> StaticEmbedder:
    """The built-in table of word vectors, loaded once."""
    return StaticEmbedder()


@cache
def _table_words() -> dict[str, int]:
    return known_words()


def written_titles(
    headings: Sequence[Sequence[str]],
    chapters: Sequence[Sequence[str]],
    language: str | None,
) -> list[tuple[str, ...]]:
    """The headings that can be titles of each chapter, the best first, as the lecturer wrote them.

    Parameters
    ----------
    headings : as of `entitle`.
    chapters : the sentences of each chapter; there may be none.
    """
    talk: Talk | None = None
    said = {word for chapter in chapters for sentence in chapter for word in words(sentence)}
    found = []
    for chapter, each in enumerate(headings):
        text = " ".join(chapters[chapter])
        kept: list[str] = []
        for place, heading in enumerate(each):
            title = tidy(heading)
            if _is_empty(title) or _is_noise(title) or why_malformed(title, text or title):
                continue
            is_said = not said or not said.isdisjoint(content_words(title, language))
            if not is_said and not _is_known(title, language):
                continue
            if place > 0 and text:
                talk = talk or Talk(chapters, language, word_table)
                if talk.why_refused(title, chapter) is not None:
                    continue
            kept.append(title)
        found.append(tuple(kept))
    return found


def shown_headings(headings: Sequence[str]) -> str:
    """The headings of a chapter for a language model: one short line, "" without any."""
    shown = [
        plain[:_LONGEST_SHOWN]
        for heading in headings
        if (plain := _plain(heading)) and not _is_empty(plain) and not _is_noise(plain)
    ]
    return "; ".join(shown[:_MOST_SHOWN])


def _plain(heading: str) -> str:
    """`heading` in one line, without control characters and marks of direction."""
    kept = (" " if unicodedata.category(c)[0] in "CZ" else c for c in heading)
    return " ".join("".join(kept).split())


def _is_empty(title: str) -> bool:
    found = words(title)
    return not found or " ".join(found) in _EMPTY


def _is_noise(title: str) -> bool:
    """Whether too few of its words look like words: letters and signs that were never a heading."""
    found = words(title, as_written=True)
    return sum(map(_is_wordlike, found)) < _LEAST_WORDLIKE * len(found)


def _is_known(title: str, language: str | None) -> bool:
    """Whether the built-in table has most of its long words, if it is of the language."""
    if language != "en":
        return True
    long = [word for word in words(title) if len(word) >= _LONG_WORD]
    return 2 * sum(word in _table_words() for word in long) >= len(long)


def _is_wordlike(word: str) -> bool:
    if PAIRED.search(word) or word.isdigit():
        return True
    letters = unicodedata.normalize("NFKD", "".join(filter(str.isalpha, word)))
    if not letters or any(c.isdigit() for c in word[1:-1]):
        return False
    is_latin = letters[0].isascii()
    return not is_latin or len(letters) < 4 or word.isupper() or bool(_VOWEL.search(letters))
