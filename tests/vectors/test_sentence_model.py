"""Which sentence-transformers models are found, downloaded, loaded or refused."""

from __future__ import annotations

import shutil
import sys
from functools import partial
from pathlib import Path

import pytest

from chapterize.errors import EngineError, MissingDependency
from chapterize.vectors import SentenceEmbedder, load_embedder
from tests.fake_hub import Repository, running_hub, use_hub, use_store
from tests.vectors.tiny_model import write_modules

pytestmark = pytest.mark.slow


def test_a_damaged_model_is_an_engine_error(model: Path, tmp_path: Path) -> None:
    moved = tmp_path / "damaged"
    shutil.copytree(model, moved)
    weights = moved / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(EngineError, match="cannot load the sentence model") as caught:
        SentenceEmbedder(moved, device="cpu", offline=True)
    assert str(moved) in caught.value.what
    assert "\n" not in caught.value.why


def test_code_that_comes_with_a_model_is_never_run(model: Path, tmp_path: Path) -> None:
    moved = tmp_path / "hostile"
    shutil.copytree(model, moved)
    trace = tmp_path / "was run"
    (moved / "hostile.py").write_text(f"open({str(trace)!r}, 'w')\nclass Layer: pass\n", "utf-8")
    write_modules(moved, {"idx": 2, "name": "2", "path": "2_Layer", "type": "hostile.Layer"})
    with pytest.raises(EngineError, match="cannot load"):
        SentenceEmbedder(moved, device="cpu", offline=True)
    assert not trace.exists()


@pytest.mark.usefixtures("_no_network")
def test_a_missing_model_is_not_downloaded_offline() -> None:
    with pytest.raises(EngineError, match="not on disk") as caught:
        load_embedder("chapterize-tests/there-is-no-such-model", offline=True)
    assert "--embedder static" in caught.value.hint


@pytest.mark.usefixtures("_no_network")
def test_the_offline_variable_of_the_hub_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(EngineError, match="HF_HUB_OFFLINE is set"):
        load_embedder("chapterize-tests/there-is-no-such-model")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        *((name, "does not exist") for name in ("no/such/folder", "../x")),
        ("https://example.org/x", "address"),
        *((name, "there is no sentence model") for name in ("", "-", "a b")),
    ],
)
def test_a_name_that_is_neither_a_folder_nor_on_the_hub_is_refused(
    name: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Files next to the checkout must not be found.
    inner = tmp_path / "empty"
    inner.mkdir()
    monkeypatch.chdir(inner)
    with pytest.raises(EngineError, match=what):
        load_embedder(name)


def test_a_file_is_not_a_model(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"no model")
    with pytest.raises(EngineError, match="is not a folder") as caught:
        load_embedder(str(tmp_path / "model.bin"))
    assert str(tmp_path) in caught.value.hint


def test_an_empty_folder_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot load the sentence model"):
        load_embedder(str(tmp_path), offline=True)


def test_a_missing_package_says_how_to_install_it(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingDependency) as caught:
        load_embedder(str(model))
    assert "pip install sentence-transformers" in caught.value.hint


def test_a_model_in_the_hub_cache_is_found_without_the_network(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_store(tmp_path, monkeypatch)
    kept = tmp_path / "models--sentence-transformers--tiny-L1" / "snapshots" / "abc"
    load = partial(load_embedder, device="cpu", offline=True)
    missing = partial(pytest.raises, EngineError, match="is not on disk")
    with missing():
        load("tiny-L1")
    shutil.copytree(model, kept)
    assert load("tiny-L1").fingerprint == load("sentence-transformers/tiny-L1").fingerprint
    with missing():
        load("other/tiny-L1")
    (kept / "model.safetensors").unlink()
    with missing():
        load("tiny-L1")


def test_a_model_is_downloaded_once_and_then_used_offline(
    model: Path, embedder: SentenceEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[str] = []
    notes: list[str] = []
    with running_hub() as fake:
        use_hub(fake, tmp_path / "hub", monkeypatch)
        fake.repositories["sentence-transformers/tiny-L1"] = Repository.of(model)
        first = load_embedder(
            "tiny-L1",
            device="cpu",
            on_progress=lambda stage, fraction: reported.append(stage),
            on_note=notes.append,
        )
        assert set(reported) == {"downloading the sentence model"}
        assert notes == ["Downloading the sentence model tiny-L1; this happens once."]
        fake.history.clear()
        again = load_embedder("tiny-L1", device="cpu")
        assert fake.history == []
    assert first.fingerprint == again.fingerprint == embedder.fingerprint
