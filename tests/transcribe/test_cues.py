from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from chapterize.data import Cue
from chapterize.transcribe.cues import (
    cue_from_segment,
    describe_dropped,
    drop_loops,
    is_repetitive,
)
from tests.transcribe.scripted import Said, say


def _cue(segment: Said, *, offset: float = 0.0, end: float = 100.0) -> tuple[Cue | None, Any]:
    dropped: Counter[str] = Counter()
    return cue_from_segment(segment, offset=offset, end=end, dropped=dropped), dict(dropped)


def _kept(*texts: str) -> list[str]:
    cues, n_dropped = drop_loops([Cue(i, i + 1, text) for i, text in enumerate(texts)])
    assert n_dropped == len(texts) - len(cues)
    return [cue.text for cue in cues]


def test_times_move_to_the_files_clock_as_plain_floats() -> None:
    cue, dropped = _cue(say("so it begins", 1.0, 4.0), offset=600.5, end=900.0)
    assert cue is not None
    assert (cue.start, cue.end, cue.text) == (601.5, 604.5, "so it begins")
    assert [(word.start, word.text) for word in cue.words] == [
        (601.5, "so"),
        (602.5, "it"),
        (603.5, "begins"),
    ]
    assert all(type(time) is float for word in cue.words for time in (word.start, word.end))
    assert type(cue.start) is float
    assert dropped == {}


def test_a_segment_that_outlasts_the_sound_is_cut_there() -> None:
    cue, _ = _cue(say("one two three", 1.0, 31.0), end=12.0)
    assert cue is not None
    assert cue.end == 12.0
    assert [(word.start, word.end) for word in cue.words] == [(1, 11), (11, 12), (12, 12)]


def test_a_segment_after_the_end_is_dropped_and_counted() -> None:
    assert _cue(say("thanks for watching", 12.0, 14.0), end=12.0) == (None, {"late": 1})


def test_words_that_run_backwards_are_put_in_order() -> None:
    segment = say("a b c", 0.0, 3.0)
    assert segment.words is not None
    segment.words[1].start, segment.words[1].end = np.float64(-0.4), np.float64(0.2)
    cue, _ = _cue(segment)
    assert cue is not None
    assert [word.start for word in cue.words] == [0.0, 0.0, 2.0]
    assert all(word.start <= word.end for word in cue.words)


def test_a_segment_without_words_is_kept_by_its_own_times() -> None:
    cue, _ = _cue(Said(" hm", 1.0, 2.0, None))
    assert cue == Cue(1.0, 2.0, "hm")


def test_text_without_content_is_no_cue() -> None:
    assert _cue(Said(" \ufffd ", 1.0, 2.0)) == (None, {})
    cue, _ = _cue(Said(" caf\ufffd au lait", 1.0, 2.0))
    assert cue is not None
    assert cue.text == "caf au lait"


def test_invention_in_silence_is_dropped_but_doubtful_speech_stays() -> None:
    silent = say("you", 1.0, 2.0, no_speech_prob=0.9, avg_logprob=-1.4)
    assert _cue(silent) == (None, {"silent": 1})
    assert _cue(say("you", 1.0, 2.0, no_speech_prob=0.9, avg_logprob=-0.4))[0] is not None
    assert _cue(say("you", 1.0, 2.0, no_speech_prob=0.1, avg_logprob=-1.4))[0] is not None


def test_a_loop_inside_a_segment_is_dropped() -> None:
    assert _cue(say("and then we " * 12, 0.0, 20.0)) == (None, {"repeated": 1})


def test_long_plain_speech_is_not_a_loop_in_any_script() -> None:
    english = (
        "today we look at how rivers carve their beds and why the outer bank of every bend "
        "wears away faster than the inner one, which is what makes a river wander over time"
    )
    hindi = "आज हम देखेंगे कि नदियाँ अपना रास्ता कैसे बनाती हैं और किनारे क्यों टूटते हैं, " * 2
    assert not is_repetitive(english)
    assert not is_repetitive(hindi)
    assert is_repetitive("ありがとうございました" * 8)


def test_the_same_line_three_times_is_a_loop_and_twice_is_not() -> None:
    assert _kept("a", "Yes.", "yes", "b") == ["a", "Yes.", "yes", "b"]
    assert _kept("a", "Thank you.", "thank you", "Thank you!", "b") == ["a", "Thank you.", "b"]


def test_a_loop_of_several_lines_is_found() -> None:
    assert _kept("x", *("one", "two", "three") * 4, "y") == ["x", "one", "two", "three", "y"]
    assert _kept(*("one", "two") * 2) == ["one", "two", "one", "two"]


def test_a_line_that_comes_back_later_is_no_loop() -> None:
    assert len(_kept("chorus", "a", "chorus", "b", "c", "chorus", "d", "chorus")) == 8


def test_lines_of_signs_alone_are_told_apart() -> None:
    assert _kept("…", "♪", "?!") == ["…", "♪", "?!"]


def test_what_was_dropped_is_said_in_words() -> None:
    notes = describe_dropped(Counter(late=1, repeated=12))
    assert notes == (
        "Dropped 1 recognised line after the end of the sound.",
        "Dropped 12 recognised lines that only repeated what came before.",
    )
