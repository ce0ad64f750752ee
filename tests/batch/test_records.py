"""What was done in an output tree."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.batch.records import FILE, Record, Records, root_of, untouched
from chapterize.batch.rows import Row
from chapterize.errors import OutputError
from chapterize.fingerprint import file_fingerprint


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    (tmp_path / ".chapterize").mkdir()
    found = Records(tmp_path)
    found.open()
    yield found
    found.close()


DAMAGES = [b'{"item": "b", "sou', b"\xff\xfe\n", b"{}\n", b'{"item": 1}\n']


def record(source: str = "/talks/a.mp4", **outputs: tuple[str, int, int]) -> Record:
    return Record(source, "done", {"size": 1}, {"words": "w"}, outputs)


def test_the_last_record_of_an_item_counts(records: Records, tmp_path: Path) -> None:
    records.end("a.mp4", record(old=("1", 1, 1)), Row("/talks/a.mp4", "done", n_chapters=3))
    newer = Record("/talks/a.mp4", "failed", {}, {}, {})
    records.end("a.mp4", newer, Row("/talks/a.mp4", "failed"))
    records.close()
    found = Records(tmp_path).get("a.mp4")
    assert found is not None
    assert found.state == "failed"
    assert found.outdated == {"old": ("1", 1, 1)}


def test_the_row_of_an_item_is_read_from_the_file(records: Records, tmp_path: Path) -> None:
    row = Row("/talks/a.mp4", "done", n_chapters=3, notes=("a note",))
    records.end("a.mp4", record(), row)
    records.end("b.mp4", record(), Row("/talks/b.mp4", "done"))
    assert records.row("a.mp4") == row
    records.close()
    assert Records(tmp_path).row("a.mp4") == row
    assert Records(tmp_path).row("c.mp4") is None


def test_outputs_of_the_same_draft_add_up(records: Records) -> None:
    records.end("a", record(txt=("1", 1, 1)), Row("a", "done"))
    records.end("a", record(vtt=("2", 2, 2)), Row("a", "done"))
    found = records.get("a")
    assert found is not None
    assert found.outputs == {"txt": ("1", 1, 1), "vtt": ("2", 2, 2)}


def test_outputs_of_another_draft_are_outdated_but_ours(records: Records, tmp_path: Path) -> None:
    records.end("a", record(txt=("1", 1, 1)), Row("a", "done"))
    other = Record("a", "done", {"size": 2}, {"words": "w"}, {"vtt": ("2", 2, 2)})
    records.end("a", other, Row("a", "done"))
    found = records.get("a")
    assert found is not None
    assert (set(found.outputs), set(found.outdated)) == ({"vtt"}, {"txt"})
    assert records.own() == {str(tmp_path / "txt"), str(tmp_path / "vtt")}


def test_an_intent_lasts_until_the_file_is_done(records: Records, tmp_path: Path) -> None:
    records.intend("a", {"a.txt": "11"})
    records.intend("b", {"b.txt": "22"})
    records.end("b", record(), Row("b", "done"))
    records.close()
    found = Records(tmp_path)
    assert found.intended("a") == {"a.txt": {"11"}}
    assert found.intended("b") == {}
    assert str(tmp_path / "a.txt") in found.own()


@pytest.mark.parametrize(
    "damage", [b'{"item": "b", "sou', b"\xff\xfe\n", b"{}\n", b'{"item": 1}\n']
)
def test_a_line_that_a_crash_cut_off_costs_only_itself(
    records: Records, tmp_path: Path, damage: bytes
) -> None:
    records.end("a", record(), Row("a", "done"))
    records.close()
    with records.path.open("ab") as file:
        file.write(damage)
    found = Records(tmp_path)
    found.open()
    found.end("c", record(), Row("c", "done"))
    found.close()
    again = Records(tmp_path)
    assert again.get("a") is not None
    assert again.get("c") is not None
    assert again.row("c") == Row("c", "done")


def test_stale_lines_are_removed_when_there_are_many(records: Records, tmp_path: Path) -> None:
    for _ in range(300):
        records.end("a", record(txt=("1", 1, 1)), Row("a", "done", n_chapters=2))
    records.intend("b", {"b.txt": "11"})
    records.close()
    assert len(records.path.read_bytes().splitlines()) > 300
    found = Records(tmp_path)
    found.open()
    found.close()
    assert len(found.path.read_bytes().splitlines()) == 3
    again = Records(tmp_path)
    assert again.row("a") == Row("a", "done", n_chapters=2)
    assert again.intended("b") == {"b.txt": {"11"}}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_an_error_and_leaves_no_half_line(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records.end("a", record(), Row("a", "done"))
    before = records.path.read_bytes()
    written = records._file

    class Full:
        def seek(self, at: int, whence: int = 0) -> int:
            return int(written.seek(at, whence))

        def write(self, data: bytes) -> int:
            return int(written.write(data[: len(data) // 2]))

        def truncate(self, size: int) -> int:
            return int(written.truncate(size))

        def fileno(self) -> int:
            return int(written.fileno())

    monkeypatch.setattr(records, "_file", Full())
    with pytest.raises(OutputError, match="cannot write the records") as raised:
        records.end("b", record(), Row("b", "done"))
    assert raised.value.why == os.strerror(28)
    assert records.path.read_bytes() == before
    assert records.get("b") is None
    monkeypatch.undo()


def test_records_of_a_folder_above_are_used(tmp_path: Path) -> None:
    below = tmp_path / "talks" / "week1"
    below.mkdir(parents=True)
    assert root_of(str(below)) == below
    (tmp_path / "talks" / ".chapterize").mkdir()
    (tmp_path / "talks" / ".chapterize" / FILE).touch()
    assert root_of(str(below)) == tmp_path / "talks"


def test_the_file_states_its_schema(records: Records) -> None:
    first = records.path.read_text().splitlines()[0]
    assert json.loads(first) == {"schema": "chapterize.batch/1"}


def test_what_nobody_changed_is_known_also_in_a_copy_of_the_tree(
    records: Records, tmp_path: Path
) -> None:
    names = ("same.txt", "copy.txt", "edited.txt", "other.txt")
    paths = [tmp_path / name for name in names]
    for path in paths:
        path.write_text("0:00 A\n", encoding="utf-8")
    stamps = {path.name: (file_fingerprint(path), 7, path.stat().st_mtime_ns) for path in paths[:3]}
    records.end("a.mp4", Record("/a.mp4", "done", {}, {}, stamps), Row("/a.mp4", "done"))
    records.close()
    os.utime(paths[1], (1, 1))
    paths[2].write_text("0:00 B\n", encoding="utf-8")
    os.utime(paths[2], (1, 1))
    assert untouched([*paths, tmp_path / "missing.txt"]) == set(paths[:2])
