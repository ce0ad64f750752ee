"""Corpora in JSON lines: what is taken, and what every fault is answered."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapterize.errors import ChapterizeError, FormatError, InputError
from chapterize.evaluate import Document, read_corpora, read_corpus
from tests.texts import BREAD, STARS


def row(**changes: Any) -> dict[str, Any]:
    """A good document of 16 units, five seconds each, in two chapters."""
    units = [
        {"start": 5.0 * i, "end": 5.0 * i + 4.5, "text": text}
        for i, text in enumerate([*BREAD, *STARS])
    ]
    good = {
        "id": "one",
        "source": "kitchen",
        "licence": "none",
        "title": "Bread and stars",
        "duration": 80.0,
        "units": units,
        "boundaries": [0, 8],
        "titles": ["Bread", None],
        "split": "test",
    }
    kept = good | changes
    return {key: value for key, value in kept.items() if value != "absent"}


def write(path: Path, *rows: dict[str, Any]) -> Path:
    text = "\n".join(json.dumps(each) for each in rows) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def untimed() -> list[dict[str, Any]]:
    return [{"start": None, "end": None, "text": text} for text in (*BREAD, *STARS)]


def only(path: Path) -> Document:
    (document,) = read_corpus(path).documents
    return document


@pytest.mark.parametrize("name", ["a b.jsonl", "日本語.jsonl.gz"])
def test_a_good_line_is_read_zipped_or_not(name: str, tmp_path: Path) -> None:
    document = only(write(tmp_path / name, row()))
    assert (document.id, document.source, document.split) == ("one", "kitchen", "test")
    assert document.boundaries == (0, 8)
    assert document.starts == (0.0, 40.0)
    assert document.titles == ("Bread", None)
    assert document.duration == 80.0
    assert document.is_timed
    assert document.units[1].text == BREAD[1]
    assert (document.units[1].start, document.units[1].end) == (5.0, 9.5)


def test_without_times_a_clock_of_150_words_a_minute_is_assumed(tmp_path: Path) -> None:
    document = only(write(tmp_path / "c.jsonl", row(units=untimed(), duration="absent")))
    assert not document.is_timed
    n_words = len(" ".join((*BREAD, *STARS)).split())
    assert document.duration == pytest.approx(n_words / 150 * 60)
    assert document.units[1].start == pytest.approx(len(BREAD[0].split()) / 150 * 60)


def test_two_characters_are_a_word_where_there_are_no_spaces(tmp_path: Path) -> None:
    units = [{"text": "星空の観察会です"}, {"text": "次"}]
    document = only(write(tmp_path / "c.jsonl", row(units=units, boundaries=[0], titles=None)))
    assert document.units[0].end == pytest.approx(4 / 150 * 60)
    assert document.units[1].end - document.units[1].start == pytest.approx(60 / 150)


def test_what_may_be_absent_is_filled_in(tmp_path: Path) -> None:
    units = [{"start": 3.0, "text": "One."}, {"start": 8.0, "text": "Two."}]
    bare = {"id": "x", "units": units, "boundaries": [0, 1], "duration": 12}
    document = only(write(tmp_path / "talks.jsonl", bare))
    assert (document.source, document.title, document.split) == ("talks", "x", None)
    assert document.titles == (None, None)
    assert [unit.end for unit in document.units] == [8.0, 12.0]
    # The first chapter begins with the recording, not with its first word.
    assert document.starts == (0.0, 8.0)


def test_a_unit_that_ends_after_the_duration_extends_it(tmp_path: Path) -> None:
    assert only(write(tmp_path / "c.jsonl", row(duration=79.0))).duration == 79.5


@pytest.mark.parametrize(("end", "expected"), [(76.4, 76.4), (75.2, 76.0), (None, 76.0)])
def test_a_duration_that_was_rounded_below_the_last_unit_is_accepted(
    end: float | None, expected: float, tmp_path: Path
) -> None:
    units = changed(15, start=75.2, end=end)
    document = only(write(tmp_path / "c.jsonl", row(units=units, duration=75)))
    assert document.duration == expected
    assert document.units[-1].end == (end or expected)


def test_the_test_split_is_selected_if_there_are_splits(tmp_path: Path) -> None:
    path = write(
        tmp_path / "c.jsonl",
        row(id="a", split="absent"), row(id="b", split="train"), row(id="c"),
    )  # fmt: skip
    corpus = read_corpus(path)
    assert [document.id for document in corpus.documents] == ["c"]
    assert corpus.notes == ("c.jsonl: 1 of 3 documents (split test)",)
    assert len(read_corpus(path, split="all").documents) == 3
    assert [each.id for each in read_corpus(path, split="train").documents] == ["b"]
    bare = write(tmp_path / "d.jsonl", row(id="a", split="absent"), row(id="b", split="absent"))
    assert len(read_corpus(bare).documents) == 2


def test_no_document_of_the_split_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", row())
    with pytest.raises(InputError, match="no document to evaluate"):
        read_corpora([path], split="train")
    with pytest.raises(InputError, match="there is no split"):
        read_corpora([path], split="dev")


def test_an_id_must_be_unique_over_all_files(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", row(), row())
    with pytest.raises(FormatError, match="line 2") as caught:
        read_corpus(path)
    assert "line 1 has the id 'one' too" in caught.value.what
    first, second = write(tmp_path / "a.jsonl", row()), write(tmp_path / "b.jsonl", row())
    with pytest.raises(InputError, match=r"a\.jsonl.*b\.jsonl"):
        read_corpora([first, second])


def changed(number: int, **fields: Any) -> list[dict[str, Any]]:
    units = [dict(unit) for unit in row()["units"]]
    units[number] |= fields
    return units


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "absent"}, "no id"),
        ({"id": " "}, "no id"),
        ({"id": 7}, "no id"),
        ({"source": "\ud800"}, "source cannot be written"),
        ({"units": "absent"}, "no units"),
        ({"units": [1, 2]}, "no units"),
        ({"units": [{"text": "Alone."}]}, "1 unit"),
        ({"units": changed(3, text=None)}, "unit 3 has no text"),
        ({"units": changed(3, start=None)}, "unit 3 has no start"),
        ({"units": changed(3, start=-1.0)}, "start of unit 3 is -1.0"),
        ({"units": changed(3, start=float("nan"))}, "start of unit 3 is nan"),
        ({"units": changed(3, end=float("inf"))}, "end of unit 3 is inf"),
        ({"units": changed(3, start=True)}, "start of unit 3 is True"),
        ({"units": changed(3, start="0:15")}, "start of unit 3 is 0:15"),
        ({"units": changed(3, start=10**400)}, "start of unit 3 is 1000"),
        ({"units": changed(3, start=2.0)}, "unit 3 starts at 2 s"),
        ({"units": changed(3, end=2.0)}, "unit 3 ends at 2 s"),
        ({"units": [{"end": 2.0, "text": "a"}, {"text": "b"}]}, "units without a start"),
        ({"duration": 0}, "a duration of 0 s"),
        ({"duration": -5}, "duration is -5"),
        ({"duration": 60.0}, "the last unit starts at 75 s"),
        ({"duration": 74.0}, "the last unit starts at 75 s"),
        ({"boundaries": "absent"}, "no boundaries"),
        ({"boundaries": []}, "no boundaries"),
        ({"boundaries": [0, 16]}, "the boundary 16"),
        ({"boundaries": [0, -1]}, "the boundary -1"),
        ({"boundaries": [0, 2.5]}, r"the boundary 2\.5"),
        ({"boundaries": [0, True]}, "the boundary True"),
        ({"boundaries": [1, 8]}, "the first boundary is 1"),
        ({"boundaries": [0, 8, 8]}, "the boundary 8 follows 8"),
        ({"titles": ["Bread"]}, "1 titles for 2 chapters"),
        ({"titles": ["Bread", 5]}, "the title 5"),
        ({"split": "dev"}, "the split 'dev'"),
    ],
)
def test_an_invalid_line_is_reported_with_its_number(
    changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "c.jsonl", row(id="good"), row(**changes))
    with pytest.raises(FormatError, match=message) as caught:
        read_corpus(path)
    assert caught.value.line == 2
    assert str(path) in caught.value.what
    assert caught.value.hint


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "has no documents"),
        (b"\n  \n", "has no documents"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nHello.\n", "line 1"),
        (b"not json\n", "not JSON"),
        (b"[" * 100_000 + b"\n", "not JSON"),
        (b"\xff\xfe\x00\n", "cannot read"),
        (b"\x1f\x8bnot zipped after all", "damaged"),
    ],
)
def test_a_file_that_is_not_a_corpus_is_refused(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl.gz"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=message):
        read_corpus(path)


def test_a_truncated_gzip_corpus_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl.gz", row())
    path.write_bytes(path.read_bytes()[:-6])
    with pytest.raises(FormatError, match="damaged after line 1"):
        read_corpus(path)


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        read_corpus(tmp_path / "none.jsonl")
    with pytest.raises(InputError, match="cannot read"):
        read_corpus(tmp_path)


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["start", "end", "text"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(row())), VALUES)
def test_a_line_with_any_field_value_is_read_or_refused(key: str, value: Any) -> None:
    from chapterize.evaluate.corpus import _document
    from chapterize.evaluate.fields import Row

    try:
        document = _document(Row.parse(json.dumps(row() | {key: value}), Path("c"), 1), "c")
    except ChapterizeError:
        return
    assert len(document.starts) == len(document.boundaries) == len(document.titles)
    assert document.duration > 0
