"""Stop words, fillers, and the words that name a topic."""

from __future__ import annotations

import re

import pytest

from chapterize.language import filler_words, stop_words, topic_words


@pytest.mark.parametrize("apostrophe", ["'", "’", "‘", "ʼ", "＇", "´"])
def test_contractions_of_stop_words_are_dropped(apostrophe: str) -> None:
    contracted = [word for word in stop_words("en") if "'" in word]
    assert len(contracted) > 60
    contracted += ["could've", "shouldn't've", "they'd've", "daren't", "what're", "o'clock"]
    contracted += ["doin'", "y'all", "d'you"]
    text = " ".join(contracted).replace("'", apostrophe)
    assert topic_words(text, "en") == []
    assert topic_words(text.upper(), "en") == []


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "T. rex's teeth, T. rex’s jaw", ["rex", "teeth", "rex", "jaw"]),
        ("en", "the students' union and 'quoted text'", ["students", "union", "quoted", "text"]),
        ("en", "O'Brien's kettle", ["o'brien", "kettle"]),
        ("fr", "L’eau, c'est l'hôtel qu'il a", ["eau", "hôtel"]),
        ("fr", "D’accord, aujourd'hui jusqu'à l’Île-de-France", ["île", "france"]),
        ("it", "C'è l'acqua dell’università", ["acqua", "università"]),
        ("de", "Geht's um Lisa's Garten?", ["lisa", "garten"]),
        ("tr", "Türkiye'nin Atatürk’ün", ["türkiye", "atatürk"]),
        ("uk", "комп’ютер", ["комп'ютер"]),
        ("hi", "हिन्दी व्याकरण", ["हिन्दी", "व्याकरण"]),
        ("ja", "発酵の温度とデータ", ["発酵", "温度", "データ"]),
        (None, "don't, l'eau, Rex's bell's", ["eau", "rex", "bell"]),
    ],
)
def test_words_lose_what_an_apostrophe_attaches(
    language: str | None, text: str, expected: list[str]
) -> None:
    assert topic_words(text, language) == expected


def test_no_half_of_a_contracted_stop_word_is_left() -> None:
    halves = {re.sub(r"'t$", "", word) for word in stop_words("en") if word.endswith("n't")}
    text = " ".join(f"{half}'t" for half in sorted(halves))
    assert not halves.intersection(topic_words(text, "en"))


def test_stop_words_know_contractions_with_and_without_apostrophe() -> None:
    assert {"the", "don't", "dont", "we're", "thats", "couldnt"} <= stop_words("en")
    assert {"hell", "shell", "shed", "computer", "system", "web"}.isdisjoint(stop_words("en"))


@pytest.mark.parametrize(
    ("language", "stop", "topic"),
    [
        ("de", "und", "garten"), ("es", "pero", "trabajo"), ("fr", "avec", "parole"),
        ("it", "perché", "città"), ("pt", "não", "sistema"), ("ru", "что", "москва"),
        ("ja", "です", "写真"), ("zh", "我们", "照片"), ("sv", "och", "hus"), ("th", "ที่", "ดนตรี"),
    ],
)  # fmt: skip
def test_stop_words_do_not_contain_topics(language: str, stop: str, topic: str) -> None:
    assert stop in stop_words(language)
    assert topic not in stop_words(language)


def test_fillers_are_words_of_speech() -> None:
    assert {"um", "gonna", "okay", "basically"} <= filler_words("en")
    assert {"äh", "halt"} <= filler_words("de-AT")


def test_an_unknown_language_has_no_stop_words_and_no_fillers() -> None:
    assert stop_words("xx") == stop_words(None) == filler_words("xx") == frozenset()
