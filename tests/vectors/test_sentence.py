"""The sentence-transformers embedder, with the real package and a tiny model made here."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from chapterize.errors import EngineError, MissingDependency
from chapterize.vectors import (
    SentenceEmbedder,
    load_embedder,
    sentence,
    sentence_model_on_disk,
)
from tests.fake_hub import Repository, running_hub, use_hub, use_store

pytestmark = pytest.mark.slow

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    torch = pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")

QUERY = ["how", "to", "bake", "bread"]
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *QUERY, "knead", "the", "dough"]
WORDS += ["tax", "return", "a", "b", "c"]
TEXTS = ["how to bake bread", "knead the dough", "tax return", "a", "b c a b c " * 20]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole sentence-transformers model: a random BERT of two layers and mean pooling."""
    folder = tmp_path_factory.mktemp("a model 'of' 日本 %d")
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.5,
    )
    transformers.BertModel(config).save_pretrained(str(folder))
    tokenizer = transformers.BertTokenizerFast(vocab=str(folder / "vocab.txt"))
    tokenizer.save_pretrained(str(folder))
    write_modules(folder)
    return folder


def write_modules(folder: Path, *extra: dict[str, object]) -> None:
    first = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}
    pool = {
        "idx": 1,
        "name": "1",
        "path": "1_Pooling",
        "type": "sentence_transformers.models.Pooling",
    }
    (folder / "modules.json").write_text(json.dumps([first, pool, *extra]), encoding="utf-8")
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 32}', encoding="utf-8")
    (folder / "1_Pooling").mkdir(exist_ok=True)
    pooling = {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling), encoding="utf-8")


@pytest.fixture(scope="module")
def embedder(model: Path) -> SentenceEmbedder:
    return SentenceEmbedder(model, device="cpu", offline=True)


@pytest.fixture
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_rows_are_float32_of_unit_length_in_the_order_of_the_texts(
    embedder: SentenceEmbedder,
) -> None:
    rows = embedder.embed(TEXTS)
    assert rows.dtype == np.float32
    assert rows.shape == (5, 32)
    assert embedder.n_dimensions == 32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    # In bfloat16, padding to another length moves a row a little.
    for text, row in zip(TEXTS, rows, strict=True):
        assert embedder.embed([text])[0] @ row > 0.999


def test_the_rows_are_the_mean_of_the_models_last_states(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentence, "_is_bfloat16_fast", lambda device: False)
    (row,) = SentenceEmbedder(model, device="cpu", offline=True).embed([" ".join(QUERY)])
    bert = transformers.BertModel.from_pretrained(str(model)).eval()
    with torch.inference_mode():
        ids = torch.tensor([[2, *(WORDS.index(word) for word in QUERY), 3]])
        states = bert(ids).last_hidden_state[0].mean(dim=0).numpy()
    np.testing.assert_allclose(row, states / np.linalg.norm(states), atol=1e-5)


