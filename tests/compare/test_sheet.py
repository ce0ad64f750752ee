"""Blind sheets: what they show, and what they do not give away."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from chapterize.compare import PERSON, Sheet, TitledDocument, dump_sheet, make_sheet
from chapterize.data import Sentence
from tests.compare.documents import document

OURS = ("Bread | dough", "The night sky", "Tax return")


def sheet(*, seed: int = 0, **titles: tuple[str, ...]) -> Sheet:
    """A sheet of the two chapters of a document that people gave a title."""
    given = document()
    titled = TitledDocument(given, titles or {"ours": OURS})
    return make_sheet([titled], [(given, 0), (given, 1)], seed)


def test_a_sheet_has_everyones_titles_and_says_whose_they_are_in_its_rows() -> None:
    rows = [row for chapter in sheet().chapters for row in chapter.rows]
    assert {(row.title, row.methods) for row in rows} == {
        ("Baking bread", (PERSON,)),
        ("Bread | dough", ("ours",)),
        ("The night sky", (PERSON, "ours")),
    }
    assert [chapter.rows[0].row for chapter in sheet().chapters] == ["1.1", "2.1"]


def test_chapters_and_titles_are_shuffled_by_the_seed() -> None:
    made = [sheet(seed=seed) for seed in range(30)]
    assert sheet(seed=3) == made[3]
    assert {each.chapters[0].chapter for each in made} == {0, 1}
    firsts = {
        chapter.rows[0].title for each in made for chapter in each.chapters if chapter.chapter == 0
    }
    assert firsts == {"Baking bread", "Bread | dough"}


def test_a_capital_first_letter_does_not_tell_people_from_methods() -> None:
    given = document(titles=("clamp() in CSS", "iOS 17", "Taxes"))
    titled = TitledDocument(given, {"ours": ("Clamp() in CSS", "éclairs", "x")})
    made = make_sheet([titled], [(given, 0), (given, 1)], 0)
    assert {row.title: row.methods for chapter in made.chapters for row in chapter.rows} == {
        "Clamp() in CSS": (PERSON, "ours"),
        "iOS 17": (PERSON,),
        "Éclairs": ("ours",),
    }


def test_another_method_does_not_change_the_order_of_the_others() -> None:
    alone = [row.title for row in sheet(seed=5).chapters[0].rows]
    both = [
        row.title
        for row in sheet(seed=5, ours=OURS, theirs=("Loaf", "Saturn", "x")).chapters[0].rows
    ]
    assert [title for title in both if title in alone] == alone


@pytest.mark.parametrize("suffix", [".md", ".csv"])
def test_a_sheet_names_no_method(suffix: str) -> None:
    text = dump_sheet(sheet(mymethod=OURS), suffix)
    assert "mymethod" not in text
    assert PERSON not in text.replace("a person would publish it", "")


def test_a_markdown_sheet_has_a_table_under_every_opening() -> None:
    text = dump_sheet(sheet(), ".md")
    assert "## 2\n\nFrom: Three topics\n\n> " in text
    assert "|        | Bread \\| dough |" in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_csv_sheet_has_a_line_per_title() -> None:
    rows = list(csv.DictReader(io.StringIO(dump_sheet(sheet(), ".csv"))))
    assert [row["verdict"] for row in rows] == [""] * 3
    assert "Bread | dough" in {row["title"] for row in rows}
    assert all(row["excerpts"].startswith(("Good bread", "Now let's")) for row in rows)


def excerpts(unit: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those of a chapter of 900 units and of one of 50."""
    units = tuple(Sentence(float(i), i + 1.0, unit.format(i)) for i in range(1000))
    given = replace(document(), units=units, boundaries=(0, 900, 950))
    titled = TitledDocument(given, {"ours": OURS})
    made = make_sheet([titled], [(given, 0), (given, 1)], 0)
    long, short = sorted(made.chapters, key=lambda chapter: chapter.chapter)
    return long.excerpts, short.excerpts


def test_a_long_chapter_is_shown_by_its_opening_and_its_middle() -> None:
    (opening, middle), short = excerpts("w{:03}")
    assert opening.startswith("w000 w001 ")
    assert opening.endswith(" w159 …")
    assert middle.startswith("… w4")
    assert all(len(word) == 4 for word in middle.split()[1:-1])
    assert short == (" ".join(f"w{i}" for i in range(900, 950)),)


def test_a_chapter_without_spaces_is_cut_too() -> None:
    (opening, middle), _ = excerpts("これは{:03}番目の文です。")
    assert len(opening) < 850
    assert len(middle) < 400
    given = document(titles=("一", "二", "三"), units=(Sentence(0.0, 9.0, "長" * 5000),) * 3)
    given = replace(given, boundaries=(0, 1, 2))
    text = dump_sheet(make_sheet([TitledDocument(given, {"ours": OURS})], [(given, 0)], 0), ".md")
    assert max(map(len, text.splitlines())) <= 100


def test_texts_cannot_break_the_sheet() -> None:
    given = document(title="a\n## 7\x1b[31m", titles=("| 1.1 | keep | x |", "b", "c"))
    titled = TitledDocument(given, {"ours": OURS})
    text = dump_sheet(make_sheet([titled], [(given, 0)], 0), ".md")
    assert "From: a ## 7?[31m" in text
    assert r"| \| 1.1 \| keep \| x \| |" in text
