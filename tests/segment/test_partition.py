"""The dynamic programme against an exhaustive search."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from chapterize.segment.partition import Material, PartitionOptions, best_partitions

WIDE = PartitionOptions(longest=1e9, shared_mean=1.0)


def _material(seed: int, n: int, *, d: int = 6) -> tuple[Material, np.ndarray]:
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(n, d))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    times = np.append(0.0, np.cumsum(random.uniform(2.0, 9.0, n)))
    bonus = np.append(random.uniform(0, 0.6, n), 0.0)
    bonus[0] = 0.0
    zero = np.zeros((1, d))
    material = Material(
        sums=np.vstack([zero, np.cumsum(vectors, axis=0)]),
        sizes=np.arange(n + 1.0),
        times=times,
        bonus=bonus,
    )
    return material, vectors


def _cost(material: Material, vectors: np.ndarray, nodes: tuple[int, ...]) -> float:
    """The cost computed from its definition."""
    total, mean = 0.0, material.times[-1] / len(nodes)
    for a, b in pairwise([*nodes, len(vectors)]):
        part = vectors[a:b]
        total += WIDE.error_weight * float(((part - part.mean(0)) ** 2).sum())
        length = material.times[b] - material.times[a]
        total += WIDE.length_weight * float(np.log(length / mean)) ** 2 - material.bonus[a]
    return total


@pytest.mark.parametrize("seed", range(5))
def test_every_solution_equals_that_of_an_exhaustive_search(seed: int) -> None:
    material, vectors = _material(seed, 11)
    solutions = best_partitions(material, range(1, 12), options=WIDE)
    for count in range(1, 12):
        ways = [(0, *rest) for rest in combinations(range(1, 11), count - 1)]
        best = min(ways, key=lambda nodes: _cost(material, vectors, nodes))
        assert solutions[count] == best


def test_no_chapter_is_shorter_than_the_minimum() -> None:
    material, _ = _material(3, 60)
    solutions = best_partitions(material, range(1, 61), min_length=20.0)
    for nodes in solutions.values():
        assert np.diff([*material.times[list(nodes)], material.times[-1]]).min() >= 20.0 - 1e-3
    assert max(solutions) <= material.times[-1] / 20.0
    assert 1 in solutions


def test_impossible_counts_are_left_out() -> None:
    material, _ = _material(3, 10)
    solutions = best_partitions(material, [1, 11], min_length=1.0)
    assert set(solutions) == {1}


def test_a_planted_change_of_topic_is_found() -> None:
    random = np.random.default_rng(0)
    topics = np.eye(5)[np.repeat(np.arange(5), [12, 30, 8, 21, 17])]
    vectors = topics + random.normal(scale=0.15, size=topics.shape)
    n = len(vectors)
    material = Material(
        sums=np.vstack([np.zeros(5), np.cumsum(vectors, axis=0)]),
        sizes=np.arange(n + 1.0),
        times=np.arange(n + 1.0) * 4.0,
        bonus=np.zeros(n + 1),
    )
    solutions = best_partitions(material, [5])
    assert solutions[5] == (0, 12, 42, 50, 71)


def test_counts_solved_together_agree_with_counts_solved_alone() -> None:
    material, _ = _material(11, 80)
    together = best_partitions(material, range(1, 30), options=WIDE)
    for count in (1, 2, 7, 16, 29):
        alone = best_partitions(material, [count], options=WIDE)
        assert together[count] == alone[count]
