"""What is result in windows, and the cues made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from chapterize.data import Cue
from chapterize.transcribe.engine import Recognised, RecognisedWord
from chapterize.transcribe.recognition import (
    cues_of,
    describe_dropped,
    drop_loops,
    is_repetitive,
    recognise_windows,
)
from chapterize.transcribe.windows import Window
from tests.synthetic_audio import RATE, Audio
from tests.transcribe.scripted import say

WINDOW = Window(np.zeros(30 * RATE, np.float32), ((600 * RATE, 0),), 630 * RATE)
"""Half a minute that starts at 10:00."""


class Answering:
    """A recogniser whose answer depends on a window's length in seconds; `calls` records them."""

    def __init__(self, **answers: Recognised) -> None:
        self.answers = answers
        self.calls: list[tuple[list[int], str | None]] = []

    def recognise(
        self, windows: list[Audio], *, language: str | None, beam_size: int
    ) -> list[Recognised]:
        lengths = [round(len(audio) / RATE) for audio in windows]
        self.calls.append((lengths, language))
        return [self.answers[f"s{length}"] for length in lengths]


def window(seconds: int) -> Window:
    return Window(np.zeros(seconds * RATE, np.float32), ((16 * RATE, 0),), (16 + seconds) * RATE)


def words(*times: tuple[float, float]) -> tuple[RecognisedWord, ...]:
    return tuple(RecognisedWord(start, stop, " word", 0.9) for start, stop in times)


