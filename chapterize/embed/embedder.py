"""What an embedder is, and how one is found by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from chapterize.data import OnProgress
from chapterize.embed.lexical import LexicalEmbedder
from chapterize.embed.sentence import SentenceEmbedder
from chapterize.embed.static import StaticEmbedder

if TYPE_CHECKING:
    from chapterize.data import FloatArray

__all__ = ["Embedder", "load_embedder", "suited"]


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


def load_embedder(name: str, *, device: str = "auto", offline: bool = False) -> Embedder:
    """Return the embedder called `name`.

    ``static`` is the built-in table; a folder, or a name on the Hugging Face hub, a
    sentence-transformers model. `device` and `offline` are as for `SentenceEmbedder`.

    Raises
    ------
    EngineError : it cannot be found or loaded.
    MissingDependency : it needs sentence-transformers, which is not installed.
    """
    if name == "static":
        return StaticEmbedder()
    return SentenceEmbedder(name, device=device, offline=offline)


def suited(embedder: Embedder, texts: Sequence[str]) -> Embedder:
    """Return `embedder`, or the one for any language where its table lacks most words of `texts`.

    Models trained on the vectors of one embedder mean nothing on those of another: look at the
    `fingerprint` of what is returned.
    """
    if isinstance(embedder, StaticEmbedder) and not embedder.knows(texts):
        return LexicalEmbedder()
    return embedder
