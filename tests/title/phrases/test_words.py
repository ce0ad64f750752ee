"""Words of a sentence, and their usual spelling."""

from __future__ import annotations

from chapterize.title.phrases.words import spelling_of, tokens_of


def test_punctuation_breaks_phrases_but_not_names_with_an_initial() -> None:
    assert tokens_of("The T. rex, a giant. It ran.", "en") == [
        *("The", "T. rex", "", "a", "giant", "", "It", "ran")
    ]
    assert tokens_of("Take plan B. then go.", "en") == ["Take", "plan", "B", "", "then", "go"]


def test_spelled_letters_are_one_word() -> None:
    assert tokens_of("An L_C_D screen", "en") == ["An", "LCD", "screen"]


def test_a_capital_at_the_start_of_a_sentence_is_no_spelling() -> None:
    assert spelling_of([["Ropes", "hold"], ["Ropes"]])["ropes"] == "ropes"
    assert spelling_of([["The", "NASA", "budget"]])["nasa"] == "NASA"
