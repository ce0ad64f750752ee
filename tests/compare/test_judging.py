"""Keys of sheets, and verdicts read back from a sheet."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from chapterize.compare import (
    PERSON,
    Sheet,
    TitledDocument,
    dump_key,
    dump_sheet,
    make_sheet,
    read_key,
    read_verdicts,
)
from chapterize.errors import FormatError, InputError
from tests.compare.documents import document

TITLES = ("Bread | dough, and", 'The "night" sky', "Tax return")


@pytest.fixture
def sheet() -> Sheet:
    given = document()
    return make_sheet([TitledDocument(given, {"ours": TITLES})], [(given, 0), (given, 1)], 0)


def filled(sheet: Sheet, suffix: str, verdict: str) -> str:
    """The sheet with `verdict` in every row."""
    text = dump_sheet(sheet, suffix)
    if suffix == ".md":
        return text.replace("|        |", f"| {verdict} |")
    return re.sub(r"^(\d+\.\d+),", rf"\1,{verdict}", text, flags=re.M)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_key_is_read_as_it_was_written(sheet: Sheet, tmp_path: Path) -> None:
    found = read_key(write(tmp_path / "k", dump_key(sheet)))
    assert found.seed == sheet.seed
    for ours, theirs in zip(found.chapters, sheet.chapters, strict=True):
        assert (ours.source, ours.document, ours.chapter) == (
            theirs.source,
            theirs.document,
            theirs.chapter,
        )
        assert ours.rows == theirs.rows
        assert ours.reference == theirs.reference


@pytest.mark.parametrize("suffix", [".md", ".csv"])
def test_verdicts_are_read_for_every_method(suffix: str, sheet: Sheet, tmp_path: Path) -> None:
    path = write(tmp_path / f"s{suffix}", filled(sheet, suffix, "keep"))
    judged = read_verdicts(path, sheet)
    assert Counter(each.method for each in judged) == {PERSON: 2, "ours": 2}
    assert {each.verdict for each in judged} == {"keep"}
    assert {each.reference for each in judged} == {"Baking bread", "The night sky"}


@pytest.mark.parametrize("suffix", [".md", ".csv"])
def test_an_empty_sheet_has_no_verdicts(suffix: str, sheet: Sheet, tmp_path: Path) -> None:
    path = write(tmp_path / f"s{suffix}", dump_sheet(sheet, suffix))
    assert {each.verdict for each in read_verdicts(path, sheet)} == {None}


@pytest.mark.parametrize(
    ("written", "meant"),
    [("k", "keep"), ("E", "edit"), (" Delete ", "delete"), ("**keep**", "keep"), ("d.", "delete")],
)
def test_verdicts_may_be_short_or_decorated(
    written: str, meant: str, sheet: Sheet, tmp_path: Path
) -> None:
    path = write(tmp_path / "s.md", filled(sheet, ".md", written))
    assert {each.verdict for each in read_verdicts(path, sheet)} == {meant}


def test_an_equal_title_counts_for_every_method_that_gave_it(tmp_path: Path) -> None:
    given = document()
    titled = TitledDocument(given, {"a": ("Baking bread", "x", "y"), "b": ("Loaf", "x", "y")})
    sheet = make_sheet([titled], [(given, 0)], 0)
    text = re.sub(r"\|        (?=\| Baking)", "| keep ", dump_sheet(sheet, ".md"))
    found = {
        each.method: each.verdict for each in read_verdicts(write(tmp_path / "s", text), sheet)
    }
    assert found == {PERSON: "keep", "a": "keep", "b": None}


def test_a_sheet_saved_by_a_spreadsheet_is_read(sheet: Sheet, tmp_path: Path) -> None:
    text = "row;verdict;title\n" + "".join(
        f'{row.row};k;"{row.title.replace(chr(34), chr(34) * 2)}"\n'
        for chapter in sheet.chapters
        for row in chapter.rows
    )
    path = tmp_path / "s.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert {each.verdict for each in read_verdicts(path, sheet)} == {"keep"}


def test_tables_that_an_editor_aligned_are_read(sheet: Sheet, tmp_path: Path) -> None:
    text = filled(sheet, ".md", "keep    ").replace(" |\n", "      |\n").replace("| 1", "|  1")
    judged = read_verdicts(write(tmp_path / "s.md", text), sheet)
    assert {each.verdict for each in judged} == {"keep"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (r"\| 1\.1 \|        \|", "| 1.1 | maybe |", "the verdict 'maybe'"),
        (r"\| 1\.1 \|", "| 9.1 |", "row 9.1"),
        (r"\| Baking bread \|", "| Baking loaves |", "'Baking loaves'"),
        (r"(\| 1\.1 .*\n)", r"\1\1", "row 1.1"),
        (r"\| 1\.1 .*", "| 1.1 | keep", "a damaged row"),
    ],
)
def test_what_is_wrong_in_a_sheet_is_named_with_its_line(
    old: str, new: str, message: str, sheet: Sheet, tmp_path: Path
) -> None:
    text = re.sub(old, new, dump_sheet(sheet, ".md"), count=1)
    with pytest.raises(FormatError) as raised:
        read_verdicts(write(tmp_path / "s.md", text), sheet)
    assert message in raised.value.what
    assert raised.value.line
    assert raised.value.why


def test_a_csv_sheet_needs_its_heading(sheet: Sheet, tmp_path: Path) -> None:
    text = dump_sheet(sheet, ".csv").replace("verdict", "opinion")
    with pytest.raises(FormatError, match="no column 'verdict'"):
        read_verdicts(write(tmp_path / "s.csv", text), sheet)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"schema": "chapterize.evaluation/1"}',
        '{"schema": "chapterize.title-key/1", "seed": 0, "chapters": [{"rows": []}]}',
        '{"schema": "chapterize.title-key/1", "seed": 0, "chapters": [{"source": "a",'
        ' "document": "b", "chapter": 0, "rows": []}]}',
        "[" * 100_000,
    ],
)
def test_another_file_is_not_a_key(text: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is not the key of a sheet"):
        read_key(write(tmp_path / "k", text))


def test_files_that_cannot_be_read_are_an_input_error(sheet: Sheet, tmp_path: Path) -> None:
    (tmp_path / "latin.md").write_bytes(b"\xe9")
    for name in ("missing.md", "latin.md"):
        with pytest.raises(InputError, match="cannot read"):
            read_verdicts(tmp_path / name, sheet)
        with pytest.raises(InputError, match="cannot read"):
            read_key(tmp_path / name)
