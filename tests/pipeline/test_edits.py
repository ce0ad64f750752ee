"""What a person changed: how it is described, and read from the stored file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chapterize.data import Chapters
from chapterize.pipeline.edits import (
    SCHEMA,
    Edited,
    Edits,
    edits_file,
    edits_of,
    first_edits,
    read_edits,
)

FIRST = first_edits(Chapters.from_starts([0, 60, 120.5], ["A", "B", "C"], 200))


def stored(**changed: Any) -> dict[str, Any]:
    rows = [each.as_row() for each in FIRST]
    return {"schema": SCHEMA, "chapters": rows, "first": rows, "dropped": [], **changed}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHAPTERIZE_STATE", str(tmp_path / "state"))
    file = edits_file("f" * 32)
    file.parent.mkdir(parents=True)
    return file


def test_a_chapter_of_the_draft_has_no_change() -> None:
    for each in FIRST:
        assert not any((each.is_added, each.is_moved, each.is_retitled, each.is_locked))
    assert [each.id for each in FIRST] == ["d1", "d2", "d3"]


def test_changes_are_told_from_the_start_and_the_title_in_the_draft() -> None:
    assert Edited("x", 61.0, "B", origin=60.0, drafted="B").is_moved
    assert not Edited("x", 60.001, "B", origin=60.0, drafted="B").is_moved
    assert Edited("x", 60.0, "b", origin=60.0, drafted="B").is_retitled
    assert Edited("x", 60.0, "Mine").is_added
    assert not Edited("x", 60.0, "Mine").is_retitled


def test_an_untouched_list_has_nothing_to_keep() -> None:
    edits = Edits(FIRST, FIRST)
    assert edits.fixed == ()
    assert edits.removed == ()


def test_removed_are_the_boundaries_of_drafts_where_no_chapter_starts_any_more() -> None:
    edits = Edits((FIRST[0], FIRST[2]), FIRST, dropped=(30.0, 120.5))
    assert edits.removed == (30.0, 60.0)
    assert edits.fixed == ()


def test_a_chapter_that_the_first_draft_did_not_have_is_kept() -> None:
    of_another_count = Edited("c1", 90.0, "D", origin=90.0, drafted="D")
    edits = Edits((*FIRST, of_another_count), FIRST)
    assert edits.fixed == (of_another_count,)


def test_rows_come_back_as_they_were() -> None:
    for each in (*FIRST, Edited("c", 1.5, '<b>"\u2028', True)):
        assert Edited.from_row(json.loads(json.dumps(each.as_row()))) == each


def test_stored_edits_are_read_and_a_missing_file_means_none(state: Path) -> None:
    assert read_edits("f" * 32) is None
    state.write_text(json.dumps(stored(dropped=[1.5])))
    assert read_edits("f" * 32) == Edits(FIRST, FIRST, (1.5,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        json.dumps(stored(schema="chapterize.edits/9")),
        json.dumps(stored(chapters=[])),
        json.dumps(stored(chapters=[["d1", "now", "A", 0, None, None]])),
        json.dumps(stored(chapters=[["d1", 0.0, 7, 0, None, None]])),
        json.dumps(stored(first=[["d1"]])),
        json.dumps(stored(dropped=None)),
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_a_damaged_file_means_none(state: Path, text: str) -> None:
    state.write_text(text, encoding="latin-1")
    assert read_edits("f" * 32) is None
    if text.startswith("{") and len(text) > 1:
        with pytest.raises((KeyError, TypeError, ValueError)):
            edits_of(json.loads(text))
