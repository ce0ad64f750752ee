"""The built-in embedder: numpy and a table of word-piece vectors."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chapterize.data import FloatArray, OnProgress
from chapterize.vectors.rows import SIGN, STAGE, WORD, encodable, unit
from chapterize.weights import artefact, reading

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["UNKNOWN", "StaticEmbedder", "built_in", "word_piece_tokenizer"]

_BLOCK = 2048
UNKNOWN = "[UNK]"
_SAMPLE = 1000
_LONG_WORD = 4
_FEWEST_WORDS = 20
_MAX_WORD = 100
"""Characters; a longer word is unknown, as it is to BERT."""


class StaticEmbedder:
    """Sums of word-piece vectors from a table; models/static.md describes how it was made.

    Parameters
    ----------
    path : an .npz of ``vectors``, int8 of shape (n_pieces, n_dimensions), ``scales``, float32 of
        shape (n_pieces,), and ``pieces``, their names as UTF-8 lines. The default is the shipped
        one.

    Raises
    ------
    EngineError : the table is missing or damaged.
    """

    def __init__(self, path: Path | None = None) -> None:
        path = path or artefact("static.npz")
        with reading("the table of word vectors", path):
            content = path.read_bytes()
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                pieces = arrays["pieces"].tobytes().decode("utf-8").split("\n")
                vectors, scales = arrays["vectors"], arrays["scales"]
            if vectors.ndim != 2 or not len(pieces) == len(vectors) == len(scales):
                raise ValueError(f"{len(pieces)} pieces, but vectors of shape {vectors.shape}")
            # The last row, zeros, is for every unknown piece.
            table = np.zeros((len(pieces) + 1, vectors.shape[1]), dtype=np.float32)
            np.multiply(vectors, scales[:, None], out=table[:-1])
        self._table: FloatArray = table
        self.tokenizer = word_piece_tokenizer(pieces)
        self.fingerprint = f"static:{hashlib.sha256(content).hexdigest()[:16]}"
        self.n_dimensions = int(table.shape[1])

    def embed(self, texts: Sequence[str], *, on_progress: OnProgress | None = None) -> FloatArray:
        """Return one unit row for each text, shape (n_texts, n_dimensions), float32.

        A text without a known word piece gives a row of zeros.
        """
        vectors = np.zeros((len(texts), self.n_dimensions), dtype=np.float32)
        for start in range(0, len(texts), _BLOCK):
            block = [encodable(text).split() for text in texts[start : start + _BLOCK]]
            # Each distinct word is tokenised once: a talk repeats few words.
            places: dict[str, int] = {}
            rows = [[places.setdefault(word, len(places)) for word in words] for words in block]
            found = self.tokenizer.encode_batch(list(places), add_special_tokens=False)
            word_vectors = _sums(self._table, [one.ids for one in found])
            vectors[start : start + _BLOCK] = _sums(word_vectors, rows)
            if on_progress:
                on_progress(STAGE, min(1.0, (start + _BLOCK) / len(texts)))
        return unit(vectors)

    def knows(self, texts: Sequence[str]) -> bool:
        """Whether most words of the texts are whole pieces of the table, as in English.

        Of the words with four letters or more, the table has at least 83 % in each of 957 English
        transcripts, and less than 8 % in German, Spanish, Japanese and Chinese talks. Texts that
        are too short to decide count as known.
        """
        step = -(-len(texts) // _SAMPLE) or 1
        said = (word for text in texts[::step] for word in WORD.findall(text))
        counts = Counter(word for word in said if len(word) >= _LONG_WORD or SIGN.search(word))
        words = [word for word in counts if not SIGN.search(word)]
        found = self.tokenizer.encode_batch(
            [encodable(word) for word in words], add_special_tokens=False
        )
        unknown = len(self._table) - 1
        whole = sum(
            counts[word]
            for word, one in zip(words, found, strict=True)
            if len(one.ids) == 1 and one.ids[0] != unknown
        )
        return counts.total() < _FEWEST_WORDS or 2 * whole >= counts.total()


# Reading the table takes 70 ms, and every document of a corpus needs it.
@cache
def built_in() -> StaticEmbedder:
    """The shipped table."""
    return StaticEmbedder()


def _sums(table: FloatArray, rows: Sequence[Sequence[int]]) -> FloatArray:
    """Return the sum of the rows of `table` at each of `rows`, shape (len(rows), n_dimensions)."""
    sums = np.zeros((len(rows), table.shape[1]), dtype=np.float32)
    # For an empty row, reduceat would return the first summand of the next row.
    full = [i for i, row in enumerate(rows) if row]
    if full:
        ends = np.cumsum([len(rows[i]) for i in full])
        flat = np.fromiter((j for row in rows for j in row), dtype=np.intp, count=ends[-1])
        sums[full] = np.add.reduceat(table[flat], np.r_[0, ends[:-1]], axis=0)
    return sums


def word_piece_tokenizer(pieces: Sequence[str]) -> Tokenizer:
    """Return BERT's uncased tokenizer for `pieces`: ids are indices, ``len(pieces)`` is unknown."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer

    ids = {piece: i for i, piece in enumerate(pieces)} | {UNKNOWN: len(pieces)}
    tokenizer = Tokenizer(WordPiece(ids, unk_token=UNKNOWN, max_input_chars_per_word=_MAX_WORD))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return tokenizer
