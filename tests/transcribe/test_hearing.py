from __future__ import annotations

import numpy as np

from chapterize.transcribe.engine import Heard, HeardWord
from chapterize.transcribe.hearing import hear_windows
from chapterize.transcribe.windows import Window
from tests.sounds import RATE, Sound


class Answering:
    """A recogniser that answers by the length of a window, in seconds; `asked` holds the calls."""

    def __init__(self, **answers: Heard) -> None:
        self.answers = answers
        self.asked: list[tuple[list[int], str | None]] = []

    def hear(self, windows: list[Sound], *, language: str | None, beam_size: int) -> list[Heard]:
        lengths = [round(len(sound) / RATE) for sound in windows]
        self.asked.append((lengths, language))
        return [self.answers[f"s{length}"] for length in lengths]


def window(seconds: int) -> Window:
    return Window(np.zeros(seconds * RATE, np.float32), ((16 * RATE, 0),), (16 + seconds) * RATE)


def words(*times: tuple[float, float]) -> tuple[HeardWord, ...]:
    return tuple(HeardWord(start, stop, " word", 0.9) for start, stop in times)


def heard(recogniser: Answering, seconds: int, asked: str | None = None) -> list[tuple[int, Heard]]:
    found = hear_windows(recogniser, [window(seconds)], asked=asked, likely="en", beam_size=5)  # type: ignore[arg-type]
    return [(each.spans[0][0] // RATE, answer) for each, answer in found]


def test_speech_without_a_word_is_heard_again_by_itself() -> None:
    first = Heard(words((0, 1), (1, 2), (12, 13), (13, 14)), "en", {"en": 0.9})
    again = Heard(words((0.5, 1)), "de", {"de": 0.9}, 0.1, -0.2)
    recogniser = Answering(s14=first, s10=again)
    assert heard(recogniser, 14) == [(16, first), (18, again)]
    assert recogniser.asked == [([14], "en"), ([10], None)]


def test_a_word_stretched_over_what_was_skipped_hides_nothing() -> None:
    first = Heard(words((0, 1), (1, 13)), "en", {"en": 0.9})
    again = Heard(words((0.5, 1)), "en", {"en": 0.9}, 0.1, -0.2)
    recogniser = Answering(s13=first, s9=again)
    assert [place for place, _ in heard(recogniser, 13)] == [16, 18]


def test_noise_that_was_skipped_stays_skipped() -> None:
    first = Heard(words((0, 1)), "en", {"en": 0.9})
    for doubtful in (
        Heard(words((0, 1)), "en", {}, no_speech=0.7, confidence=-0.2),
        Heard(words((0, 1)), "en", {}, no_speech=0.1, confidence=-0.9),
    ):
        assert heard(Answering(s11=first, s10=doubtful), 11) == [(16, first)]


def test_the_language_that_was_named_holds_for_the_second_time_too() -> None:
    first = Heard(words((0, 1)), "fr", {"en": 0.95})
    recogniser = Answering(s11=first, s10=first)
    heard(recogniser, 11, asked="fr")
    assert recogniser.asked == [([11], "fr"), ([10], "fr")]


def test_a_part_of_a_window_knows_its_place_in_the_file() -> None:
    whole = Window(
        np.arange(20 * RATE, dtype=np.float32),
        ((100 * RATE, 0), (130 * RATE, 8 * RATE)),
        142 * RATE,
    )
    both, second = whole.part(5.0, 12.0), whole.part(9.0, 20.0)
    assert (both.spans, both.end) == (((105 * RATE, 0), (130 * RATE, 3 * RATE)), 134 * RATE)
    assert (second.spans, second.end) == (((131 * RATE, 0),), 142 * RATE)
    assert both.sound[0] == 5 * RATE
    assert whole.place(11.0, 11.5) == both.place(6.0, 6.5) == second.place(2.0, 2.5)
