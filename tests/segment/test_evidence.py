"""Evidence for a chapter to begin at a sentence."""

from __future__ import annotations

from chapterize.data import Evidence, Sentence
from chapterize.segment.evidence import with_words


def talk(*lines: str) -> list[Sentence]:
    return [Sentence(4.0 * i, 4.0 * i + 3.5, line) for i, line in enumerate(lines)]


def test_evidence_names_the_words_that_stop_and_start() -> None:
    sentences = talk(
        "The oven must be hot.", "A hot oven bakes bread.", "Bread likes the oven.",
        "Taxes are due in May.", "May is when taxes hurt.", "Nobody likes taxes.",
    )  # fmt: skip
    found = with_words([Evidence(pause=float(i)) for i in range(6)], sentences, [3], "en")
    assert found[3].words_gone[:2] == ("oven", "bread")
    assert found[3].words_new[0] == "taxes"
    assert found[3].pause == 3.0
    assert found[2] == Evidence(pause=2.0)


def test_words_said_on_both_sides_or_once_are_left_out() -> None:
    sentences = talk("Bread and salt.", "Bread again.", "Bread and pepper.", "More bread.")
    found = with_words([Evidence()] * 4, sentences, [2], "en")
    assert found[2].words_gone == found[2].words_new == ()


def test_runs_of_characters_are_words_in_scripts_without_spaces() -> None:
    sentences = talk("発酵の温度です。", "発酵は大切。", "税金の申告です。", "税金は五月。")
    found = with_words([Evidence()] * 4, sentences, [2], "ja")
    assert "発酵" in found[2].words_gone
    assert "税金" in found[2].words_new


def test_contractions_are_not_topic_words() -> None:
    sentences = talk(
        "You shouldn't burn bread.", "You shouldn’t, don't burn bread.", "Don’t burn bread.",
        "T. rex's teeth couldn’t cut.", "Couldn't T. rex’s teeth cut?", "It wasn't, wasn’t cut.",
    )  # fmt: skip
    found = with_words([Evidence()] * 6, sentences, [3], "en")
    assert set(found[3].words_gone) == {"bread", "burn"}
    assert set(found[3].words_new) == {"cut", "rex", "teeth"}


def test_an_elided_article_is_not_part_of_its_word() -> None:
    sentences = talk("L'eau est là.", "C’est l’eau.", "D'accord, l'or.", "L’or, c'est l’or.")
    found = with_words([Evidence()] * 4, sentences, [2], "fr")
    assert found[2].words_gone == ("eau",)
