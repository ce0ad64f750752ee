"""Candidates of a chapter, and what is never one."""

from __future__ import annotations

import pytest

from chapterize.title.phrases.candidates import Candidate, candidates_of
from chapterize.title.phrases.scorer import known_words
from chapterize.title.phrases.speech import read_speech
from chapterize.title.phrases.tagger import Tagger


def found(*sentences: str) -> dict[str, Candidate]:
    speech = read_speech([list(sentences)], Tagger(), known_words())
    return {
        " ".join(one.words): one for one in candidates_of(speech.chapters[0], speech.commonness)
    }


def test_a_phrase_counts_where_it_is_said() -> None:
    candidates = found(
        "Let's talk about the radial velocity.", "It is measured.", "A radial velocity is small."
    )
    phrase = candidates["radial velocity"]
    assert (phrase.said, phrase.first, phrase.article, phrase.before_verb) == (2, 0, 2, 1)
    assert phrase.cue < 3


def test_a_phrase_that_never_ends_there_is_torn_and_left_out() -> None:
    candidates = found("The history of paper mills is long.", "Old mills made rags into paper.")
    assert "history of paper mills" in candidates
    assert "history of paper" not in candidates


def test_a_compound_is_not_cut() -> None:
    phrases = found("The account needs two factor authentication.")
    assert "two factor authentication" in phrases
    assert "factor authentication" not in phrases


def test_a_verb_after_a_noun_is_no_part_of_a_phrase() -> None:
    phrases = found("A flame shines in all directions.", "The white beam sweeps over the sea.")
    assert "flame" in phrases
    assert not {"flame shines", "shines", "white beam sweeps", "beam sweeps"} & phrases.keys()


def test_a_name_after_called_is_named() -> None:
    assert found("This is called spaced repetition.")["spaced repetition"].named == 1


# Each of these once gave a title that no person would keep.
@pytest.mark.parametrize(
    ("sentence", "never"),
    [
        ("I thought, holy shit, this is my life.", "shit"),
        ("They've moved on and don't come back.", "don"),
        ("It's like, you know, a kind of a thing.", "thing"),
        ("Yeah, um, huh, that's a good question.", "question"),
        ("The other day some people asked me something.", "day"),
        ("We went straight into a lot of money.", "lot of money"),
        ("I wish I'd've known those folks.", "folks"),
        ("The next question is from Sky Dog, who asks about ropes.", "sky"),
        ("I put an iframe in a React app.", "iframe in"),
        ("Let me give a brief overview of the ropes.", "brief"),
        ("We have two hardware wallets and 250 blocks.", "two"),
        ("Alice sends the money, but Bob waits.", "bob"),
        ("This is for every single workout.", "single"),
        ("User 3 pays User 4.", "user 3"),
        ("Thank you, Madam Chair.", "chair"),
    ],
)
def test_sentences_that_once_failed_give_no_such_title(sentence: str, never: str) -> None:
    for phrase in found(sentence):
        assert never not in phrase
        assert "'" not in phrase
