"""Numbered titles."""

from __future__ import annotations

import pytest

from chapterize.title import chapter_words, numbered_titles


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Chapter 2"), ("de", "Kapitel 2"), ("es-MX", "Capítulo 2"), ("ja", "第2章"),
        ("hu", "2. fejezet"), (None, "Chapter 2"), ("xx", "Chapter 2"),
    ],
)  # fmt: skip
def test_numbered_titles_are_in_the_language(language: str | None, expected: str) -> None:
    assert numbered_titles(3, language)[1] == expected


def test_the_words_before_a_number_are_known_in_all_languages() -> None:
    words = chapter_words()
    assert {"Chapter", "Kapitel", "Глава", "الفصل"} <= set(words)
    assert len(set(words)) == len(words)
    # Words that enclose the number, or follow it, are no words before it.
    assert not any("{" in word or word in ("第", "fejezet") for word in words)
