"""The small classifier of requests; models/intent.md tells how it was made.

A text becomes hashed n-grams of its characters and words, and one linear layer makes them
probabilities of the six actions. Only numpy runs it.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chapterize.errors import EngineError
from chapterize.remote.intent_words import Action, bare, words
from chapterize.weights import artefact

__all__ = ["ACTIONS", "N_BUCKETS", "IntentModel", "features"]

ACTIONS = tuple(Action)
"""The columns of the weights."""
N_BUCKETS = 16_384
_CHARACTERS = (1, 2, 3, 4)
_WORDS = (1, 2)
_NAME = "intent.npz"

Floats = NDArray[np.float32]


def features(text: str) -> Floats:
    """Return what the classifier sees of a text, shape (N_BUCKETS,).

    Characters and words each have length 1.0 together, however long the text is.
    """
    plain = re.sub(r"\d", "0", bare(text))
    row = np.zeros(N_BUCKETS, dtype=np.float32)
    for kind, grams in (
        ("c", _grams(f"^ {plain} $", _CHARACTERS, "")),
        ("w", _grams(["^", *words(plain), "$"], _WORDS, " ")),
    ):
        # By crc32 and not by hash(), which differs from run to run.
        hashed = [zlib.crc32(f"{kind}{gram}".encode("utf-8", "replace")) for gram in grams]
        places, counts = np.unique(np.array(hashed) % N_BUCKETS, return_counts=True)
        parts = np.log1p(counts)
        row[places] += (parts / np.linalg.norm(parts)).astype(np.float32)
    return row


def _grams(of: Sequence[str], lengths: Sequence[int], glue: str) -> Iterator[str]:
    for length in lengths:
        for at in range(len(of) - length + 1):
            yield glue.join(of[at : at + length])


@dataclass(frozen=True)
class IntentModel:
    """Weights, shape (N_BUCKETS, 6), int8, times `scales`, shape (6,), plus `bias`, shape (6,).

    `margin` : by how much more likely than EDIT another action must be.
    """

    weights: NDArray[np.int8]
    scales: Floats
    bias: Floats
    margin: float

    def probabilities(self, text: str) -> NDArray[np.float64]:
        """Return how likely each of ACTIONS is, shape (6,), of sum 1.0."""
        row = features(text)
        seen = np.flatnonzero(row)
        scores = row[seen].astype(np.float64) @ self.weights[seen] * self.scales + self.bias
        chances = np.exp(scores - scores.max())
        return np.asarray(chances / chances.sum())

    def decide(self, chances: NDArray[np.float64]) -> tuple[Action, float]:
        """Return the likeliest action, EDIT where no other is likelier by the margin."""
        best = int(chances.argmax())
        edit = ACTIONS.index(Action.EDIT)
        if chances[best] - chances[edit] < self.margin:
            best = edit
        return ACTIONS[best], float(chances[best])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what `read` takes."""
        return {
            "bias": self.bias,
            "margin": np.array([self.margin], dtype=np.float64),
            "scales": self.scales,
            "weights": self.weights,
        }

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]]) -> IntentModel:
        """Return the classifier that `arrays` gave.

        Raises
        ------
        KeyError, ValueError : the arrays are not those of a classifier of this version.
        """
        weights, n_actions = arrays["weights"], len(ACTIONS)
        if weights.shape != (N_BUCKETS, n_actions) or weights.dtype != np.int8:
            raise ValueError("it was made for other features")
        if arrays["scales"].shape != (n_actions,) or arrays["bias"].shape != (n_actions,):
            raise ValueError("it was made for other actions")
        return cls(weights, arrays["scales"], arrays["bias"], float(arrays["margin"][0]))

    @classmethod
    def load(cls) -> IntentModel:
        """Return the classifier that the program ships.

        Raises
        ------
        EngineError : it is missing or damaged.
        """
        path = artefact(_NAME)
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
                return cls.read(dict(arrays.items()))
        except Exception as error:
            raise EngineError(
                f"cannot read the classifier of requests {path}",
                why=f"{type(error).__name__}: {error}".splitlines()[0],
                hint='install it anew: pip install --force-reinstall "chapterize"',
            ) from error
