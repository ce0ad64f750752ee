"""Habits in titles."""

from __future__ import annotations

import pytest

from chapterize.profiles.titles import case_of, in_title_case, introduction, is_introduction


@pytest.mark.parametrize(
    "title",
    ["Introduction", "INTRO", "1. Introduction", "Einleitung", "Введение", "はじめに", "Intro:"],
)
def test_an_introduction_is_recognised_in_any_language(title: str) -> None:
    assert is_introduction(title)


@pytest.mark.parametrize("title", ["Introduction to bees", "Bees", "", "12"])
def test_other_titles_are_no_introduction(title: str) -> None:
    assert not is_introduction(title)


def test_an_introduction_has_a_title_in_the_language_of_the_transcript() -> None:
    assert introduction(None) == "Introduction"
    assert introduction("de") == "Einleitung"
    assert introduction("pt-BR") == "Introdução"
    assert introduction("eo") is None


def test_the_case_of_a_list_is_that_of_its_words_after_the_first() -> None:
    assert case_of(["The Rise of Water", "Open Sea", "Rope and Fish"]) == "title"
    assert case_of(["The rise of water", "Open sea", "Lisa and the fish"]) == "sentence"
    assert case_of(["One", "Two", "Three"]) == "mixed"
    assert case_of(["潮の満ち引き", "海"]) == "mixed"
    assert case_of([]) == "mixed"


def test_title_case_leaves_small_words_and_written_capitals() -> None:
    assert in_title_case("the rise of open water") == "The Rise of Open Water"
    assert in_title_case("what NASA is for") == "What NASA Is For"
    assert in_title_case("iPhone and x") == "iPhone and X"
    assert in_title_case("") == ""
