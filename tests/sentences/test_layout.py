"""Sentences are laid out as readable subtitles and paragraphs."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapterize.data import Cue, Sentence, Transcript, Word
from chapterize.sentences import paragraphs, readable_cues
from chapterize.sentences.layout import LINE_COLUMNS, LONGEST, columns


def subtitles(*cues: Cue) -> tuple[Cue, ...]:
    return readable_cues(Transcript(cues, "whisper:tiny"))


def timed(text: str, pauses: dict[int, float] | None = None) -> Cue:
    """One cue with words of 0.3 s every 0.35 s; `pauses` maps word indices to silence."""
    words: list[Word] = []
    at = 0.0
    for index, token in enumerate(text.split()):
        at += (pauses or {}).get(index, 0.0)
        words.append(Word(at, at + 0.3, token))
        at += 0.35
    return Cue(0.0, at, text, tuple(words))


def test_without_speech_there_is_no_subtitle() -> None:
    assert subtitles() == ()


def test_each_short_sentence_is_one_subtitle() -> None:
    found = subtitles(timed("We begin with the first one. Then comes the second one."))
    assert [cue.text for cue in found] == [
        "We begin with the first one.",
        "Then comes the second one.",
    ]
    assert [cue.start for cue in found] == pytest.approx([0.0, 2.1])


def test_a_long_sentence_is_divided_at_its_commas() -> None:
    found = subtitles(
        timed(
            "The river runs along the old stone wall toward the village, where people wait for the "
            "boat, and in the evening everybody walks back home again."
        )
    )
    assert [cue.text.replace("\n", " ") for cue in found] == [
        "The river runs along the old stone wall toward the village,",
        "where people wait for the boat,",
        "and in the evening everybody walks back home again.",
    ]
    assert found[0].text.count("\n") == 1


def test_a_silence_inside_a_sentence_ends_a_subtitle() -> None:
    found = subtitles(timed("We wait for it and it comes.", {4: 1.5}))
    assert [cue.text for cue in found] == ["We wait for it", "and it comes."]
    assert found[0].end < found[1].start


def test_a_subtitle_lasts_a_second_unless_the_next_one_starts_sooner() -> None:
    first, second, third = subtitles(
        Cue(0.0, 0.3, "Yes, I do."), Cue(5.0, 5.2, "So do I now."), Cue(5.5, 9.0, "That is good.")
    )
    assert (first.start, first.end) == (0.0, 1.0)
    assert (second.start, second.end) == (5.0, 5.5)
    assert (third.start, third.end) == (5.5, 9.0)


def test_a_word_in_a_very_long_cue_is_not_shown_for_minutes() -> None:
    (cue,) = subtitles(Cue(10.0, 100.0, "Silence."))
    assert (cue.start, cue.end) == (10.0, 10.0 + LONGEST)


def test_no_line_starts_with_a_dash_or_a_mark() -> None:
    found = subtitles(
        timed(
            "They walked the whole way along the river bank - and this is true - until nightfall !"
        )
    )
    lines = [line for cue in found for line in cue.text.split("\n")]
    assert len(lines) > 2
    assert all(line[0].isalnum() for line in lines)


def test_japanese_lines_have_half_as_many_characters_and_end_after_particles() -> None:
    text = (
        "まず最初に、リレーショナルデータベースの基本的な考え方から始めて、"
        "次にインデックスの仕組みを見ていきましょう。"
    )
    found = subtitles(Cue(0.0, 16.0, text))
    lines = [line for cue in found for line in cue.text.split("\n")]
    assert "".join(lines) == text
    assert all(columns(line) <= LINE_COLUMNS for line in lines)
    assert not any(a[-1] + b[0] in "リレーショナルデータベース" for a, b in pairwise(lines))


def test_wide_characters_have_two_columns_and_combining_ones_none() -> None:
    assert columns("abc") == 3
    assert columns("日本") == 4
    assert columns("e\u0301") == 1


WORDS = st.sampled_from(
    [
        "river",
        "the",
        "a",
        "of",
        "und",
        "Größe",
        "extraordinarily",
        "it's",
        "(so",
        "4.5)",
        "-",
        "NASA:",
    ]
)
SENTENCES = st.lists(WORDS, min_size=1, max_size=40).map(lambda words: " ".join(words) + ".")


@settings(max_examples=60, deadline=None)
@given(st.lists(SENTENCES, min_size=1, max_size=6), st.floats(0.05, 2.0))
def test_all_text_is_kept_within_the_limits(texts: list[str], pace: float) -> None:
    cues, at = [], 0.0
    for text in texts:
        length = pace * len(text.split())
        cues.append(Cue(at, at + length, text))
        at += length
    found = subtitles(*cues)
    assert " ".join(cue.text.replace("\n", " ") for cue in found) == " ".join(texts)
    assert all(before.end <= after.start for before, after in pairwise(found))
    for cue in found:
        assert 0.0 < cue.end - cue.start <= LONGEST + 1e-6
        lines = cue.text.split("\n")
        assert len(lines) <= 2
        assert all(columns(line) <= LINE_COLUMNS for line in lines if " " in line)


LONG = "This sentence has exactly as many words as it needs to be of some length, more or less."


def sentences(*gaps: float, text: str = LONG) -> list[Sentence]:
    found, at = [], 0.0
    for gap in gaps:
        found.append(Sentence(at + gap, at + gap + 4.0, text))
        at += gap + 4.0
    return found


def test_a_pause_ends_a_paragraph_that_is_long_enough() -> None:
    assert paragraphs(sentences(0, 0, 0, 3.0, 0)) == [" ".join([LONG] * 3), " ".join([LONG] * 2)]
    assert paragraphs(sentences(0, 3.0, 0)) == [" ".join([LONG] * 3)]


def test_speech_without_a_pause_is_divided_too() -> None:
    found = paragraphs(sentences(*[0.0] * 30))
    assert len(found) > 3
    assert " ".join(found) == " ".join([LONG] * 30)
    assert max(map(len, found)) < 700


def test_chinese_sentences_are_joined_without_a_space() -> None:
    assert paragraphs(sentences(0, 0, text="你好。")) == ["你好。你好。"]


def test_without_sentences_there_is_no_paragraph() -> None:
    assert paragraphs([]) == []
