"""Languages as people type them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chapterize.errors import InputError
from chapterize.language import language_from, language_name, whisper_knows
from chapterize.language.names import WHISPER_LANGUAGES


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        *(("de", "de"), ("DE", "de"), (" de\n", "de"), ("deu", "de"), ("ger", "de")),
        *(("de-AT", "de"), ("pt-BR", "pt"), ("zh_TW", "zh"), ("zh-Hant", "zh"), ("EN-us", "en")),
        *(("German", "de"), ("GERMAN", "de"), ("Deutsch", "de"), ("allemand", "de")),
        *(("español", "es"), ("ESPAÑOL", "es"), ("Espanol", "es"), ("Castilian", "es")),
        *(
            ("日本語", "ja"),
            ("中文", "zh"),
            ("Mandarin", "zh"),
            ("한국어", "ko"),
            ("русский", "ru"),
        ),
        *(("Brazilian Portuguese", "pt"), ("Farsi", "fa"), ("Myanmar", "my"), ("Flemish", "nl")),
        *(
            ("русский", "ru"),
            ("iw", "he"),
            ("jw", "jv"),
            ("nb", "no"),
            ("norsk", "no"),
            ("nynorsk", "nn"),
        ),
        *(("fil", "tl"), ("Tagalog", "tl"), ("cmn", "zh"), ("yue", "yue"), ("Cantonese", "yue")),
        *(("Hawaiian", "haw"), ("Swiss German", "gsw"), ("tlh", "tlh"), ("Scots Gaelic", "gd")),
    ],
)
def test_codes_and_names_become_an_iso_code(typed: str, code: str) -> None:
    assert language_from(typed) == code


def test_a_code_that_was_found_is_found_again() -> None:
    for code in WHISPER_LANGUAGES:
        assert language_from(code) == code
        assert language_from(language_name(code)) == code


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("Germn", "did you mean de (German)?"),
        ("Germanium", "did you mean de (German)?"),
        ("jp", "did you mean ja (Japanese)?"),
        ("cn", "did you mean zh (Chinese)?"),
        ("xx", "give a code such as de"),
        ("qqq", "give a code such as de"),
        ("und", "give a code such as de"),
        ("e", "give a code such as de"),
        ("", "give a code such as de"),
        ("german,english", "give a code such as de"),
        ("auto", "leave --language out"),
    ],
)
def test_what_is_no_language_is_refused_with_near_matches(typed: str, hint: str) -> None:
    with pytest.raises(InputError, match="no language is called") as caught:
        language_from(typed)
    assert hint in caught.value.hint
    assert caught.value.exit_code == 3


def test_whisper_knows_the_languages_that_the_package_lists() -> None:
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    assert {language_from(code) for code in _LANGUAGE_CODES} == WHISPER_LANGUAGES
    assert whisper_knows("jv")
    assert not whisper_knows("gsw")


def test_a_code_has_an_english_name() -> None:
    assert language_name("de") == "German"
    assert language_name("haw") == "Hawaiian"
    assert language_name("qqq") == "qqq"
    assert language_name("no language") == "no language"


def test_the_names_are_loaded_only_when_a_language_is_typed() -> None:
    code = "import sys, chapterize.language; print('langcodes' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
