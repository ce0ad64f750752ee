"""The order of candidates."""

from __future__ import annotations

import numpy as np

from chapterize.title.phrases.scorer import Scorer, known_words
from chapterize.title.phrases.speech import read_speech
from chapterize.title.phrases.tagger import Tagger
from chapterize.title.phrases.trees import Trees
from chapterize.vectors import StaticEmbedder


def constant(value: float) -> Trees:
    """Trees of one leaf."""
    zeros = np.zeros(1, np.uint16)
    nothing = np.zeros(1, np.float32)
    return Trees(value, zeros.astype(np.uint8), nothing, zeros, zeros, nothing, zeros, depth=1)


def first_of(closeness: float, *chapters: list[str]) -> str:
    """The best candidate of the last chapter, if all have the same closeness."""
    scorer = Scorer(constant(0.0), constant(closeness))
    speech = read_speech(chapters, Tagger(), known_words())
    return " ".join(scorer.ranked(speech, StaticEmbedder().embed)[-1][0].words)


def test_a_vague_noun_said_once_gives_way_to_a_phrase() -> None:
    said = ["Out on the ocean there is a brass clock."]
    assert first_of(0.5, said) == "brass clock"


def test_a_noun_becomes_the_phrase_that_narrows_it() -> None:
    said = ["The tides are high.", "We get the spring tides.", "The tides come back."]
    assert first_of(0.5, said) == "spring tides"


def test_a_phrase_said_as_part_of_a_longer_one_becomes_whole() -> None:
    said = ["The bottom bracket turns.", "A bottom bracket clicks."]
    assert first_of(0.5, said) == "bottom bracket"


def test_a_single_noun_wins_where_there_is_no_phrase() -> None:
    assert first_of(0.5, ["We saw a mirror."]) == "mirror"


def test_a_chapter_without_candidates_has_none() -> None:
    scorer = Scorer(constant(0.0), constant(0.5))
    chapters = [["Out on the ocean there is a brass clock."], ["Yes.", "Oh, yes, it is."]]
    speech = read_speech(chapters, Tagger(), known_words())
    assert scorer.ranked(speech, StaticEmbedder().embed)[1] == []
