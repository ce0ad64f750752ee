"""Our chapters and those of the baselines, scored against a reference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chapterize.compare import EARLIER, ONE_CLICK, OURS, compare_documents
from chapterize.errors import InputError
from chapterize.evaluate import PEERS, f1, pk, tiou_f1
from chapterize.segment import BoundaryModel
from chapterize.vectors import load_embedder
from chapterize.weights import artefact
from tests.compare.documents import document
from tests.fakes import ScriptedTitler

pytestmark = pytest.mark.slow


def test_three_plain_topics_are_found_and_everything_is_reported() -> None:
    stages: list[tuple[str, float]] = []
    made = compare_documents(
        [document("a"), document("b")],
        load_embedder("static"),
        count="reference",
        on_progress=lambda stage, fraction: stages.append((stage, fraction)),
    )
    table = made.tables["kitchen"]
    assert list(table.figures) == [OURS, *PEERS]
    ours = table.figures[OURS]
    assert ours["f1_10"].value == 1.0
    assert ours["pk"].value == 0.0
    assert ours["tiou_f1"].value > 0.95
    assert ours["count_ratio"].value == 1.0
    assert 0.0 <= ours["title_rouge_reference"].value <= 1.0
    assert table.leads["none"]["f1_10"].value == 1.0
    assert table.leads["random"]["pk"].low is not None
    assert [fraction for _, fraction in stages] == [0.0, 0.5, 1.0]


def test_the_scores_are_those_of_the_predictions() -> None:
    given = document()
    made = compare_documents([given], load_embedder("static"))
    (found,) = made.predictions
    ours = made.tables["kitchen"].figures[OURS]
    assert found.starts[0] == 0.0
    assert found.units[0] == 0
    assert len(found.starts) == len(found.units) == len(found.titles)
    assert ours["f1_5"].value == f1(given.starts, found.starts, 5.0)
    assert ours["tiou_f1"].value == tiou_f1(given.starts, found.starts, given.duration)
    assert ours["pk"].value == pk(given.boundaries, found.units, len(given.units))


def test_with_an_estimated_count_baselines_get_the_same_count() -> None:
    made = compare_documents([document()], load_embedder("static"))
    (found,) = made.predictions
    table = made.tables["kitchen"]
    ratio = len(found.units) / 3
    for name in ("even", "random", "dips", "change points"):
        assert table.figures[name]["count_ratio"].value == pytest.approx(ratio)
    assert made.count == "auto"


def test_a_document_without_times_is_measured_in_units_alone() -> None:
    timed, untimed = document("a"), document("b", is_timed=False)
    made = compare_documents([timed, untimed], load_embedder("static"), count="reference")
    ours = made.tables["kitchen"].figures[OURS]
    assert (ours["pk"].n, ours["f1_10"].n) == (2, 1)
    alone = compare_documents([untimed], load_embedder("static"), count="reference")
    assert "tiou_f1" not in alone.macro.figures[OURS]
    assert alone.calibration["kitchen"].n == 2
    assert alone.calibration["kitchen"].error is not None


def test_an_impossible_count_becomes_the_nearest_possible_one() -> None:
    # Seventy chapters of five seconds, where ten is the shortest.
    given = document(boundaries=tuple(range(70)), starts=tuple(5.0 * i for i in range(70)))
    given = replace(given, titles=(None,) * 70)
    made = compare_documents([given], load_embedder("static"), count="reference")
    (found,) = made.predictions
    table = made.tables["kitchen"]
    assert 33 <= len(found.units) <= 36
    assert table.figures["even"]["count_ratio"].value == 1.0
    assert table.figures[OURS]["count_ratio"].value == pytest.approx(len(found.units) / 70)


def test_titles_are_written_for_our_chapters_and_for_the_reference_chapters() -> None:
    titler = ScriptedTitler()
    given = document(boundaries=(0, 24), starts=(0.0, 120.0), titles=("T1", "other"))
    made = compare_documents([given], load_embedder("static"), count="reference", titler=titler)
    on_ours, on_reference = titler.history
    assert len(on_ours) == 2
    assert [len(texts) for texts in on_reference] == [24, 48]
    ours = made.tables["kitchen"].figures[OURS]
    assert ours["title_rouge_reference"].value == 0.5
    assert made.titler == "scripted"


def test_without_reference_titles_none_are_measured() -> None:
    made = compare_documents([document(titles=(None, None, None))], load_embedder("static"))
    assert "title_rouge" not in made.macro.figures[OURS]


def test_a_true_boundary_counts_as_a_hit_in_its_bin() -> None:
    made = compare_documents([document()], load_embedder("static"), count="reference")
    found = made.calibration["kitchen"]
    assert found.n == 2
    assert sum(each.n for each in found.bins) == 2
    assert all(each.hits == 1.0 for each in found.bins if each.n)


def test_text_in_another_script_is_measured_too() -> None:
    texts = [*["星空の観察はとても楽しいです。"] * 20, *["税金の申告には領収書が必要です。"] * 20]
    units = tuple(replace(document().units[i], text=text) for i, text in enumerate(texts))
    given = document(
        units=units,
        duration=200.0,
        boundaries=(0, 20),
        starts=(0.0, 100.0),
        titles=("星空", "税金"),
    )
    made = compare_documents([given], load_embedder("static"), count="reference")
    assert made.tables["kitchen"].figures["text tiling"]["count_ratio"].value == 0.5
    assert made.tables["kitchen"].figures[OURS]["count_ratio"].value == 1.0


def test_another_boundary_model_can_be_compared() -> None:
    with np.load(artefact("boundary.npz")) as arrays:
        finer = BoundaryModel(dict(arrays) | {"count": np.array([1.6, 0.25])})
    usual, made = (
        compare_documents([document(duration=900.0)], load_embedder("static"), model=model)
        for model in (None, finer)
    )
    assert len(made.predictions[0].units) > len(usual.predictions[0].units)


def test_an_estimated_count_is_next_to_counts_that_know_more() -> None:
    # The law expects about six chapters in 15 minutes, and these have three.
    coarse = [document(name, duration=900.0) for name in "abcde"]
    made = compare_documents(coarse, load_embedder("static"))
    figures = made.tables["kitchen"].figures
    assert list(figures) == [OURS, *EARLIER, ONE_CLICK, *PEERS]
    ratios = [figures[name]["count_ratio"].value for name in (OURS, *EARLIER)]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[0] > ratios[-1] >= 1.0
    assert figures[ONE_CLICK]["count_ratio"].value < ratios[0]
    told = compare_documents(coarse, load_embedder("static"), count="reference")
    assert list(told.macro.figures) == [OURS, *PEERS]


def test_documents_are_also_grouped_by_length() -> None:
    made = compare_documents(
        [document("a"), document("b", duration=900.0)], load_embedder("static")
    )
    assert {name: table.n_documents for name, table in made.lengths.items()} == {
        "under 10": 1,
        "10 to 30": 1,
    }


def test_no_document_is_an_error() -> None:
    with pytest.raises(InputError, match="no document"):
        compare_documents([], load_embedder("static"))
