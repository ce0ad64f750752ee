"""Sentences, vectors and signals to boundaries."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from chapterize.data import Boundaries, Sentence, Signals, Vectors
from chapterize.errors import InputError
from chapterize.segment import BoundaryModel, SegmentOptions, other_divisions, segment
from chapterize.weights import artefact

TOPICS = (12, 30, 18, 25, 15)


def _talk(
    topics: tuple[int, ...] = TOPICS, *, seconds: float = 4.0, gap: float = 0.4
) -> tuple[list[Sentence], Vectors]:
    """Sentences of `seconds` with noisy unit vectors; `topics` are sentences per topic."""
    random = np.random.default_rng(5)
    vectors = np.eye(len(topics), 16)[np.repeat(np.arange(len(topics)), topics)]
    vectors = vectors + random.normal(scale=0.12, size=vectors.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    sentences = [
        Sentence(i * seconds, (i + 1) * seconds - gap, f"Sentence number {i}.")
        for i in range(sum(topics))
    ]
    return sentences, Vectors(vectors.astype(np.float32))


def test_planted_topics_are_found_at_their_sentences() -> None:
    sentences, vectors = _talk()
    boundaries = segment(sentences, vectors, 400.0, options=SegmentOptions(count=5))
    assert boundaries.solutions[5] == (0, 12, 42, 60, 85)
    assert boundaries.chosen == 5


def test_each_sentence_has_a_score_and_the_first_is_zero() -> None:
    sentences, vectors = _talk()
    boundaries = segment(sentences, vectors, 400.0)
    assert boundaries.scores.shape == boundaries.confidence.shape == (100,)
    assert boundaries.scores[0] == 0.0
    assert len(boundaries.evidence) == 100
    assert ((boundaries.confidence >= 0) & (boundaries.confidence <= 1)).all()


def test_true_boundaries_have_higher_confidence_than_others() -> None:
    sentences, vectors = _talk()
    boundaries = segment(sentences, vectors, 400.0, options=SegmentOptions(count=5))
    true = [12, 42, 60, 85]
    others = [i for i in range(1, 100) if min(abs(i - t) for t in true) > 2]
    assert boundaries.confidence[true].min() > np.max(boundaries.confidence[others])
    assert min(boundaries.evidence[i].topic_drop for i in true) > 0.3


def test_the_same_input_gives_the_same_result() -> None:
    sentences, vectors = _talk()
    first, second = (segment(sentences, vectors, 400.0) for _ in range(2))
    assert first.solutions == second.solutions
    assert first.chosen == second.chosen
    assert first.scores.tolist() == second.scores.tolist()


def test_solutions_for_every_count_keep_the_minimum_length() -> None:
    sentences, vectors = _talk()
    boundaries = segment(sentences, vectors, 400.0, options=SegmentOptions(min_length=30.0))
    for count, at in boundaries.solutions.items():
        assert len(at) == count
        marks = np.append(boundaries.starts[list(at)], 400.0)
        assert np.diff(marks).min() >= 30.0 - 1e-3
    assert max(boundaries.solutions) >= 8


def test_a_slide_change_near_a_sentence_is_evidence() -> None:
    sentences, vectors = _talk()
    boundaries = segment(sentences, vectors, 400.0, signals=Signals(slides=(47.0, 300.0)))
    assert boundaries.evidence[12].slide == 47.0
    assert boundaries.evidence[30].slide is None


def test_cue_words_are_evidence_and_attract_a_boundary() -> None:
    sentences, _ = _talk()
    flat = Vectors(np.full((len(sentences), 16), 0.25, dtype=np.float32))
    sentences[50] = Sentence(200.0, 203.6, "Let's talk about something else now.")
    boundaries = segment(sentences, flat, 400.0, language="en", options=SegmentOptions(count=2))
    assert boundaries.evidence[50].cue_words
    assert boundaries.solutions[2] == (0, 50)


def test_without_text_pauses_decide() -> None:
    sentences = [Sentence(i * 10.0, i * 10.0 + 9.5, "") for i in range(40)]
    sentences[20] = Sentence(206.0, 209.5, "")
    nothing = Vectors(np.zeros((40, 1), dtype=np.float32))
    boundaries = segment(sentences, nothing, 400.0, options=SegmentOptions(count=2))
    assert boundaries.solutions[2] == (0, 20)


def test_media_shorter_than_two_chapters_is_one_chapter() -> None:
    sentences, vectors = _talk((2, 2))
    boundaries = segment(sentences, vectors, 16.0)
    assert boundaries.chosen == 1
    assert boundaries.solutions[1] == (0,)


def test_a_rate_sets_the_number_of_chapters_per_hour() -> None:
    sentences, vectors = _talk()
    boundaries = segment(sentences, vectors, 400.0, options=SegmentOptions(per_hour=45.0))
    assert boundaries.chosen == 5


@pytest.mark.parametrize("duration", [144.0, 180.0, 210.0, 240.0, 299.0])
def test_unasked_no_chapter_of_a_short_file_is_shorter_than_a_minute(duration: float) -> None:
    sentences, vectors = _talk((4, 21), seconds=duration / 25)
    found = segment(sentences, vectors, duration)
    assert found.chosen == {144.0: 2, 180.0: 2, 210.0: 3, 240.0: 3, 299.0: 4}[duration]
    assert lengths(found, found.chosen, duration).min() >= 60.0
    # More are possible for who asks, and a count that is asked for is that of the page.
    assert max(found.solutions) == 12
    for count in (2, 3, 6):
        asked = segment(sentences, vectors, duration, options=SegmentOptions(count=count))
        assert asked.solutions[count] == found.solutions[count]
    shorter = segment(sentences, vectors, duration, options=SegmentOptions(min_length=10.0))
    assert lengths(shorter, 2, duration).min() < 60.0


def lengths(found: Boundaries, count: int, duration: float) -> NDArray[np.float64]:
    return np.diff(np.append(found.starts[list(found.solutions[count])], duration))


def test_a_person_who_cuts_finer_gets_short_chapters_in_a_short_file() -> None:
    sentences, vectors = _talk((2, 1, 6, 3, 8, 5), seconds=7.2)
    found = segment(sentences, vectors, 180.0, options=SegmentOptions(offset=float(np.log(3.0))))
    assert found.chosen == 7


def test_a_file_whose_sentences_leave_no_minute_is_one_chapter() -> None:
    sentences = [Sentence(at, at + 9.0, "Words.") for at in (0.0, 20.0, 150.0)]
    vectors = Vectors(np.eye(3, 16, dtype=np.float32))
    found = segment(sentences, vectors, 180.0)
    assert (found.chosen, found.how) == (1, "shorter than two chapters of 60 s")
    assert sorted(found.solutions) == [1, 2, 3]


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_short_file_of_few_sentences_has_at_most_as_many_chapters(n: int) -> None:
    sentences, vectors = _talk((n,), seconds=299.0 / n)
    found = segment(sentences, vectors, 299.0)
    assert sorted(found.solutions) == list(range(1, n + 1))
    assert found.chosen == n


def test_a_granularity_chooses_among_the_same_three_counts() -> None:
    sentences, vectors = _talk(seconds=20.0)
    usual, coarse, fine = (
        segment(sentences, vectors, 2000.0, options=SegmentOptions(granularity=name))
        for name in (None, "coarse", "fine")
    )
    assert usual.granularities == coarse.granularities == fine.granularities
    for found, name in ((usual, "normal"), (coarse, "coarse"), (fine, "fine")):
        assert found.chosen == found.granularities[name]
        assert found.granularity == name
    assert coarse.chosen < usual.chosen < fine.chosen
    assert usual.likely is not None
    assert usual.likely[0] < usual.chosen < usual.likely[1]
    assert fine.likely is None
    assert (usual.how, fine.how) == ("estimated from the length", "fine, estimated from the length")


def test_without_a_coarser_division_coarse_is_normal() -> None:
    sentences, vectors = _talk((2, 2))
    found = segment(sentences, vectors, 16.0, options=SegmentOptions(granularity="coarse"))
    assert (found.chosen, found.granularity) == (1, "normal")


@pytest.mark.parametrize("count", [10**9, 10**30])
def test_an_enormous_count_is_refused_before_it_is_tried(count: int) -> None:
    sentences, vectors = _talk()
    with pytest.raises(InputError, match="cannot make"):
        segment(sentences, vectors, 400.0, options=SegmentOptions(count=count))


def test_an_impossible_count_is_refused_with_the_largest_possible() -> None:
    sentences, vectors = _talk()
    with pytest.raises(InputError, match="41 chapters") as caught:
        segment(sentences, vectors, 400.0, options=SegmentOptions(count=41))
    assert "at most" in caught.value.hint


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 3, "per_hour": 2.0},
        {"count": 0},
        {"per_hour": 0.0},
        {"min_length": 0.0},
        {"min_length": float("nan")},
        {"per_hour": float("nan")},
        {"granularity": "medium"},
        {"granularity": "normal", "count": 3},
        {"granularity": "fine", "per_hour": 3.0},
    ],
)
def test_options_out_of_range_are_refused(wrong: dict[str, float | str]) -> None:
    with pytest.raises(InputError):
        SegmentOptions(**wrong)  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_talk_with_too_many_sentences_is_divided_at_the_highest_scores() -> None:
    sentences, vectors = _talk((900, 1200, 700))
    boundaries = segment(sentences, vectors, 11_200.0, options=SegmentOptions(count=3))
    assert boundaries.solutions[3] == (0, 900, 2100)


def test_wording_separates_topics_with_the_same_meaning() -> None:
    sentences, planted = _talk()
    same = np.full_like(planted.meaning, 0.25)
    found = segment(
        sentences, Vectors(same, planted.meaning), 400.0, options=SegmentOptions(count=5)
    )
    assert found.solutions[5] == (0, 12, 42, 60, 85)


def test_the_coarser_division_is_offered_and_its_boundaries_name_topic_words() -> None:
    sentences, vectors = _talk((12, 30, 18, 25, 15, 22, 14, 28))
    for i, sentence in enumerate(sentences):
        topic = int(np.argmax(vectors.meaning[i, :8]))
        word = ("bread", "taxes", "rivers", "music", "trees", "engines", "chess", "paint")[topic]
        sentences[i] = Sentence(sentence.start, sentence.end, f"This is about {word}.")
    found = segment(sentences, vectors, 656.0, language="en", options=SegmentOptions(count=8))
    assert found.granularities["normal"] == 8
    assert found.granularities["coarse"] < 8
    assert "rivers" in found.evidence[42].words_new
    assert "taxes" in found.evidence[42].words_gone
    note = other_divisions(found)
    assert note is not None
    assert f"For {found.granularities['coarse']}: --granularity coarse" in note


def test_another_model_changes_the_scores_and_needs_the_table() -> None:
    sentences, plain = _talk()
    table = np.random.default_rng(2).normal(size=(100, 256)).astype(np.float32)
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    read = segment(sentences, Vectors(plain.meaning, plain.meaning, table), 400.0)
    unread = segment(sentences, Vectors(plain.meaning, plain.meaning), 400.0)
    assert not np.array_equal(read.scores, unread.scores)
    silent = BoundaryModel.load(artefact("boundary.npz"))
    silent.networks = tuple(
        {name: np.zeros_like(weight) for name, weight in weights.items()}
        for weights in silent.networks
    )
    vectors = Vectors(plain.meaning, plain.meaning, table)
    options = SegmentOptions(model=silent)
    assert not segment(sentences, vectors, 400.0, options=options).scores.any()
