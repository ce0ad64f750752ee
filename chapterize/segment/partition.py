"""The best division into every number of chapters, by dynamic programming.

The cost of a division is a sum over its chapters: the squared error of the sentence vectors around
the chapter's mean, plus a soft prior on the chapter's length, minus a bonus for where it begins.
The sum is minimised exactly with the change-point method of Auger and Lawrence (1989), limited to
a band of lengths, for every count at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Material", "PartitionOptions", "best_partitions"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]


@dataclass(frozen=True)
class PartitionOptions:
    """Weights of the cost.

    The cost is `error_weight` times the squared error of unit vectors plus `length_weight` times
    ln²(length / mean length). A chapter is at most `longest` times the mean.
    `shared_mean` : counts within this ratio are solved in one run, with a mean between theirs.
    """

    error_weight: float = 0.85
    length_weight: float = 0.5
    longest: float = 8.0
    shared_mean: float = 1.15


@dataclass(frozen=True)
class Material:
    """What is divided: the nodes at which a chapter may begin, and the end as the last node.

    `sums` : shape (n_nodes, d), the sum of all vectors before each node; `sizes` : shape
    (n_nodes,), their number; `times` : shape (n_nodes,), seconds; `bonus` : shape (n_nodes,),
    subtracted from the cost of a chapter that begins there. Node 0 is the start and node -1 the
    end.
    """

    sums: Floats
    sizes: Floats
    times: Floats
    bonus: Floats


def best_partitions(
    material: Material,
    counts: Iterable[int],
    *,
    min_length: float = 0.0,
    options: PartitionOptions | None = None,
) -> dict[int, tuple[int, ...]]:
    """The cheapest division for each of `counts`: the nodes at which its chapters begin, 0 first.

    A count is left out if no division keeps `min_length` (seconds).
    """
    options = options or PartitionOptions()
    groups = _groups(sorted(set(counts)), options.shared_mean)
    band = _Band(material, groups[0][0], min_length, options)
    solutions: dict[int, tuple[int, ...]] = {}
    for group in groups:
        solutions |= band.solve(group)
    return solutions


def _groups(counts: Sequence[int], ratio: float) -> list[list[int]]:
    groups: list[list[int]] = []
    for count in counts:
        if groups and count <= groups[-1][0] * ratio:
            groups[-1].append(count)
        else:
            groups.append([count])
    return groups


class _Band:
    """Costs of all chapters; row b and column j is the chapter from node j - 1 - b to node j.

    `fit` : shape (width, n_nodes), float32, the cost without the prior, infinite for chapters that
    are not allowed; `log_length` : the same shape, ln of the seconds. `fit` leaves out the squared
    norms, which are the same for every division; without them float32 is precise enough.
    """

    def __init__(
        self, material: Material, fewest: int, min_length: float, options: PartitionOptions
    ) -> None:
        self.times = material.times
        self.options = options
        n = len(self.times)
        width = self._width(fewest)
        self.fit = np.full((width, n), np.inf, dtype=np.float32)
        self.log_length = np.zeros((width, n), dtype=np.float32)
        gram = material.sums @ material.sums.T
        norms = np.diagonal(gram)
        for b in range(width):
            i, j = slice(0, n - 1 - b), slice(b + 1, n)
            length = self.times[j] - self.times[i]
            spread = norms[j] + norms[i] - 2.0 * np.diagonal(gram, b + 1)
            spread = spread / np.maximum(material.sizes[j] - material.sizes[i], 1.0)
            cost = -options.error_weight * spread - material.bonus[i]
            # The millisecond tolerates rounding in a chapter of exactly min_length.
            self.fit[b, j] = np.where(length >= min_length - 1e-3, cost, np.inf)
            self.log_length[b, j] = np.log(np.maximum(length, 1e-3))

    def _width(self, fewest: int) -> int:
        """The largest number of nodes in a chapter if there are at least `fewest` chapters."""
        longest = self.options.longest * (self.times[-1] - self.times[0]) / fewest
        reach = np.searchsorted(self.times, self.times + longest, side="right") - 1
        return int(max(1, (reach - np.arange(len(self.times))).max()))

    def solve(self, group: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """The first nodes of the chapters, for each count of the group that has a solution."""
        mean = (self.times[-1] - self.times[0]) / float(np.sqrt(group[0] * group[-1]))
        width, n = self._width(group[0]), len(self.times)
        stretch = self.log_length[:width] - np.float32(np.log(mean))
        cost = self.fit[:width] + np.float32(self.options.length_weight) * stretch * stretch
        # layers[k, width + j] is the cost of reaching node j with k chapters; the padding before
        # node 0 lets a window of `width` values line up with each column of `cost`.
        layers = np.full((group[-1] + 1, width + n), np.inf, dtype=np.float32)
        layers[0, width] = 0.0
        for k in range(1, group[-1] + 1):
            reach = np.lib.stride_tricks.sliding_window_view(layers[k - 1], width)[:n]
            (cost + reach.T[::-1]).min(axis=0, out=layers[k, width:])
        return {
            count: _trace(cost, layers, count) for count in group if np.isfinite(layers[count, -1])
        }


def _trace(cost: Singles, layers: Singles, count: int) -> tuple[int, ...]:
    """Walk back from the end. Finding the best predecessor again is cheaper than storing it for
    every node of every layer."""
    width, n = cost.shape
    nodes: list[int] = []
    node = n - 1
    for k in range(count, 0, -1):
        before = layers[k - 1, node : node + width][::-1]
        node = node - 1 - int((cost[:, node] + before).argmin())
        nodes.append(node)
    return tuple(reversed(nodes))
