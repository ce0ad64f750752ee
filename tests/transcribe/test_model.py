from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chapterize.errors import EngineError
from chapterize.transcribe import Device, download_size, model, model_on_disk
from chapterize.transcribe.model import download, load

CPU = Device("cpu")


@pytest.fixture
def copy(tiny_whisper: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_whisper, tmp_path / "model"))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Answer downloads with a folder or an error; no network."""

    def answer_with(answer: Any) -> None:
        def download_model(name: str, local_files_only: bool = False) -> str:
            if isinstance(answer, BaseException):
                raise answer
            return str(answer)

        monkeypatch.setattr("faster_whisper.download_model", download_model)

    return answer_with


def test_a_real_model_folder_loads_as_a_multilingual_model(tiny_whisper: Path) -> None:
    pipeline = load(tiny_whisper, CPU)
    assert pipeline.model.model.is_multilingual
    assert pipeline.model.model.compute_type.startswith("int8")


@pytest.mark.parametrize("name", ["model.bin", "config.json", "tokenizer.json", "vocabulary.json"])
def test_a_folder_that_lacks_a_file_is_refused_by_its_name(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(EngineError, match=f"{name} is missing") as caught:
        load(copy, CPU)
    assert caught.value.hint


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
    whole = (copy / "model.bin").read_bytes()
    (copy / "model.bin").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(EngineError, match=r"cannot load the speech model"):
        load(copy, CPU)


def test_a_folder_is_on_the_disk_as_it_is(tiny_whisper: Path) -> None:
    assert model_on_disk(tiny_whisper) == tiny_whisper
    assert model_on_disk(str(tiny_whisper)) == tiny_whisper


def test_a_name_that_was_downloaded_is_found(hub: Callable[[Any], None], copy: Path) -> None:
    hub(copy)
    assert model_on_disk("small") == copy


def test_a_download_broken_off_counts_as_absent(hub: Callable[[Any], None], copy: Path) -> None:
    (copy / "model.bin").unlink()
    hub(copy)
    assert model_on_disk("small") is None


def test_a_name_that_was_never_downloaded_is_not_found(hub: Callable[[Any], None]) -> None:
    hub(FileNotFoundError("nothing there"))
    assert model_on_disk("small") is None
    assert model_on_disk("someone/some-model") is None


@pytest.mark.parametrize("name", ["smal", "./models/none", "/no/such/folder", "a/b/c", "--small"])
def test_what_is_neither_folder_nor_name_is_refused(name: str) -> None:
    with pytest.raises(EngineError, match="there is no speech model"):
        model_on_disk(name)


def test_sizes_are_stated_only_where_they_are_known() -> None:
    assert download_size("small") == "487 MB"
    assert download_size("large-v3-turbo") == "1.6 GB"
    assert "not known" in download_size("someone/some-model")


def test_a_download_reports_progress_and_gives_the_folder(
    hub: Callable[[Any], None], copy: Path
) -> None:
    hub(copy)
    heard: list[tuple[str, float]] = []
    assert download("small", on_progress=lambda *news: heard.append(news)) == copy
    assert all(stage == "downloading the speech model" and 0 <= f <= 1 for stage, f in heard)


def test_the_bytes_that_have_come_are_the_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    blobs = tmp_path / "models--someone--small" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / "left-behind.incomplete").write_bytes(bytes(1000))
    small, other = model._measure("small"), model._measure("someone/some-model")
    assert small() == 0.0
    with (blobs / "abc.incomplete").open("wb") as part:
        part.truncate(48_700_000)
    assert small() == pytest.approx(0.1)
    assert other() == 0.0


class RepositoryNotFoundError(Exception):
    """As huggingface_hub names it."""


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ConnectionError("Name or service not known\nmore"), "no connection to the model hub"),
        (OSError(28, "No space left on device"), "the disk is full"),
        (RepositoryNotFoundError("404"), "has no such model"),
        (ValueError(""), "no connection"),
    ],
)
def test_a_failed_download_says_why(hub: Callable[[Any], None], error: Exception, why: str) -> None:
    hub(error)
    with pytest.raises(EngineError, match=why) as caught:
        download("small")
    assert caught.value.__cause__ is error
    assert caught.value.hint
    assert "\n" not in caught.value.why


def test_a_repository_without_a_model_is_refused(hub: Callable[[Any], None], copy: Path) -> None:
    (copy / "tokenizer.json").unlink()
    hub(copy)
    with pytest.raises(EngineError, match=r"lacks tokenizer\.json"):
        download("someone/some-model")


def test_nothing_reaches_the_terminal_from_a_real_hub_without_a_network(tmp_path: Path) -> None:
    code = """
import json, logging
from chapterize.errors import EngineError
from chapterize.transcribe.model import download, model_on_disk, silence_logs
silence_logs()
logging.getLogger("faster_whisper").warning("not for the terminal")
try:
    download("tiny")
except EngineError as error:
    print(json.dumps([error.why, model_on_disk("tiny")]))
"""
    # A port on which nobody listens, so the failure is the same with a network and without.
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
    assert why.startswith("no connection to the model hub")
    assert on_disk is None
