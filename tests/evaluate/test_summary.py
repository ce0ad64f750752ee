"""From the scores of documents to tables."""

from __future__ import annotations

import pytest

from chapterize.evaluate import Scored, by_length, score, summarise


def scored(name: str, source: str, ours: float, peer: float, **more: float) -> Scored:
    return Scored(
        name,
        source,
        {"ours": {"pk": ours, "count_ratio": 1.0} | more, "peer": {"pk": peer, "count_ratio": 1.0}},
    )


def test_measures_of_time_are_missing_without_times() -> None:
    timed = score((0, 5), (0, 5), 10, times=([0.0, 50.0], [0.0, 58.0]), duration=100.0)
    assert timed["f1_10"] == 1.0
    assert timed["f1_5"] == timed["f1_3"] == 0.0
    assert (timed["chunk_precision"], timed["chunk_recall"]) == (0.0, 0.0)
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


def test_chunks_are_combined_over_documents_and_compared_in_pairs() -> None:
    def chunks(precision: float, recall: float) -> dict[str, float]:
        return {"chunk_precision": precision, "chunk_recall": recall}

    documents = [
        Scored("a", "s", {"ours": chunks(1.0, 0.0), "peer": chunks(0.0, 0.0)}),
        Scored("b", "s", {"ours": chunks(0.0, 0.5), "peer": chunks(0.0, 0.0)}),
    ]
    tables, _ = summarise(documents)
    assert tables["s"].figures["ours"]["chunk_f1"].value == pytest.approx(1 / 3)
    assert tables["s"].leads["peer"]["chunk_f1"].value == pytest.approx(1 / 3)


def test_a_method_may_be_missing_in_some_documents() -> None:
    with_more = Scored("b", "s", {"ours": {"pk": 0.2}, "more": {"pk": 0.1}, "peer": {"pk": 0.4}})
    tables, _ = summarise([scored("a", "s", 0.3, 0.4), with_more])
    assert list(tables["s"].figures) == ["ours", "more", "peer"]
    assert tables["s"].figures["more"]["pk"].n == 1
    assert tables["s"].leads["more"]["pk"].value == pytest.approx(-0.1)


def test_lengths_are_groups_over_all_sources_in_order() -> None:
    scores = {"ours": {"pk": 0.2}}
    minutes = {"a": 60.0, "b": 9.9, "c": 10.0, "d": 500.0}
    documents = [Scored(name, name, scores, 60 * each) for name, each in minutes.items()]
    tables = by_length(documents)
    assert {name: table.n_documents for name, table in tables.items()} == {
        "under 10": 1,
        "10 to 30": 1,
        "over 60": 2,
    }
    assert list(tables) == ["under 10", "10 to 30", "over 60"]
