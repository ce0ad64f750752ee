"""ROUGE-L of titles, worked by hand."""

from __future__ import annotations

import pytest

from chapterize.evaluate import rouge_l, title_rouge


def test_rouge_is_the_f1_of_the_longest_common_subsequence() -> None:
    # "the cat the mat" of 6 and 5 words: 2 * 4 / 11.
    assert rouge_l("the cat sat on the mat", "the cat lay, the mat") == pytest.approx(8 / 11)
    # Order counts: "police ended" is not in sequence with "the gunman".
    assert rouge_l("police killed the gunman", "the gunman killed police") == pytest.approx(4 / 8)
    assert rouge_l("Bread", "stars") == 0.0


def test_case_and_punctuation_do_not_count() -> None:
    assert rouge_l("Let's bake: Bread!", "let s bake bread") == 1.0


def test_text_without_words_earns_nothing() -> None:
    assert rouge_l("…", "…") == 0.0
    assert rouge_l("", "bread") == 0.0


def test_scripts_without_spaces_are_compared_by_characters() -> None:
    # Three of the four characters in sequence, of five and four.
    assert rouge_l("星空の観察", "星の観測") == pytest.approx(2 * 3 / 9)
    assert rouge_l("Python入門", "python 入門") == 1.0


def test_the_same_division_is_compared_title_by_title() -> None:
    found = title_rouge((0, 5), ("bread", "stars"), (0, 5), ("bread", "bread"), 10)
    assert found == pytest.approx(0.5)


def test_each_reference_chapter_takes_the_found_one_that_covers_it_most() -> None:
    # [0, 6) shares 2 units with "a" and 4 with "b"; [6, 10) lies in "b" alone.
    titles = ("b", "b")
    assert title_rouge((0, 6), titles, (0, 2), ("a", "b"), 10) == 1.0
    # Equal shares: the earlier.
    assert title_rouge((0,), ("a",), (0, 5), ("a", "b"), 10) == 1.0


def test_chapters_without_a_title_are_left_out() -> None:
    assert title_rouge((0, 5), (None, "stars"), (0, 5), ("x", "stars"), 10) == 1.0
    assert title_rouge((0,), (None,), (0,), ("x",), 10) is None
