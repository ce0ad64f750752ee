"""Titles count as right if their words are: typography and numbering make no difference."""

from __future__ import annotations

import pytest

from chapterize.remote.same_title import pair_titles


def is_same(planned: str, shown: str) -> bool:
    return pair_titles([(planned, 0.0)], [(shown, 0.0)]) == {0: 0}


@pytest.mark.parametrize(
    "shown",
    [
        *(
            "Chapter: Bees",
            "Chapter 3: Bees",
            "CHAPTER 3 - Bees",
            "Chapter 12. Bees",
            "Part 2: Bees",
        ),
        *("3. Bees", "3) Bees", "(3) Bees", "#3: Bees", "3 – Bees", "03 | Bees", "[3] Bees"),
        *("第3章 Bees", "第三章：Bees", "제3장 Bees", "Kapitel 3 – Bees", "Chapitre 3 : Bees"),
        *("3. fejezet: Bees", "Глава 3. Bees", "00:12 Bees", "1:02:03 - Bees"),
        *("Bees.", " bees ", "“Bees”", "'Bees'", "Ｂｅｅｓ", "Bees…"),
    ],
)
def test_a_number_or_another_typography_leaves_a_title_the_same(shown: str) -> None:
    assert is_same("Bees", shown)
    assert is_same(shown, "Bees")


@pytest.mark.parametrize(
    ("planned", "shown"),
    [
        *(("It’s “fine” – or not…", 'it\'s "fine" - or not...'), ("A—B", "A-B")),
        *(("Don‘t", "Don't"), ("„Ja“, sagt sie", '"Ja", sagt sie'), ("「蜂」の話", '"蜂"の話')),
        *(("Chapter 3: Bees", "3. Bees"), ("Kapitel 3 – Bienen", "Chapter 3: Bienen")),
    ],
)
def test_quotes_dashes_and_dots_may_be_of_another_kind(planned: str, shown: str) -> None:
    assert is_same(planned, shown)


@pytest.mark.parametrize(
    ("planned", "shown"),
    [
        *(("Bees", "Beez"), ("Bees", "Bees and wasps"), ("Bees", "Bees 2"), ("Bees?", "Bees!")),
        *(("Part 1: Bees", "Part 2: Bees"), ("1. Bees", "2. Bees"), ("Chapter 1", "Chapter 2")),
        *(("2 million users", "3 million users"), ("1984", "1985"), ("Bees", ""), ("", "Bees")),
        *(("Chapter 3", "3"), ("Partial answers", "ial answers")),
    ],
)
def test_other_words_and_other_numbers_are_another_title(planned: str, shown: str) -> None:
    assert not is_same(planned, shown)


def test_the_most_alike_are_paired_first() -> None:
    planned = [("Bees", 0.0), ("2. Bees", 60.0)]
    shown = [("2. Bees", 0.0), ("Bees", 60.0)]
    assert pair_titles(planned, shown) == {0: 1, 1: 0}


def test_of_the_same_titles_the_closest_are_paired() -> None:
    planned = [("Break", 0.0), ("Break", 60.0)]
    assert pair_titles(planned, [("3. Break", 61.0), ("1. Break", 1.0)]) == {0: 1, 1: 0}
    assert pair_titles(planned, [("3. Break", 61.0)]) == {1: 0}
