"""Routing a request: by keyword where one decides, else by a small linear classifier.

A text becomes hashed n-grams of its characters and words; one linear layer turns them into
probabilities of the six actions. It needs only numpy. models/intent.md says how it was trained.
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
from chapterize.remote.intent.keywords import Action, keyword, normalise, words
from chapterize.weights import artefact

__all__ = ["ACTIONS", "N_BUCKETS", "Intent", "IntentModel", "features", "route"]

ACTIONS = tuple(Action)
"""The columns of the weights."""
N_BUCKETS = 16_384
_CHARACTERS = (1, 2, 3, 4)
_WORDS = (1, 2)
_NAME = "intent.npz"

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Intent:
    """An action, and how it was found: ``keyword`` or ``classifier``.

    `probability` : the classifier's probability of the action; 1.0 for a keyword.
    """

    action: Action
    how: str
    probability: float


def route(text: str, *, has_file: bool = False) -> Intent:
    """Return what `text` asks for.

    English and Chinese work best; German, Spanish, French and Japanese work too. A text without
    words asks for the state, or for the upload of an attached file: neither costs anything.

    Raises
    ------
    EngineError : the classifier is needed, and its file is missing or damaged.
    """
    found = keyword(normalise(text), has_file=has_file)
    if found is not None:
        return Intent(found, "keyword", 1.0)
    # Loading takes 1.5 ms and a command routes one text, so the model is not kept.
    model = IntentModel.load()
    action, probability = model.decide(model.probabilities(text))
    return Intent(action, "classifier", probability)


def features(text: str) -> Floats:
    """Return the classifier's input for a text, shape (N_BUCKETS,).

    The character part and the word part each have Euclidean norm 1.0, whatever the text's length.
    """
    plain = re.sub(r"\d", "0", normalise(text))
    row = np.zeros(N_BUCKETS, dtype=np.float32)
    for kind, grams in (
        ("c", _grams(f"^ {plain} $", _CHARACTERS, "")),
        ("w", _grams(["^", *words(plain), "$"], _WORDS, " ")),
    ):
        # Not hash(), which differs from run to run.
        hashed = [zlib.crc32(f"{kind}{gram}".encode("utf-8", "replace")) for gram in grams]
        buckets, counts = np.unique(np.array(hashed) % N_BUCKETS, return_counts=True)
        part = np.log1p(counts)
        row[buckets] += (part / np.linalg.norm(part)).astype(np.float32)
    return row


def _grams(units: Sequence[str], lengths: Sequence[int], separator: str) -> Iterator[str]:
    for length in lengths:
        for i in range(len(units) - length + 1):
            yield separator.join(units[i : i + length])


@dataclass(frozen=True)
class IntentModel:
    """A multinomial logistic regression with quantised weights.

    `weights`, shape (N_BUCKETS, 6), int8, are multiplied by `scales`, shape (6,); `bias`, shape
    (6,), is added. `margin` : the lead in probability that any other action needs over EDIT.
    """

    weights: NDArray[np.int8]
    scales: Floats
    bias: Floats
    margin: float

    def probabilities(self, text: str) -> NDArray[np.float64]:
        """Return the probability of each of ACTIONS, shape (6,); they sum to 1.0."""
        row = features(text)
        used = np.flatnonzero(row)
        scores = row[used].astype(np.float64) @ self.weights[used] * self.scales + self.bias
        exponentials = np.exp(scores - scores.max())
        return np.asarray(exponentials / exponentials.sum())

    def decide(self, probabilities: NDArray[np.float64]) -> tuple[Action, float]:
        """Return the most probable action, or EDIT where none leads it by the margin."""
        best = int(probabilities.argmax())
        edit = ACTIONS.index(Action.EDIT)
        if probabilities[best] - probabilities[edit] < self.margin:
            best = edit
        return ACTIONS[best], float(probabilities[best])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that `read` takes."""
        return {
            "bias": self.bias,
            "margin": np.array([self.margin], dtype=np.float64),
            "scales": self.scales,
            "weights": self.weights,
        }

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]]) -> IntentModel:
        """Return the classifier stored in `arrays`.

        Raises
        ------
        KeyError, ValueError : the arrays do not belong to a classifier of this version.
        """
        weights, n_actions = arrays["weights"], len(ACTIONS)
        if weights.shape != (N_BUCKETS, n_actions) or weights.dtype != np.int8:
            raise ValueError("it was trained for other features")
        if arrays["scales"].shape != (n_actions,) or arrays["bias"].shape != (n_actions,):
            raise ValueError("it was trained for other actions")
        return cls(weights, arrays["scales"], arrays["bias"], float(arrays["margin"][0]))

    @classmethod
    def load(cls) -> IntentModel:
        """Return the classifier that the program ships.

        Raises
        ------
        EngineError : the file is missing or damaged.
        """
        path = artefact(_NAME)
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
                return cls.read(dict(arrays.items()))
        except Exception as error:
            raise EngineError(
                f"cannot read the request classifier {path}",
                why=f"{type(error).__name__}: {error}".splitlines()[0],
                hint="reinstall chapterize",
            ) from error