def recognised(
    recogniser: Answering, seconds: int, asked: str | None = None
) -> list[tuple[int, Recognised]]:
    found = recognise_windows(recogniser, [window(seconds)], asked=asked, likely="en", beam_size=5)  # type: ignore[arg-type]
    return [(each.spans[0][0] // RATE, answer) for each, answer in found]


def test_speech_without_a_word_is_recognised_again_on_its_own() -> None:
    first = Recognised(words((0, 1), (1, 2), (12, 13), (13, 14)), "en", {"en": 0.9})
    again = Recognised(words((0.5, 1)), "de", {"de": 0.9}, 0.1, -0.2)
    recogniser = Answering(s14=first, s10=again)
    assert recognised(recogniser, 14) == [(16, first), (18, again)]
    assert recogniser.calls == [([14], "en"), ([10], None)]


def test_a_word_stretched_over_skipped_speech_does_not_hide_it() -> None:
    first = Recognised(words((0, 1), (1, 13)), "en", {"en": 0.9})
    again = Recognised(words((0.5, 1)), "en", {"en": 0.9}, 0.1, -0.2)
    recogniser = Answering(s13=first, s9=again)
    assert [place for place, _ in recognised(recogniser, 13)] == [16, 18]


def test_doubtful_results_of_a_second_recognition_are_dropped() -> None:
    first = Recognised(words((0, 1)), "en", {"en": 0.9})
    for doubtful in (
        Recognised(words((0, 1)), "en", {}, no_speech=0.7, confidence=-0.2),
        Recognised(words((0, 1)), "en", {}, no_speech=0.1, confidence=-0.9),
    ):
        assert recognised(Answering(s11=first, s10=doubtful), 11) == [(16, first)]


def test_a_language_set_by_the_user_also_applies_to_a_second_recognition() -> None:
    first = Recognised(words((0, 1)), "fr", {"en": 0.95})
    recogniser = Answering(s11=first, s10=first)
    recognised(recogniser, 11, asked="fr")
    assert recogniser.calls == [([11], "fr"), ([10], "fr")]


def test_a_part_of_a_window_has_the_right_times_in_the_file() -> None:
    whole = Window(
        np.arange(20 * RATE, dtype=np.float32),
        ((100 * RATE, 0), (130 * RATE, 8 * RATE)),
        142 * RATE,
    )
    both, second = whole.part(5.0, 12.0), whole.part(9.0, 20.0)
    assert (both.spans, both.end) == (((105 * RATE, 0), (130 * RATE, 3 * RATE)), 134 * RATE)
    assert (second.spans, second.end) == (((131 * RATE, 0),), 142 * RATE)
    assert both.audio[0] == 5 * RATE
    assert whole.place(11.0, 11.5) == both.place(6.0, 6.5) == second.place(2.0, 2.5)


def _cues(
    *phrases: Sequence[RecognisedWord],
    window: Window = WINDOW,
    end: float = 630.0,
    no_speech: float = 0.0,
) -> tuple[list[Cue], dict[str, int]]:
    dropped: Counter[str] = Counter()
    result = Recognised(tuple(word for phrase in phrases for word in phrase), "en", {}, no_speech)
    return cues_of(window, result, end=end, dropped=dropped), dict(dropped)


def _texts(*phrases: Sequence[RecognisedWord], no_speech: float = 0.0) -> list[str]:
    return [cue.text for cue in _cues(*phrases, no_speech=no_speech)[0]]


def _kept(*texts: str) -> list[str]:
    cues, n_dropped = drop_loops([Cue(i, i + 1, text) for i, text in enumerate(texts)])
    assert n_dropped == len(texts) - len(cues)
    return [cue.text for cue in cues]


def test_times_are_on_the_clock_of_the_file() -> None:
    (cue,), dropped = _cues(say("so it begins", 1.0, 4.0))
    assert (cue.start, cue.end, cue.text) == (601.0, 604.0, "so it begins")
    assert [(word.start, word.text) for word in cue.words] == [
        (601.0, "so"),
        (602.0, "it"),
        (603.0, "begins"),
    ]
    assert {type(time) for word in cue.words for time in (word.start, word.end)} == {float}
    assert dropped == {}


def test_times_account_for_the_omitted_pauses() -> None:
    spans = ((600 * RATE, 0), (700 * RATE, 10 * RATE))
    window = Window(np.zeros(20 * RATE, np.float32), spans, 710 * RATE)
    (before, after), _ = _cues(
        say("before it.", 8.0, 10.0), say("after it", 10.0, 12.0), window=window, end=999.0
    )
    assert (before.start, before.end) == (608.0, 610.0)
    assert (after.start, after.end) == (700.0, 702.0)


def test_no_words_make_no_cue() -> None:
    assert _cues() == ([], {})


def test_a_window_is_divided_at_sentence_ends() -> None:
    phrase = say('We saw it. "Did we?" «Oui !» Yes (we did.) And 3.5 more', 0.0, 10.0)
    assert _texts(phrase) == [
        "We saw it.",
        '"Did we?"',
        "«Oui !»",
        "Yes (we did.)",
        "And 3.5 more",
    ]
    assert _texts(say("見ました。 はい！ でも", 0.0, 3.0)) == ["見ました。", "はい！", "でも"]


def test_a_window_is_divided_at_pauses() -> None:
    assert _texts(say("one two", 0.0, 1.0), say("three", 1.6, 2.0)) == ["one two three"]
    assert _texts(say("one two", 0.0, 1.0), say("three", 1.7, 2.0)) == ["one two", "three"]


def test_a_window_without_either_is_divided_by_length() -> None:
    texts = _texts(say(" ".join(f"w{i}" for i in range(70)), 0.0, 28.0))
    assert [len(text.split()) for text in texts] == [30, 30, 10]


def test_the_spacing_of_words_is_kept() -> None:
    words = [
        RecognisedWord(0.0, 0.2, " ですから", 0.9),
        RecognisedWord(0.2, 0.4, "ここで", 0.9),
        RecognisedWord(0.4, 0.6, "終わり", 0.9),
    ]
    (cue,), _ = _cues(words)
    assert cue.text == "ですからここで終わり"
    assert [word.text for word in cue.words] == ["ですから", "ここで", "終わり"]


def test_a_word_that_extends_beyond_the_audio_is_shortened() -> None:
    (cue,), _ = _cues(say("one two three", 1.0, 31.0), end=612.0)
    assert cue.end == 612.0
    assert [(word.start, word.end) for word in cue.words] == [(601.0, 611.0), (611.0, 612.0)]
    assert cue.text == "one two"


def test_no_cue_lies_after_the_end() -> None:
    late = say("thanks for watching", 12.0, 14.0)
    assert _cues(late, end=612.0) == ([], {"late": 1})
    (cue,), dropped = _cues(say("the end.", 11.0, 13.0), late, end=612.0)
    assert (cue.text, cue.end, dropped) == ("the", 612.0, {"late": 1})


def test_words_with_decreasing_times_are_put_in_order() -> None:
    words = [
        RecognisedWord(0.0, 1.0, " a", 0.9),
        RecognisedWord(-0.4, 0.2, " b", 0.9),
        RecognisedWord(2.0, 1.5, " c", 0.9),
    ]
    cues, _ = _cues(words)
    found = [word for cue in cues for word in cue.words]
    assert [word.start for word in found] == [600.0, 600.0, 602.0]
    assert all(word.start <= word.end for word in found)


def test_incomplete_characters_are_removed() -> None:
    assert _texts(say("\ufffd", 1.0, 2.0)) == []
    assert _texts([RecognisedWord(0.0, 1.0, " \ufffd ", 0.9)]) == []
    assert _texts(say("caf\ufffd au lait", 1.0, 2.0)) == ["caf au lait"]


def test_a_phrase_in_silence_is_dropped_without_its_window() -> None:
    cues, dropped = _cues(
        say("A good beginning.", 0.0, 2.0),
        say("Thanks for watching!", 10.0, 12.0, probability=0.2),
        say("A good end.", 20.0, 22.0),
        no_speech=0.9,
    )
    assert [cue.text for cue in cues] == ["A good beginning.", "A good end."]
    assert dropped == {"silent": 1}


def test_doubtful_speech_is_kept() -> None:
    assert _texts(say("you", 1.0, 2.0, probability=0.6), no_speech=0.9) == ["you"]
    assert _texts(say("you", 1.0, 2.0, probability=0.1), no_speech=0.1) == ["you"]
    assert _texts(say("you", 1.0, 2.0, probability=0.0), no_speech=0.9) == []


def test_a_loop_inside_a_window_collapses_to_one() -> None:
    cues, dropped = _cues(
        say("so we begin", 0.0, 2.0),
        say("And then we, " * 12, 2.0, 20.0),
        say("went home", 20.0, 22.0),
    )
    assert [cue.text for cue in cues] == ["so we begin And then we,", "went home"]
    assert dropped == {"repeated": 1}


def test_a_loop_of_sentences_inside_a_window_collapses_to_one() -> None:
    cues, dropped = _cues(
        say("Let us go on.", 0.0, 2.0), say("I don't know. I DON'T know! " * 5, 2.0, 20.0)
    )
    assert [cue.text for cue in cues] == ["Let us go on.", "I don't know."]
    assert dropped == {"repeated": 1}


def test_a_word_repeated_many_times_is_a_loop_but_emphasis_is_not() -> None:
    assert _texts(say("yes " * 9, 0.0, 4.0)) == ["yes"]
    assert _texts(say("no no no no", 0.0, 2.0)) == ["no no no no"]
    assert _texts(say("we will we will rock you", 0.0, 2.0)) == ["we will we will rock you"]


def test_a_cue_that_only_repeats_is_dropped() -> None:
    hum = RecognisedWord(0.0, 9.0, " ありがとうございました" * 8, 0.9)
    assert _cues([hum]) == ([], {"repeated": 1})


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


def test_a_line_that_recurs_later_is_not_a_loop() -> None:
    assert len(_kept("chorus", "a", "chorus", "b", "c", "chorus", "d", "chorus")) == 8


def test_lines_of_punctuation_alone_are_distinguished() -> None:
    assert _kept("…", "♪", "?!") == ["…", "♪", "?!"]


def test_dropped_cues_are_described_in_sentences() -> None:
    notes = describe_dropped(Counter(late=1, repeated=12))
    assert notes == (
        "Dropped 1 recognised line after the end of the audio.",
        "Dropped 12 recognised lines that only repeated earlier text.",
    )
