"""Titles read from files, and kept while a run goes on."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

import pytest

from chapterize.compare import dump_titles, titles_from, titles_kept
from chapterize.errors import FormatError, InputError
from chapterize.evaluate import Document
from chapterize.journal import Journal
from chapterize.title import Entitled
from tests.compare.documents import document

FIRST_AND_LAST = [(document(), 0), (document(), 2)]


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def test_titles_are_looked_up_by_document(tmp_path: Path) -> None:
    path = write(tmp_path / "t.jsonl", {"id": "one", "titles": ["a", "b", "c"], "more": 1})
    method = titles_from(path, FIRST_AND_LAST)
    assert method(document(), {0, 2}).titles == ("a", "b", "c")
    with pytest.raises(InputError, match="no titles for the document 'two'"):
        titles_from(path, [(document("two"), 0)])
    other = document(boundaries=(0, 24), starts=(0.0, 120.0), titles=("a", "b"))
    with pytest.raises(InputError, match="3 titles"):
        titles_from(path, [(other, 0)])


def test_a_title_that_is_wanted_must_not_be_null(tmp_path: Path) -> None:
    path = write(tmp_path / "t.jsonl", {"id": "one", "titles": [None, "b", None]})
    assert titles_from(path, [(document(), 1)])(document(), {1}).titles == ("", "b", "")
    with pytest.raises(InputError, match="2 titles"):
        titles_from(path, [(document(), 0), (document(), 1)])


def test_titles_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(dump_titles(document(), ("é", None, "c")), encoding="utf-8")
    assert titles_from(path, FIRST_AND_LAST)(document(), {0, 2}).titles == ("é", "", "c")


@pytest.mark.parametrize(
    "row", [[], {"id": "one"}, {"id": 1, "titles": []}, {"id": "one", "titles": [1]}, "x"]
)
def test_a_malformed_line_of_titles_is_named(row: object, tmp_path: Path) -> None:
    path = write(tmp_path / "t.jsonl", {"id": "zero", "titles": []}, row)
    with pytest.raises(FormatError, match="line 2"):
        titles_from(path, [])


def test_a_file_holds_the_titles_of_one_method(tmp_path: Path) -> None:
    row = {"id": "one", "titles": ["a", "b", "c"]}
    with pytest.raises(FormatError, match="twice"):
        titles_from(write(tmp_path / "t.jsonl", row, row), [])


def test_titles_that_cannot_be_read_are_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xe9")
    for name in ("missing", "latin"):
        with pytest.raises(InputError, match="cannot read"):
            titles_from(tmp_path / name, [])


class Scripted:
    """Gives every document the same titles; keeps what it was asked."""

    def __init__(self, *refused: tuple[str, int]) -> None:
        self.refused = refused
        self.asked: list[str] = []

    def __call__(self, given: Document, only: Collection[int]) -> Entitled:
        self.asked.append(given.id)
        return Entitled(("a", "b", "c"), refused=self.refused)


def test_titles_of_an_interrupted_run_are_used_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "t.part")
    kept, n_earlier = titles_kept(Scripted(("too long", 1)), "me", journal)
    kept(document("a"), {0, 2})
    assert n_earlier == 0
    scripted = Scripted()
    kept, n_earlier = titles_kept(scripted, "me", Journal(journal.path))
    assert n_earlier == 1
    assert kept(document("a"), {0}) == Entitled(("a", "", "c"), refused=(("too long", 1),))
    kept(document("a"), {1})
    kept(document("b"), {0})
    assert scripted.asked == ["a", "b"]


def test_titles_of_another_titler_and_those_without_an_answer_are_made_again(
    tmp_path: Path,
) -> None:
    journal = Journal(tmp_path / "t.part")
    titles_kept(Scripted(("not answered (it hangs)", 1)), "me", journal)[0](document("a"), {0})
    titles_kept(Scripted(), "another", journal)[0](document("b"), {0})
    assert titles_kept(Scripted(), "me", journal)[1] == 0
