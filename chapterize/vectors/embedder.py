"""The embedder protocol, the choice of an embedder by name, and the vectors of a transcript."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chapterize.data import FloatArray, OnNote, OnProgress, Vectors
from chapterize.vectors.lexical import LexicalEmbedder
from chapterize.vectors.minilm import MINILM, MiniLMEmbedder
from chapterize.vectors.sentence import SentenceEmbedder
from chapterize.vectors.static import StaticEmbedder, built_in

__all__ = ["Embedder", "embed_sentences", "load_embedder"]


class Embedder(Protocol):
    """Turns texts into vectors whose dot product is their similarity."""

    @property
    def fingerprint(self) -> str:
        """A text that changes whenever the vectors could."""

    @property
    def n_dimensions(self) -> int:
        """Number of components of a vector."""

    def embed(self, texts: Sequence[str], *, on_progress: OnProgress | None = None) -> FloatArray:
        """Return one row for each text, shape (n_texts, n_dimensions), float32.

        Rows have unit length; a text without a known word gives a row of zeros.
        """


def load_embedder(
    name: str,
    *,
    device: str = "auto",
    offline: bool = False,
    on_progress: OnProgress | None = None,
    on_note: OnNote | None = None,
) -> Embedder:
    """Return the embedder called `name`.

    ``static`` is the built-in table, ``minilm`` a `MiniLMEmbedder`. Any other name is a
    sentence-transformers model: a folder or a name on the Hugging Face hub. Options and errors are
    those of `SentenceEmbedder`.
    """
    if name == "static":
        return StaticEmbedder()
    if name == MINILM:
        return MiniLMEmbedder()
    return SentenceEmbedder(
        name, device=device, offline=offline, on_progress=on_progress, on_note=on_note
    )


def embed_sentences(
    embedder: Embedder, texts: Sequence[str], *, on_progress: OnProgress | None = None
) -> Vectors:
    """Return the vectors that `segment` compares sentences by.

    If the built-in table was chosen and lacks most words of `texts`, `meaning` is `wording`.
    """
    table = embedder if isinstance(embedder, StaticEmbedder) else built_in()
    is_known = table.knows(texts)
    wording = LexicalEmbedder().embed(texts)
    if table is embedder and not is_known:
        return Vectors(wording, wording)
    meaning = embedder.embed(texts, on_progress=on_progress)
    if not is_known:
        return Vectors(meaning, wording)
    return Vectors(meaning, wording, meaning if table is embedder else table.embed(texts))
