"""Boosted regression trees as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Trees"]

Floats = NDArray[np.float32]

_ROWS = 8192


@dataclass(frozen=True)
class Trees:
    """A sum of trees. The nodes of all trees are concatenated; `roots` are the first of each.

    A row goes to `left` if its value of `feature` is at most `threshold`, otherwise to `right`. A
    leaf leads to itself and has a `value`.
    """

    baseline: float
    feature: NDArray[np.uint8]
    threshold: Floats
    left: NDArray[np.uint16]
    right: NDArray[np.uint16]
    value: Floats
    roots: NDArray[np.uint16]
    depth: int

    def predict(self, rows: Floats) -> NDArray[np.float64]:
        """Return the sum for each of `rows`, shape (n, n_features)."""
        found = np.full(len(rows), self.baseline)
        feature, left = self.feature.astype(np.intp), self.left.astype(np.intp)
        right = self.right.astype(np.intp)
        for first in range(0, len(rows), _ROWS):
            block = np.ascontiguousarray(rows[first : first + _ROWS], dtype=np.float32)
            flat = block.ravel()
            base = np.arange(len(block), dtype=np.intp) * block.shape[1]
            node = np.repeat(self.roots.astype(np.intp)[:, None], len(block), axis=1)
            for _ in range(self.depth):
                values = flat[base + feature[node]]
                node = np.where(values <= self.threshold[node], left[node], right[node])
            found[first : first + _ROWS] += self.value[node].sum(axis=0, dtype=np.float64)
        return found

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> Trees:
        """Return the trees in `arrays` under keys that start with `name`.

        KeyError or ValueError if an array is missing, or the arrays do not match.
        """
        baseline, depth = arrays[f"{name}_numbers"].tolist()
        keys = ("feature", "threshold", "left", "right", "value")
        parts = {key: arrays[f"{name}_{key}"] for key in keys}
        roots = arrays[f"{name}_roots"]
        n_nodes = len(parts["feature"])
        links = np.concatenate([parts["left"], parts["right"], roots])
        if any(len(part) != n_nodes for part in parts.values()) or links.max(initial=0) >= n_nodes:
            raise ValueError(f"the trees {name!r} are damaged")
        return cls(baseline=baseline, roots=roots, depth=int(depth), **parts)
