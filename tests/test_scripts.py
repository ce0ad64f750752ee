"""The scripts: usage, arguments, environments and output."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chapterize.evaluate import match_starts
from chapterize.formats import read_chapters
from chapterize.timecode import parse_time

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "scripts"
BASH = shutil.which("bash")
SHELL_SCRIPTS = [SCRIPTS / name for name in ("benchmark", "demo", "distill", "test", "train")]

pytestmark = [
    pytest.mark.skipif(BASH is None, reason="the scripts are bash"),
    pytest.mark.slow,
]


def _bash(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run bash without settings that would point a script to the environment of the tests."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("CHAPTERIZE_")}
    return subprocess.run(
        [str(BASH), *map(str, arguments)],
        env={**bare, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _python(script: str) -> subprocess.CompletedProcess[str]:
    """Run a Python script in this environment."""
    return subprocess.run(
        [sys.executable, SCRIPTS / script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _with_environment_functions(
    command: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `command` after sourcing environment.sh."""
    source = f'set -euo pipefail; . "$SOURCE"; {command}'
    return _bash("-c", source, SOURCE=str(SCRIPTS / "environment.sh"), **environment)


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A copy of the scripts in a folder with a space, with environments that look complete.

    Its `chapterize` and `python` only print their arguments, one per line.
    """
    root = tmp_path / "a check out"
    shutil.copytree(SCRIPTS, root / "scripts")
    (root / "tests").mkdir()
    shutil.copy(ROOT / "pyproject.toml", root)
    shutil.copy(ROOT / "tests" / "constraints.txt", root / "tests")
    pyproject = (root / "pyproject.toml").read_text("utf-8")
    constraints = (root / "tests" / "constraints.txt").read_text("utf-8")
    for name, read in ((".venv", pyproject), (".venv-test", pyproject + constraints)):
        programs = root / name / "bin"
        programs.mkdir(parents=True)
        for program in ("chapterize", "python"):
            fake = programs / program
            fake.write_text('#!/bin/sh\n[ "$1" = -c ] || printf "%s\\n" "$@"\n', "utf-8")
            fake.chmod(0o755)
        (root / name / ".chapterize-stamp").write_text(f"{root}\n{read}", "utf-8")
    return root


@pytest.mark.parametrize(
    "script",
    [*SHELL_SCRIPTS, SCRIPTS / "environment.sh", ROOT / ".ci" / "run"],
    ids=lambda p: p.name,
)
def test_every_script_has_valid_bash_syntax(script: Path) -> None:
    checked = _bash("-n", script)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("script", [*SHELL_SCRIPTS, ROOT / ".ci" / "run"], ids=lambda p: p.name)
def test_scripts_for_users_are_executable(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert script.read_text("utf-8").startswith("#!/usr/bin/env bash\n")


@pytest.mark.parametrize("script", SHELL_SCRIPTS, ids=lambda p: p.name)
def test_help_prints_the_usage_and_creates_nothing(script: Path, tmp_path: Path) -> None:
    asked = _bash(script, "--help", CHAPTERIZE_VENV=str(tmp_path / "venv"))
    assert asked.returncode == 0
    assert asked.stdout.startswith(f"usage: scripts/{script.name}")
    assert not (tmp_path / "venv").exists()


def test_the_demo_passes_a_video_and_its_options_to_draft(prepared: Path) -> None:
    run = _bash(prepared / "scripts" / "demo", "日本 'a' %d.mp4", "--count", "8")
    assert run.stdout.splitlines() == ["draft", "--count", "8", "--", "日本 'a' %d.mp4"]


def test_the_demo_accepts_a_video_whose_name_starts_with_a_dash(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (prepared / "-h.mp4").touch()
    monkeypatch.chdir(prepared)
    run = _bash("scripts/demo", "-h.mp4", "--json")
    assert run.stdout.splitlines() == ["draft", "--json", "--", "-h.mp4"]


def test_the_demo_passes_options_without_a_video_unchanged(prepared: Path) -> None:
    run = _bash(prepared / "scripts" / "demo", "--json", "talk.mp4")
    assert run.stdout.splitlines() == ["draft", "--json", "talk.mp4"]


def test_the_demo_without_a_video_drafts_the_sample(prepared: Path) -> None:
    run = _bash(prepared / "scripts" / "demo")
    assert run.stdout.splitlines() == [str(prepared / "scripts" / "demo.py")]
    assert run.stderr == ""


def test_the_remote_demo_runs_its_own_script(prepared: Path) -> None:
    run = _bash(prepared / "scripts" / "demo", "--remote")
    assert run.stdout.splitlines() == [str(prepared / "scripts" / "demo_remote.py")]


def test_arguments_of_the_test_script_go_to_pytest(prepared: Path) -> None:
    run = _bash(prepared / "scripts" / "test", "-k", "late audio")
    assert run.stdout.splitlines() == ["-m", "pytest", "-k", "late audio"]


def test_a_changed_project_file_updates_the_environment(prepared: Path) -> None:
    with (prepared / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    run = _bash(prepared / "scripts" / "demo", "talk.mp4")
    assert "Preparing" in run.stderr
    # The fake python "installs" by printing; afterwards the new stamp is valid.
    again = _bash(prepared / "scripts" / "demo", "talk.mp4")
    assert "Preparing" not in again.stderr


def test_a_folder_that_is_not_an_environment_is_never_cleared(tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("mine", "utf-8")
    run = _with_environment_functions('new_environment "$FOLDER"', FOLDER=str(tmp_path))
    assert run.returncode == 1
    assert "is not a virtual environment" in run.stderr
    assert precious.read_text("utf-8") == "mine"


def test_without_a_suitable_python_the_error_has_a_hint(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    old.chmod(0o755)
    run = _with_environment_functions('PATH="$OLD"; find_python', OLD=str(tmp_path))
    assert run.returncode == 1
    assert "no Python 3.11 or newer was found" in run.stderr
    assert "CHAPTERIZE_PYTHON" in run.stderr


def test_every_constraint_pins_one_version() -> None:
    rows = (ROOT / "tests" / "constraints.txt").read_text("utf-8").splitlines()
    pins = [row for row in rows if not row.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*", pin) for pin in pins)
    assert any(pin.startswith("torch==") for pin in pins)


def test_the_demo_shows_chapters_evidence_and_the_true_chapters() -> None:
    run = _python("demo.py")
    assert run.returncode == 0, run.stderr
    listed = re.findall(r"^(\d+:\d\d) \S", run.stdout, re.M)
    assert listed[0] == "0:00"
    assert len(listed) >= 4
    assert run.stdout.count("; confidence ") == len(listed) - 1
    found = re.search(r"within 10 s: (\d) of 6 boundaries found", run.stdout)
    assert found is not None
    gold = read_chapters(ROOT / "tests" / "data" / "lecture.chapters.json").chapters
    starts = [parse_time(start) for start in listed]
    # The list has whole seconds, rounded down.
    low, high = (match_starts(gold.starts[1:], starts[1:], 10 + by) for by in (-1, 1))
    assert 1 <= low <= int(found[1]) <= high


def test_the_remote_demo_delivers_and_then_falls_back_to_local() -> None:
    run = _python("demo_remote.py")
    assert run.returncode == 0, run.stderr
    first, second = run.stdout.split("== Out of credits")
    assert '"Introduction" (0-4s)' in first
    assert "80 available" in first
    assert "100 available" in second
    assert "register at https://" in run.stderr
    assert run.stderr.count("Uploading lecture.mp4") == 2


def test_own_options_of_scripts_test_come_before_those_of_pytest(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    python = venv / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\n[ "$1" = -c ] || printf "%s\\n" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    stamp = 'stamp_of "$root/pyproject.toml" "$root/tests/constraints.txt"'
    words = _with_environment_functions(stamp).stdout
    (venv / ".chapterize-stamp").write_text(words, encoding="utf-8")
    for name in ("speech_weights", "title_weights"):
        shutil.copy(SCRIPTS / f"{name}.txt", venv / f".chapterize-{name}")

    def arguments(*given: str) -> list[str]:
        done = _bash(SCRIPTS / "test", *given, CHAPTERIZE_VENV=str(venv))
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    pytest_of_the_environment, fast = ["-m", "pytest"], ["-m", "not slow"]
    parallel = ["--numprocesses", "auto", "--maxprocesses", "4"]
    assert arguments() == [*pytest_of_the_environment, *parallel]
    assert arguments("--fast", "--no-skips") == [
        *pytest_of_the_environment, *fast, "--no-skips", *parallel
    ]  # fmt: skip
    assert arguments("--fast", "-k", "a b") == [*pytest_of_the_environment, *fast, "-k", "a b"]
