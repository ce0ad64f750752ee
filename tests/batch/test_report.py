from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from chapterize import masking
from chapterize.batch.items import Item
from chapterize.batch.records import Record, Records
from chapterize.batch.report import PAGE, Report
from chapterize.batch.rows import Row
from chapterize.errors import InputError, OutputError
from tests.batch.report_rows import a_row, failed, many_rows
from tests.batch.test_report_html import data_of

IMAGE = b"\xff\xd8 a picture \xff\xd9"
ADDRESS = f"data:image/jpeg;base64,{b64encode(IMAGE).decode()}"


def shown(report: Report) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = data_of(report.target.read_text("utf-8"))["rows"]
    return rows


def rows_in(report: Report) -> list[dict[str, Any]]:
    return [json.loads(line) for line in report.rows_file.read_text("utf-8").splitlines()]


def test_the_page_lies_in_the_output_tree_and_the_rows_in_its_state_folder(tmp_path: Path) -> None:
    with Report(tmp_path) as report:
        report.add(a_row())
        report.add(failed("b.mp4"))
        report.write()
    assert report.target == tmp_path / PAGE
    assert report.rows_file == tmp_path / ".chapterize" / "report.jsonl"
    assert [row["file"] for row in shown(report)] == ["b.mp4", "talk.mp4"]
    assert [row["state"] for row in rows_in(report)] == ["done", "failed"]
    assert sorted(each.name for each in tmp_path.rglob("*") if each.is_file()) == [
        PAGE,
        "report.jsonl",
    ]


def test_a_page_elsewhere_has_its_rows_next_to_it(tmp_path: Path) -> None:
    with Report(tmp_path / "out", tmp_path / "new" / "week 1.html") as report:
        report.write()
    assert report.rows_file == tmp_path / "new" / "week 1.jsonl"
    assert rows_in(report) == []


def test_a_name_that_is_no_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not an HTML file name"):
        Report(tmp_path, tmp_path / "report.pdf")


def test_running_rows_do_not_count_and_the_last_of_a_file_wins(tmp_path: Path) -> None:
    with Report(tmp_path) as report:
        report.add(a_row(state="running"))
        report.add(failed("talk.mp4"))
        report.add(a_row("other.mp4"))
        report.add(a_row())
        report.write()
        assert [row["state"] for row in rows_in(report)] == ["done", "done"]
        report.add(failed("other.mp4"))
        report.write()
    assert [row["state"] for row in rows_in(report)] == ["done", "failed"]


def recorded(root: Path, row: Row) -> Path:
    """Make the file of `row`, and record that a run has ended its work; the file."""
    source = root / Path(row.source).name
    source.touch()
    records = Records(root)
    (root / ".chapterize").mkdir(exist_ok=True)
    records.open()
    record = Record(str(source), row.state, {}, {}, {})
    records.end(source.name, record, replace(row, source=str(source)))
    records.close()
    return source


def test_a_part_of_a_run_is_completed_with_earlier_rows_and_what_waits(tmp_path: Path) -> None:
    old = recorded(tmp_path, a_row("old.mp4"))
    recorded(tmp_path, failed("bad.mp4"))
    again = recorded(tmp_path, a_row("again.mp4"))
    recorded(tmp_path, a_row("deleted.mp4")).unlink()
    names = ("again.mp4", "old.mp4", "new.mp4")
    items = [Item(str(tmp_path / name), PurePosixPath(name), 1, 1) for name in names]
    records = Records(tmp_path)
    with Report(tmp_path) as report:
        report.add(replace(a_row(), source=str(again)))
        for row in report.missing(items, records):
            report.add(row)
        assert not list(report.missing(items, records))
        report.write()
    records.close()
    states = {Path(row["source"]).name: row["state"] for row in rows_in(report)}
    assert states == {
        "again.mp4": "done",
        "old.mp4": "skipped",
        "bad.mp4": "failed",
        "new.mp4": "waiting",
    }
    page = {row["file"]: row for row in shown(report)}
    assert list(page)[-1] == "new.mp4"
    assert page["new.mp4"]["command"].startswith("chapterize draft ")
    assert page["old.mp4"]["chapters"]
    assert str(old) in page["old.mp4"]["command"]


def test_thumbnails_are_kept_for_runs_that_skip_the_file(tmp_path: Path) -> None:
    with Report(tmp_path) as report:
        report.add(a_row(thumbnail=ADDRESS))
        report.write()
    assert "thumbnail" not in shown(report)[0]
    assert rows_in(report)[0]["thumbnail"] == ""
    with Report(tmp_path) as later:
        later.add(a_row(state="skipped"))
        later.add(a_row("other.mp4"))
        later.write()
    images = {row["file"]: row.get("image") for row in shown(later)}
    assert images == {"talk.mp4": b64encode(IMAGE).decode(), "other.mp4": None}


def test_a_large_batch_has_thumbnails_for_the_first_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chapterize.batch.report._THUMBNAILS_BYTES", 100)
    with Report(tmp_path) as report:
        for number in range(10):
            report.add(a_row(f"{number}.mp4", thumbnail=ADDRESS))
        report.write()
    assert ["image" in row for row in shown(report)] == [True] * 5 + [False] * 5


def test_a_file_of_a_person_is_not_replaced(tmp_path: Path) -> None:
    mine = tmp_path / PAGE
    mine.write_text("<h1>My report</h1>", encoding="utf-8")
    with pytest.raises(OutputError, match="already exists"):
        Report(tmp_path)
    assert mine.read_text("utf-8") == "<h1>My report</h1>"


def test_the_page_of_an_earlier_run_is_replaced(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        with Report(tmp_path) as report:
            report.add(a_row(name))
            report.write()
    assert [row["file"] for row in shown(report)] == ["b.mp4"]


def test_a_folder_that_cannot_be_written_is_reported_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write"):
        Report(tmp_path / "out", tmp_path / "file" / "report.html")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_an_error_of_its_own(tmp_path: Path) -> None:
    with Report(tmp_path) as report:
        report._file.close()
        report._file = Path("/dev/full").open("w", encoding="ascii")  # noqa: SIM115
        report.add(a_row())
        with pytest.raises(OutputError, match="cannot write"):
            report.write()
    assert not (tmp_path / PAGE).exists()


def test_secrets_do_not_reach_the_files(tmp_path: Path) -> None:
    secret = "nmv_usr_a1b2c3d4e5f6"
    masking.hide(secret)
    with Report(tmp_path) as report:
        report.add(a_row(notes=(f"sent with {secret}",), thumbnail=ADDRESS))
        report.write()
    for each in tmp_path.rglob("*"):
        assert not each.is_file() or secret.encode() not in each.read_bytes()
    assert rows_in(report)[0]["notes"] == ["sent with …"]


def test_ten_thousand_rows_make_a_page_of_bounded_size(tmp_path: Path) -> None:
    with Report(tmp_path) as report:
        for row in many_rows(10_000):
            report.add(row)
        report.write()
    assert report.target.stat().st_size < 20_000_000
    assert len(shown(report)) == 10_000
