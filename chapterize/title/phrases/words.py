"""Words of a transcript in a language with spaces between words, and how they are written."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from chapterize.language import stop_words

__all__ = ["fits_edge", "spelling_of", "tidy", "tokens_of"]

_WORD_CHARACTERS = 40  # longer words are addresses or noise

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
_SPECIES = re.compile(r"(?<![\w.'-])[A-Z]\. (?P<second>[a-z]{3,})\b")  # "T. rex"
_SPELLED = re.compile(r"(?:[A-Z]_)+[A-Z]?s?")  # "L_C_D", as some corpora write "LCD"


def tidy(sentence: str) -> str:
    """Return the sentence in Unicode NFC, with plain apostrophes."""
    return unicodedata.normalize("NFC", sentence).replace("’", "'")


def tokens_of(sentence: str, language: str | None) -> list[str]:
    """Words as written, with "" where a phrase cannot continue, such as at punctuation."""
    tokens: list[str] = []
    end = 0
    joined = _species(sentence) if language == "en" else {}
    for match in _TOKEN.finditer(sentence):
        if match.start() < end:
            continue
        if tokens and sentence[end : match.start()].strip():
            tokens.append("")
        end = match.end()
        word = match.group().strip("_")
        article = _ELIDED.match(word) if language in {"fr", "it", "ca"} else None
        if article and article.end() < len(word):
            tokens.append(article.group())
            word = word[article.end() :]
        if match.start() in joined:
            word = joined[match.start()]
            end = match.start() + len(word)
        elif _SPELLED.fullmatch(match.group()):
            word = word.replace("_", "")
        tokens.append(word if len(word) <= _WORD_CHARACTERS else "")
    return tokens


def _species(sentence: str) -> dict[int, str]:
    """Names such as "T. rex", by their position: the full stop does not end a phrase."""
    return {
        match.start(): match.group()
        for match in _SPECIES.finditer(sentence)
        if match["second"] not in stop_words("en")
    }


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


def fits_edge(word: str) -> bool:
    """Whether a word may begin or end a title."""
    return len(word) > 1 and word[-1] != "'" and not _UNFIT.search(word)
