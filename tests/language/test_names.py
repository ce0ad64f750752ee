"""Language codes and names, from tags, file names and user input."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chapterize.errors import InputError
from chapterize.language import (
    has_case,
    has_spaces,
    language_code,
    language_from,
    language_name,
    normalise_language,
)
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


def test_every_code_of_whisper_and_its_name_are_recognised() -> None:
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
def test_unknown_languages_are_refused_with_similar_names(typed: str, hint: str) -> None:
    with pytest.raises(InputError, match="unknown language") as caught:
        language_from(typed)
    assert hint in caught.value.hint
    assert caught.value.exit_code == 2


def test_whisper_knows_the_languages_that_the_package_lists() -> None:
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    assert {language_from(code) for code in _LANGUAGE_CODES} == WHISPER_LANGUAGES
    assert "jv" in WHISPER_LANGUAGES
    assert "gsw" not in WHISPER_LANGUAGES


def test_a_code_has_an_english_name() -> None:
    assert language_name("de") == "German"
    assert language_name("haw") == "Hawaiian"
    assert language_name("qqq") == "qqq"
    assert language_name("no language") == "no language"


def test_langcodes_is_imported_only_when_needed() -> None:
    code = "import sys, chapterize.language; print('langcodes' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        *(("en", "en"), ("en-US", "en"), ("zh-Hans", "zh"), ("eng", "en"), ("ger", "de")),
        *(("English", "en"), ("deutsch", "de"), ("español", "es"), ("日本語", "ja"), ("ga", "ga")),
        *(("hd", None), ("v2", None), ("st", None), ("new", None), ("the", None), ("final", None)),
        *(("", None), (None, None), ("und", None), ("english-auto", None)),
    ],
)
def test_tags_and_names_in_file_names_become_a_code(tag: str | None, code: str | None) -> None:
    assert language_code(tag) == code


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("pt-BR", "pt"), ("zh_Hans", "zh"), ("eng", "en"), ("GER", "de"), ("nb", "no"),
        ("und", None), ("", None), (None, None), ("x1", None),
    ],
)  # fmt: skip
def test_language_tags_become_two_letters(code: str | None, expected: str | None) -> None:
    assert normalise_language(code) == expected


def test_some_scripts_have_no_spaces_or_capitals() -> None:
    assert [has_spaces(code) for code in ("en", "ko", None, "ja", "zh-TW", "th")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    assert [has_case(code) for code in ("de", "ru", None, "ar", "ja")] == [
        True, True, True, False, False,
    ]  # fmt: skip
