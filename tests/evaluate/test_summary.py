"""From the scores of documents to tables."""

from __future__ import annotations

import pytest

from chapterize.evaluate import Scored, score, summarise


def scored(name: str, source: str, ours: float, peer: float, **more: float) -> Scored:
    return Scored(
        name,
        source,
        {"ours": {"pk": ours, "count_ratio": 1.0} | more, "peer": {"pk": peer, "count_ratio": 1.0}},
    )


def test_measures_of_time_are_missing_without_times() -> None:
    timed = score((0, 5), (0, 5), 10, times=([0.0, 50.0], [0.0, 58.0]), duration=100.0)
    assert timed["f1_10"] == 1.0
    assert timed["f1_5"] == 0.0
    assert timed["pk"] == 0.0
    assert timed["boundary_similarity"] == 1.0
    assert 0.5 < timed["tiou_f1"] < 1.0
    untimed = score((0, 5), (0,), 10, times=None, duration=100.0)
    assert set(untimed) == {"pk", "window_diff", "boundary_similarity", "count_ratio"}
    assert untimed["count_ratio"] == 0.5


def test_a_lead_above_zero_means_better_for_every_measure() -> None:
    tables, _ = summarise([scored("a", "s", 0.2, 0.5), scored("b", "s", 0.3, 0.5)])
    lead = tables["s"].leads["peer"]["pk"]
    assert lead.value == pytest.approx(0.25)
    assert lead.low is not None
    assert lead.low > 0
    assert "count_ratio" not in tables["s"].leads["peer"]
    assert "ours" not in tables["s"].leads


def test_a_figure_is_over_the_documents_and_sources_that_have_the_measure() -> None:
    documents = [
        scored("a", "x", 0.2, 0.4, f1_10=0.5),
        scored("b", "x", 0.2, 0.4),
        scored("c", "y", 0.6, 0.4),
    ]
    tables, macro = summarise(documents)
    assert tables["x"].n_documents == 2
    assert tables["x"].figures["ours"]["f1_10"].n == 1
    assert "f1_10" not in tables["y"].figures["ours"]
    assert macro.figures["ours"]["f1_10"].value == 0.5
    assert macro.figures["ours"]["pk"].value == pytest.approx(0.4)
    assert "f1_10" not in macro.leads["peer"]
