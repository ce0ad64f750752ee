"""The report of a run, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chapterize.batch.report import PAGE
from tests.batch.inline_engine import talks
from tests.cli.program import Run

pytestmark = pytest.mark.slow


@pytest.fixture
def lectures(tmp_path: Path) -> Path:
    for week in (1, 2):
        talks(tmp_path / "lectures" / f"week {week}", "a.srt")
    (tmp_path / "lectures" / "week 1" / "broken.mp4").write_text("no video")
    return tmp_path / "lectures"


def reported(file: Path) -> dict[str, str]:
    """The state of each file in a report, by its folder and name."""
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return {"/".join(Path(row["source"]).parts[-2:]): row["state"] for row in rows}


def test_a_report_shows_the_whole_tree_even_if_the_run_was_about_a_part(
    lectures: Path, tmp_path: Path, run: Run
) -> None:
    out, wanted = tmp_path / "out", tmp_path / "for a colleague.html"
    first = run("batch", lectures, "-r", "--out", out, "-j", 1)
    assert first.code == 12
    assert f"report: {out / PAGE}" in first.err
    assert "generator" in (out / PAGE).read_text("utf-8")
    again = run("batch", lectures, "-r", "--out", out, "-j", 1, "--report", wanted)
    assert f"report: {wanted}" in again.err
    assert reported(wanted.with_suffix(".jsonl")) == {
        "week 1/a.srt": "skipped",
        "week 1/broken.mp4": "failed",
        "week 2/a.srt": "skipped",
    }


def test_what_was_not_reached_is_in_the_report(lectures: Path, tmp_path: Path, run: Run) -> None:
    out = tmp_path / "out"
    (lectures / "week 1" / "broken.mp4").write_text("no video" * 10_000)
    done = run("batch", lectures, "-r", "--out", out, "-j", 1, "--fail-fast")
    assert done.code == 12
    assert "3 files: 1 failed, 2 not done" in done.err
    states = reported(out / ".chapterize" / "report.jsonl")
    assert states == {
        "week 1/broken.mp4": "failed",
        "week 1/a.srt": "waiting",
        "week 2/a.srt": "waiting",
    }


def test_a_file_that_is_no_report_is_refused_before_the_run(
    lectures: Path, tmp_path: Path, run: Run
) -> None:
    mine = tmp_path / "mine.html"
    mine.write_text("<h1>Mine</h1>", "utf-8")
    done = run("batch", lectures, "-r", "--out", tmp_path / "out", "--report", mine)
    assert done.code == 5
    assert "already exists" in done.err
    assert mine.read_text("utf-8") == "<h1>Mine</h1>"
    assert not list((tmp_path / "out").rglob("*.txt"))
