"""Language codes and names: from tags, file names and what users type. Wraps langcodes."""

from __future__ import annotations

import difflib
import re
import unicodedata

from chapterize.errors import OptionError

__all__ = [
    "WHISPER_LANGUAGES",
    "has_case",
    "has_spaces",
    "language_code",
    "language_from",
    "language_name",
    "normalise_language",
]

WHISPER_LANGUAGES = frozenset(
    """
    af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he
    hi hr ht hu hy id is it ja jv ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl
    nn no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz
    vi yi yo yue zh
    """.split()  # noqa: SIM905
)
"""ISO codes of the languages that Whisper was trained on; ``yue`` since large-v3."""

# langcodes prefers other codes for these; Whisper and our word lists use the ones given here.
_PREFERRED = {"fil": "tl", "cmn": "zh", "nb": "no", "arb": "ar", "pes": "fa", "sh": "sr"}
# Known without importing langcodes, which takes 70 ms.
# fmt: off
_CODES = {
    "ara": "ar", "bul": "bg", "cat": "ca", "ces": "cs", "chi": "zh", "cmn": "zh", "cze": "cs",
    "dan": "da", "deu": "de", "dut": "nl", "ell": "el", "eng": "en", "est": "et", "fas": "fa",
    "fin": "fi", "fra": "fr", "fre": "fr", "ger": "de", "gre": "el", "heb": "he", "hin": "hi",
    "hrv": "hr", "hun": "hu", "in": "id", "ind": "id", "ita": "it", "iw": "he", "jpn": "ja",
    "kor": "ko", "may": "ms", "msa": "ms", "nb": "no", "nld": "nl", "nn": "no", "nob": "no",
    "nor": "no", "per": "fa", "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro", "rus": "ru",
    "slk": "sk", "slo": "sk", "slv": "sl", "spa": "es", "srp": "sr", "swe": "sv", "tha": "th",
    "tur": "tr", "ukr": "uk", "vie": "vi", "yue": "zh", "zho": "zh",
}
# fmt: on
_WITHOUT_SPACES = frozenset({"ja", "zh", "th", "lo", "km", "my"})
_WITHOUT_CASE = frozenset({"ka", "ar", "fa", "ur", "he", "hi", "bn", "ta", "te", "ko"})
# In file names and streams: "hd", "st" or "new" is seldom a language there.
_EXPECTED = WHISPER_LANGUAGES | {"ga"}
_SPECIAL = frozenset(("und", "mul", "mis", "zxx", "root"))
_SUGGESTED = 3
_LIKENESS = 0.7


def normalise_language(code: str | None) -> str | None:
    """ISO 639-1 code of a tag such as ``pt-BR``, ``zh_Hans``, ``eng`` or ``EN``, or None."""
    if not code:
        return None
    primary = re.split(r"[-_]", code.strip().lower(), maxsplit=1)[0]
    primary = _CODES.get(primary, primary)
    return primary if len(primary) == 2 and primary.isalpha() else None


def language_code(tag: str | None) -> str | None:
    """ISO 639-1 code of a tag or name in a file name, a stream or a recogniser's output.

    Takes ``en``, ``en-US``, ``eng``, ``English`` and names in other languages. None if it names no
    language that captions are expected in: those of Whisper, and Irish.
    """
    code = normalise_language(tag)
    if code is None and tag:
        code = _by_name(tag.strip())
    return code if code in _EXPECTED else None


def language_from(text: str) -> str:
    """ISO 639-1 code of the language a user typed, or ISO 639-3 if there is no shorter one.

    Takes codes (``de``, ``deu``, ``pt-BR``, ``zh_TW``) and names in English, in the language itself
    or in most other languages (``German``, ``Deutsch``, ``日本語``), in upper or lower case.

    Raises
    ------
    InputError : no language has this code or name; the hint suggests similar ones.
    """
    typed = text.strip()
    code = _by_code(typed) or _by_name(typed)
    if code is not None:
        return code
    near = _near(typed)
    hint = "give a code such as de or a name such as German, or leave --language out"
    raise OptionError(
        f"unknown language {typed!r}",
        why="it is neither a language code nor the name of a language",
        hint=f"did you mean {' or '.join(near)}?" if near else hint,
    )


def language_name(code: str) -> str:
    """English name of a language code, such as ``German``; the code itself if it has none."""
    from langcodes import Language
    from langcodes.tag_parser import LanguageTagError

    try:
        name = Language.get(code).language_name("en")
    except LanguageTagError:
        return code
    return code if name.startswith("Unknown language") else name


def _by_code(text: str) -> str | None:
    from langcodes import Language, tag_is_valid

    if not tag_is_valid(text):
        return None
    language = Language.get(text).language or ""
    code = _PREFERRED.get(language, language)
    # The names take half a second to load: look up only rare codes.
    is_known = code in WHISPER_LANGUAGES or language_name(code) != code
    return code if is_known and code not in _SPECIAL else None


def _by_name(text: str) -> str | None:
    from langcodes import Language
    from language_data.names import get_trie_value, load_trie, normalize_name
    from language_data.util import data_filename

    # `langcodes.find` reads "german,english" as German; here the whole name must match.
    names, key = load_trie(data_filename("trie/und/name_to_language.marisa")), normalize_name(text)
    # The names of some languages have only one or two letters.
    if len(key) < 3 and key.isascii():
        return None
    if key not in names:
        return _whisper_names().get(_folded(text))
    language = Language.get(get_trie_value(names, key)).language or ""
    return _PREFERRED.get(language, language)


def _near(text: str) -> list[str]:
    """Languages with a similar code or name, as ``de (German)``."""
    from langcodes import Language, tag_is_valid

    names = _whisper_names()
    close = difflib.get_close_matches(_folded(text), names, n=8, cutoff=_LIKENESS)
    codes = [names[name] for name in close]
    if len(text) == 2 and tag_is_valid(f"und-{text}"):
        # "jp" and "cn" are countries; langcodes takes English for unknown ones.
        spoken = Language.get(f"und-{text}").maximize().language or "en"
        codes += [spoken] if spoken != "en" or text.casefold() in ("us", "gb") else []
    return [f"{code} ({language_name(code)})" for code in dict.fromkeys(codes)][:_SUGGESTED]


def _whisper_names() -> dict[str, str]:
    """Lower-case, accent-free names of Whisper's languages → code, in English and their own."""
    from langcodes import Language

    return {
        _folded(name): code
        for code in sorted(WHISPER_LANGUAGES)
        for name in (Language.get(code).language_name("en"), Language.get(code).autonym())
    }


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def has_spaces(language: str | None) -> bool:
    """Whether spaces separate words; True when the language is unknown."""
    return normalise_language(language) not in _WITHOUT_SPACES


def has_case(language: str | None) -> bool:
    """Whether the script has capital letters; True when the language is unknown."""
    code = normalise_language(language)
    return code not in _WITHOUT_SPACES and code not in _WITHOUT_CASE
