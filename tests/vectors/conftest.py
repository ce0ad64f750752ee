"""A tiny sentence-transformers model, made here."""

from __future__ import annotations

import socket
import warnings
from pathlib import Path

import pytest

from chapterize.vectors import SentenceEmbedder
from tests.vectors.tiny_model import WORDS, write_modules


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete sentence-transformers model: a random BERT of two layers and mean pooling."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        transformers = pytest.importorskip("transformers")
        torch = pytest.importorskip("torch")
        pytest.importorskip("sentence_transformers")
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


@pytest.fixture(scope="session")
def embedder(model: Path) -> SentenceEmbedder:
    return SentenceEmbedder(model, device="cpu", offline=True)


@pytest.fixture
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
