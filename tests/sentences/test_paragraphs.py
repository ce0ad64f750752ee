"""Sentences to paragraphs."""

from __future__ import annotations

from chapterize.data import Sentence
from chapterize.sentences import paragraphs

LONG = "This sentence has exactly as many words as it needs to be of some length, more or less."


def talk(*gaps: float, text: str = LONG) -> list[Sentence]:
    found, at = [], 0.0
    for gap in gaps:
        found.append(Sentence(at + gap, at + gap + 4.0, text))
        at += gap + 4.0
    return found


def test_a_pause_ends_a_paragraph_that_is_long_enough() -> None:
    assert paragraphs(talk(0, 0, 0, 3.0, 0)) == [" ".join([LONG] * 3), " ".join([LONG] * 2)]
    assert paragraphs(talk(0, 3.0, 0)) == [" ".join([LONG] * 3)]


def test_speech_without_a_pause_is_parted_too() -> None:
    found = paragraphs(talk(*[0.0] * 30))
    assert len(found) > 3
    assert " ".join(found) == " ".join([LONG] * 30)
    assert max(map(len, found)) < 700


def test_chinese_sentences_meet_without_a_space() -> None:
    assert paragraphs(talk(0, 0, text="你好。")) == ["你好。你好。"]


def test_nothing_said_is_no_paragraph() -> None:
    assert paragraphs([]) == []
