"""Sections of audio, and the speech found in them."""

from __future__ import annotations

import sys
import tracemalloc
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from chapterize.errors import EngineError, MissingDependency
from chapterize.voice import Section, VoiceOptions, find_speech, sections_of
from tests.synthetic_audio import RATE, Audio, in_blocks, joined, noise, silence, synthetic_voice


def _sections(audio: Audio, *, block: float = 30.0, skip: int = 0) -> list[Section]:
    return list(sections_of(in_blocks(audio, block), skip=skip))


def _same(one: list[Section], other: list[Section]) -> bool:
    return len(one) == len(other) and all(
        (a.first, a.start, a.stop) == (b.first, b.start, b.stop)
        and np.array_equal(a.audio, b.audio)
        for a, b in zip(one, other, strict=True)
    )


def _speech(audio: Audio, options: VoiceOptions | None = None) -> list[tuple[float, float]]:
    """Intervals of speech in seconds; those that touch at a section boundary are merged."""
    found: list[tuple[float, float]] = []
    for section in _sections(audio):
        for start, stop in find_speech(section, options or VoiceOptions()):
            if found and found[-1][1] == start / RATE:
                found[-1] = (found[-1][0], stop / RATE)
            else:
                found.append((start / RATE, stop / RATE))
    return found


@pytest.mark.parametrize("seconds", [0.5, 59.9, 60.0, 61.0, 63.9, 64.0, 64.1, 124.5, 130.0])
def test_every_sample_belongs_to_one_section(seconds: float) -> None:
    audio = noise(seconds, peak=0.9)
    sections = _sections(audio)
    assert [section.start for section in sections] == [60 * RATE * i for i in range(len(sections))]
    assert np.array_equal(joined(*(section.core for section in sections)), audio)


def test_a_section_is_a_minute_with_four_seconds_of_context() -> None:
    second = _sections(noise(200))[1]
    assert (second.start, second.stop) == (60 * RATE, 120 * RATE)
    assert (second.first, len(second.audio)) == (56 * RATE, 68 * RATE)


def test_empty_audio_has_no_sections() -> None:
    assert _sections(silence(0)) == []
    assert _sections(noise(12), skip=60 * RATE) == []


@pytest.mark.parametrize("block", [0.37, 7.0, 60.0, 400.0])
def test_sections_do_not_depend_on_the_size_of_the_blocks(block: float) -> None:
    audio = noise(151, peak=0.2)
    assert _same(_sections(audio, block=block), _sections(audio))


@pytest.mark.slow
@pytest.mark.parametrize("total", [130.0, 122.0, 180.0])
@pytest.mark.parametrize("skip", [0.0, 30.0, 60.0, 61.0, 119.9, 121.0])
def test_a_run_that_starts_later_gets_the_same_sections(skip: float, total: float) -> None:
    audio = noise(total, peak=0.2)
    later = [section for section in _sections(audio) if section.stop > skip * RATE]
    assert _same(_sections(audio, skip=round(skip * RATE)), later)


def test_quiet_audio_is_amplified_and_loud_audio_is_unchanged() -> None:
    soft, loud = _sections(noise(10, peak=0.005))[0], _sections(noise(10, peak=0.9))[0]
    assert np.abs(soft.audio).max() == pytest.approx(0.5, rel=0.05)
    assert np.array_equal(loud.audio, noise(10, peak=0.9))
    assert soft.audio.dtype == np.float32


def test_amplifying_a_quiet_passage_leaves_its_loud_neighbour_alone() -> None:
    (section,) = _sections(joined(noise(20, peak=0.8), noise(20, peak=0.01)))
    assert np.abs(section.audio).max() <= 0.8
    assert np.abs(section.audio[30 * RATE :]).max() == pytest.approx(0.5, rel=0.05)


def test_silence_stays_silent() -> None:
    (section,) = _sections(silence(10))
    assert not section.audio.any()


def test_memory_holds_one_section_and_one_block() -> None:
    def peak(minutes: int) -> int:
        tracemalloc.start()
        try:
            for _ in sections_of(silence(30.0) for _ in range(2 * minutes)):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(30) < 1.2 * peak(3)


def test_speech_is_found_in_its_place() -> None:
    audio = joined(silence(2), synthetic_voice(5), silence(3), synthetic_voice(4, seed=1))
    first, second = _speech(audio)
    assert first == pytest.approx((2.0, 7.0), abs=0.3)
    assert second == pytest.approx((10.0, 14.0), abs=0.3)


def test_speech_across_two_sections_is_found_without_a_gap() -> None:
    audio = joined(silence(50), synthetic_voice(20), silence(10))
    start, stop = _speech(audio)[-1]
    assert (start, stop) == pytest.approx((50.0, 70.0), abs=1.1)


def test_intervals_lie_within_their_section() -> None:
    audio = joined(silence(55), synthetic_voice(15), silence(60))
    for section in _sections(audio):
        for start, stop in find_speech(section, VoiceOptions()):
            assert section.start <= start < stop <= section.stop


@pytest.mark.parametrize("decibels", [-20, -40, -50])
def test_a_quiet_voice_is_found_like_a_loud_one(decibels: int) -> None:
    audio = joined(silence(2), synthetic_voice(5), silence(3), synthetic_voice(4, seed=1))
    quiet = (audio * 10 ** (decibels / 20)).astype(np.float32)
    assert np.array(_speech(quiet)) == pytest.approx(np.array(_speech(audio)), abs=0.1)


@pytest.mark.parametrize("peak", [0.1, 0.001, 0.00001])
def test_noise_is_not_speech_at_any_level(peak: float) -> None:
    assert _speech(noise(20, peak=peak)) == []


def test_a_tone_is_not_speech() -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(10 * RATE) / RATE).astype(np.float32)
    assert _speech(tone) == []


def test_options_reach_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    import faster_whisper.vad as vad

    received: list[Any] = []

    def spy(audio: Audio, settings: Any) -> list[dict[str, int]]:
        received.append(settings)
        return []

    monkeypatch.setattr(vad, "get_speech_timestamps", spy)
    (section,) = _sections(noise(1))
    options = VoiceOptions()
    for option in fields(VoiceOptions):
        changed = replace(options, **{option.name: getattr(options, option.name) + 0.25})
        find_speech(section, options)
        find_speech(section, changed)
        assert received[-1] != received[-2], option.name
    assert received[0].min_silence_duration_ms == 400
    assert received[0].speech_pad_ms == 0


def test_a_failing_model_is_an_engine_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import faster_whisper.vad as vad

    def fail(audio: Audio, settings: Any) -> list[dict[str, int]]:
        raise RuntimeError("no such operator\nand a long trace")

    monkeypatch.setattr(vad, "get_speech_timestamps", fail)
    (section,) = _sections(noise(1))
    with pytest.raises(EngineError) as caught:
        find_speech(section, VoiceOptions())
    assert caught.value.why == "the voice-activity model failed: no such operator"
    assert caught.value.hint


def test_without_faster_whisper_the_error_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper.vad", None)
    (section,) = _sections(noise(1))
    with pytest.raises(MissingDependency) as caught:
        find_speech(section, VoiceOptions())
    assert "pip install faster-whisper" in caught.value.hint
