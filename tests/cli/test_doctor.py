"""`chapterize doctor`: what it prints, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.rendering import program
from chapterize.transcribe import device
from tests.cli.program import Run
from tests.conftest import FFMPEG
from tests.deliver.scene import use_state

pytestmark = pytest.mark.slow

SECRET = "nmv_usr_Kq7" + "x" * 40


@pytest.fixture(autouse=True)
def _a_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    use_state(tmp_path, monkeypatch)
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", FFMPEG)
    caches = (device.cuda_problem, program._features)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def test_every_check_is_a_line_and_every_problem_has_a_remedy(run: Run) -> None:
    done = run("doctor")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert {line.split()[0] for line in lines} <= {"ok", "warning", "→"}
    n_faults = sum(line.startswith("warning") for line in lines)
    assert sum(line.lstrip().startswith("→") for line in lines) == n_faults
    for name in ("settings", "Python", "ffmpeg", "GPU", "models", "speech model", "token"):
        assert any(f" {name} " in line for line in lines), name


def test_a_missing_ffmpeg_is_a_problem_and_exit_code_1(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", "/nowhere/ffmpeg")
    done = run("doctor", "--json")
    found = json.loads(done.out)
    assert (done.code, found["schema"], found["can_draft"]) == (1, "chapterize.doctor/1", False)
    faults = [check for check in found["checks"] if check["status"] == "problem"]
    assert [check["name"] for check in faults] == ["ffmpeg"]
    assert faults[0]["remedy"]


def test_a_malformed_settings_file_is_reported_and_the_rest_is_checked(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("device = 3\n", encoding="utf-8")
    monkeypatch.setenv("CHAPTERIZE_CONFIG", str(path))
    done = run("doctor")
    assert done.code == 1
    first = done.out.splitlines()[0]
    assert first.startswith("problem  settings")
    assert f"{path}: device has an invalid value, line 1" in first
    assert " token " in done.out
    assert run("--no-config", "doctor").code == 0


def test_a_wrong_variable_is_reported_by_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPTERIZE_MIN_LENGTH", "long")
    done = run("doctor")
    assert done.code == 1
    assert "CHAPTERIZE_MIN_LENGTH" in done.out.splitlines()[0]


def test_the_settings_decide_what_is_a_problem(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_has_driver", lambda: True)
    monkeypatch.setattr(device, "run_probe", lambda command: "libcublas.so.12 cannot be opened")
    assert run("doctor").code == 0
    device.cuda_problem.cache_clear()
    monkeypatch.setenv("CHAPTERIZE_DEVICE", "cuda")
    done = run("doctor")
    assert done.code == 1
    assert "libcublas.so.12" in done.out


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_a_token_never_reaches_the_output(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    secrets = {"NEMO_TOKEN": SECRET, "HF_TOKEN": "hf_Zw9" + "y" * 30}
    secrets |= {"CHAPTERIZE_TITLES_KEY": "sk-Vb3-secret"}
    for name, secret in secrets.items():
        monkeypatch.setenv(name, secret)
    done = run("doctor", *arguments)
    assert "set, from NEMO_TOKEN" in done.out
    for part in ("nmv", "Kq7", "Zw9", "Vb3"):
        assert part not in done.out + done.err


def test_it_answers_in_seconds() -> None:
    began = time.monotonic()
    command = [sys.executable, "-m", "chapterize", "doctor", "--json"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert json.loads(done.stdout)["checks"]
    assert done.stderr == b""
    # Three on a machine that does nothing else; the tests share theirs.
    assert time.monotonic() - began < 10
