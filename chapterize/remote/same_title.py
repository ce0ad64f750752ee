"""Which titles of a timeline are those of the plan: their words count, not their typography."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache

from chapterize.remote.timeline import pair_nearest

__all__ = ["pair_titles"]

_SAME = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´＇", "'"),
        **dict.fromkeys("“”„‟″«»「」『』＂", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": "...",
        "：": ":",
        "。": ".",
    }
)
_QUOTES_AND_ENDS = re.compile(r"""^["'\s]+|[."'\s:;,-]+$""")
_OTHER_WORDS = ("part", "teil", "partie", "parte", "section", "abschnitt", "ch", "kap", "no")
_SEPARATOR = r"\s*(?:[:.)\]|-]+\s*|\s)"
_NUMERAL = r"[\d一二三四五六七八九十百]{1,4}"


def pair_titles(
    planned: Sequence[tuple[str, float]], shown: Sequence[tuple[str, float]]
) -> dict[int, int]:
    """Pair titles (text, time) that have the same words, the closest times first.

    Case, width, spaces, quotes, dashes and a full stop make no difference; nor does a number, or a
    word with one, before the title ("Chapter 3: X", "3. X", "第3章 X"), unless both have another.

    Returns the index into `shown` for each index into `planned` that has a partner.
    """
    partner: dict[int, int] = {}
    for ours, theirs in _ROUNDS:
        left = [i for i in range(len(planned)) if i not in partner]
        taken = set(partner.values())
        right = [k for k in range(len(shown)) if k not in taken]
        found = pair_nearest(
            [(ours(planned[i][0]), planned[i][1]) for i in left],
            [(theirs(shown[k][0]), shown[k][1]) for k in right],
        )
        partner |= {left[i]: right[k] for i, k in found.items()}
    return partner


def _fold(text: str) -> str:
    """A form that is equal for titles that differ only in typography."""
    text = unicodedata.normalize("NFKC", text.translate(_SAME)).translate(_SAME).casefold()
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    return _QUOTES_AND_ENDS.sub("", text) or text


def _bare(text: str) -> str:
    """The folded title without the number before it."""
    return _numbered(text)[1]


def _numbered(text: str) -> tuple[str, str]:
    """The number before a title, "" for none, and the rest of it, folded."""
    whole = _fold(text)
    found = _prefix().match(whole)
    rest = _fold(whole[found.end() :]) if found else ""
    if found is None or not rest:
        return "", whole
    return "".join(re.findall(_NUMERAL, found.group())), rest


_ROUNDS: tuple[tuple[Callable[[str], object], Callable[[str], object]], ...] = (
    (_fold, _fold),
    (_fold, _bare),
    (_bare, _fold),
    (_numbered, _numbered),
)
"""The forms of a planned and a shown title that are compared; the most alike are paired first."""


@cache
def _prefix() -> re.Pattern[str]:
    from chapterize.title import chapter_words

    words = {_fold(word) for word in (*chapter_words(), *_OTHER_WORDS)}
    word = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    forms = (
        rf"\d{{1,3}}\.\s*fejezet{_SEPARATOR}",
        rf"(?:{word})\.?\s*#?{_NUMERAL}(?:{_SEPARATOR})",
        rf"(?:{word})\s*[:|-]\s*",
        rf"[(\[#]?{_NUMERAL}(?:[.):\]|]+\s+|\s+[-|]\s*)",
        rf"[第제]\s*{_NUMERAL}\s*[章节節回話话部장]\s*[:.、|-]*\s*",
        r"\d{1,2}(?::\d\d){1,2}(?:\.\d+)?\s*(?:[-|]\s*)?",
    )
    return re.compile("|".join(forms))
