"""The simulation of a batch on many nodes."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from batch_nodes import Cost, Nodes, lengths, plan_table, simulate

FREE = Cost(seconds=60.0, n_bytes=0.0)
"""A minute of work per hour of video, and nothing to copy."""


def test_one_worker_takes_the_sum_of_all_files() -> None:
    done = simulate([1.0, 2.0, 3.0], FREE, Nodes(1, 1))
    assert done.hours == pytest.approx(6 / 60)
    assert done.busy == pytest.approx(1.0)
    assert (done.n_failures, done.n_retried, done.lost) == (0, 0, 0.0)


def test_the_longest_file_is_first() -> None:
    # Shortest first, the file of three hours would start last, and the run take 5 minutes.
    done = simulate([1.0, 1.0, 2.0, 3.0], FREE, Nodes(1, 2))
    assert done.hours == pytest.approx(4 / 60)


def test_copies_share_the_storage() -> None:
    cost = Cost(seconds=0.0, n_bytes=1000.0)
    alone = simulate([1.0], cost, Nodes(1, 1, link=100.0, storage=100.0))
    assert alone.hours * 3600 == pytest.approx(10.0)
    both = simulate([1.0, 1.0], cost, Nodes(2, 1, link=100.0, storage=100.0))
    assert both.hours * 3600 == pytest.approx(20.0)
    slow = simulate([1.0, 1.0], cost, Nodes(2, 1, link=10.0, storage=1000.0))
    assert slow.hours * 3600 == pytest.approx(100.0)
    assert slow.copying == pytest.approx(1.0)


def test_a_copy_speeds_up_when_another_ends() -> None:
    cost = Cost(seconds=0.0, n_bytes=1000.0)
    done = simulate([1.0, 3.0], cost, Nodes(2, 1, link=100.0, storage=100.0))
    # 20 s together at half the rate, then 20 s alone.
    assert done.hours * 3600 == pytest.approx(40.0)
    assert done.tail * 3600 == pytest.approx(20.0)


def test_every_file_is_drafted_once_although_nodes_fail() -> None:
    files = lengths(2000.0)
    cost = Cost(seconds=300.0, n_bytes=1e9)
    nodes = Nodes(4, 4, hours_between_failures=2.0, repair=300.0)
    done, safe = simulate(files, cost, nodes), simulate(files, cost, Nodes(4, 4))
    assert done.n_failures > 5
    assert done.n_retried > 5
    assert done.hours > safe.hours
    assert done.lost > 0.0
    # The time of finished drafts is that of all files, however often some were started.
    spent = done.busy * 16 * done.hours * 3600
    assert spent == pytest.approx(sum(files) * cost.seconds, rel=1e-6)
    assert done.busy + done.copying + done.lost <= 1.0 + 1e-9


def test_a_lost_file_is_taken_by_a_worker_that_is_idle() -> None:
    nodes = Nodes(2, 1, hours_between_failures=0.05, repair=1e6)
    done = simulate([1.0], FREE, nodes)
    assert done.hours * 3600 == pytest.approx(60.0, abs=180.0)


def test_the_simulation_is_the_same_every_time() -> None:
    files, nodes = lengths(500.0), Nodes(3, 2, hours_between_failures=1.0)
    assert simulate(files, FREE, nodes) == simulate(files, FREE, nodes)
    assert lengths(500.0) == lengths(500.0)


def test_lengths_sum_up_and_stay_within_bounds() -> None:
    files = lengths(1000.0)
    assert 1000.0 <= sum(files) < 1008.0
    assert min(files) >= 1 / 60
    assert max(files) <= 8.0


def test_the_table_has_a_row_for_each_plan() -> None:
    plans = [Nodes(2, 2), replace(Nodes(4, 2), hours_between_failures=100.0)]
    rows = plan_table(FREE, plans, 50.0).splitlines()
    assert len(rows) == 4
    assert len({row.count("|") for row in rows}) == 1
    assert rows[2].startswith("| 2 × 2 | 10 Gbit/s | never | ")
    assert rows[3].startswith("| 4 × 2 | 10 Gbit/s | 100 h | ")
    assert not math.isnan(float(rows[2].split("|")[4]))
