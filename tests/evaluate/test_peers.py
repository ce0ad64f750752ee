"""The methods that ours is compared with; each must work well."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from chapterize.evaluate import PEERS, Text
from chapterize.evaluate.peers import tiling_depths
from chapterize.language import stop_words
from tests.texts import BREAD, STARS, TAXES

N_RANDOM = 10
TRUE = (0, 24, 48)


def topics() -> list[str]:
    """Three topics of 24 sentences each."""
    return [sentence for topic in (BREAD, STARS, TAXES) for sentence in topic * 3]


def one_hot(n_units: int, places: tuple[int, ...]) -> NDArray[np.float32]:
    """One direction for each segment, with a little noise."""
    rng = np.random.default_rng(3)
    vectors = rng.normal(0.0, 0.05, (n_units, 12)).astype(np.float32)
    for segment, place in enumerate(places):
        stop = [*places[1:], n_units][segment]
        vectors[place:stop, segment] += 1.0
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def text(units: list[str] | None = None, places: tuple[int, ...] = TRUE) -> Text:
    units = topics() if units is None else units
    starts = np.arange(len(units), dtype=np.float64) * 5.0
    vectors = one_hot(len(units), places)
    return Text("doc", tuple(units), starts, 5.0 * len(units), vectors, stop_words=stop_words("en"))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PEERS))
@pytest.mark.parametrize("n_units", [2, 3, 7, 72])
def test_every_peer_respects_the_count_and_the_order(name: str, n_units: int) -> None:
    given = text(topics()[:n_units], (0,))
    for count in (1, 2, n_units, n_units + 5):
        for division in PEERS[name](given, count):
            assert division[0] == 0
            assert list(division) == sorted(set(division))
            assert division[-1] < n_units
            assert len(division) <= count
            if name not in ("none", "text tiling"):
                assert len(division) == min(count, n_units)
            assert all(type(place) is int for place in division)


def test_change_points_and_dips_find_planted_topics() -> None:
    assert PEERS["change points"](text(), 3) == (TRUE,)
    assert PEERS["dips"](text(), 3) == (TRUE,)


def test_text_tiling_finds_changes_of_words_within_three_units() -> None:
    ((first, second, third),) = PEERS["text tiling"](text(), 3)
    assert first == 0
    assert abs(second - 24) <= 3
    assert abs(third - 48) <= 3


def test_even_is_even_in_seconds() -> None:
    starts = np.array([0.0, 1.0, 2.0, 3.0, 50.0, 51.0, 99.0])
    given = Text("d", ("a",) * 7, starts, 100.0, one_hot(7, (0,)))
    assert PEERS["even"](given, 2) == ((0, 4),)
    assert PEERS["even"](given, 4) == ((0, 3, 4, 5),)


def test_random_divisions_depend_on_the_document_only() -> None:
    given = text()
    drawn = PEERS["random"](given, 4)
    assert len(drawn) == N_RANDOM
    assert len(set(drawn)) > 5
    assert drawn == PEERS["random"](given, 4)
    other = Text("other", given.units, given.starts, given.duration, given.vectors)
    assert drawn != PEERS["random"](other, 4)


def test_peers_accept_units_without_known_words() -> None:
    given = text()
    blank = np.zeros_like(given.vectors)
    silent = Text("d", ("",) * 72, given.starts, given.duration, blank)
    for name, peer in PEERS.items():
        assert all(len(division) <= 3 for division in peer(silent, 3)), name
    assert PEERS["text tiling"](silent, 3) == ((0,),)


def test_text_tiling_finds_nothing_in_other_scripts() -> None:
    depths, units = tiling_depths(["星空の観察はとても楽しいです。"] * 40, frozenset())
    assert len(depths) == len(units) == 0


def test_depth_scores_agree_with_nltk() -> None:
    from nltk.tokenize.texttiling import TextTilingTokenizer

    words = topics()
    stop = stop_words("en")
    theirs = TextTilingTokenizer(stopwords=stop, demo_mode=True).tokenize("\n\n".join(words))[2]
    ours, units = tiling_depths(words, stop)
    assert len(ours) > 20
    assert max(ours) > 0
    assert ours == pytest.approx(np.array(theirs))
    assert list(units) == sorted(units)
    assert units[0] in (1, 2, 3)
