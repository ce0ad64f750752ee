"""Habits in titles: an introduction first, and the case of words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chapterize.language import normalise_language

__all__ = ["case_of", "in_title_case", "introduction", "is_introduction"]

# fmt: off
_INTRODUCTION = {
    "en": "Introduction", "ar": "مقدمة", "bg": "Въведение", "ca": "Introducció", "cs": "Úvod",
    "da": "Introduktion", "de": "Einleitung", "el": "Εισαγωγή", "es": "Introducción",
    "fa": "مقدمه", "fi": "Johdanto", "fr": "Introduction", "he": "הקדמה", "hi": "परिचय",
    "hr": "Uvod", "hu": "Bevezetés", "id": "Pendahuluan", "it": "Introduzione", "ja": "はじめに",
    "ko": "소개", "nl": "Inleiding", "no": "Introduksjon", "pl": "Wprowadzenie",
    "pt": "Introdução", "ro": "Introducere", "ru": "Введение", "sk": "Úvod", "sr": "Увод",
    "sv": "Introduktion", "th": "บทนำ", "tr": "Giriş", "uk": "Вступ", "vi": "Giới thiệu",
    "zh": "介绍",
}
_OTHERS = (
    "intro", "einführung", "begrüßung", "introduccion", "introducao", "イントロ",
    "イントロダクション", "导入", "简介", "opening", "welcome", "welcome and introduction",
)
_SMALL = (
    "a", "an", "the", "and", "but", "or", "nor", "so", "yet", "as", "at", "by", "for", "from",
    "in", "into", "of", "off", "on", "onto", "out", "over", "per", "to", "up", "via", "vs", "with",
)
# fmt: on

_WORD = re.compile(r"[^\W\d_][\w'’-]*")

_MOST = 0.85
"""In Title Case, at least this share of the longer words after the first has a capital."""

_FEW = 0.5
"""In sentence case, at most this share: names, and nouns in German, have one too."""


def introduction(language: str | None) -> str | None:
    """The title "Introduction" in the language; None if it is not known there."""
    return _INTRODUCTION.get(normalise_language(language) or "en")


def is_introduction(title: str) -> bool:
    """Whether a title means "Introduction", in any language."""
    plain = title.strip(" .:-–—!0123456789").casefold()
    return plain in _KNOWN


_KNOWN = frozenset([*(word.casefold() for word in _INTRODUCTION.values()), *_OTHERS])


def case_of(titles: Sequence[str]) -> str:
    """``title`` or ``sentence``, or ``mixed`` if the titles are neither or too few words."""
    n_capital = n_words = 0
    for title in titles:
        words = _WORD.findall(title)
        if title.upper() == title:
            continue
        for word in words[1:]:
            if word.casefold() not in _SMALL and word.upper() != word.lower():
                n_words += 1
                n_capital += word[0].isupper()
    if n_words < 3:
        return "mixed"
    if n_capital >= _MOST * n_words:
        return "title"
    return "sentence" if n_capital <= _FEW * n_words else "mixed"


def in_title_case(title: str) -> str:
    """An English title with capitals: ``The Rise of Open Water`` for ``The rise of open water``.

    A word that has a capital anywhere stays as it is.
    """
    words = title.split(" ")
    last = len(words) - 1

    def cased(i: int, word: str) -> str:
        if word.lower() != word or (0 < i < last and word in _SMALL):
            return word
        return word[:1].upper() + word[1:]

    return " ".join(cased(i, word) for i, word in enumerate(words))
