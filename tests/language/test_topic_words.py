"""Words that name a topic, whatever an apostrophe ties to them."""

from __future__ import annotations

import re

import pytest

from chapterize.language import stop_words, topic_words


@pytest.mark.parametrize("apostrophe", ["'", "’", "‘", "ʼ", "＇", "´"])
def test_no_contraction_of_a_stop_word_is_left(apostrophe: str) -> None:
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
def test_words_keep_their_stem_and_lose_what_is_tied_to_it(
    language: str | None, text: str, expected: list[str]
) -> None:
    assert topic_words(text, language) == expected


def test_a_word_with_an_apostrophe_never_leaves_half_of_a_stop_word() -> None:
    halves = {re.sub(r"'t$", "", word) for word in stop_words("en") if word.endswith("n't")}
    text = " ".join(f"{half}'t" for half in sorted(halves))
    assert not halves.intersection(topic_words(text, "en"))
