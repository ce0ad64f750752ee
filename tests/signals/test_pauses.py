"""Pauses in synthetic and real speech."""

from __future__ import annotations

from pathlib import Path

import pytest

from chapterize.data import Pause
from chapterize.media import decode_audio, open_media
from chapterize.signals import find_pauses
from chapterize.voice import VoiceOptions
from tests.conftest import MakeMedia
from tests.synthetic_audio import in_blocks, joined, silence, synthetic_voice


def spans(pauses: tuple[Pause, ...]) -> list[tuple[float, float]]:
    return [(pause.start, pause.end) for pause in pauses]


@pytest.mark.slow
def test_silence_is_one_pause() -> None:
    assert find_pauses(in_blocks(silence(250.0))) == (Pause(0.0, 250.0),)


def test_a_silence_shorter_than_a_pause_is_a_pause_if_there_is_nothing_else() -> None:
    assert find_pauses([silence(0.2)]) == (Pause(0.0, 0.2),)


def test_without_audio_there_are_no_pauses() -> None:
    assert find_pauses([]) == ()


def test_pauses_are_found_between_speech() -> None:
    audio = joined(
        silence(2), synthetic_voice(5), silence(3), synthetic_voice(4, seed=1), silence(2)
    )
    first, second, third = spans(find_pauses(in_blocks(audio)))
    assert first == pytest.approx((0.0, 2.0), abs=0.3)
    assert second == pytest.approx((7.0, 10.0), abs=0.3)
    assert third == pytest.approx((14.0, 16.0), abs=0.3)


def test_speech_without_a_break_has_no_pause() -> None:
    assert find_pauses([synthetic_voice(8)]) == ()


def test_a_lower_minimum_finds_more_pauses() -> None:
    audio = joined(synthetic_voice(4), silence(0.7), synthetic_voice(4, seed=1))
    assert find_pauses([audio], options=VoiceOptions(min_pause=1.0)) == ()
    ((start, end),) = spans(find_pauses([audio], options=VoiceOptions(min_pause=0.3)))
    assert (start, end) == pytest.approx((4.0, 4.7), abs=0.25)


@pytest.mark.slow
def test_pauses_continue_across_sections() -> None:
    # Speech crosses the end of the second section (120 s), a pause crosses the following ones.
    first_part = (silence(110), synthetic_voice(20, seed=2), silence(105))
    audio = joined(*first_part, synthetic_voice(0.1), silence(10), synthetic_voice(5, seed=1))
    first, second = spans(find_pauses(in_blocks(audio)))
    assert first == pytest.approx((0.0, 110.0), abs=0.6)
    assert second == pytest.approx((130.0, 245.1), abs=0.5)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.37, 7.0, 400.0])
def test_the_size_of_the_blocks_does_not_matter(seconds: float) -> None:
    audio = joined(synthetic_voice(4), silence(150), synthetic_voice(4, seed=2))
    assert find_pauses(in_blocks(audio, seconds)) == find_pauses([audio])


def test_late_audio_is_a_pause_at_the_start(late_audio_mp4: Path) -> None:
    # A sine is not speech, so the whole file is one pause.
    media = open_media(late_audio_mp4)
    ((start, end),) = spans(find_pauses(decode_audio(media)))
    assert start == 0.0
    assert end == pytest.approx(media.duration, abs=0.001)


def test_real_speech_has_pauses_and_speech(make_media: MakeMedia) -> None:
    """-t 40 -i tests/data/lecture.mp4 -vn -c:a flac"""
    lecture = Path(__file__).parents[1] / "data" / "lecture.mp4"
    media = open_media(make_media("talk.flac", "-t", "40", "-i", lecture, "-vn", "-c:a", "flac"))
    pauses = find_pauses(decode_audio(media))
    assert 2 <= len(pauses) <= 5
    assert sum(pause.end - pause.start for pause in pauses) < media.duration / 2
