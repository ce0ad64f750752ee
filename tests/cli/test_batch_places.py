"""`chapterize batch` with other storage and with Ray, as a program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.texts import cues, write_srt

SECONDS = 120


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    folder = tmp_path / "talks"
    (folder / "week 1").mkdir(parents=True)
    write_srt(folder / "first.srt", cues())
    write_srt(folder / "week 1" / "second.srt", cues())
    return folder


def batch(folder: Path, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    environment = os.environ | {
        "CHAPTERIZE_STATE": str(folder / "state"),
        "CHAPTERIZE_CACHE": str(folder / "cache"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "chapterize", "batch", "--json", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def states(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {Path(row["source"]).name: row["state"] for row in rows if row["state"] != "running"}


def test_inputs_and_outputs_on_other_storage(tmp_path: Path, talks: Path) -> None:
    inputs, out = f"local://{talks}", f"local://{tmp_path}/out"
    done = batch(tmp_path, inputs, "-r", "--out", out, "--format", "webvtt")
    assert states(done) == {"first.srt": "done", "second.srt": "done"}
    second = f"local://{tmp_path}/out/week 1/second.vtt"
    assert second in [output for row in done for output in row["outputs"]]
    assert (tmp_path / "out/week 1/second.vtt").read_text().startswith("WEBVTT")
    assert (tmp_path / "out/chapterize-report.html").is_file()
    (tmp_path / "out/first.vtt").write_text("mine")
    again = batch(tmp_path, inputs, "-r", "--out", out, "--format", "webvtt")
    assert states(again) == {"first.srt": "kept", "second.srt": "skipped"}
    # The folder of the shadow is none of a user's business.
    assert str(tmp_path / "state") not in json.dumps(again)


def test_a_dry_run_writes_nothing_to_the_storage(tmp_path: Path, talks: Path) -> None:
    rows = batch(tmp_path, str(talks), "--out", f"local://{tmp_path}/out", "--dry-run")
    assert [row["outputs"] for row in rows] == [[f"local://{tmp_path}/out/first.youtube.txt"]]
    assert not (tmp_path / "out").exists()


def test_a_program_after_each_file_needs_results_here(tmp_path: Path, talks: Path) -> None:
    out = f"local://{tmp_path}/out"
    batch(tmp_path, str(talks), "--out", out, "--exec", f"{sys.executable} -V", code=2)


def test_an_address_of_a_cluster_needs_the_engine(tmp_path: Path, talks: Path) -> None:
    batch(tmp_path, str(talks), "--address", "127.0.0.1:6379", code=2)


@pytest.mark.slow
def test_a_run_moves_from_ray_to_this_machine(tmp_path: Path, talks: Path) -> None:
    pytest.importorskip("ray")
    out = ("--out", str(tmp_path / "out"))
    done = batch(tmp_path, str(talks), *out, "--engine", "ray", "-j", "1")
    assert states(done) == {"first.srt": "done"}
    moved = batch(tmp_path, str(talks), "-r", *out)
    assert states(moved) == {"first.srt": "skipped", "second.srt": "done"}