def test_bfloat16_changes_next_to_nothing(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []
    for is_fast in (True, False):
        monkeypatch.setattr(sentence, "_is_bfloat16_fast", lambda device, it=is_fast: it)
        rows.append(SentenceEmbedder(model, device="cpu", offline=True))
    assert rows[0].fingerprint != rows[1].fingerprint
    likeness = (rows[0].embed(TEXTS) * rows[1].embed(TEXTS)).sum(axis=1)
    assert likeness.min() > 0.99


def test_a_blank_text_gives_zeros_and_no_text_no_rows(embedder: SentenceEmbedder) -> None:
    rows = embedder.embed(["", "bread", " \n", "\ud800"])
    assert not rows[[0, 2]].any()
    assert np.linalg.norm(rows[1]) == pytest.approx(1, abs=1e-6)
    assert embedder.embed([]).shape == (0, 32)
    assert not embedder.embed(["", " "]).any()


def test_progress_goes_up_to_one(
    embedder: SentenceEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentence, "_BATCHES_PER_REPORT", 1)
    heard: list[float] = []
    embedder.embed(["bread"] * 70, on_progress=lambda stage, fraction: heard.append(fraction))
    assert heard == [32 / 70, 64 / 70, 1.0]


@pytest.mark.usefixtures("_no_network")
def test_nothing_is_printed_and_no_connection_opened(
    model: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = logging.getLogger("transformers").level
    load_embedder(str(model), device="cpu", offline=True).embed(TEXTS)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
    assert logging.getLogger("transformers").level == before


def test_the_fingerprint_follows_the_files_and_not_their_place(
    model: Path, embedder: SentenceEmbedder, tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(model, moved)
    assert SentenceEmbedder(moved, device="cpu").fingerprint == embedder.fingerprint
    vocabulary = (moved / "tokenizer.json").read_text("utf-8")
    swapped = (
        vocabulary.replace('"bread"', '"@"').replace('"tax"', '"bread"').replace('"@"', '"tax"')
    )
    (moved / "tokenizer.json").write_text(swapped, "utf-8")
    (moved / "vocab.txt").write_text("\n".join(WORDS), "utf-8")
    assert SentenceEmbedder(moved, device="cpu").fingerprint != embedder.fingerprint


def test_other_weights_give_another_fingerprint(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # bfloat16 would round the one bit away.
    monkeypatch.setattr(sentence, "_is_bfloat16_fast", lambda device: False)
    moved = tmp_path / "elsewhere"
    shutil.copytree(model, moved)
    weights = bytearray((moved / "model.safetensors").read_bytes())
    weights[-4] ^= 1
    (moved / "model.safetensors").write_bytes(weights)
    prints = [SentenceEmbedder(folder, device="cpu").fingerprint for folder in (model, moved)]
    assert prints[0] != prints[1]


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
def test_a_model_that_is_not_on_disk_is_not_fetched_offline() -> None:
    with pytest.raises(EngineError, match="not on this disk") as caught:
        load_embedder("chapterize-tests/there-is-no-such-model", offline=True)
    assert "--embedder static" in caught.value.hint


@pytest.mark.usefixtures("_no_network")
def test_the_hubs_own_offline_variable_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(EngineError, match="HF_HUB_OFFLINE is set"):
        load_embedder("chapterize-tests/there-is-no-such-model")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        *((name, "does not exist") for name in ("no/such/folder", "../x", "https://example.org/x")),
        *((name, "there is no sentence model") for name in ("", "-", "a b")),
    ],
)
def test_what_is_neither_a_folder_nor_a_name_is_refused(
    name: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever lies beside the checkout must not be found.
    inner = tmp_path / "empty"
    inner.mkdir()
    monkeypatch.chdir(inner)
    with pytest.raises(EngineError, match=what):
        load_embedder(name)


def test_a_file_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"no model")
    with pytest.raises(EngineError, match="is no folder") as caught:
        load_embedder(str(tmp_path / "model.bin"))
    assert str(tmp_path) in caught.value.hint


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot load the sentence model"):
        load_embedder(str(tmp_path), offline=True)


def test_a_missing_package_says_how_to_install_it(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingDependency) as caught:
        load_embedder(str(model))
    assert 'pip install "chapterize[semantic]"' in caught.value.hint


def test_an_unknown_device_is_refused(model: Path) -> None:
    with pytest.raises(EngineError, match="no device is called 'tpu'"):
        SentenceEmbedder(model, device="tpu")


def test_cuda_where_there_is_none_is_refused(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(EngineError, match="no CUDA device"):
        SentenceEmbedder(model, device="cuda")
    assert SentenceEmbedder(model).device == "cpu"


def test_auto_goes_on_with_the_processor_when_the_gpu_fails(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = sentence._load
    tried: list[str] = []

    def without_gpu(folder: Path, device: str) -> tuple[object, int]:
        tried.append(device)
        if device == "cuda":
            raise EngineError("cannot load the sentence model", why="the driver is too old")
        return load(folder, device)

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(sentence, "_load", without_gpu)
    assert SentenceEmbedder(model, offline=True).device == "cpu"
    assert tried == ["cuda", "cpu"]
    with pytest.raises(EngineError, match="driver is too old"):
        SentenceEmbedder(model, device="cuda", offline=True)


@pytest.mark.parametrize(
    ("capability", "is_fast"), [((7, 5), False), ((8, 0), True), ((9, 0), True)]
)
def test_bfloat16_is_taken_from_the_ampere_generation_on(
    capability: tuple[int, int], is_fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    assert sentence._is_bfloat16_fast("cuda") is is_fast


@pytest.mark.parametrize(
    ("able", "is_fast"),
    [
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": True}, True),
        ({"avx2": True}, False),
        ({}, False),
    ],
)
def test_bfloat16_is_taken_on_processors_that_have_it(
    able: dict[str, bool], is_fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able, raising=False)
    assert sentence._is_bfloat16_fast("cpu") is is_fast


def test_a_model_that_fails_on_its_input_is_an_engine_error(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = SentenceEmbedder(model, device="cpu", offline=True)

    def run_out(*args: object, **kwargs: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate 2 GiB")

    monkeypatch.setattr(embedder._model, "encode", run_out)
    with pytest.raises(EngineError, match="CUDA out of memory") as caught:
        embedder.embed(["bread"])
    assert "--device cpu" in caught.value.hint
    assert "\n" not in caught.value.why


def test_vectors_that_are_no_numbers_are_an_engine_error(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = SentenceEmbedder(model, device="cpu", offline=True)
    broken = np.full((1, 32), np.nan, dtype=np.float32)
    monkeypatch.setattr(embedder._model, "encode", lambda *args, **kwargs: broken)
    with pytest.raises(EngineError, match="not finite"):
        embedder.embed(["bread"])


def test_a_model_in_the_hubs_cache_is_known_without_the_network(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_store(tmp_path, monkeypatch)
    kept = tmp_path / "models--sentence-transformers--tiny-L1" / "snapshots" / "abc"
    assert not sentence_model_on_disk("tiny-L1")
    shutil.copytree(model, kept)
    assert sentence_model_on_disk("tiny-L1")
    assert sentence_model_on_disk("sentence-transformers/tiny-L1")
    assert not sentence_model_on_disk("other/tiny-L1")
    assert sentence_model_on_disk(tmp_path)
    (kept / "model.safetensors").unlink()
    assert not sentence_model_on_disk("tiny-L1")


def test_a_model_is_downloaded_once_and_then_used_offline(
    model: Path, embedder: SentenceEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    with running_hub() as fake:
        use_hub(fake, tmp_path / "hub", monkeypatch)
        fake.repositories["sentence-transformers/tiny-L1"] = Repository.of(model)
        first = load_embedder(
            "tiny-L1", device="cpu", on_progress=lambda stage, fraction: heard.append(stage)
        )
        assert set(heard) == {"downloading the sentence model"}
        fake.history.clear()
        again = load_embedder("tiny-L1", device="cpu")
        assert fake.history == []
    assert first.fingerprint == again.fingerprint == embedder.fingerprint
