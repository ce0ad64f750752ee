"""The boundary network, run with numpy; scripts/boundary_net.py trains it in PyTorch.

A sentence's vector, features and opening phrases each pass a linear map. Their sum passes four
dilated convolutions and a gated recurrent unit in each direction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from chapterize.data import FloatArray

__all__ = ["DILATIONS", "VECTOR_SCALE", "run_network"]

DILATIONS = (1, 2, 4, 8)
VECTOR_SCALE = 4.0
"""Factor on the map of vectors: components of unit vectors are small compared with features."""

Weights = Mapping[str, NDArray[np.float32]]


def run_network(
    weights: Weights, vectors: FloatArray, features: FloatArray, grams: Sequence[Sequence[int]]
) -> FloatArray:
    """Log-odds, shape (n,), that a chapter begins at each sentence, under the training's weights.

    Parameters
    ----------
    weights : by their PyTorch names; linear maps have shape (out, in), convolutions
        (out, in, width).
    vectors : shape (n, d).
    features : shape (n, f); a network trained on fewer features reads the first ones.
    grams : for each sentence, its rows of the phrase table.
    """
    features = features[:, : weights["feature.weight"].shape[1]]
    hidden = vectors @ (np.float32(VECTOR_SCALE) * weights["vector.weight"].T)
    hidden += features @ weights["feature.weight"].T + weights["feature.bias"]
    hidden += _sums(weights["gram.weight"], grams) @ weights["phrase.weight"].T
    for number, dilation in enumerate(DILATIONS):
        kernel = weights[f"convolutions.{number}.weight"]
        bias = weights[f"convolutions.{number}.bias"]
        hidden = hidden + np.maximum(_convolve(hidden, kernel, dilation) + bias, np.float32(0.0))
    both = [_recur(hidden, weights, "l0"), _recur(hidden[::-1], weights, "l0_reverse")[::-1]]
    scores: FloatArray = np.hstack(both) @ weights["out.weight"][0] + weights["out.bias"]
    return scores.astype(np.float32)


def _sums(table: FloatArray, rows: Sequence[Sequence[int]]) -> FloatArray:
    sums = np.zeros((len(rows), table.shape[1]), dtype=np.float32)
    which = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    flat = np.fromiter((i for row in rows for i in row), dtype=np.intp, count=len(which))
    np.add.at(sums, which, table[flat])
    return sums


def _convolve(hidden: FloatArray, kernel: FloatArray, dilation: int) -> FloatArray:
    """Same-length convolution with zero padding: one product for each tap of the kernel."""
    n, width = len(hidden), kernel.shape[2]
    reach = width // 2 * dilation
    padded = np.pad(hidden, ((reach, reach), (0, 0)))
    found = np.zeros((n, kernel.shape[0]), dtype=np.float32)
    for place in range(width):
        found += padded[place * dilation : place * dilation + n] @ kernel[:, :, place].T
    return found


def _recur(hidden: FloatArray, weights: Weights, suffix: str) -> FloatArray:
    """A gated recurrent unit (Cho et al. 2014) with PyTorch's reset gate, after the product."""
    given = (
        hidden @ weights[f"recurrent.weight_ih_{suffix}"].T + weights[f"recurrent.bias_ih_{suffix}"]
    )
    kernel = np.ascontiguousarray(weights[f"recurrent.weight_hh_{suffix}"].T)
    bias = weights[f"recurrent.bias_hh_{suffix}"]
    size = kernel.shape[0]
    state = np.zeros(size, dtype=np.float32)
    states = np.empty((len(hidden), size), dtype=np.float32)
    for i, row in enumerate(given):
        kept = state @ kernel + bias
        gates = 1.0 / (1.0 + np.exp(-(row[: 2 * size] + kept[: 2 * size])))
        new = np.tanh(row[2 * size :] + gates[:size] * kept[2 * size :])
        state = new + gates[size:] * (state - new)
        states[i] = state
    return states
