"""The trained boundary model; models/boundary.md describes how it was made."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chapterize.data import FloatArray, Sentence
from chapterize.segment.features import gap_features, opening_grams
from chapterize.segment.network import run_network
from chapterize.weights import artefact, reading

__all__ = ["BoundaryModel", "shipped_model"]

_NETWORK = "network."
_SCALE = ".scale"


class BoundaryModel:
    """A boundary scorer, and the coefficients that give a count and confidence.

    Parameters
    ----------
    arrays : ``network.0.*``, ``network.1.*`` and so on are the weights of `run_network` for each
        network in the average. Weights of two axes or more are int8, with a ``.scale`` to multiply
        them by. ``count``, shape (2,), is the law of `expected_count`;
        ``confidence.scored`` and ``confidence.unscored``, shape (N_CLUES,), those of `confidence`
        with and without the scorer. A missing one is a KeyError, and a law of another shape a
        ValueError.
    """

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        self.count = np.asarray(arrays["count"], dtype=np.float64)
        if self.count.shape != (2,):
            raise ValueError("it was made for another version of chapterize")
        self.networks = _networks(arrays)
        self.confidence = {
            True: np.asarray(arrays["confidence.scored"], dtype=np.float64),
            False: np.asarray(arrays["confidence.unscored"], dtype=np.float64),
        }

    @classmethod
    def load(cls, path: Path) -> BoundaryModel:
        """Read an .npz; EngineError if it is missing or damaged."""
        hint = "reinstall chapterize, or give another file"
        loading = reading("the boundary model", path, hint=hint)
        # In memory, because np.load leaves a damaged file open.
        with loading, np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            return cls(dict(arrays))

    def score(
        self,
        sentences: Sequence[Sentence],
        vectors: tuple[FloatArray, FloatArray],
        contrasts: tuple[NDArray[np.float64], NDArray[np.float64]],
        has_cue: NDArray[np.bool_],
    ) -> FloatArray:
        """Log-odds, shape (n,), that a chapter begins at each sentence; element 0 is 0.0.

        The mean over the networks, which make different random errors.

        The arguments are those of `gap_features`; `vectors` are of the built-in table and of the
        wording.
        """
        features = gap_features(vectors, contrasts, sentences, has_cue)
        grams = [opening_grams(sentence.text) for sentence in sentences]
        each = [run_network(weights, vectors[0], features, grams) for weights in self.networks]
        scores: FloatArray = np.mean(each, axis=0, dtype=np.float32)
        scores[0] = 0.0
        return scores


def _networks(arrays: Mapping[str, NDArray[np.generic]]) -> tuple[dict[str, FloatArray], ...]:
    found: dict[int, dict[str, FloatArray]] = {}
    for name in arrays:
        if name.startswith(_NETWORK) and not name.endswith(_SCALE):
            number, _, weight = name.removeprefix(_NETWORK).partition(".")
            found.setdefault(int(number), {})[weight] = _restored(name, arrays)
    if not found:
        raise KeyError(f"{_NETWORK}0")
    return tuple(found[number] for number in sorted(found))


def _restored(name: str, arrays: Mapping[str, NDArray[np.generic]]) -> NDArray[np.float32]:
    weight = np.asarray(arrays[name], dtype=np.float32)
    return weight * np.asarray(arrays[name + _SCALE]) if name + _SCALE in arrays else weight


# Reading it takes 18 ms, and every document of a corpus needs it.
@cache
def shipped_model() -> BoundaryModel:
    """The model in ``models``."""
    return BoundaryModel.load(artefact("boundary.npz"))
