"""What an embedder is, and how one is found by its name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Protocol

from chapterize.data import OnProgress, Vectors
from chapterize.vectors.lexical import LexicalEmbedder
from chapterize.vectors.sentence import SentenceEmbedder
from chapterize.vectors.static import StaticEmbedder

if TYPE_CHECKING:
    from chapterize.data import FloatArray

__all__ = ["Embedder", "embed_sentences", "load_embedder"]


class Embedder(Protocol):
    """Turns texts into vectors whose dot product is their likeness."""

    @property
    def fingerprint(self) -> str:
        """A text that differs whenever the vectors would."""

    @property
    def n_dimensions(self) -> int:
        """Length of a vector."""

    def embed(self, texts: Sequence[str], *, on_progress: OnProgress | None = None) -> FloatArray:
        """Return one row for each text, shape (n_texts, n_dimensions), float32.

        Rows have unit length; a text in which there is no known word gives a row of zeros.
        """


def load_embedder(
    name: str,
    *,
    device: str = "auto",
    offline: bool = False,
    on_progress: OnProgress | None = None,
) -> Embedder:
    """Return the embedder called `name`.

    ``static`` is the built-in table; a folder, or a name on the Hugging Face hub, is a
    sentence-transformers model. The options are as for `SentenceEmbedder`.

    Raises
    ------
    EngineError : it cannot be found or loaded.
    MissingDependency : it needs sentence-transformers, which is not installed.
    """
    if name == "static":
        return StaticEmbedder()
    return SentenceEmbedder(name, device=device, offline=offline, on_progress=on_progress)


def embed_sentences(
    embedder: Embedder, texts: Sequence[str], *, on_progress: OnProgress | None = None
) -> Vectors:
    """Return all that `segment` compares sentences by.

    `wording` takes the place of `meaning` too where the built-in table was chosen and lacks most
    words of `texts`.
    """
    table = embedder if isinstance(embedder, StaticEmbedder) else _built_in()
    is_known = table.knows(texts)
    wording = LexicalEmbedder().embed(texts)
    if table is embedder and not is_known:
        return Vectors(wording, wording)
    meaning = embedder.embed(texts, on_progress=on_progress)
    if not is_known:
        return Vectors(meaning, wording)
    return Vectors(meaning, wording, meaning if table is embedder else table.embed(texts))


@cache
def _built_in() -> StaticEmbedder:
    return StaticEmbedder()
