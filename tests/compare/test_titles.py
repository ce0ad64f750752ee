"""Titles by several methods, and which chapters are drawn."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import pytest

from chapterize.compare import (
    TitledDocument,
    draw_chapters,
    draw_documents,
    rouge_by_method,
    title_documents,
    titles_by,
)
from chapterize.errors import InputError
from chapterize.evaluate import Document, rouge_l
from chapterize.title import Entitled, load_titler
from tests.compare.documents import document
from tests.fake_endpoint import running, titled

CORPUS = [
    *(document(f"k{i}") for i in range(4)),
    *(document(f"w{i}", source="workshop") for i in range(2)),
    document("t", source="theatre", is_timed=False),
]


def all_of(given: Document) -> list[tuple[Document, int]]:
    return [(given, index) for index in range(len(given.boundaries))]


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def test_sources_and_documents_take_turns() -> None:
    drawn = draw_chapters(CORPUS, 6, seed=1)
    assert Counter(each.source for each, _ in drawn) == {"kitchen": 2, "workshop": 2, "theatre": 2}
    assert len({each.id for each, _ in drawn if each.source == "workshop"}) == 2


def test_a_source_with_few_chapters_is_used_up_and_the_others_go_on() -> None:
    drawn = draw_chapters(CORPUS, 12, seed=1)
    counts = Counter(each.source for each, _ in drawn)
    assert counts == {"kitchen": 6, "workshop": 4, "theatre": 2}


def test_documents_with_and_without_times_count_as_two_sources() -> None:
    mixed = [*(document(f"k{i}") for i in range(5)), document("untimed", is_timed=False)]
    assert "untimed" in {each.id for each, _ in draw_chapters(mixed, 2, seed=3)}


def test_only_chapters_with_a_title_are_drawn() -> None:
    given = document(titles=("Baking bread", " ", None))
    assert draw_chapters([given], None, seed=0) == ((given, 0),)
    with pytest.raises(InputError, match="no chapter to draw"):
        draw_chapters([document(titles=(None, None, None))], 5, seed=0)


def test_a_draw_depends_on_the_seed_and_a_smaller_one_is_its_beginning() -> None:
    names = [(each.id, index) for each, index in draw_chapters(CORPUS, None, seed=1)]
    assert names == [(each.id, i) for each, i in draw_chapters(CORPUS[::-1], None, seed=1)]
    assert names[:5] == [(each.id, i) for each, i in draw_chapters(CORPUS, 5, seed=1)]
    assert names != [(each.id, i) for each, i in draw_chapters(CORPUS, None, seed=2)]


def test_documents_are_drawn_evenly_over_sources() -> None:
    assert {each.source for each in draw_documents(CORPUS, 3, seed=0)} == {
        "kitchen",
        "workshop",
        "theatre",
    }
    assert len(draw_documents(CORPUS, 100, seed=0)) == len(CORPUS)


def test_every_method_titles_every_reference_chapter() -> None:
    methods = {name: titles_by(load_titler(name)) for name in ("phrases", "none")}
    (found,) = title_documents(all_of(document()), methods)
    assert found.titles["none"] == ("Chapter 1", "Chapter 2", "Chapter 3")
    assert len(set(found.titles["phrases"])) == 3


def test_only_wanted_chapters_get_a_title() -> None:
    given = document()
    asked: list[set[int]] = []

    def method(_: Document, only: Collection[int]) -> Entitled:
        asked.append(set(only))
        return Entitled(("a", "b", "c"))

    wanted = [(given, 2), (given, 0), (document("two"), 1)]
    one, two = title_documents(wanted, {"m": method})
    assert asked == [{0, 2}, {1}]
    assert one.titles["m"] == ("a", None, "c")
    assert two.titles["m"] == (None, "b", None)
    # The chapter about taxes has no title by people.
    assert rouge_by_method([one])["m"].value == rouge_l("Baking bread", "a")


def test_a_language_model_is_asked_about_wanted_chapters_only() -> None:
    with running() as server:
        server.enqueue(*titled(["The night sky"]))
        method = titles_by(load_titler(server.base))
        (found,) = title_documents([(document(), 1)], {"llm": method})
    assert len(server.chats) == 1
    assert found.titles["llm"] == (None, "The night sky", None)


def test_titles_are_put_on_one_line_of_printable_characters() -> None:
    (found,) = title_documents(
        all_of(document()), {"odd": lambda *_: Entitled((" a\n b", "\x1b[31m", "c"))}
    )
    assert found.titles["odd"] == ("a b", "?[31m", "c")


def test_rouge_is_averaged_over_documents_and_then_over_sources() -> None:
    right, wrong = ("Baking bread", "The night sky", "x"), ("x", "y", "z")
    given = [
        TitledDocument(document("a"), {"m": right}),
        TitledDocument(document("b"), {"m": wrong}),
        TitledDocument(document("c", source="workshop"), {"m": wrong}),
        TitledDocument(document("d", titles=(None, None, None)), {"m": right}),
    ]
    assert rouge_by_method(given)["m"].value == pytest.approx(0.25)
