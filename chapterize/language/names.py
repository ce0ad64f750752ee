"""Languages as people type them, and their English names: the border to langcodes."""

from __future__ import annotations

import difflib
import unicodedata
from functools import cache
from typing import Any

from chapterize.errors import InputError

__all__ = ["WHISPER_LANGUAGES", "language_from", "language_name", "whisper_knows"]

WHISPER_LANGUAGES = frozenset(
    """
    af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he
    hi hr ht hu hy id is it ja jv ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl
    nn no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz
    vi yi yo yue zh
    """.split()  # noqa: SIM905
)
"""ISO codes of the languages that Whisper was trained on; ``yue`` since large-v3."""

# The package prefers other names for these: what Whisper and our own word lists know comes first.
_PREFERRED = {"fil": "tl", "cmn": "zh", "nb": "no", "arb": "ar", "pes": "fa", "sh": "sr"}
_SPECIAL = frozenset(("und", "mul", "mis", "zxx", "root"))
_SUGGESTED = 3
_LIKENESS = 0.7


def language_from(text: str) -> str:
    """The ISO 639-1 code of what a user typed, or the ISO 639-3 code where there is no shorter.

    Takes codes (``de``, ``deu``, ``pt-BR``, ``zh_TW``), and names in English, in the language
    itself and in most others (``German``, ``Deutsch``, ``日本語``), in any case.

    Raises
    ------
    InputError : no language is called so; the hint names near matches.
    """
    typed = text.strip()
    code = _by_code(typed) or _by_name(typed)
    if code is not None:
        return code
    near = _near(typed)
    raise InputError(
        f"no language is called {typed!r}",
        why="it is neither a language code nor the name of a language",
        hint=f"did you mean {' or '.join(near)}?"
        if near
        else "give a code such as de or a name such as German, or leave --language out",
    )


def language_name(code: str) -> str:
    """The English name of a language code, ``German``; the code itself where it has none."""
    from langcodes import Language
    from langcodes.tag_parser import LanguageTagError

    try:
        name = Language.get(code).language_name("en")
    except LanguageTagError:
        return code
    return code if name.startswith("Unknown language") else name


def whisper_knows(code: str) -> bool:
    """Whether Whisper can be told to listen for the language of a code from `language_from`."""
    return code in WHISPER_LANGUAGES


def _by_code(text: str) -> str | None:
    from langcodes import Language, tag_is_valid

    if not tag_is_valid(text):
        return None
    language = Language.get(text).language or ""
    code = _PREFERRED.get(language, language)
    # The names take half a second to load: only a rare code is looked up in them.
    is_known = code in WHISPER_LANGUAGES or language_name(code) != code
    return code if is_known and code not in _SPECIAL else None


def _by_name(text: str) -> str | None:
    from langcodes import Language
    from language_data.names import get_trie_value, normalize_name

    # `langcodes.find` takes "german,english" for German; here a name must match as a whole.
    names, key = _names_in_all_languages(), normalize_name(text)
    # Some languages are themselves called by one or two letters.
    if len(key) < 3 and key.isascii():
        return None
    if key not in names:
        return _whisper_names().get(_folded(text))
    language = Language.get(get_trie_value(names, key)).language or ""
    return _PREFERRED.get(language, language)


@cache
def _names_in_all_languages() -> Any:
    from language_data.names import load_trie
    from language_data.util import data_filename

    return load_trie(data_filename("trie/und/name_to_language.marisa"))


def _near(text: str) -> list[str]:
    """Languages that `text` may have been meant for, as ``de (German)``."""
    from langcodes import Language, tag_is_valid

    names = _whisper_names()
    close = difflib.get_close_matches(_folded(text), names, n=8, cutoff=_LIKENESS)
    codes = [names[name] for name in close]
    if len(text) == 2 and tag_is_valid(f"und-{text}"):
        # "jp" and "cn" are countries; what is none counts as English-speaking.
        spoken = Language.get(f"und-{text}").maximize().language or "en"
        codes += [spoken] if spoken != "en" or text.casefold() in ("us", "gb") else []
    return [f"{code} ({language_name(code)})" for code in dict.fromkeys(codes)][:_SUGGESTED]


@cache
def _whisper_names() -> dict[str, str]:
    """Names of Whisper's languages, English and their own, without case and accents."""
    from langcodes import Language

    return {
        _folded(name): code
        for code in sorted(WHISPER_LANGUAGES)
        for name in (Language.get(code).language_name("en"), Language.get(code).autonym())
    }


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
