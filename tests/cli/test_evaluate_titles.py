"""`chapterize evaluate --titles` from arguments to exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chapterize.title import entitle
from tests.cli.program import Run
from tests.compare.documents import document, write_corpus
from tests.fake_endpoint import running, titled
from tests.texts import cues, write_srt
from tests.title.llm.asking import closed_port

PHRASES = ("--titles", "phrases")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(
        tmp_path / "talks & more.jsonl",
        document("a", split="test"),
        document("b", split="test", source="workshop", is_timed=False),
        document("c", split="train"),
    )


def test_rouge_is_printed_for_every_method(corpus: Path, run: Run) -> None:
    done = run("evaluate", corpus, "--titles", "phrases", "--titles", "none")
    assert done.code == 0
    heading, *rows = done.out.splitlines()
    assert heading == "ROUGE-L with people's titles: 4 chapters of 2 documents"
    assert [row.split()[0] for row in rows] == ["phrases", "none"]
    assert rows[1].split()[1] == "0"
    assert "split test" in done.err


def test_a_sheet_and_its_key_are_written(corpus: Path, tmp_path: Path, run: Run) -> None:
    sheet = tmp_path / "to judge.md"
    done = run("evaluate", corpus, "--titles", "phrases", "--sheet", sheet, "--sample", "3")
    assert done.code == 0
    assert "sheet: 3 chapters, 6 titles to judge" in done.out
    assert sheet.read_text(encoding="utf-8").count("\n## ") == 3
    key = json.loads((tmp_path / "to judge.key.json").read_text(encoding="utf-8"))
    assert key["schema"] == "chapterize.title-key/1"
    assert len(key["chapters"]) == 3
    assert str(sheet) in done.err


def test_the_same_seed_gives_the_same_sheet(corpus: Path, tmp_path: Path, run: Run) -> None:
    made = []
    for name, seed in (("a.csv", 1), ("b.csv", 1), ("c.csv", 2)):
        path = tmp_path / name
        assert run("evaluate", corpus, *PHRASES, "--sheet", path, "--seed", seed).code == 0
        made.append(path.read_text(encoding="utf-8"))
    assert made[0] == made[1] != made[2]


def test_titles_written_before_can_be_compared_with_those_of_now(
    corpus: Path, tmp_path: Path, run: Run
) -> None:
    before = tmp_path / "before = 1.jsonl"
    written = run("evaluate", corpus, "--titles", "none", "--predictions", before)
    assert written.code == 0
    lines = [json.loads(line) for line in before.read_text(encoding="utf-8").splitlines()]
    assert lines == [
        {"id": name, "titles": ["Chapter 1", "Chapter 2", "Chapter 3"]} for name in "ab"
    ]
    done = run(
        *("evaluate", corpus, *PHRASES, "--titles", f"before={before}"),
        *("--sheet", tmp_path / "s.md"),
    )
    assert done.code == 0
    assert [row.split()[0] for row in done.out.splitlines()[1:3]] == ["phrases", "before"]
    key = json.loads((tmp_path / "s.key.json").read_text())
    rows = [row for each in key["chapters"] for row in each["rows"]]
    assert {method for row in rows for method in row["methods"]} == {"person", "phrases", "before"}


def test_a_title_server_is_a_method(corpus: Path, run: Run) -> None:
    with running() as server:
        server.enqueue(*titled(["Bread", "Night sky", "Tax return"]))
        done = run(
            *("evaluate", corpus, "--titles", server.base),
            *("--titles-model", "tiny-writer", "--lists", "1"),
        )
    assert done.code == 0
    assert "Night sky" in done.out
    assert len(server.chats) == 3


def test_refused_titles_are_counted(corpus: Path, run: Run) -> None:
    with running() as server:
        server.enqueue(*titled(["Bread since 1800"] * 20))
        options = ("--titles", server.base, "--sample", "2")
        report = json.loads(run("evaluate", corpus, *options, "--json").out)
        done = run("evaluate", corpus, *options)
    assert report["refused"] == {server.base: {"with a number that is not said": 2}}
    assert "2 titles are phrases instead: 2 with a number that is not said" in done.out


def test_a_server_that_does_not_answer_ends_the_run(tmp_path: Path, run: Run) -> None:
    path = write_corpus(tmp_path / "c.jsonl", *(document(f"d{i}") for i in range(4)))
    done = run("evaluate", path, "--titles", closed_port(), "--sheet", tmp_path / "s.md")
    assert done.code == 8
    assert "no title for 3 documents in a row" in done.err
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupted_run_continues_where_it_was(
    corpus: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def interrupted(*given: Any, **options: Any) -> Any:
        asked.append(len(asked))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return entitle(*given, **options)

    monkeypatch.setattr("chapterize.compare.titles.entitle", interrupted)
    command = ("evaluate", corpus, *PHRASES, "--predictions", tmp_path / "p.jsonl")
    stopped = run(*command)
    assert stopped.code == 130
    assert "p.jsonl.part; the same command continues there" in stopped.err
    assert run(*command).code == 0
    assert len(asked) == 3
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["p.jsonl", corpus.name]
    lines = (tmp_path / "p.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a", "b"]


def test_whole_lists_are_printed_in_columns(corpus: Path, run: Run) -> None:
    done = run("evaluate", corpus, "--titles", "none", "--lists", "2")
    assert done.code == 0
    lines = done.out.splitlines()
    at = lines.index("Three topics (a)")
    assert lines[at + 1 : at + 5] == [
        "      person         none",
        "0:00  Baking bread   Chapter 1",
        "2:00  The night sky  Chapter 2",
        "4:00  –              Chapter 3",
    ]
    assert "Three topics (b, times from an assumed pace)" in lines


def test_lists_alone_need_no_other_documents(corpus: Path, run: Run) -> None:
    done = run("evaluate", corpus, "--titles", "none", "--lists", "1")
    assert "2 chapters of 1 document\n" in done.out


def test_json_holds_the_scores_and_the_lists(corpus: Path, tmp_path: Path, run: Run) -> None:
    options = ("--lists", "1", "--sheet", tmp_path / "s.md", "--json")
    report = json.loads(run("evaluate", corpus, *PHRASES, *options).out)
    assert report["schema"] == "chapterize.titles/1"
    assert (report["n_documents"], report["n_chapters"], report["n_drawn"]) == (2, 4, 4)
    assert set(report["rouge"]) == {"phrases"}
    (one,) = report["lists"]
    assert one["titles"]["person"] == ["Baking bread", "The night sky", None]
    assert len(one["titles"]["phrases"]) == len(one["starts"]) == 3


def test_a_caption_file_and_its_chapters_can_be_judged_too(tmp_path: Path, run: Run) -> None:
    talk = write_srt(tmp_path / "talk.srt", cues())
    chapters = tmp_path / "talk.txt"
    chapters.write_text("0:00 Bread\n0:40 Stars\n1:20 Taxes\n")
    sheet = tmp_path / "s.md"
    done = run("evaluate", talk, "--chapters", chapters, *PHRASES, "--sheet", sheet)
    assert done.code == 0
    assert "sheet: 3 chapters" in done.out
    again = run(
        *("evaluate", talk, "--chapters", chapters, *PHRASES, "--force"),
        *("--predictions", chapters),
    )
    assert again.code == 5
    assert chapters.read_text().startswith("0:00 Bread")


@pytest.mark.parametrize("existing", ["s.md", "s.key.json", "p.jsonl"])
def test_existing_files_are_kept_without_force(
    existing: str, corpus: Path, tmp_path: Path, run: Run
) -> None:
    (tmp_path / existing).write_text("mine")
    options = (*PHRASES, "--sheet", tmp_path / "s.md", "--predictions", tmp_path / "p.jsonl")
    done = run("evaluate", corpus, *options)
    assert done.code == 5
    assert done.out == ""
    assert (tmp_path / existing).read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 2
    assert run("evaluate", corpus, *options, "--force").code == 0
    assert (tmp_path / existing).read_text() != "mine"


@pytest.mark.parametrize(
    ("options", "code", "named"),
    [
        (["--titles", "poetry"], 2, "'poetry'"),
        (["--titles", ""], 2, "there are no titles"),
        (["--titles", "=a"], 2, "no method"),
        (["--titles", "before=missing"], 3, "cannot read missing"),
        ([*PHRASES, "--titles", "phrases=missing"], 2, "'phrases'"),
        (["--titles", "person=missing"], 2, "'person'"),
        (["--titles", "none", "--titles", "none"], 2, "'none'"),
        (["--titles", "http://example.com/v1"], 3, "example.com"),
        (["--titles", "phrases", "--titles", "none", "--predictions", "p"], 2, "one method"),
        (["--titles", "llm", "--titles-model", "no/such"], 3, "no/such"),
        ([*PHRASES, "--titles-model", "m"], 2, "exactly one method"),
        ([*PHRASES, "--sheet", "sheet.txt"], 2, ".md or .csv"),
        ([*PHRASES, "--sheet", "no/such/a.md"], 5, "--sheet"),
        ([*PHRASES, "--sheet", "a.md", "--predictions", "a.md"], 2, "both write a.md"),
        ([*PHRASES, "--sheet", "a.md", "--predictions", "a.key.json"], 2, "both write a.key.json"),
        ([*PHRASES, "--sample", "0"], 2, "--sample"),
        (["--titles"], 2, "--titles"),
        (["--sheet", "a.md"], 2, "need --titles"),
        (["--lists", "3"], 2, "need --titles"),
    ],
)
def test_wrong_options_are_refused_before_any_work(
    options: list[str],
    code: int,
    named: str,
    corpus: Path,
    tmp_path: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("evaluate", corpus, *options)
    assert done.code == code
    assert named in done.err
    assert done.out == ""
    assert list(tmp_path.iterdir()) == [corpus]


def test_a_corpus_without_titles_is_refused(tmp_path: Path, run: Run) -> None:
    path = write_corpus(tmp_path / "c.jsonl", document(titles=(None, None, None)))
    done = run("evaluate", path, *PHRASES)
    assert done.code == 3
    assert "no chapter to draw" in done.err


def test_titles_cannot_write_escape_codes(tmp_path: Path, run: Run) -> None:
    odd = document(title="red \x1b[31m", titles=("\x1b[2J", "b\nc", None))
    done = run("evaluate", write_corpus(tmp_path / "c.jsonl", odd), *PHRASES, "--lists", "1")
    assert done.code == 0
    assert "\x1b" not in done.out


def test_ctrl_c_writes_no_sheet(
    corpus: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("chapterize.compare.titles.entitle", interrupted)
    done = run("evaluate", corpus, *PHRASES, "--sheet", tmp_path / "s.md")
    assert done.code == 130
    assert list(tmp_path.iterdir()) == [corpus]
