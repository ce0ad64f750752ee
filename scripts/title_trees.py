"""Grow boosted trees with scikit-learn and convert them to plain arrays."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from chapterize.title.phrases.trees import Floats, Trees

_PRECISION = 1e-6


@dataclass(frozen=True)
class Settings:
    """Number of trees and of leaves, learning `rate`, and the `least` rows in a leaf."""

    n_trees: int
    n_leaves: int
    rate: float
    least: int


def one_thread() -> AbstractContextManager[object]:
    """Limit the libraries to one thread: the order of additions changes sums."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    return cast(AbstractContextManager[object], threadpool_limits(1))


def grown(
    rows: Floats,
    goals: NDArray[np.float64],
    weights: NDArray[np.float64],
    settings: Settings,
    *,
    is_chance: bool,
) -> Trees:
    """Return trees for `goals`: log-odds of 0 or 1 if `is_chance`, otherwise their mean.

    Raises
    ------
    ValueError : there is nothing to learn, or the trees disagree with scikit-learn's.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    if not len(rows) or goals.min() == goals.max():
        raise ValueError("the titles have no words in common with the transcripts")
    kind = HistGradientBoostingClassifier if is_chance else HistGradientBoostingRegressor
    model = kind(
        max_iter=settings.n_trees,
        max_leaf_nodes=settings.n_leaves,
        learning_rate=settings.rate,
        min_samples_leaf=settings.least,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=0,
    )
    model.fit(rows, goals, sample_weight=weights)
    trees = _flattened(model)
    sample = rows[:: max(1, len(rows) // 2000)]
    theirs = model.decision_function(sample) if is_chance else model.predict(sample)
    if np.abs(trees.predict(sample) - theirs).max() > 1e-3:
        raise ValueError("this version of scikit-learn stores trees differently")
    return trees


def mean_of(one: Trees, other: Trees) -> Trees:
    """Return trees whose prediction is the mean of two."""
    n_nodes = np.uint16(len(one.feature))

    def chained(first: NDArray[Any], second: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([first, second])

    return Trees(
        baseline=(one.baseline + other.baseline) / 2,
        feature=chained(one.feature, other.feature),
        threshold=chained(one.threshold, other.threshold),
        left=chained(one.left, other.left + n_nodes),
        right=chained(one.right, other.right + n_nodes),
        value=(chained(one.value, other.value) / 2).astype(np.float32),
        roots=chained(one.roots, other.roots + n_nodes),
        depth=max(one.depth, other.depth),
    )


def arrays_of(trees: Trees, name: str) -> dict[str, NDArray[Any]]:
    """Return the arrays that `Trees.read` takes."""
    keys = ("feature", "threshold", "left", "right", "value", "roots")
    numbers = np.array([trees.baseline, trees.depth], dtype=np.float64)
    return {f"{name}_numbers": numbers} | {f"{name}_{key}": getattr(trees, key) for key in keys}


def _flattened(model: Any) -> Trees:
    nodes = [predictors[0].nodes for predictors in model._predictors]
    sizes = [len(tree) for tree in nodes]
    roots = np.r_[0, np.cumsum(sizes)[:-1]]
    base = np.repeat(roots, sizes)
    every = np.concatenate(nodes)
    is_leaf = every["is_leaf"] > 0
    here = np.arange(len(every))
    # Thresholds are between float32 values; rounding down moves no row to the other side.
    threshold = every["num_threshold"].astype(np.float32)
    above = threshold.astype(np.float64) > every["num_threshold"]
    threshold[above] = np.nextafter(threshold[above], np.float32(-np.inf))
    return Trees(
        baseline=float(np.ravel(model._baseline_prediction)[0]),
        feature=np.where(is_leaf, 0, every["feature_idx"]).astype(np.uint8),
        threshold=np.where(is_leaf, np.float32(0), threshold).astype(np.float32),
        left=np.where(is_leaf, here, base + every["left"]).astype(np.uint16),
        right=np.where(is_leaf, here, base + every["right"]).astype(np.uint16),
        value=np.where(is_leaf, every["value"], 0.0).astype(np.float32),
        roots=roots.astype(np.uint16),
        depth=int(every["depth"].max()),
    )
