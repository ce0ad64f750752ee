"""The estimated number of chapters, the natural counts, and confidence."""

from __future__ import annotations

import numpy as np
import pytest

from chapterize.data import Boundaries
from chapterize.errors import InputError
from chapterize.segment import other_divisions
from chapterize.segment.estimates import (
    N_CLUES,
    confidence,
    confidence_clues,
    expected_count,
    granularities,
    likely_range,
    require_granularity,
)
from chapterize.segment.model import shipped_model

SOLUTIONS = {3: (0, 10, 40), 4: (0, 10, 25, 40), 5: (0, 10, 25, 41, 50)}


LAW = shipped_model().count


@pytest.mark.parametrize(
    ("minutes", "count"),
    [
        (0.5, 1),
        (1.9, 1),
        (3, 2),
        (4.98, 4),
        (5.02, 4),
        (7.5, 5),
        (12, 6),
        (52, 9),
        (90, 10),
        (240, 13),
    ],
)
def test_the_count_grows_with_the_length_but_not_in_proportion(minutes: float, count: int) -> None:
    assert round(expected_count(minutes * 60, LAW)) == count


def test_the_law_has_no_jump_and_never_falls() -> None:
    counts = np.array([expected_count(seconds, LAW) for seconds in range(10, 7200, 10)])
    assert counts[0] == 1.0
    assert ((np.diff(counts) >= 0.0) & (np.diff(counts) <= 0.13)).all()


def test_an_offset_multiplies_every_count_and_leaves_one_chapter() -> None:
    for minutes in (3, 60):
        usual = expected_count(minutes * 60, LAW)
        assert expected_count(minutes * 60, LAW, np.log(2.0)) == pytest.approx(2 * usual)
        assert expected_count(minutes * 60, LAW, -9.0) == 1.0


@pytest.mark.parametrize(
    ("wanted", "spread", "likely"),
    [(9.0, 0.54, (5, 15)), (9.0, 0.3, (7, 12)), (1.0, 0.1, (1, 1)), (30.0, 0.54, (17, 40))],
)
def test_the_likely_range_follows_the_spread_and_stays_possible(
    wanted: float, spread: float, likely: tuple[int, int]
) -> None:
    assert likely_range(wanted, spread, range(1, 41)) == likely


@pytest.mark.parametrize(
    ("normal", "coarse", "fine"), [(2, 1, 3), (3, 2, 5), (6, 4, 9), (9, 6, 14), (30, 19, 47)]
)
def test_coarse_and_fine_are_about_two_thirds_and_three_halves(
    normal: int, coarse: int, fine: int
) -> None:
    expected = {"coarse": coarse, "normal": normal, "fine": fine}
    assert granularities(range(1, 100), normal) == expected


@pytest.mark.parametrize("normal", range(1, 13))
def test_natural_counts_are_all_different_and_in_order(normal: int) -> None:
    for most in (normal, normal + 1, 40):
        found = granularities(range(1, most + 1), normal)
        assert list(found.values()) == sorted(set(found.values()))
        assert ("coarse" in found, "fine" in found) == (normal > 1, most > normal)


def test_a_count_without_a_solution_is_not_offered() -> None:
    assert granularities([1, 2, 4], 2) == {"coarse": 1, "normal": 2, "fine": 4}
    assert granularities([1], 1) == {"normal": 1}


@pytest.mark.parametrize(
    ("chosen", "counts", "likely", "note"),
    [
        (9, {"coarse": 5, "normal": 9, "fine": 14}, (6, 14),
         "9 chapters (likely 6 to 14). For 5: --granularity coarse; for 14: --granularity fine."),
        (5, {"coarse": 5, "normal": 9, "fine": 14}, None,
         "5 chapters. For 9: --granularity normal; for 14: --granularity fine."),
        (9, {"normal": 9, "fine": 14}, (9, 9), "9 chapters. For 14: --granularity fine."),
        (1, {"normal": 1, "fine": 2}, (1, 2),
         "1 chapter (likely 1 to 2). For 2: --granularity fine."),
        (9, {"normal": 9}, (6, 14), None),
    ],
)  # fmt: skip
def test_the_note_gives_the_likely_range_and_offers_fewer_and_more_chapters(
    chosen: int, counts: dict[str, int], likely: tuple[int, int] | None, note: str | None
) -> None:
    nothing = np.zeros(1)
    single = nothing.astype(np.float32)
    boundaries = Boundaries(
        nothing, single, single, (), {}, chosen, "", granularities=counts, likely=likely
    )
    assert other_divisions(boundaries) == note


def test_an_unknown_granularity_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(InputError, match="no granularity 'medium'") as caught:
        require_granularity("medium")
    assert caught.value.why == "it is coarse, normal or fine"


def clues_of(scores: np.ndarray | None = None, has_cue: np.ndarray | None = None) -> np.ndarray:
    given = np.zeros(60) if scores is None else scores
    return confidence_clues(SOLUTIONS, 4, given, np.zeros(60, bool) if has_cue is None else has_cue)


def test_a_boundary_that_nearby_divisions_share_has_high_agreement() -> None:
    agreement = clues_of()[:, 1]
    assert clues_of().shape == (60, N_CLUES)
    assert agreement[10] == agreement[40] == 1.0  # 41 is a sentence away
    assert 0.0 < agreement[25] < 1.0
    assert agreement[30] == 0.0


def test_confidence_rises_with_agreement_score_and_cue_words() -> None:
    scores, has_cue = np.zeros(60), np.zeros(60, dtype=bool)
    scores[25], has_cue[25] = 3.0, True
    for coefficients in shipped_model().confidence.values():
        plain = confidence(clues_of(), coefficients)
        assert plain[10] > plain[25] > plain[30]
        assert confidence(clues_of(scores, has_cue), coefficients)[25] > plain[25]
        assert plain[0] == 1.0
        assert ((plain >= 0.0) & (plain <= 1.0)).all()
