"""Sentences, vectors and signals to boundaries."""

from __future__ import annotations

import numpy as np
import pytest

from chapterize.data import Pause, Sentence, Signals, Vectors
from chapterize.errors import InputError
from chapterize.segment import BoundaryModel, SegmentOptions, other_divisions, segment
from chapterize.segment.boundaries import chapter_starts
from chapterize.weights import artefact

TOPICS = (12, 30, 18, 25, 15)


def _talk(
    topics: tuple[int, ...] = TOPICS, *, seconds: float = 4.0, gap: float = 0.4
) -> tuple[list[Sentence], Vectors]:
    """Sentences of `seconds` on topics of so many sentences each, and noisy unit vectors."""
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


def test_there_is_one_score_a_sentence_and_the_first_is_zero() -> None:
    sentences, vectors = _talk()
    boundaries = segment(sentences, vectors, 400.0)
    assert boundaries.scores.shape == boundaries.confidence.shape == (100,)
    assert boundaries.scores[0] == 0.0
    assert len(boundaries.evidence) == 100
    assert ((boundaries.confidence >= 0) & (boundaries.confidence <= 1)).all()


def test_true_boundaries_are_trusted_more_than_false_ones() -> None:
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


def test_solutions_for_every_count_keep_the_shortest_length() -> None:
    sentences, vectors = _talk()
    boundaries = segment(sentences, vectors, 400.0, options=SegmentOptions(min_length=30.0))
    for count, at in boundaries.solutions.items():
        assert len(at) == count
        marks = np.append(boundaries.starts[list(at)], 400.0)
        assert np.diff(marks).min() >= 30.0 - 1e-3
    assert max(boundaries.solutions) >= 8


def test_a_chapter_starts_in_the_middle_of_the_pause_before_its_sentence() -> None:
    sentences, _ = _talk(gap=1.0)
    starts, pauses = chapter_starts(sentences, Signals())
    assert starts[12] == pytest.approx(48.0 - 0.5)
    assert pauses[12] == pytest.approx(1.0)
    assert starts[0] == 0.0


def test_a_long_pause_does_not_open_a_chapter_with_silence() -> None:
    sentences = [Sentence(0.0, 5.0, "One."), Sentence(65.0, 70.0, "Two.")]
    starts, pauses = chapter_starts(sentences, Signals())
    assert starts[1] == pytest.approx(63.0)
    assert pauses[1] == pytest.approx(60.0)


def test_heard_silence_beats_touching_caption_times() -> None:
    sentences = [Sentence(0.0, 5.0, "One."), Sentence(5.0, 9.0, "Two.")]
    starts, pauses = chapter_starts(sentences, Signals(pauses=(Pause(3.4, 5.1),)))
    assert pauses[1] == pytest.approx(1.6)
    assert starts[1] == pytest.approx(4.2)


def test_a_slide_change_beside_a_sentence_is_evidence() -> None:
    sentences, vectors = _talk()
    boundaries = segment(sentences, vectors, 400.0, signals=Signals(slides=(47.0, 300.0)))
    assert boundaries.evidence[12].slide == 47.0
    assert boundaries.evidence[30].slide is None


def test_announcing_words_are_evidence_and_pull_a_boundary_to_them() -> None:
    sentences, _ = _talk()
    flat = Vectors(np.full((len(sentences), 16), 0.25, dtype=np.float32))
    sentences[50] = Sentence(200.0, 203.6, "Let's talk about something else now.")
    boundaries = segment(sentences, flat, 400.0, language="en", options=SegmentOptions(count=2))
    assert boundaries.evidence[50].cue_words
    assert boundaries.solutions[2] == (0, 50)


def test_without_text_pauses_and_slides_decide() -> None:
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


def test_a_rate_asks_for_so_many_an_hour() -> None:
    sentences, vectors = _talk()
    boundaries = segment(sentences, vectors, 400.0, options=SegmentOptions(per_hour=45.0))
    assert boundaries.chosen == 5


def test_a_count_without_room_is_refused_with_the_largest_possible() -> None:
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
    ],
)
def test_options_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError):
        SegmentOptions(**wrong)  # type: ignore[arg-type]


def test_more_sentences_than_nodes_are_still_divided_at_the_strongest() -> None:
    sentences, vectors = _talk((900, 1200, 700))
    boundaries = segment(sentences, vectors, 11_200.0, options=SegmentOptions(count=3))
    assert boundaries.solutions[3] == (0, 900, 2100)


def test_wording_parts_topics_that_mean_alike() -> None:
    sentences, planted = _talk()
    same = np.full_like(planted.meaning, 0.25)
    found = segment(
        sentences, Vectors(same, planted.meaning), 400.0, options=SegmentOptions(count=5)
    )
    assert found.solutions[5] == (0, 12, 42, 60, 85)


def test_coarser_and_finer_divisions_are_named_with_their_words() -> None:
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
    told = other_divisions(found)
    assert told is not None
    assert f"--count {found.granularities['coarse']} (coarse)" in told


def test_another_model_changes_the_scores_and_none_is_asked_without_the_table() -> None:
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
    assert not segment(sentences, vectors, 400.0, model=silent).scores.any()
