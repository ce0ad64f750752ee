"""Skipped tests are reported, and fail a run that must have none."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.needs import NO_NVIDIA, missing

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
CHROMIUM = missing("Chromium")

RunTests = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run_tests(tmp_path: Path) -> RunTests:
    """Run pytest with our conftest.py on a file of tests."""

    def run(source: str, *options: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "test_it.py").write_text(f"import pytest\n{source}\n", encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", *options]
        command += ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), str(tmp_path)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    return run


def skipping(reason: str) -> str:
    return f"def test_a(): pass\ndef test_b(): pytest.skip({reason!r})"


def test_a_skipped_test_fails_a_run_without_skips(run_tests: RunTests) -> None:
    done = run_tests(skipping(CHROMIUM), "--no-skips")
    assert done.returncode == 1
    assert f"skipped (NOT ALLOWED): test_it.py::test_b: {CHROMIUM}" in done.stdout
    assert "1 passed, 1 skipped in" in done.stdout.splitlines()[-1]


def test_a_file_that_is_skipped_whole_fails_it_too(run_tests: RunTests) -> None:
    done = run_tests(skipping("") + "\npytest.importorskip('no_such')", "--no-skips")
    assert done.returncode in (1, 5)
    assert "NOT ALLOWED" in done.stdout


def test_some_reasons_are_allowed(run_tests: RunTests) -> None:
    done = run_tests(skipping(NO_NVIDIA), "--no-skips")
    assert done.returncode == 0
    assert f"skipped (allowed): test_it.py::test_b: {NO_NVIDIA}" in done.stdout


def test_else_a_line_says_what_to_install(run_tests: RunTests) -> None:
    done = run_tests(skipping(CHROMIUM))
    assert done.returncode == 0
    assert "skipped 1: needs Chromium: apt install chromium" in done.stdout.splitlines()


def test_the_tests_can_be_interrupted_in_a_background_job(run_tests: RunTests) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        done = run_tests(
            "import signal\n"
            "def test_a(): assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert done.returncode == 0
