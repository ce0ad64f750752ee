"""Read the answer of a language model, and check its form.

A title has the right form if it is one short plain line in the script of its chapter.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

__all__ = [
    "MAX_CHARACTERS",
    "PAIRED",
    "bare",
    "features",
    "first_title",
    "fold",
    "tidy",
    "why_malformed",
    "words",
]

MAX_CHARACTERS = 70  # YouTube shows about as many in its list

_MOST_ANSWER = 100_000
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.S | re.I)
# What stays of a thought whose beginning was part of the prompt.
_END_OF_THOUGHT = re.compile(r"\A.*</think(?:ing)?>", re.S | re.I)
_LABEL = re.compile(
    r"^(?:(?:chapter|kapitel|capítulo|chapitre)\s*)?\d{1,3}\s*[.):\-–—]\s+|^title\s*:\s*", re.I
)
# A title that ends with one of these was cut off.
_ENDLESS = frozenset(
    "a an and as because for from of or that the to uh um which with yeah".split()  # noqa: SIM905
)
_TIME = re.compile(r"\d\s*[:：]\s*\d\d|\d\s*(?:h|min|s|sec)\b", re.I)
_MARKUP = re.compile(r"://|www\.|\S@\S+\.\w|[<>*`{}\[\]|\\~]|__|^#|\w\.\w+/", re.I)
_WORD = re.compile(r"[^\W_]+(?:[.'+#&-]+[^\W_]+)*[+#]{0,2}")
_STRANGE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
# Scripts without capitals or without spaces are compared by pairs of characters.
PAIRED = re.compile(
    r"[\u0590-\u08ff\u0900-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)


def first_title(answer: str) -> str:
    """The first line of an answer, tidied; thoughts and code fences are skipped."""
    text = _END_OF_THOUGHT.sub("", _THOUGHT.sub("", answer[:_MOST_ANSWER]))
    lines = (line.strip() for line in text.splitlines())
    return next((tidy(line) for line in lines if line and not line.startswith("```")), "")


def tidy(title: str) -> str:
    """`title` without quotes, a label or a full stop around it."""
    text = unicodedata.normalize("NFC", title).replace("’", "'").strip(" *_#")
    text = _LABEL.sub("", text).strip(" *_#")
    for pair in ('""', "''", "“”", "„“", "«»", "「」", "『』", "《》"):
        if len(text) > 2 and text[0] == pair[0] and text[-1] == pair[1]:
            text = text[1:-1].strip()
    text = text.rstrip(" .:;,。．：")
    return text.rstrip("?") if text.lower().startswith("how to ") else text


def why_malformed(title: str, chapter: str) -> str | None:
    """Why a tidied title cannot be one of `chapter`, apart from what it says; None if it can."""
    if not any(c.isalnum() for c in title):
        return "empty"
    if any(unicodedata.category(c) in _STRANGE for c in title):
        return "more than one plain line"
    if len(title) > MAX_CHARACTERS:
        return f"longer than {MAX_CHARACTERS} characters"
    if " " in title and words(title)[-1] in _ENDLESS and not title.endswith("?"):
        return "unfinished"
    if _TIME.search(title):
        return "with a time"
    if _MARKUP.search(title):
        return "with markup or an address"
    return None if _script(title) == _script(chapter) else "in another script"


def fold(title: str) -> str:
    """A key that is equal for titles that look the same to a reader."""
    return " ".join(sorted(word.rstrip("s") for word in words(title)))


def features(text: str) -> list[str]:
    """Features for comparing texts: words, and pairs of characters in scripts without spaces."""
    found = words(text)
    paired = [w for w in found if PAIRED.search(w)]
    return [w for w in found if w not in paired] + [
        w[i : i + 2] for w in paired for i in range(max(1, len(w) - 1))
    ]


def bare(text: str) -> str:
    """`text` without differences of case and width."""
    return unicodedata.normalize("NFKC", text).replace("’", "'").casefold()


def words(text: str, *, as_written: bool = False) -> list[str]:
    """The words of `text`: bare and without a possessive s, or as they are written."""
    if as_written:
        return _WORD.findall(unicodedata.normalize("NFKC", text).replace("’", "'"))
    return [re.sub(r"'s$", "", word) for word in _WORD.findall(bare(text))]


def _script(text: str) -> str:
    """The script of most letters; those of Chinese and Japanese count as one."""
    names = Counter(
        unicodedata.name(c, "?").split(" ")[0].split("-")[0] for c in text if c.isalpha()
    )
    for part in ("HIRAGANA", "KATAKANA"):
        names["CJK"] += names.pop(part, 0)
    # One syllabic or ideographic character is worth about three Latin letters.
    names["CJK"] *= 3
    return names.most_common(1)[0][0] if names.total() else ""
