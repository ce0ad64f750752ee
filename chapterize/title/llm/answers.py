"""Read the answer of a title server, and check every title against the transcript.

A title is kept if it is one short plain line in the script of its chapter, differs from the other
titles, and is *supported*: every number and name in it is in the chapter, and so are at least two
thirds of its content words, apart from inflection. In scripts without spaces or capitals, at least
two thirds of its characters must be in pairs that occur in the chapter.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chapterize.language import filler_words, has_case, has_spaces, stop_words

__all__ = ["MAX_CHARACTERS", "features", "fold", "parse_titles", "tidy", "why_refused"]

MAX_CHARACTERS = 60

_MOST_ANSWER = 100_000
_MOST_OPENINGS = 40
_NUMBER_KEYS = ("number", "chapter", "index", "id", "n")
_TITLE_KEYS = ("title", "name", "heading", "text")
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.S | re.I)
_LABEL = re.compile(r"^(?:(?:chapter|kapitel|capítulo|chapitre)\s*)?\d{1,3}\s*[.):\-–—]\s+", re.I)
_TIME = re.compile(r"\d\s*[:：]\s*\d\d|\d\s*(?:h|min|s|sec)\b", re.I)
_MARKUP = re.compile(r"://|www\.|\S@\S+\.\w|[<>*`{}\[\]|\\~]|__|^#|\w\.\w+/", re.I)
_WORD = re.compile(r"[^\W_]+(?:[.'+#&-]+[^\W_]+)*[+#]{0,2}")
_STRANGE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_KANA = re.compile(r"[\u3041-\u309f]")
# Scripts without capitals or without spaces are compared by pairs of characters.
_PAIRED = re.compile(
    r"[\u0590-\u08ff\u0900-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
# Words of titles that need not be said in the chapter.
_EDITORIAL = frozenset(
    """introduction intro overview summary conclusion recap outlook questions basics explained
    einführung einleitung überblick zusammenfassung fazit ausblick fragen grundlagen
    introducción resumen conclusión preguntas présentation conclusion résumé introdução
    introduzione conclusione""".split()  # noqa: SIM905
)
_COMPOUNDING = frozenset({"de", "nl", "sv", "da", "no", "fi"})
_LEAST_SHARE = 2 / 3
_ENDING = re.compile(r"(?:ing|ed|es|e|s)$")


def parse_titles(answer: str, n_chapters: int) -> dict[int, str]:
    """Titles by the index of their chapter in the batch, from any JSON in `answer`.

    Code fences, other text and reasoning around the JSON are skipped. A list without numbers must
    have `n_chapters` entries; otherwise the titles cannot be assigned to chapters.
    """
    values = _values(_THOUGHT.sub("", answer[:_MOST_ANSWER]))
    return next(filter(None, (_titles_in(value, n_chapters) for value in values)), {})


def _values(text: str) -> Iterator[Any]:
    """JSON values in the text: outermost before inner ones, in order."""
    decoder = json.JSONDecoder()
    at = 0
    for _ in range(_MOST_OPENINGS):
        opening = re.compile(r"[{\[]").search(text, at)
        if opening is None:
            return
        try:
            value, at = decoder.raw_decode(text, opening.start())
        except (ValueError, RecursionError):
            at = opening.end()
        else:
            yield value


def _titles_in(value: Any, n_chapters: int, depth: int = 3) -> dict[int, str]:
    if isinstance(value, list):
        return _from_list(value, n_chapters)
    if not isinstance(value, dict) or depth == 0:
        return {}
    if _first_of(value, _TITLE_KEYS) is not None and _first_of(value, _NUMBER_KEYS) is not None:
        return _from_list([value], n_chapters)
    named = {_number(key): title for key, title in value.items() if isinstance(title, str)}
    found = {n - 1: title for n, title in named.items() if n and 1 <= n <= n_chapters}
    inner = (_titles_in(each, n_chapters, depth - 1) for each in value.values())
    return found or next(filter(None, inner), {})


def _from_list(rows: Sequence[Any], n_chapters: int) -> dict[int, str]:
    plain = [row if isinstance(row, str) else _first_of(row, _TITLE_KEYS) for row in rows]
    numbers = [_number(_first_of(row, _NUMBER_KEYS)) for row in rows]
    if None not in numbers and len(set(numbers)) == len(rows):
        return {
            n - 1: title
            for n, title in zip(numbers, plain, strict=True)
            if n is not None and 1 <= n <= n_chapters and isinstance(title, str)
        }
    if len(rows) != n_chapters:
        return {}
    return {at: title for at, title in enumerate(plain) if isinstance(title, str)}


def _first_of(row: Any, keys: Sequence[str]) -> Any:
    if not isinstance(row, dict):
        return None
    return next((row[key] for key in keys if row.get(key) is not None), None)


def _number(value: Any) -> int | None:
    match = re.fullmatch(r"\D{0,12}?(\d{1,4})", str(value)) if value is not None else None
    return int(match.group(1)) if match else None


def tidy(title: str) -> str:
    """`title` without quotes, a chapter number or a full stop around it."""
    text = unicodedata.normalize("NFC", title).replace("’", "'").strip()
    text = _LABEL.sub("", text).strip()
    for pair in ('""', "''", "“”", "„“", "«»", "「」", "『』", "《》"):
        if len(text) > 2 and text[0] == pair[0] and text[-1] == pair[1]:
            text = text[1:-1].strip()
    return text.rstrip(" .。．")


def why_refused(
    title: str, chapter: str, *, language: str | None, taken: Iterable[str]
) -> str | None:
    """Why a tidied title is not accepted for `chapter`; None if it is."""
    if not any(c.isalnum() for c in title):
        return "empty"
    if any(unicodedata.category(c) in _STRANGE for c in title):
        return "more than one plain line"
    if len(title) > MAX_CHARACTERS:
        return f"longer than {MAX_CHARACTERS} characters"
    if _TIME.search(title):
        return "with a time"
    if _MARKUP.search(title):
        return "with markup or an address"
    if fold(title) in taken:
        return "the same as another"
    if _script(title) != _script(chapter):
        return "in another script"
    return None if _is_supported(title, chapter, language) else "not supported by the transcript"


def fold(title: str) -> str:
    """A key that is equal for titles that look the same to a reader."""
    return " ".join(sorted(word.rstrip("s") for word in _words(title)))


def features(text: str) -> list[str]:
    """Features for comparing texts: words, and pairs of characters in scripts without spaces."""
    words = _words(text)
    paired = [w for w in words if _PAIRED.search(w)]
    return [w for w in words if w not in paired] + [
        w[i : i + 2] for w in paired for i in range(max(1, len(w) - 1))
    ]


def _bare(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("’", "'").casefold()


def _words(text: str) -> list[str]:
    return [re.sub(r"'s$", "", word) for word in _WORD.findall(_bare(text))]


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


def _is_supported(title: str, chapter: str, language: str | None) -> bool:
    known = frozenset(_words(chapter))
    if _PAIRED.search(title):
        return _pairs_are_said(title, chapter, language) and all(
            word in _bare(chapter) for word in re.findall(r"[a-z0-9]+", _bare(title))
        )
    plain = stop_words(language) | filler_words(language) | _EDITORIAL
    tokens = _WORD.findall(unicodedata.normalize("NFKC", title))
    content = [t for t in tokens if _bare(t) not in plain or (t.isupper() and len(t) > 2)]
    # A title of stop words must be said word for word.
    if not content:
        return all(_bare(token) in known | _EDITORIAL for token in tokens)
    strict = [t for i, t in enumerate(tokens) if t in content and _is_name(t, i, tokens, language)]
    if not all(_is_said(t, known, language, strictly=True) for t in strict):
        return False
    said = sum(_is_said(t, known, language, strictly=False) for t in content)
    return said >= _LEAST_SHARE * len(content)


def _is_name(token: str, index: int, tokens: Sequence[str], language: str | None) -> bool:
    """Whether a word is a number, has inner capitals or has an unexpected initial capital.

    In title case, and for German nouns, capitals are no evidence; all such words count as names.
    """
    if any(c.isdigit() for c in token) or any(c.isupper() for c in token[1:]):
        return True
    if not token[:1].isupper() or not has_case(language):
        return False
    return index > 0 or sum(other[:1].isupper() for other in tokens) > 1


def _is_said(token: str, known: frozenset[str], language: str | None, *, strictly: bool) -> bool:
    word = re.sub(r"'s$", "", _bare(token))
    if word in known:
        return True
    if any(c.isdigit() for c in word):
        return False
    if any(_is_inflection(word, other) for other in known):
        return True
    if not strictly and len(word) > 5:
        return any(other[:5] == word[:5] for other in known)
    return language in _COMPOUNDING and _is_compound(word, known)


def _is_inflection(word: str, other: str) -> bool:
    bare = _ENDING.sub("", word)
    if len(bare) >= 3 and bare == _ENDING.sub("", other):
        return True
    short, long = sorted((word, other), key=len)
    return len(short) >= 4 and len(long) - len(short) <= 2 and long.startswith(short)


def _is_compound(word: str, known: frozenset[str]) -> bool:
    """Whether a word is made of two known ones: "Brotteig" of "Brot" and "Teig"."""
    for at in range(3, len(word) - 2):
        first, second = word[:at], word[at:]
        if second in known and (first in known or first.removesuffix("s") in known):
            return True
    return False


def _pairs_are_said(title: str, chapter: str, language: str | None) -> bool:
    said = "".join(c for c in _bare(chapter) if _PAIRED.match(c))
    text = _bare(title)
    for word in sorted(stop_words(language), key=len, reverse=True):
        # Question words, for example; those of one character may be parts of other words.
        if len(word) > 1 and not has_spaces(language):
            text = text.replace(word, " ")
    covered: list[bool] = []
    for run in re.findall(rf"(?:{_PAIRED.pattern})+", text):
        pairs = [run[at : at + 2] in said for at in range(len(run) - 1)]
        around = zip([False, *pairs], [*pairs, False], strict=True)
        # Hiragana is mostly grammar, in which the title may differ.
        covered += [a or b for (a, b), c in zip(around, run, strict=True) if not _KANA.match(c)]
    return bool(covered) and sum(covered) >= _LEAST_SHARE * len(covered)
