"""The words of a sentence that can name its topic."""

from __future__ import annotations

import re

from chapterize.language.tags import normalise_language
from chapterize.language.words import stop_words

__all__ = ["topic_words"]

_SHORTEST = 3
"""Letters of a word in a script that sets spaces; shorter ones are mostly grammar."""

# Typographic, modifier, full-width and prime marks that stand for an apostrophe.
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’‛ʼ＇′´`", "'"))
# \w leaves out the vowel signs of Indic scripts and Thai, without which words fall apart.
_LETTER = (
    r"(?:[^\W\d_\u3040-\u30ff\u3400-\u9fff]|[\u0300-\u036f\u05b0-\u05c7\u064b-\u065f\u0670"
    r"\u0900-\u0963\u0981-\u0dff\u0e30-\u0e4e\u0eb0-\u0ece\u102b-\u103e\u17b4-\u17d3])"
)
# Words; and without spaces, runs of characters that are mostly nouns.
_WORD = re.compile(rf"{_LETTER}+(?:'{_LETTER}+)*'?|[\u30a1-\u30ff]{{2,}}|[\u3400-\u9fff]{{2,4}}")
# Not before an English ending: "all's" and "bell's" are no Italian.
_ELIDED = re.compile(
    r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu|a?gl|degl|[dns]?ell|[dc]?all|coll|sull"
    r"|(?:ness|ciasc|alc)?un|quest|quell|bell|sant|dov|com|anch|neanch)'(?!(?:s|d|m|t|ll|re|ve)$)"
)
_ELIDING = frozenset({"fr", "it", "ca", "oc", "pt", "ga"})
# "Rex's", "they'd've"; what follows the apostrophe of a Turkish name is its case.
_ENDING = re.compile(r"'(?:s|d|m|ll|re|ve|em)?$")
_TURKISH_ENDING = re.compile(r"'.*$")
_NEGATED = re.compile(r"n't\b")
_EMPTY = frozenset(
    ("o'clock", "ma'am", "y'all", "y'know", "c'mon", "d'you", "d'accord", "aujourd'hui")
)


def topic_words(text: str, language: str | None) -> list[str]:
    """Words of `text` that carry a topic, in lower case and in order.

    Stop words are left out, also where they are contracted ("shouldn't") or elided ("c'est");
    of "l'eau" the result is "eau", of "Rex's" it is "rex". In Chinese and Japanese a word is a run
    of characters. Apostrophes may be typographic.
    """
    plain = stop_words(language)
    code = normalise_language(language)
    found = []
    for word in _WORD.findall(text.lower().translate(_APOSTROPHES)):
        if "'" in word:
            word = "" if word in plain or word in _EMPTY else _stem(word, code, plain)
        is_long = len(word) >= _SHORTEST or word[:1] >= "\u3040"
        if is_long and word not in plain:
            found.append(word)
    return found


def _stem(word: str, code: str | None, plain: frozenset[str]) -> str:
    """`word` without what an apostrophe ties to it; empty for a negated verb and for "doin'"."""
    if code in _ELIDING or code is None:
        while match := _ELIDED.match(word):
            word = word[match.end() :]
    if code == "tr":
        return _TURKISH_ENDING.sub("", word)
    if code in _ELIDING:
        return word.rstrip("'")
    if code in ("en", None) and _NEGATED.search(word):
        return ""
    if word.endswith("in'") and f"{word[:-1]}g" in plain:
        return ""
    while _ENDING.search(word):
        word = _ENDING.sub("", word)
    return word
