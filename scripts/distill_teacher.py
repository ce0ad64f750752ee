"""The model to distil: its vocabulary and its vectors of pieces and sentences."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chapterize.vectors import word_piece_tokenizer

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from tokenizers import Tokenizer

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
N_THREADS = 2
MAX_TOKENS = 256
FIRST, LAST, UNKNOWN = 101, 102, 100
"""Rows of [CLS], [SEP] and [UNK] in the model's vocabulary."""

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Vocabulary:
    """The pieces that text can contain, and `rows`, their rows in the model's vocabulary.

    Special and unused entries, ``[CLS]`` … ``[unused993]``, are left out. A piece's index is its
    position in `pieces`; everything else has the index ``len(pieces)``.
    """

    pieces: tuple[str, ...]
    rows: Integers

    @classmethod
    def read(cls, path: Path) -> Vocabulary:
        """Read a vocab.txt, with one piece per line."""
        lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
        kept = [
            (piece, row)
            for row, piece in enumerate(lines)
            if not (len(piece) > 2 and piece.startswith("[") and piece.endswith("]"))
        ]
        return cls(tuple(piece for piece, _ in kept), np.array([row for _, row in kept]))

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return word_piece_tokenizer(self.pieces)

    def indices(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the indices of the pieces of each text."""
        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [list(one.ids) for one in encoded]

    def bags(self, indices: Sequence[Sequence[int]]) -> csr_matrix:
        """Return the count of each piece in each text, sparse, shape (n_texts, n_pieces)."""
        from scipy.sparse import csr_matrix

        ends = np.cumsum([0, *(len(row) for row in indices)])
        flat = np.fromiter((i for row in indices for i in row), dtype=np.int64, count=ends[-1])
        shape = (len(indices), len(self.pieces) + 1)
        return csr_matrix((np.ones(len(flat), np.float32), flat, ends), shape=shape)[:, :-1]


class Teacher:
    """all-MiniLM-L6-v2 from `folder`, on the CPU in float32.

    Raises
    ------
    ValueError : the digest of the weights is not WEIGHTS_SHA256.
    """

    def __init__(self, folder: Path) -> None:
        _check_weights(folder / "model.safetensors")
        import torch
        import transformers

        transformers.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        torch.set_num_threads(N_THREADS)
        bert = transformers.BertModel.from_pretrained(str(folder), add_pooling_layer=False)
        self._bert: Any = bert.eval()

    def piece_features(self, vocabulary: Vocabulary) -> Floats:
        """Return the features of each piece alone, centred, shape (n_pieces, 3 * 384).

        These are the mean over ``[CLS] piece [SEP]``, the state at the piece, and the input
        embedding of the piece, concatenated.
        """
        means, middles = [], []
        for start in range(0, len(vocabulary.rows), 512):
            rows = vocabulary.rows[start : start + 512]
            edges = np.full_like(rows, FIRST), np.full_like(rows, LAST)
            states = self._states(np.stack([edges[0], rows, edges[1]], axis=1))
            means.append(states.mean(axis=1))
            middles.append(states[:, 1])
        inputs = self._bert.embeddings.word_embeddings.weight.detach().numpy()[vocabulary.rows]
        features = np.hstack([np.concatenate(means), np.concatenate(middles), inputs])
        return np.asarray(features - features.mean(axis=0), dtype=np.float32)

    def sentence_vectors(self, vocabulary: Vocabulary, indices: Sequence[Sequence[int]]) -> Floats:
        """Return the model's vector of each sentence at unit length, shape (n_sentences, 384)."""
        places = np.append(vocabulary.rows, UNKNOWN)
        order = np.argsort([len(row) for row in indices], kind="stable")
        vectors = np.zeros((len(indices), 384), dtype=np.float32)
        for start in range(0, len(order), 32):
            batch = order[start : start + 32]
            rows = [[FIRST, *places[indices[i][: MAX_TOKENS - 2]], LAST] for i in batch]
            width = max(map(len, rows))
            tokens = np.array([row + [0] * (width - len(row)) for row in rows])
            mask = np.array([[1] * len(row) + [0] * (width - len(row)) for row in rows])
            vectors[batch] = unit((self._states(tokens, mask) * mask[..., None]).sum(axis=1))
        return vectors

    def _states(self, tokens: Integers, mask: Integers | None = None) -> Floats:
        import torch

        with torch.inference_mode():
            attention = None if mask is None else torch.from_numpy(mask)
            out = self._bert(torch.from_numpy(tokens), attention_mask=attention)
        states: Floats = out.last_hidden_state.numpy()
        return states


def unit(rows: Floats) -> Floats:
    """Return `rows` at unit length; zeros are unchanged."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1), dtype=np.float32)


def _check_weights(path: Path) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != WEIGHTS_SHA256:
        raise ValueError(f"{path} is not all-MiniLM-L6-v2 (sha256 {found})")
