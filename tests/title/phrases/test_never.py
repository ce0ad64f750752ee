"""Phrases that are never titles, and questions that read like titles."""

from __future__ import annotations

import pytest

from chapterize.title.phrases.never import asks_well, is_title, may_stand_alone


@pytest.mark.parametrize(
    "question",
    [
        "what is a rollup", "how do you test a component", "how often do we see empty blocks",
        "can you explain the carve out", "who uses static types", "what's your favourite editor",
        "which wallet is best", "is it worth it",
    ],
)  # fmt: skip
def test_complete_questions_are_accepted(question: str) -> None:
    assert asks_well(question.split())


@pytest.mark.parametrize(
    "question",
    [
        "is how is your fitness going", "what the attacker", "what", "how is", "what is what",
        "what do do we need", "are so many blocks", "how do you um test", "what is it like",
        "is bitcoin", "what is is it",
    ],
)  # fmt: skip
def test_incomplete_questions_are_rejected(question: str) -> None:
    assert not asks_well(question.split())


@pytest.mark.parametrize(
    ("phrase", "tags"),
    [
        ("kinds of tools", "nPn"), ("other day", "jn"), ("good question", "jn"),
        ("345 dollars", "kn"), ("holy shit", "jn"), ("cri criteria", "nn"),
        ("lot of money", "nPn"), ("rope rope", "nn"), ("iframes iframe", "nn"),
        ("user 3", "nk"), ("madam chair", "nm"), ("losing 250 blocks", "gkn"),
        ("two hardware wallets", "knn"), ("every single workout", "djn"), ("xg r_0", "mm"),
        ("current workout", "jn"), ("limited number", "jn"), ("update 2 plan", "nkn"),
        ("worst case", "jn"), ("sapper dot dev", "mnn"),
    ],
)  # fmt: skip
def test_empty_profane_and_broken_phrases_are_no_titles(phrase: str, tags: str) -> None:
    assert not is_title(phrase.split(), tags)


@pytest.mark.parametrize(
    ("phrase", "tags"),
    [
        ("51 pegasus", "km"),
        ("rope", "n"),
        ("four stages of sleep", "knPn"),
        ("apple and android", "mcm"),
        ("type system", "nn"),
        ("two factor authentication", "knn"),
        ("offers of office", "nPn"),
    ],
)
def test_noun_phrases_are_titles(phrase: str, tags: str) -> None:
    assert is_title(phrase.split(), tags)


def test_a_single_word_is_a_name_or_uncommon() -> None:
    assert may_stand_alone("minister", "n", 9.0)
    assert may_stand_alone("may", "m", 4.0)
    assert not may_stand_alone("money", "n", 6.0)
    assert may_stand_alone("ai", "m", 9.2)
    assert not may_stand_alone("c", "m", 9.0)
    assert not may_stand_alone("features", "n", 9.0)
    assert not may_stand_alone("bob", "m", 9.0)
