"""Finding, downloading, checking and loading Whisper models."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chapterize.errors import EngineError
from chapterize.transcribe import Device, model_on_disk, planned_download
from chapterize.transcribe.model import download, load
from tests.fake_hub import use_store

CPU = Device("cpu")


@pytest.fixture
def copy(tiny_whisper: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_whisper, tmp_path / "model"))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of models."""
    use_store(tmp_path / "hub", monkeypatch)
    return tmp_path / "hub"


def test_a_real_model_folder_loads_as_a_multilingual_model(tiny_whisper: Path) -> None:
    pipeline = load(tiny_whisper, CPU)
    assert pipeline.model.model.is_multilingual
    assert pipeline.model.model.compute_type.startswith("int8")


@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json", "vocabulary.json"])
def test_a_folder_that_lacks_a_file_is_an_error_that_names_it(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(EngineError, match=f"{name} is missing") as caught:
        load(copy, CPU)
    assert caught.value.hint


def test_a_folder_that_lacks_several_files_is_an_error_that_names_them_all(copy: Path) -> None:
    for name in ("config.json", "tokenizer.json"):
        (copy / name).unlink()
    with pytest.raises(EngineError, match=r"config\.json, tokenizer\.json are missing or empty"):
        load(copy, CPU)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.bin", b""),
        ("model.bin", b"this is no model at all, only text that was renamed"),
        ("config.json", b"{"),
        ("config.json", b"[]"),
        ("config.json", b"\xff\xfe"),
        ("tokenizer.json", b"{"),
        ("vocabulary.json", b"[]"),
        ("preprocessor_config.json", b"{"),
        ("preprocessor_config.json", b'{"feature_size": 128}'),
    ],
)
def test_a_damaged_file_is_an_error_of_three_lines(copy: Path, name: str, content: bytes) -> None:
    (copy / name).write_bytes(content)
    with pytest.raises(EngineError) as caught:
        load(copy, CPU)
    for line in (caught.value.what, caught.value.why, caught.value.hint):
        assert line
        assert "\n" not in line


def test_a_truncated_model_is_an_error(copy: Path) -> None:
    content = (copy / "model.bin").read_bytes()
    (copy / "model.bin").write_bytes(content[: len(content) // 2])
    with pytest.raises(EngineError, match=r"cannot load the speech model"):
        load(copy, CPU)


def test_a_folder_is_on_disk(tiny_whisper: Path) -> None:
    assert model_on_disk(tiny_whisper) == tiny_whisper
    assert model_on_disk(str(tiny_whisper)) == tiny_whisper


def test_a_downloaded_model_is_found_by_name(store: Path, tiny_whisper: Path) -> None:
    snapshot = store / "models--Systran--faster-whisper-small" / "snapshots" / "any"
    shutil.copytree(tiny_whisper, snapshot)
    assert model_on_disk("small") == snapshot
    (snapshot / "model.bin").unlink()
    assert model_on_disk("small") is None


def test_a_model_that_was_not_downloaded_is_not_found(store: Path) -> None:
    assert model_on_disk("small") is None
    assert model_on_disk("someone/some-model") is None


@pytest.mark.parametrize("name", ["smal", "--small", ""])
def test_an_invalid_name_is_an_error(name: str) -> None:
    with pytest.raises(EngineError, match="there is no speech model"):
        model_on_disk(name)


@pytest.mark.parametrize("name", ["./models/none", "/no/such/folder", "a/b/c"])
def test_a_missing_folder_is_an_error(name: str) -> None:
    with pytest.raises(EngineError, match="does not exist"):
        model_on_disk(name)


def test_a_folder_needs_no_download(tiny_whisper: Path) -> None:
    assert download(str(tiny_whisper)) == tiny_whisper


def test_a_planned_download_has_name_size_and_folder(store: Path) -> None:
    wanted = planned_download("turbo")
    assert (wanted.name, wanted.megabytes, wanted.folder) == ("large-v3-turbo", 1622, store)
    assert planned_download("someone/some-model").size == "unknown size"


@pytest.mark.slow
def test_a_failed_download_prints_nothing(tmp_path: Path) -> None:
    code = """
import json, logging
from chapterize.errors import EngineError
from chapterize.transcribe.engine import silence_logs
from chapterize.transcribe.model import download, model_on_disk
silence_logs()
logging.getLogger("faster_whisper").warning("not for the terminal")
try:
    download("tiny")
except EngineError as error:
    print(json.dumps([error.why, model_on_disk("tiny")]))
"""
    # A closed port, so the failure does not depend on the network.
    env = {**os.environ, "HF_HOME": str(tmp_path), "HF_ENDPOINT": "http://127.0.0.1:9"}
    child = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=env,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert child.stderr == ""
    why, on_disk = json.loads(child.stdout)
    assert why.startswith("cannot reach 127.0.0.1:9")
    assert on_disk is None
