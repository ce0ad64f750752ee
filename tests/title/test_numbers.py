"""Numbered titles."""

from __future__ import annotations

import pytest

from chapterize.title import numbered_titles


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Chapter 2"), ("de", "Kapitel 2"), ("es-MX", "Capítulo 2"), ("ja", "第2章"),
        ("hu", "2. fejezet"), (None, "Chapter 2"), ("xx", "Chapter 2"),
    ],
)  # fmt: skip
def test_numbered_titles_are_in_the_language(language: str | None, expected: str) -> None:
    assert numbered_titles(3, language)[1] == expected
