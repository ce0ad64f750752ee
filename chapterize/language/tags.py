"""Names of languages, and what their scripts know."""

from __future__ import annotations

import re

__all__ = ["has_case", "has_spaces", "normalise_language"]

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


def normalise_language(code: str | None) -> str | None:
    """ISO 639-1 code from a tag such as ``pt-BR``, ``zh_Hans``, ``eng`` or ``EN``; None if none."""
    if not code:
        return None
    primary = re.split(r"[-_]", code.strip().lower(), maxsplit=1)[0]
    primary = _CODES.get(primary, primary)
    return primary if len(primary) == 2 and primary.isalpha() else None


def has_spaces(language: str | None) -> bool:
    """Whether words are set apart by spaces; True when the language is unknown."""
    return normalise_language(language) not in _WITHOUT_SPACES


def has_case(language: str | None) -> bool:
    """Whether the script has capital letters; True when the language is unknown."""
    code = normalise_language(language)
    return code not in _WITHOUT_SPACES and code not in _WITHOUT_CASE
