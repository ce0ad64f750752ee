"""The sentence-transformers embedder, with the real package and a tiny model made here."""

from __future__ import annotations

import logging
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest

from chapterize.errors import EngineError
from chapterize.vectors import SentenceEmbedder, load_embedder, sentence
from tests.vectors.tiny_model import QUERY, WORDS

pytestmark = pytest.mark.slow

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    torch = pytest.importorskip("torch", reason="torch is not installed")

TEXTS = ["how to bake bread", "knead the dough", "tax return", "a", "b c a b c " * 20]


def test_rows_are_unit_float32_in_the_order_of_the_texts(
    embedder: SentenceEmbedder,
) -> None:
    rows = embedder.embed(TEXTS)
    assert rows.dtype == np.float32
    assert rows.shape == (5, 32)
    assert embedder.n_dimensions == 32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    # In bfloat16, padding to another length changes a row slightly.
    for text, row in zip(TEXTS, rows, strict=True):
        assert embedder.embed([text])[0] @ row > 0.999


def test_rows_are_the_mean_of_the_last_hidden_states(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentence, "_is_bfloat16_fast", lambda device: False)
    (row,) = SentenceEmbedder(model, device="cpu", offline=True).embed([" ".join(QUERY)])
    bert = transformers.BertModel.from_pretrained(str(model)).eval()
    with torch.inference_mode():
        ids = torch.tensor([[2, *(WORDS.index(word) for word in QUERY), 3]])
        states = bert(ids).last_hidden_state[0].mean(dim=0).numpy()
    np.testing.assert_allclose(row, states / np.linalg.norm(states), atol=1e-5)


def test_bfloat16_hardly_changes_the_vectors(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []
    for is_fast in (True, False):
        monkeypatch.setattr(sentence, "_is_bfloat16_fast", lambda device, it=is_fast: it)
        rows.append(SentenceEmbedder(model, device="cpu", offline=True))
    assert rows[0].fingerprint != rows[1].fingerprint
    similarity = (rows[0].embed(TEXTS) * rows[1].embed(TEXTS)).sum(axis=1)
    assert similarity.min() > 0.99


def test_blank_texts_give_zeros_and_no_texts_give_no_rows(embedder: SentenceEmbedder) -> None:
    rows = embedder.embed(["", "bread", " \n", "\ud800"])
    assert not rows[[0, 2]].any()
    assert np.linalg.norm(rows[1]) == pytest.approx(1, abs=1e-6)
    assert embedder.embed([]).shape == (0, 32)
    assert not embedder.embed(["", " "]).any()


def test_progress_goes_up_to_one(
    embedder: SentenceEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentence, "_BATCHES_PER_REPORT", 1)
    reported: list[float] = []
    embedder.embed(["bread"] * 70, on_progress=lambda stage, fraction: reported.append(fraction))
    assert reported == [32 / 70, 64 / 70, 1.0]


@pytest.mark.usefixtures("_no_network")
def test_nothing_is_printed_and_no_connection_opened(
    model: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = logging.getLogger("transformers").level
    load_embedder(str(model), device="cpu", offline=True).embed(TEXTS)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
    assert logging.getLogger("transformers").level == before


def test_the_fingerprint_depends_on_the_files_and_not_their_folder(
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
    # bfloat16 would round away the changed bit.
    monkeypatch.setattr(sentence, "_is_bfloat16_fast", lambda device: False)
    moved = tmp_path / "elsewhere"
    shutil.copytree(model, moved)
    weights = bytearray((moved / "model.safetensors").read_bytes())
    weights[-4] ^= 1
    (moved / "model.safetensors").write_bytes(weights)
    prints = [SentenceEmbedder(folder, device="cpu").fingerprint for folder in (model, moved)]
    assert prints[0] != prints[1]


def test_an_unknown_device_is_refused(model: Path) -> None:
    with pytest.raises(EngineError, match="there is no device 'tpu'"):
        SentenceEmbedder(model, device="tpu")


def test_cuda_without_a_gpu_is_refused(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(EngineError, match="no CUDA device"):
        SentenceEmbedder(model, device="cuda")
    assert SentenceEmbedder(model).device == "cpu"


def test_auto_falls_back_to_the_cpu_if_the_gpu_fails(
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
def test_bfloat16_is_used_on_ampere_gpus_and_newer(
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
def test_bfloat16_is_used_on_cpus_that_support_it(
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


def test_vectors_that_are_not_finite_are_an_engine_error(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = SentenceEmbedder(model, device="cpu", offline=True)
    broken = np.full((1, 32), np.nan, dtype=np.float32)
    monkeypatch.setattr(embedder._model, "encode", lambda *args, **kwargs: broken)
    with pytest.raises(EngineError, match="not finite"):
        embedder.embed(["bread"])
