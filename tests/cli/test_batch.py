"""`chapterize batch` from arguments to exit codes."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.batch.inline_engine import talks
from tests.cli.program import Run

pytestmark = pytest.mark.slow


@pytest.fixture
def lectures(tmp_path: Path) -> Path:
    talks(tmp_path / "lectures", "intro.srt")
    talks(tmp_path / "lectures" / "week 1", "talk.srt")
    talks(tmp_path / "lectures" / "week 2", "talk.srt")
    return tmp_path / "lectures"


def states(out: str) -> dict[str, str]:
    rows = [json.loads(line) for line in out.splitlines()]
    return {row["source"]: row["state"] for row in rows}


def test_a_tree_is_mirrored_and_then_skipped(lectures: Path, tmp_path: Path, run: Run) -> None:
    done = run("batch", lectures, "-r", "--out", tmp_path / "out", "-j", 1)
    assert (done.code, done.out) == (0, "")
    made = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.txt"))
    assert made == [
        "intro.youtube.txt",
        "week 1/talk.youtube.txt",
        "week 2/talk.youtube.txt",
    ]
    again = run("batch", lectures, "-r", "--out", tmp_path / "out", "-j", 1)
    assert again.code == 0
    assert "3 skipped" in again.err


def test_some_failed_is_told_from_none_by_the_exit_code(
    lectures: Path, tmp_path: Path, run: Run
) -> None:
    (lectures / "broken.mp4").write_text("no video")
    done = run("batch", lectures, "--out", tmp_path / "out", "--json", "-j", 1)
    assert done.code == 12
    assert sorted(states(done.out).values()) == ["done", "failed"]
    assert "broken.mp4" in done.err


def test_results_go_next_to_the_inputs_and_are_no_inputs(lectures: Path, run: Run) -> None:
    run("batch", lectures, "--format", "webvtt,youtube", "-j", 1)
    assert (lectures / "intro.vtt").exists()
    again = run("batch", lectures, "--format", "webvtt,youtube", "--json", "-j", 1)
    assert states(again.out) == {str(lectures / "intro.srt"): "skipped"}
    # A run about a part of the tree uses the same records.
    run("batch", lectures, "-r", "-j", 1)
    part = run("batch", lectures / "week 1", "--json", "-j", 1)
    assert states(part.out) == {str(lectures / "week 1" / "talk.srt"): "skipped"}


def test_a_copy_of_a_tree_is_done_too(lectures: Path, tmp_path: Path, run: Run) -> None:
    run("batch", lectures, "-r", "-j", 1)
    copied = Path(shutil.copytree(lectures, tmp_path / "copied"))
    again = run("batch", copied, "-r", "--json", "-j", 1)
    assert sorted(states(again.out).values()) == ["skipped"] * 3
    assert again.code == 0


def test_an_output_folder_among_the_inputs_is_no_input(lectures: Path, run: Run) -> None:
    out = lectures / "out"
    run("batch", lectures, "-r", "--out", out, "--format", "webvtt", "-j", 1)
    again = run("batch", lectures, "-r", "--out", out, "--format", "webvtt", "--json", "-j", 1)
    assert sorted(states(again.out).values()) == ["skipped"] * 3


def test_a_dry_run_does_nothing(lectures: Path, tmp_path: Path, run: Run) -> None:
    done = run("batch", lectures, "--out", tmp_path / "out", "--dry-run")
    assert done.code == 0
    assert f"would draft {lectures / 'intro.srt'}" in done.out
    assert not (tmp_path / "out").exists()


def test_a_list_names_the_inputs(lectures: Path, tmp_path: Path, run: Run) -> None:
    listing = tmp_path / "list.txt"
    listing.write_text("# these\nlectures/week 1/talk.srt\n")
    done = run("batch", "--from-file", listing, "--out", tmp_path / "out", "--json", "-j", 1)
    assert states(done.out) == {str(lectures / "week 1" / "talk.srt"): "done"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 2),
        (["missing"], 3),
        (["--redo", "--redo-failed", "."], 2),
        (["--watch", "--dry-run", "."], 2),
        (["--address", "auto", "."], 2),
        (["--format", "unknown", "."], 2),
        (["--engine", "unknown", "."], 2),
        (["https://example.org/talk.mp4"], 3),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    arguments: list[str], code: int, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("batch", *arguments).code == code
    assert not list(tmp_path.iterdir())


def test_a_second_run_says_who_works_there(lectures: Path, tmp_path: Path, run: Run) -> None:
    from chapterize.batch.driver import opened

    with opened(tmp_path / "out"):
        done = run("batch", lectures, "--out", tmp_path / "out", "-j", 1)
    assert done.code == 5
    assert "another batch run works in" in done.err


def test_ctrl_c_keeps_what_is_done_and_the_next_run_continues(tmp_path: Path) -> None:
    talks(tmp_path / "in", *(f"{number}.srt" for number in range(40)))
    command = [
        *(sys.executable, "-m", "chapterize", "--no-config", "batch", str(tmp_path / "in")),
        *("--out", str(tmp_path / "out"), "-j", "1", "--json"),
    ]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert first.stdout is not None
    assert first.stdout.readline()
    first.send_signal(signal.SIGINT)
    out, errors = first.communicate(timeout=60)
    assert first.returncode == 130, errors
    n_done = 1 + len(out.splitlines())
    assert n_done < 40
    assert "done" in errors
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert list(states(again.stdout).values()).count("skipped") == n_done


def test_a_full_disk_fails_files_and_ends_nothing(lectures: Path, tmp_path: Path) -> None:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (60, 60))

    command = [
        *(sys.executable, "-m", "chapterize", "--no-config", "batch", str(lectures), "-r"),
        *("--out", str(tmp_path / "out"), "-j", "1", "--json"),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, preexec_fn=limit, check=False, timeout=120
    )
    assert done.returncode == 12, done.stderr
    assert list(states(done.stdout).values()) == ["failed"] * 3
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert list(states(again.stdout).values()) == ["done"] * 3


def test_ten_thousand_done_files_are_skipped_within_seconds(tmp_path: Path, run: Run) -> None:
    folder = talks(tmp_path / "in", "0.srt")
    text = (folder / "0.srt").read_bytes()
    run("batch", folder, "--out", tmp_path / "out", "-j", 1)
    out, records = tmp_path / "out", tmp_path / "out" / ".chapterize" / "batch.jsonl"
    line = records.read_text().splitlines()[-1]
    result, copies = (out / "0.youtube.txt").read_bytes(), []
    for number in range(1, 10_000):
        talk, made = folder / f"{number}.srt", out / f"{number}.youtube.txt"
        talk.write_bytes(text)
        made.write_bytes(result)
        entry = json.loads(line)
        entry["item"], entry["source"] = talk.name, str(talk)
        entry["identity"]["mtime_ns"] = talk.stat().st_mtime_ns
        (kept,) = entry["outputs"].values()
        entry["outputs"] = {made.name: [*kept[:2], made.stat().st_mtime_ns]}
        copies.append(json.dumps(entry))
    with records.open("a") as file:
        file.write("\n".join(copies) + "\n")
    began = time.perf_counter()
    done = run("batch", folder, "--out", out, "-j", 1)
    taken = time.perf_counter() - began
    assert done.code == 0
    assert "10000 skipped" in done.err
    # 2 s on an idle machine.
    assert taken < 15
