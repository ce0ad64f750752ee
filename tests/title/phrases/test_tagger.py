"""Parts of speech from the shipped tagger."""

from __future__ import annotations

import numpy as np
import pytest

from chapterize.title.phrases.tagger import BREAK, TAGS, Tagger, word_features
from chapterize.title.phrases.words import tokens_of


def tags_of(sentence: str) -> str:
    return Tagger().tag([tokens_of(sentence, "en")])[0]


@pytest.mark.parametrize(
    ("sentence", "tags"),
    [
        ("The old rope is wet.", "djnfj"),
        ("We measure the radial velocity.", "pfdjn"),
        ("we measure the radial velocity", "pfdjn"),
        ("Maria Moreno lives here.", "mmfv"),
        ("I want to build a boat.", "pftbdn"),
    ],
)
def test_plain_sentences_are_tagged(sentence: str, tags: str) -> None:
    assert tags_of(sentence) == tags


def test_a_doubtful_noun_is_a_verb_unless_it_is_clearly_a_noun_elsewhere() -> None:
    tagger, doubtful = Tagger(), tokens_of("A flame shines in all directions.", "en")
    assert tagger.tag([doubtful])[0][2] == "n"
    assert tagger.tag_carefully([doubtful])[0][2] == "f"
    assert tagger.tag_carefully([doubtful, tokens_of("The bright shines.", "en")])[0][2] == "n"


def test_breaks_and_fillers_are_never_nouns() -> None:
    assert tags_of("Um, okay, something.") == f"i{BREAK}i{BREAK}p"


def test_names_with_an_initial_are_one_word() -> None:
    assert tags_of("The size of T. rex is known.")[3] == "m"


def test_a_word_adds_up_the_same_rows_in_every_run_of_sentences() -> None:
    one, other = ["a", "rope"], ["", "holds"]
    both = word_features([one, other], 2**10)
    assert both.shape == (3, 19)
    assert (both[:2] == word_features([one], 2**10)).all()
    assert both.max() < 2**10


def test_no_sentences_have_no_tags() -> None:
    tagger = Tagger(np.zeros((4, len(TAGS)), np.int8))
    assert tagger.tag([]) == []
    assert tagger.tag([[], ["", "rope"]]) == ["", f"{BREAK}n"]
