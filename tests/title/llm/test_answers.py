"""The form of a model's answer."""

from __future__ import annotations

import pytest

from chapterize.title.llm.answers import MAX_CHARACTERS, fold, tidy, why_malformed
from tests.texts import BREAD

BREAD_EN = " ".join(BREAD)


@pytest.mark.parametrize(
    ("title", "why"),
    [
        ("", "empty"),
        (" … ?!", "empty"),
        ("Bread\nand dough", "plain line"),
        ("Bread \u202edough", "plain line"),
        ("bread " * 12 + "dough", f"longer than {MAX_CHARACTERS}"),
        ("Bread at 12:30", "time"),
        ("0:00 Bread", "time"),
        ("<b>Bread</b>", "markup"),
        ("**Bread** dough", "markup"),
        ("[Bread](http://example.com)", "markup"),
        ("Bread at www.example.com", "markup"),
        ("Mail bread@example.com", "markup"),
        ("Хлеб и тесто", "script"),
        ("パンの生地", "script"),
        ("Testing the Yeah", "unfinished"),
        ("Bread, dough and the", "unfinished"),
    ],
)
def test_a_wrong_form_is_named(title: str, why: str) -> None:
    reason = why_malformed(tidy(title), BREAD_EN)
    assert reason is not None
    assert why in reason


@pytest.mark.parametrize(
    "title",
    [
        "1. Baking bread",
        '"Baking bread"',
        "Chapter 3: Baking bread.",
        "„Baking bread“",
        "Baking bread:",
    ],
)
def test_labels_quotes_and_marks_around_a_title_are_removed(title: str) -> None:
    assert tidy(title) == "Baking bread"


def test_only_questions_keep_a_question_mark() -> None:
    assert tidy("How to bake bread?") == "How to bake bread"
    assert tidy("Why does bread rise?") == "Why does bread rise?"
    assert tidy("What is bread for?") == "What is bread for?"


def test_titles_that_begin_with_a_number_keep_it() -> None:
    assert tidy("3 eggs and flour") == "3 eggs and flour"
    assert tidy("2019 in review") == "2019 in review"


def test_titles_that_look_the_same_have_the_same_key() -> None:
    assert fold("Bread and Dough") == fold("dough and breads")
    assert fold("Bread and Dough") != fold("Bread")
