"""Choosing the device, and the test of the GPU in a child process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from chapterize.errors import EngineError
from chapterize.transcribe import device
from chapterize.transcribe.device import Device, choose_device, cuda_problem, run_probe
from chapterize.transcribe.model import default_model
from tests.needs import NO_NVIDIA


@pytest.fixture(autouse=True)
def _fresh_probe() -> Iterator[None]:
    cuda_problem.cache_clear()
    yield
    cuda_problem.cache_clear()


def _child(code: str, *, seconds: float = 20.0) -> str | None:
    return run_probe([sys.executable, "-c", code], seconds=seconds)


def _pretend(monkeypatch: pytest.MonkeyPatch, *, driver: bool, problem: str | None) -> None:
    monkeypatch.setattr(device, "_has_driver", lambda: driver)
    monkeypatch.setattr(device, "run_probe", lambda command: problem)


def test_a_successful_test_means_no_problem() -> None:
    assert _child("pass") is None


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_a_library_that_aborts_ends_only_the_child() -> None:
    problem = _child(
        "import os, sys; print('bad library', file=sys.stderr, flush=True); os.abort()"
    )
    assert problem == "the test of the GPU was killed by SIGABRT: bad library"


def test_the_last_line_of_a_failed_test_is_the_reason() -> None:
    assert _child("raise RuntimeError('driver version is insufficient.')") == (
        "RuntimeError: driver version is insufficient"
    )
    assert _child("import sys; sys.exit('no CUDA device was found')") == "no CUDA device was found"
    assert _child("import sys; sys.exit(3)") == "no message"


def test_a_test_that_hangs_is_a_problem() -> None:
    assert _child("import time; time.sleep(60)", seconds=0.2) == (
        "the test of the GPU did not finish within 0.2 s"
    )


def test_a_test_that_cannot_start_is_a_problem_not_a_crash() -> None:
    assert "could not start" in str(run_probe(["/nowhere/python"]))


def test_the_real_test_gives_a_reason_on_a_machine_without_a_gpu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if device._has_driver():
        pytest.skip(NO_NVIDIA)
    monkeypatch.setattr(device, "_has_driver", lambda: True)
    problem = cuda_problem()
    assert problem
    assert "\n" not in problem


def test_a_machine_without_a_driver_uses_the_cpu_without_a_note(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _pretend(monkeypatch, driver=False, problem="never asked")
    assert choose_device("auto") == Device("cpu")
    assert default_model("auto") == "small"


def test_a_faulty_gpu_is_not_used_and_the_note_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, driver=True, problem="libcublas.so.12 cannot be opened")
    assert choose_device("auto") == Device(
        "cpu", "The GPU is not used: libcublas.so.12 cannot be opened."
    )
    assert default_model("auto") == "small"


def test_a_faulty_gpu_that_was_requested_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, driver=True, problem="libcublas.so.12 cannot be opened")
    with pytest.raises(EngineError, match=r"libcublas\.so\.12") as caught:
        choose_device("cuda")
    assert "nvidia-cublas-cu12" in caught.value.hint


def test_a_working_gpu_is_used_with_its_own_default(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, driver=True, problem=None)
    assert choose_device("auto") == choose_device("cuda") == Device("cuda")
    assert default_model("auto") == "large-v3-turbo"
    assert choose_device("cpu") == Device("cpu")


def test_the_gpu_is_tested_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[object] = []
    monkeypatch.setattr(device, "_has_driver", lambda: True)
    monkeypatch.setattr(device, "run_probe", lambda command: commands.append(command))
    assert choose_device("auto") == choose_device("auto") == Device("cuda")
    assert len(commands) == 1


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(EngineError, match="tpu"):
        choose_device("tpu")
