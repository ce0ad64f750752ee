"""The trained boundary model; models/boundary.md describes how it was made."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chapterize.data import FloatArray, Sentence
from chapterize.segment.features import gap_features, opening_grams
from chapterize.segment.network import run_network
from chapterize.weights import artefact, reading

__all__ = ["MINILM", "BoundaryModel", "View", "shipped_model"]

_NETWORK = "network."
_MINILM = "minilm."
MINILM = "minilm:"
"""Start of the fingerprint of the embedder whose vectors the networks of MiniLM read."""

_SCALE = ".scale"


class View(NamedTuple):
    """What some networks read: vectors of the meaning and of the wording, and their contrasts.

    Shapes and values are those of the arguments of `gap_features`.
    """

    vectors: tuple[FloatArray, FloatArray]
    contrasts: tuple[NDArray[np.float64], NDArray[np.float64]]


class BoundaryModel:
    """A boundary scorer, and the coefficients that give a count and confidence.

    Parameters
    ----------
    arrays : ``network.0.*``, ``network.1.*`` and so on are the weights of `run_network` for each
        network in the average; ``minilm.0.*`` and so on those of networks that read the vectors of
        MiniLM, if there are any. Weights of two axes or more are int8, with a ``.scale`` to
        multiply them by. ``count``, shape (2,), is the law of `expected_count`;
        ``confidence.scored`` and ``confidence.unscored``, shape (N_CLUES,), those of `confidence`
        with and without the scorer. A missing one is a KeyError, and
        a law of another shape a ValueError.
    """

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        self.networks = _networks(arrays, _NETWORK)
        if not self.networks:
            raise KeyError(f"{_NETWORK}0")
        self.minilm_networks = _networks(arrays, _MINILM)
        self.count = np.asarray(arrays["count"], dtype=np.float64)
        if self.count.shape != (2,):
            raise ValueError("it was made for another version of chapterize")
        self.confidence = {
            True: np.asarray(arrays["confidence.scored"], dtype=np.float64),
            False: np.asarray(arrays["confidence.unscored"], dtype=np.float64),
        }

    @classmethod
    def load(cls, *paths: Path) -> BoundaryModel:
        """Read the arrays of .npz files, of which later ones replace those of the same name.

        EngineError if a file is missing or damaged.
        """
        hint = "reinstall chapterize, or give another file"
        arrays: dict[str, NDArray[np.generic]] = {}
        for path in paths:
            # In memory, because np.load leaves a damaged file open.
            with (
                reading("the boundary model", path, hint=hint),
                np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as found,
            ):
                arrays |= dict(found)
        with reading("the boundary model", paths[0], hint=hint):
            return cls(arrays)

    def score(
        self,
        sentences: Sequence[Sentence],
        views: Sequence[View],
        has_cue: NDArray[np.bool_],
    ) -> FloatArray:
        """Log-odds, shape (n,), that a chapter begins at each sentence; element 0 is 0.0.

        The mean over the networks, which make different random errors.

        `views` : of the built-in table, and of MiniLM if its networks are to be used; `has_cue` :
        shape (n,), whether the sentence has cue words.
        """
        grams = [opening_grams(sentence.text) for sentence in sentences]
        each = []
        for networks, view in zip((self.networks, self.minilm_networks), views, strict=False):
            features = gap_features(view.vectors, view.contrasts, sentences, has_cue)
            each += [run_network(weights, view.vectors[0], features, grams) for weights in networks]
        scores: FloatArray = np.mean(each, axis=0, dtype=np.float32)
        scores[0] = 0.0
        return scores


def _networks(
    arrays: Mapping[str, NDArray[np.generic]], prefix: str
) -> tuple[dict[str, FloatArray], ...]:
    found: dict[int, dict[str, FloatArray]] = {}
    for name in arrays:
        if name.startswith(prefix) and not name.endswith(_SCALE):
            number, _, weight = name.removeprefix(prefix).partition(".")
            found.setdefault(int(number), {})[weight] = _restored(name, arrays)
    return tuple(found[number] for number in sorted(found))


def _restored(name: str, arrays: Mapping[str, NDArray[np.generic]]) -> NDArray[np.float32]:
    weight = np.asarray(arrays[name], dtype=np.float32)
    return weight * np.asarray(arrays[name + _SCALE]) if name + _SCALE in arrays else weight


# Reading it takes 18 ms, and every document of a corpus needs it.
@cache
def shipped_model(*, reads_minilm: bool = False) -> BoundaryModel:
    """The model in ``models``, with the networks that read the vectors of MiniLM or without."""
    names = ("boundary.npz", "boundary_minilm.npz") if reads_minilm else ("boundary.npz",)
    return BoundaryModel.load(*map(artefact, names))
