"""Sentences to subtitles that can be read."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapterize.data import Cue, Transcript, Word
from chapterize.sentences import readable_cues
from chapterize.sentences.subtitles import LINE_COLUMNS, LONGEST, columns


def subtitles(*cues: Cue) -> tuple[Cue, ...]:
    return readable_cues(Transcript(cues, "whisper:tiny"))


def timed(text: str, pauses: dict[int, float] | None = None) -> Cue:
    """One cue with words of 0.3 s every 0.35 s; `pauses` before the words of an index."""
    words: list[Word] = []
    at = 0.0
    for index, token in enumerate(text.split()):
        at += (pauses or {}).get(index, 0.0)
        words.append(Word(at, at + 0.3, token))
        at += 0.35
    return Cue(0.0, at, text, tuple(words))


def test_nothing_said_gives_no_subtitle() -> None:
    assert subtitles() == ()


def test_each_short_sentence_is_one_subtitle() -> None:
    found = subtitles(timed("We begin with the first one. Then comes the second one."))
    assert [cue.text for cue in found] == [
        "We begin with the first one.",
        "Then comes the second one.",
    ]
    assert [cue.start for cue in found] == pytest.approx([0.0, 2.1])


def test_a_long_sentence_is_parted_at_its_commas() -> None:
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


def test_a_subtitle_stays_a_second_where_nothing_follows_sooner() -> None:
    first, second, third = subtitles(
        Cue(0.0, 0.3, "Yes, I do."), Cue(5.0, 5.2, "So do I now."), Cue(5.5, 9.0, "That is good.")
    )
    assert (first.start, first.end) == (0.0, 1.0)
    assert (second.start, second.end) == (5.0, 5.5)
    assert (third.start, third.end) == (5.5, 9.0)


def test_a_word_in_a_very_long_cue_does_not_stay_for_minutes() -> None:
    (cue,) = subtitles(Cue(10.0, 100.0, "Silence."))
    assert (cue.start, cue.end) == (10.0, 10.0 + LONGEST)


def test_no_line_begins_with_a_dash_or_a_mark() -> None:
    found = subtitles(
        timed(
            "They walked the whole way along the river bank - and this is true - until nightfall !"
        )
    )
    lines = [line for cue in found for line in cue.text.split("\n")]
    assert len(lines) > 2
    assert all(line[0].isalnum() for line in lines)


def test_japanese_lines_are_half_as_many_characters_and_end_after_particles() -> None:
    text = (
        "まず最初に、リレーショナルデータベースの基本的な考え方から始めて、"
        "次にインデックスの仕組みを見ていきましょう。"
    )
    found = subtitles(Cue(0.0, 16.0, text))
    lines = [line for cue in found for line in cue.text.split("\n")]
    assert "".join(lines) == text
    assert all(columns(line) <= LINE_COLUMNS for line in lines)
    assert not any(a[-1] + b[0] in "リレーショナルデータベース" for a, b in pairwise(lines))


def test_columns_count_what_is_wide_twice_and_what_is_written_above_not_at_all() -> None:
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
def test_nothing_is_lost_and_the_bounds_are_kept(texts: list[str], pace: float) -> None:
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
