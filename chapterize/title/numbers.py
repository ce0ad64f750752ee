"""Numbered titles."""

from __future__ import annotations

from chapterize.language import normalise_language

__all__ = ["chapter_words", "numbered_titles"]

# fmt: off
_NUMBERED = {
    "en": "Chapter {}", "ar": "الفصل {}", "bg": "Глава {}", "ca": "Capítol {}",
    "cs": "Kapitola {}", "da": "Kapitel {}", "de": "Kapitel {}", "el": "Κεφάλαιο {}",
    "es": "Capítulo {}", "fa": "فصل {}", "fi": "Luku {}", "fr": "Chapitre {}", "he": "פרק {}",
    "hi": "अध्याय {}", "hr": "Poglavlje {}", "hu": "{}. fejezet", "id": "Bab {}",
    "it": "Capitolo {}", "ja": "第{}章", "ko": "제{}장", "nl": "Hoofdstuk {}",
    "no": "Kapittel {}", "pl": "Rozdział {}", "pt": "Capítulo {}", "ro": "Capitolul {}",
    "ru": "Глава {}", "sk": "Kapitola {}", "sr": "Поглавље {}", "sv": "Kapitel {}",
    "th": "บทที่ {}", "tr": "Bölüm {}", "uk": "Розділ {}", "vi": "Chương {}", "zh": "第{}章",
}
# fmt: on


def numbered_titles(n: int, language: str | None) -> tuple[str, ...]:
    """``Chapter 1`` to ``Chapter n`` in the language, in English if the word is not known."""
    form = _NUMBERED.get(normalise_language(language) or "en", _NUMBERED["en"])
    return tuple(form.format(number) for number in range(1, n + 1))


def chapter_words() -> tuple[str, ...]:
    """The words before a chapter's number in all languages, such as ``Chapter``."""
    words = (form.removesuffix("{}").strip() for form in _NUMBERED.values())
    return tuple(dict.fromkeys(word for word in words if word and "{}" not in word))
