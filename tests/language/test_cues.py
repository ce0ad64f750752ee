"""Phrases that announce a new topic."""

from __future__ import annotations

import pytest

from chapterize.language import find_cue_words


def test_a_phrase_late_in_a_long_japanese_sentence_is_not_a_cue() -> None:
    late = "私が昨日の夜に友達と一緒に食べたとても美味しい料理についてお話し"
    assert find_cue_words(late, "ja") == ()


@pytest.mark.parametrize(
    ("text", "language", "phrase"),
    [
        ("Okay, so, let’s talk about brakes.", "en", "let's talk about"),
        ("Alright, next up we have the gears.", "en", "next up"),
        ("Finally, the chain.", "en", "finally"),
        ("Kommen wir zum nächsten Thema.", "de", "kommen wir zum"),
        ("Pasemos a la segunda parte.", "es", "pasemos a"),
        ("Passons à la deuxième partie.", "fr", "passons à"),
        ("Vamos falar de freios.", "pt", "vamos falar"),
        ("Passiamo alla catena.", "it", "passiamo alla"),
        ("Итак, перейдём к тормозам.", "ru", "перейдём к"),
        ("それでは、次のテーマに移ります。", "ja", "に移ります"),
        ("接下来我们看刹车。", "zh", "接下来"),
    ],
)
def test_cue_phrases_are_found_at_a_sentence_start(text: str, language: str, phrase: str) -> None:
    assert phrase in find_cue_words(text, language)
    assert phrase in find_cue_words(text, None)


@pytest.mark.parametrize(
    "text",
    [
        "So I went there next week.",
        "Now it rains.",
        "And we finally arrived in the evening.",
        "The brakes of this old bike were so bad that we said let's talk about it.",
        "",
    ],
)
def test_weak_or_late_words_are_not_cues(text: str) -> None:
    assert find_cue_words(text, "en") == ()


def test_an_unknown_language_has_no_cue_phrases() -> None:
    assert find_cue_words("Let's talk about it.", "xx") == ()
