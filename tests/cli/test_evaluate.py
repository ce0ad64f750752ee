"""`chapterize evaluate` from arguments to exit codes."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.evaluate import MEASURES, PEERS
from chapterize.weights import artefact
from tests.cli.program import Run
from tests.compare.documents import document, write_corpus
from tests.texts import cues, write_srt

pytestmark = pytest.mark.slow


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(
        tmp_path / "talks & more.jsonl",
        document("a", split="test"),
        document("b", split="test", source="a source with a very long name indeed"),
        document("c", split="train"),
    )


def test_the_table_has_every_method_and_fits_a_hundred_columns(corpus: Path, run: Run) -> None:
    done = run("evaluate", corpus, "--count", "reference")
    assert done.code == 0
    for name in ("ours", *PEERS):
        assert f"\n{name} " in done.out
    assert "mean of 2 sources: 2 documents" in done.out
    assert max(map(len, done.out.splitlines())) <= 100
    assert "2 of 3 documents (split test)" in done.err
    row = next(line for line in done.out.splitlines() if line.startswith("ours"))
    # One document a source: no interval, all found, but 0.25 s early, in other 6-second chunks.
    assert row.split() == ["ours", "0", "100", "100", "100", "100", "0", "100", "1.00"]
    assert "earlier" not in done.out


def test_baselines_that_ours_beats_beyond_chance_are_marked(tmp_path: Path, run: Run) -> None:
    path = write_corpus(tmp_path / "c.jsonl", *(document(f"d{i}") for i in range(5)))
    rows = run("evaluate", path, "--count", "reference").out.splitlines()
    none = next(row for row in rows if row.startswith("none"))
    # In every measure of seven but F1/6s, in which ours is 0 too.
    assert none.count("*") == 6
    assert "ours by length" not in "\n".join(rows)
    assert "0 0–0*" in none
    assert "*" not in next(row for row in rows if row.startswith("ours"))


def test_an_estimated_count_has_rows_for_what_a_person_can_add(tmp_path: Path, run: Run) -> None:
    documents = [document(f"d{i}", duration=900.0) for i in range(3)]
    path = write_corpus(tmp_path / "c.jsonl", *documents, document("e"), document("f", source="g"))
    done = run("evaluate", path)
    blocks = done.out.split("\n\n")
    kitchen = next(block for block in blocks if block.startswith("source kitchen"))
    named = [line.split("  ")[0] for line in kitchen.splitlines()]
    assert named[2:6] == ["ours", "1 earlier", "3 earlier", "one click"]
    other = next(block for block in blocks if block.startswith("source g"))
    assert "earlier" not in other
    macro = next(block for block in blocks if block.startswith("mean of 2"))
    assert "3 earlier: only 4 documents" in macro
    lengths = next(block for block in blocks if block.startswith("ours by length"))
    assert [line.split(")")[0] for line in lengths.splitlines()[2:]] == [
        "under 10 (2",
        "10 to 30 (3",
    ]
    assert "N earlier: ours, with a profile" in done.out


def test_json_holds_everything(corpus: Path, run: Run) -> None:
    report = json.loads(run("evaluate", corpus, "--split", "all", "--json").out)
    assert report["schema"] == "chapterize.evaluation/1"
    assert report["count"] == "auto"
    assert set(report["sources"]) == {"kitchen", "a source with a very long name indeed"}
    kitchen = report["sources"]["kitchen"]
    assert kitchen["n_documents"] == 2
    assert set(kitchen["figures"]["ours"]) == {measure.name for measure in MEASURES}
    assert set(kitchen["leads"]) == {"1 earlier", "one click", *PEERS}
    assert report["lengths"]["under 10"]["n_documents"] == 3
    figure = kitchen["figures"]["ours"]["tiou_f1"]
    assert figure["low"] <= figure["value"] <= figure["high"]
    assert len(report["calibration"]["kitchen"]["bins"]) == 10
    assert [each["id"] for each in report["documents"]] == ["a", "b", "c"]


def test_predictions_are_lines_with_seconds_and_units(
    corpus: Path, tmp_path: Path, run: Run
) -> None:
    target = tmp_path / "made.jsonl"
    done = run("evaluate", corpus, "--count", "reference", "--predictions", target)
    assert done.code == 0
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert [line["id"] for line in lines] == ["a", "b"]
    assert lines[0]["units"] == [0, 24, 48]
    assert lines[0]["starts"] == pytest.approx([0.0, 119.75, 239.75])


def test_predictions_are_kept_without_force(corpus: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "made.jsonl"
    target.write_text("mine")
    done = run("evaluate", corpus, "--predictions", target)
    assert done.code == 5
    assert done.out == ""
    assert target.read_text() == "mine"
    assert run("evaluate", corpus, "--predictions", target, "--force").code == 0
    assert target.read_text().startswith("{")


def test_predictions_never_replace_the_corpus(corpus: Path, run: Run) -> None:
    before = corpus.read_bytes()
    done = run("evaluate", corpus, "--predictions", corpus, "--force")
    assert done.code == 5
    assert "it is an input file" in done.err
    assert corpus.read_bytes() == before


def test_names_cannot_write_escape_codes_and_lone_surrogates_are_accepted(
    tmp_path: Path, run: Run
) -> None:
    given = document(source="red \x1b[31m\nroom")
    units = tuple(replace(unit, text=f"{unit.text} \ud800") for unit in given.units)
    path = write_corpus(tmp_path / "c.jsonl", replace(given, units=units))
    assert "source red ?[31m?room: 1 document\n" in run("evaluate", path).out
    assert json.loads(run("evaluate", path, "--json").out)["documents"]


@pytest.mark.parametrize("name", ["missing/p.jsonl", ".", "n" * 300])
def test_predictions_with_nowhere_to_go_are_refused_before_any_work(
    name: str, corpus: Path, tmp_path: Path, run: Run
) -> None:
    done = run("evaluate", corpus, "--predictions", tmp_path / name)
    assert done.code == 5
    assert done.out == ""
    assert "--predictions" in done.err
    assert len(done.err.splitlines()) == 3


def test_a_caption_file_and_a_chapter_file_make_a_corpus(tmp_path: Path, run: Run) -> None:
    talk = write_srt(tmp_path / "-talk 100%.srt", cues())
    chapters = tmp_path / "talk.txt"
    chapters.write_text("0:00 Bread\n0:40 Stars\n1:20 Taxes\n")
    done = run("evaluate", "--chapters", chapters, "--count", "reference", "--", talk)
    assert done.code == 0
    assert "source -talk 100%.srt: 1 document\n" in done.out


def test_captions_without_chapters_are_not_a_corpus(tmp_path: Path, run: Run) -> None:
    done = run("evaluate", write_srt(tmp_path / "talk.srt", cues()))
    assert done.code == 3
    assert "--chapters" in done.err


def test_several_corpora_of_one_source_become_one_table(tmp_path: Path, run: Run) -> None:
    first = write_corpus(tmp_path / "a.jsonl", document("a"))
    second = tmp_path / "b.jsonl.gz"
    plain = write_corpus(tmp_path / "b", document("b", is_timed=False))
    second.write_bytes(gzip.compress(plain.read_bytes()))
    done = run("evaluate", first, second)
    assert "source kitchen: 2 documents, 1 of them with times" in done.out
    assert "mean of" not in done.out
    assert "all 1 documents" in done.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--count", "many"], 2),
        (["--split", "dev"], 2),
        (["--device", "abacus"], 2),
        (["--embedder", "no/such/model", "--offline"], 8),
        (["--chapters", "c.txt", "--split", "test"], 2),
        (["missing.jsonl"], 3),
        (["--chapters", "missing.txt"], 3),
    ],
)
def test_wrong_arguments_exit_with_their_documented_code(
    arguments: list[str], code: int, corpus: Path, tmp_path: Path, run: Run
) -> None:
    given = write_srt(tmp_path / "t.srt", cues()) if "missing.txt" in arguments else corpus
    done = run("evaluate", given, *arguments)
    assert done.code == code
    assert done.out == ""
    assert "Traceback" not in done.err


def test_a_broken_line_exits_with_4_and_is_named(corpus: Path, run: Run) -> None:
    with corpus.open("a") as more:
        more.write('{"id": "d"}\n')
    done = run("evaluate", corpus)
    assert done.code == 4
    assert "line 4" in done.err
    assert len(done.err.splitlines()) == 3


def test_ctrl_c_exits_with_130_and_writes_no_predictions(
    corpus: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("chapterize.compare.comparison._compare_document", interrupted)
    done = run("evaluate", corpus, "--predictions", tmp_path / "p.jsonl")
    assert done.code == 130
    assert not (tmp_path / "p.jsonl").exists()


def test_results_are_shown_when_predictions_cannot_be_written_after_all(
    corpus: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("chapterize.files.os.fsync", full)
    done = run("evaluate", corpus, "--predictions", tmp_path / "p.jsonl")
    assert done.code == 5
    assert "the disk is full" in done.err
    assert "\nours " in done.out
    assert list(tmp_path.iterdir()) == [corpus]


def test_another_boundary_model_can_be_evaluated(corpus: Path, run: Run, tmp_path: Path) -> None:
    content = artefact("boundary.npz").read_bytes()
    same = tmp_path / "a model.npz"
    same.write_bytes(content)
    plain, given = (
        json.loads(run("evaluate", corpus, *options, "--json").out)["documents"]
        for options in ((), ("--boundary-model", same))
    )
    assert given == plain
    same.write_bytes(content[:4000])
    done = run("evaluate", corpus, "--boundary-model", same)
    assert done.code == 8
    assert "cannot read the boundary model" in done.err
