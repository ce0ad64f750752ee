"""Checks of the GPU, of the models in the package, and of speech models."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from chapterize import weights
from chapterize.doctor import Plan
from chapterize.doctor.models import (
    check_artefacts,
    check_default_model,
    check_gpu,
    check_slides,
    check_speech_model,
)
from chapterize.slides import reading
from chapterize.transcribe import device
from tests.tiny_whisper import make_tiny_whisper


def _pretend_cuda(monkeypatch: pytest.MonkeyPatch, problem: str | None) -> None:
    monkeypatch.setattr(device, "_has_driver", lambda: True)
    monkeypatch.setattr(device, "run_probe", lambda command: problem)


def test_a_faulty_gpu_is_a_problem_only_if_it_was_requested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _pretend_cuda(monkeypatch, "libcublas.so.12 cannot be opened")
    found = check_gpu()
    assert found.status == "warning"
    assert "libcublas.so.12" in found.detail
    assert "nvidia-cublas-cu12" in found.remedy
    assert check_gpu("cuda").status == "problem"
    assert check_gpu("cpu").status == "ok"
    device.cuda_problem.cache_clear()
    _pretend_cuda(monkeypatch, None)
    assert check_gpu("cuda").status == "ok"
    device.cuda_problem.cache_clear()
    monkeypatch.setattr(device, "_has_driver", lambda: False)
    assert "no NVIDIA driver" in check_gpu().detail


def test_the_weights_that_read_slides_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_slides().status == "ok"

    def distribution(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(reading, "distribution", distribution)
    found = check_slides()
    assert found.status == "warning"
    assert found.detail.startswith("rapidocr is not installed; with it, headings on slides")
    assert found.remedy == 'install it: pip install "chapterize-video[slides]"'


def test_the_models_of_the_package_match_their_checksums() -> None:
    found = check_artefacts()
    assert found.status == "ok"
    assert str(weights.folder()) in found.detail


def test_a_modified_or_missing_model_is_a_problem(tmp_path: Path) -> None:
    good = hashlib.sha256(b"good").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{good}  a.npz\n", encoding="utf-8")
    (tmp_path / "a.npz").write_bytes(b"bad")
    found = check_artefacts(tmp_path)
    assert found.status == "problem"
    assert "a.npz is damaged" in found.detail
    assert "reinstall chapterize" in found.remedy
    (tmp_path / "a.npz").unlink()
    assert check_artefacts(tmp_path).status == "problem"
    (tmp_path / "SHA256SUMS").unlink()
    assert check_artefacts(tmp_path).status == "problem"


@pytest.fixture
def no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk without speech models."""
    monkeypatch.setattr("chapterize.transcribe.model.model_on_disk", lambda name: None)


@pytest.mark.usefixtures("no_models")
def test_a_missing_speech_model_is_a_warning() -> None:
    found = check_speech_model(Plan(device="cpu"))
    assert found.status == "warning"
    assert found.detail == "small is not on this disk"
    assert "487 MB" in found.remedy
    offline = check_speech_model(Plan(device="cpu", model="tiny", offline=True))
    assert offline.status == "warning"
    assert "--no-offline" in offline.remedy


@pytest.mark.slow
def test_a_damaged_speech_model_is_a_problem(tmp_path: Path) -> None:
    folder = make_tiny_whisper(tmp_path / "tiny")
    plan = Plan(model=str(folder), device="cpu")
    assert check_speech_model(plan).status == "ok"
    assert check_default_model(plan).status == "ok"
    (folder / "model.bin").unlink()
    found = check_speech_model(plan)
    assert found.status == "problem"
    assert "model.bin" in found.detail
    assert check_speech_model(Plan(model="no such/model/at all")).status == "problem"


@pytest.mark.usefixtures("no_models")
def test_a_faulty_gpu_does_not_hide_the_speech_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _pretend_cuda(monkeypatch, "broken")
    assert check_speech_model(Plan(device="cuda")).detail == "small is not on this disk"
