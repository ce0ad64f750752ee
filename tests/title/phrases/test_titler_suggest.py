"""Several titles for one chapter, to choose from."""

from __future__ import annotations

import pytest

from chapterize.title import KeyphraseTitler
from tests.title.phrases.test_titler import ENGLISH, GERMAN


@pytest.mark.parametrize(("chapters", "language"), [(ENGLISH, "en"), (GERMAN, "de")])
def test_suggestions_are_different_and_the_best_come_first(
    chapters: list[list[str]], language: str
) -> None:
    titler = KeyphraseTitler()
    for number in range(len(chapters)):
        found = titler.suggest(chapters, number, language=language, most=4)
        assert 2 <= len(found) <= 4
        assert len({title.casefold() for title in found}) == len(found)
        assert found == titler.suggest(chapters, number, language=language, most=9)[: len(found)]


def test_the_first_suggestion_is_the_title_of_a_draft() -> None:
    titler = KeyphraseTitler()
    title = titler.title(ENGLISH, language="en")[1]
    assert titler.suggest(ENGLISH, 1, language=None)[0] == title


def test_a_chapter_without_words_has_no_suggestion() -> None:
    assert KeyphraseTitler().suggest([["Hello and welcome."], []], 1, language="en") == ()
    assert KeyphraseTitler().suggest([[""]], 0, language="de") == ()
