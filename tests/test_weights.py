"""Trained artefacts are located, listed and verified by their digests."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from chapterize import weights
from chapterize.errors import EngineError


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "a model.npz").write_bytes(b"content")
    digest = hashlib.sha256(b"content").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{digest}  a model.npz\n", encoding="utf-8")
    return tmp_path


def test_an_artefact_with_the_listed_digest_is_returned(place: Path) -> None:
    assert weights.artefact("a model.npz", place) == place / "a model.npz"


def test_the_list_has_names_and_digests(place: Path) -> None:
    listed = weights.digests(place)
    assert list(listed) == ["a model.npz"]
    assert len(listed["a model.npz"]) == 64


def test_one_changed_byte_is_noticed(place: Path) -> None:
    (place / "a model.npz").write_bytes(b"c0ntent")
    with pytest.raises(EngineError, match="is damaged") as caught:
        weights.artefact("a model.npz", place)
    assert caught.value.hint == "reinstall chapterize"


def test_a_missing_listed_file_is_an_engine_error(place: Path) -> None:
    (place / "a model.npz").unlink()
    with pytest.raises(EngineError, match="cannot read the model") as caught:
        weights.artefact("a model.npz", place)
    assert caught.value.hint == "reinstall chapterize"


def test_an_unlisted_file_is_refused(place: Path) -> None:
    (place / "other.npz").write_bytes(b"content")
    with pytest.raises(EngineError, match=r"there is no model 'other\.npz'"):
        weights.artefact("other.npz", place)


@pytest.mark.parametrize("line", ["abc  a.npz", f"{'0' * 64}  ../a.npz", "0" * 64, f"{'0' * 64} a"])
def test_a_damaged_list_is_an_engine_error(place: Path, line: str) -> None:
    (place / "SHA256SUMS").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(EngineError, match="is damaged"):
        weights.artefact("a model.npz", place)


def test_a_binary_list_is_an_engine_error(place: Path) -> None:
    (place / "SHA256SUMS").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(EngineError, match="cannot read the list"):
        weights.digests(place)


def test_models_inside_the_package_come_before_those_next_to_it(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = place / "chapterize"
    (package / "models").mkdir(parents=True)
    (place / "models").mkdir()
    monkeypatch.setattr(weights, "__file__", str(package / "weights.py"))
    with pytest.raises(EngineError, match="are missing") as caught:
        weights.folder()
    assert str(package / "models") in caught.value.why
    (place / "models" / "SHA256SUMS").touch()
    assert weights.folder() == place.resolve() / "models"
    (package / "models" / "SHA256SUMS").touch()
    assert weights.folder() == package.resolve() / "models"


@pytest.mark.parametrize(
    ("chosen", "most", "threads"), [("1", 16, 1), ("64", 16, 16), ("3", 16, 3)]
)
def test_the_environment_bounds_the_threads_of_a_model(
    monkeypatch: pytest.MonkeyPatch, chosen: str, most: int, threads: int
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", chosen)
    assert weights.cpu_threads(most) == threads


@pytest.mark.parametrize("chosen", ["", "0", "many"])
def test_without_a_bound_there_is_a_thread_for_each_core(
    monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", chosen)
    assert weights.cpu_threads(16) == min(16, os.cpu_count() or 1)
