"""`chapterize evaluate --verdicts` from arguments to exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.program import Run
from tests.compare.documents import document, write_corpus


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "c.jsonl", document("a"), document("b", source="workshop"))


@pytest.fixture
def sheet(corpus: Path, tmp_path: Path, run: Run) -> Path:
    """A sheet in which people's titles are kept, and numbers are not judged but for one."""
    path = tmp_path / "s.md"
    assert run("evaluate", corpus, "--titles", "none", "--sheet", path).code == 0
    text = re.sub(r"       (?= \| Chapter 1)", "delete", path.read_text(), count=1)
    path.write_text(re.sub(r"       (?= \| (?:Baking|The))", "keep", text))
    return path


def test_verdicts_are_counted_with_intervals(sheet: Path, run: Run) -> None:
    done = run("evaluate", "--verdicts", sheet)
    assert done.code == 0
    heading, person, numbers, *rest = done.out.splitlines()
    assert heading.split() == ["judged", "keep", "edit", "delete", "ROUGE-L"]
    assert person.split() == ["person", "4", "100", "51–100", "0", "0–49", "0", "0–49", "100"]
    assert numbers.split() == ["none", "1", "0", "0–79", "0", "0–79", "100", "21–100", "0"]
    assert "Titles not judged yet: 3." in rest


def test_the_shares_of_a_sheet_of_ten_chapters_are_those_counted_by_hand(
    tmp_path: Path, run: Run
) -> None:
    corpus = write_corpus(tmp_path / "c.jsonl", *(document(f"d{i}") for i in range(5)))
    # The first title is that of people, but for a capital: one row, which counts for both.
    row = {"titles": ["baking bread", "Stars", None]}
    lines = [json.dumps({"id": f"d{i}", **row}) for i in range(5)]
    (tmp_path / "mine.jsonl").write_text("\n".join(lines))
    path = tmp_path / "s.csv"
    titles = ("--titles", f"mine={tmp_path / 'mine.jsonl'}", "--sheet", path, "--sample", "10")
    assert run("evaluate", corpus, *titles).code == 0
    text = path.read_text()
    for title, verdict in (("Baking bread", "k"), ("The night sky", "e"), ("Stars", "d")):
        assert text.count(f",,{title},") == 5
        text = text.replace(f",,{title},", f",{verdict},{title},")
    path.write_text(text)
    _, person, mine, *_ = run("evaluate", "--verdicts", path).out.splitlines()
    # Wilson 1927: 5 of 10 is 24 to 76 %, 0 of 10 is 0 to 28 %.
    assert person.split() == ["person", "10", "50", "24–76", "50", "24–76", "0", "0–28", "100"]
    assert mine.split() == ["mine", "10", "50", "24–76", "0", "0–28", "50", "24–76", "50"]


def test_json_holds_the_counts_by_method_and_by_source(sheet: Path, run: Run) -> None:
    report = json.loads(run("evaluate", "--verdicts", sheet, "--json").out)
    assert report["schema"] == "chapterize.verdicts/1"
    assert report["n_chapters"] == 4
    person = report["methods"]["person"]
    assert person["shares"]["keep"] == {"value": 1.0, "low": pytest.approx(0.51, abs=0.01)} | {
        "high": 1.0,
        "n": 4,
    }
    assert report["methods"]["none"]["n_open"] == 3
    assert set(report["sources"]) == {"kitchen", "workshop"}


def test_a_sheet_without_verdicts_is_refused(corpus: Path, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "new.csv"
    assert run("evaluate", corpus, "--titles", "none", "--sheet", path).code == 0
    done = run("evaluate", "--verdicts", path)
    assert done.code == 3
    assert "has no verdicts" in done.err


def test_a_wrong_verdict_exits_with_4_and_is_named(sheet: Path, run: Run) -> None:
    sheet.write_text(sheet.read_text().replace("keep |", "great |", 1))
    done = run("evaluate", "--verdicts", sheet)
    assert done.code == 4
    assert "'great'" in done.err
    assert "line " in done.err
    assert len(done.err.splitlines()) == 3


def test_a_missing_key_is_named(sheet: Path, run: Run) -> None:
    sheet.with_suffix(".key.json").unlink()
    done = run("evaluate", "--verdicts", sheet)
    assert done.code == 3
    assert "s.key.json" in done.err
    assert "next to it" in done.err


@pytest.mark.parametrize("name", [".", "missing.md", "c.jsonl"])
def test_what_is_no_sheet_is_refused(name: str, corpus: Path, tmp_path: Path, run: Run) -> None:
    done = run("evaluate", "--verdicts", tmp_path / name)
    assert done.code == 3
    assert "cannot read" in done.err


def test_verdicts_and_a_corpus_contradict_each_other(sheet: Path, corpus: Path, run: Run) -> None:
    for options in ([corpus], ["--titles", "none"], ["--sheet", "x.md"]):
        done = run("evaluate", "--verdicts", sheet, *options)
        assert done.code == 2
        assert "already judged" in done.err


def test_evaluate_needs_a_corpus_or_verdicts(run: Run) -> None:
    done = run("evaluate")
    assert done.code == 2
    assert "--verdicts SHEET" in done.err
