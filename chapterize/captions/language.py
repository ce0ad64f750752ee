"""Language tags as they stand in file names, streams and recognisers' output."""

from __future__ import annotations

from chapterize.language import normalise_language

__all__ = ["language_code"]

_NAMES = {
    **{"arabic": "ar", "bulgarian": "bg", "chinese": "zh", "mandarin": "zh", "croatian": "hr"},
    **{"czech": "cs", "danish": "da", "dansk": "da", "dutch": "nl", "nederlands": "nl"},
    **{"english": "en", "finnish": "fi", "french": "fr", "français": "fr", "german": "de"},
    **{"deutsch": "de", "greek": "el", "hebrew": "he", "hindi": "hi", "hungarian": "hu"},
    **{"magyar": "hu", "indonesian": "id", "italian": "it", "italiano": "it", "japanese": "ja"},
    **{"korean": "ko", "norwegian": "no", "norsk": "no", "persian": "fa", "polish": "pl"},
    **{"polski": "pl", "portuguese": "pt", "português": "pt", "romanian": "ro", "russian": "ru"},
    **{"slovak": "sk", "slovenian": "sl", "spanish": "es", "español": "es", "swedish": "sv"},
    **{"svenska": "sv", "thai": "th", "turkish": "tr", "ukrainian": "uk", "vietnamese": "vi"},
}
# Two letters in a file name are often no language ("hd", "v2"): only these are taken for one.
_CODES = """
    af am ar as az be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr ga gl gu ha he
    hi hr ht hu hy id is it ja jv ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my
    ne nl no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt
    uk ur uz vi yi yo zh
"""
_IS_CODE = frozenset(_CODES.split())


def language_code(tag: str | None) -> str | None:
    """The ISO 639-1 code of ``en``, ``en-US``, ``eng``, ``English``; None when it is not one."""
    if not tag:
        return None
    code = _NAMES.get(tag.strip().casefold()) or normalise_language(tag)
    return code if code in _IS_CODE else None
