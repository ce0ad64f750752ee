"""Where chapters start around pauses, and what replaces sentences without a transcript."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from chapterize.data import Cue, Pause, Sentence, Signals
from chapterize.pipeline import Options, make_draft
from chapterize.segment import SegmentOptions
from chapterize.segment.pauses import chapter_starts, silence_bonus, textless_sentences
from tests.texts import BREAD, STARS, TAXES, write_srt


def bonus_of(*pauses: float, length: float = 4.0) -> list[float]:
    """The bonus of sentences of `length` seconds with `pauses` before them."""
    sentences, at = [], 0.0
    for pause in pauses:
        sentences.append(Sentence(at + pause, at + pause + length, "Words."))
        at += pause + length
    return [round(float(each), 3) for each in silence_bonus(sentences, np.array(pauses))]


def spoken(*parts: list[str], silence: float) -> tuple[tuple[Cue, ...], list[float]]:
    """Cues of 4 s each with `silence` between the parts, and where the later parts begin."""
    cues: list[Cue] = []
    begins: list[float] = []
    at = 0.0
    for part in parts:
        begins.append(at)
        for line in part:
            cues.append(Cue(at, at + 3.8, line))
            at += 4.0
        at += silence
    return tuple(cues), begins[1:]


def test_a_chapter_starts_in_the_middle_of_the_pause_before_its_sentence() -> None:
    sentences = [Sentence(4.0 * i, 4.0 * i + 3.0, "Words.") for i in range(20)]
    starts, pauses = chapter_starts(sentences, Signals())
    assert starts[12] == pytest.approx(48.0 - 0.5)
    assert pauses[12] == pytest.approx(1.0)
    assert starts[0] == 0.0


def test_a_long_pause_does_not_open_a_chapter_with_silence() -> None:
    sentences = [Sentence(0.0, 5.0, "One."), Sentence(65.0, 70.0, "Two.")]
    starts, pauses = chapter_starts(sentences, Signals())
    assert starts[1] == pytest.approx(63.0)
    assert pauses[1] == pytest.approx(60.0)


def test_detected_silence_overrides_caption_times_without_gaps() -> None:
    sentences = [Sentence(0.0, 5.0, "One."), Sentence(5.0, 9.0, "Two.")]
    starts, pauses = chapter_starts(sentences, Signals(pauses=(Pause(3.4, 5.1),)))
    assert pauses[1] == pytest.approx(1.6)
    assert starts[1] == pytest.approx(4.2)


def test_ordinary_pauses_have_no_bonus() -> None:
    assert bonus_of(0.0, 0.5, 3.0, 8.0, 14.9, 1.0) == [0.0] * 6


def test_a_long_silence_favours_the_next_sentence_over_those_just_before() -> None:
    assert bonus_of(0, 0, 0, 0, 0, 0, 60.0, 0) == [0, 0, 0, -1.0, -1.0, -1.0, 0.7, 0]


def test_the_bonus_grows_with_the_silence_up_to_a_limit() -> None:
    values = [bonus_of(0.0, 1.0, pause)[2] for pause in (15.0, 18.0, 22.0, 30.0, 600.0)]
    assert values[0] == 0.0
    assert all(a < b for a, b in pairwise(values[:4]))
    assert values[3] == values[4] == 0.7


def test_a_long_sentence_before_the_silence_may_begin_a_chapter() -> None:
    assert bonus_of(0.0, 1.0, 60.0, length=20.0) == [0.0, 0.0, 0.7]


def test_a_few_words_between_two_silences_keep_their_bonus() -> None:
    assert bonus_of(0.0, 60.0, 60.0) == [0.0, 0.7, 0.7]


def test_a_single_sentence_has_no_bonus() -> None:
    assert bonus_of(60.0) == [0.0]


CLOSINGS = (
    "Let's talk about what comes after a short break.",
    "Now let's take a break of a minute.",
    "Thank you very much.",
)


def drafted_starts(talk: Path, weight: float) -> list[int]:
    options = Options(segment=SegmentOptions(count=3, silence_weight=weight))
    return [round(start) for start in make_draft(talk, options).chapters.starts[1:]]


@pytest.mark.slow
@pytest.mark.parametrize("silence", [30.0, 60.0, 300.0])
@pytest.mark.parametrize("closing", CLOSINGS)
@pytest.mark.parametrize("parts", [(STARS, BREAD, TAXES), (TAXES, STARS, BREAD)])
def test_a_chapter_begins_after_a_long_silence_and_not_a_sentence_before_it(
    parts: tuple[list[str], ...], closing: str, silence: float, tmp_path: Path
) -> None:
    cues, begins = spoken([*parts[0], closing], *parts[1:], silence=silence)
    talk = write_srt(tmp_path / "talk.srt", cues)
    assert drafted_starts(talk, 1.0) == [at - 2 for at in begins]


@pytest.mark.parametrize("closing", CLOSINGS)
def test_without_the_bonus_the_closing_sentence_begins_the_chapter(
    closing: str, tmp_path: Path
) -> None:
    cues, begins = spoken([*STARS, closing], BREAD, TAXES, silence=60.0)
    talk = write_srt(tmp_path / "talk.srt", cues)
    assert drafted_starts(talk, 0.0) == [32, begins[1] - 2]


def test_textless_sentences_start_after_a_pause_and_end_at_the_next() -> None:
    signals = Signals(pauses=(Pause(10.0, 12.0), Pause(30.0, 33.0)))
    found = textless_sentences(signals, 60.0)
    assert [(s.start, s.end) for s in found] == [(0.0, 10.0), (12.0, 30.0), (33.0, 60.0)]


def test_a_slide_change_starts_a_sentence_unless_a_pause_just_ended() -> None:
    signals = Signals(pauses=(Pause(10.0, 12.0),), slides=(12.8, 40.0))
    found = textless_sentences(signals, 60.0)
    assert [(s.start, s.end) for s in found] == [(0.0, 10.0), (12.0, 40.0), (40.0, 60.0)]


def test_media_without_pauses_or_slides_is_one_sentence() -> None:
    assert [(s.start, s.end) for s in textless_sentences(Signals(), 60.0)] == [(0.0, 60.0)]


def test_silence_from_end_to_end_is_one_sentence() -> None:
    found = textless_sentences(Signals(pauses=(Pause(0.0, 60.0),)), 60.0)
    assert [s.start for s in found] == [0.0]
    assert all(s.start <= s.end for s in found)
