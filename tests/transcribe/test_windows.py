"""Packing speech into windows, and mapping times back to the file."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest

from chapterize.transcribe import windows
from chapterize.transcribe.windows import Window, batches_of, pack_windows
from chapterize.voice import VoiceOptions, sections_of
from tests.synthetic_audio import RATE, Audio, in_blocks, joined, noise, silence
from tests.transcribe.scripted import find_sound

pytestmark = pytest.mark.usefixtures("plain_speech")

FINE = VoiceOptions(min_pause=0.16, min_speech=0.0)
PAD = int(0.4 * RATE)


def _pack(audio: Audio, *, block: float = 30.0, skip: int = 0) -> list[Window]:
    return list(pack_windows(in_blocks(audio, block), FINE, skip=skip))


def _pieces(window: Window) -> list[tuple[int, int]]:
    """First and last sample in the file of each piece."""
    ends = [inside for _, inside in window.spans[1:]] + [len(window.audio)]
    return [
        (first, first + end - inside)
        for (first, inside), end in zip(window.spans, ends, strict=True)
    ]


def _same(one: list[Window], other: list[Window]) -> bool:
    return len(one) == len(other) and all(
        (a.spans, a.end) == (b.spans, b.end) and np.array_equal(a.audio, b.audio)
        for a, b in zip(one, other, strict=True)
    )


def _random_talk(seed: int, seconds: float = 200.0) -> Audio:
    """Intervals from clicks to a minute and a half, pauses from none to half a minute."""
    random = np.random.default_rng(seed)
    parts: list[Audio] = []
    while sum(map(len, parts)) < seconds * RATE:
        length = random.choice([0.05, 2.0, 9.0, 29.4, 29.9, 31.0, 90.0]) * random.uniform(0.9, 1.1)
        pause = random.choice([0.1, 0.2, 0.5, 0.9, 2.0, 30.0]) * random.uniform(0.8, 1.2)
        parts += [noise(length, peak=0.3, seed=len(parts)), silence(pause)]
    return joined(*parts)


def test_windows_contain_speech_and_omit_pauses() -> None:
    audio = joined(silence(5), noise(10), silence(20), noise(10, seed=2), silence(5))
    (window,) = _pack(audio)
    first, second = _pieces(window)
    assert first == (5 * RATE - PAD, 15 * RATE + PAD)
    assert second == (35 * RATE - PAD, 45 * RATE + PAD)
    assert window.end == second[1]
    assert window.seconds == pytest.approx(20 + 4 * 0.4)


def test_a_short_pause_is_kept() -> None:
    (window,) = _pack(joined(silence(1), noise(3), silence(0.6), noise(3, seed=2)))
    assert _pieces(window) == [(RATE - PAD, int(7.6 * RATE))]


def test_audio_without_speech_has_no_windows() -> None:
    assert _pack(silence(200)) == []
    assert _pack(silence(0)) == []
    assert _pack(noise(12), skip=12 * RATE) == []


@pytest.mark.parametrize("seed", range(6))
def test_windows_contain_all_speech_once_in_at_most_thirty_seconds(seed: int) -> None:
    audio = _random_talk(seed)
    found = _pack(audio)
    assert all(0 < window.seconds <= 30.0 for window in found)
    assert all(window.end == _pieces(window)[-1][1] for window in found)
    pieces = [piece for window in found for piece in _pieces(window)]
    assert all(a[1] <= b[0] for a, b in pairwise(pieces))
    is_covered = np.zeros(len(audio), bool)
    for first, last in pieces:
        is_covered[first:last] = True
    assert not audio[~is_covered].any()
    # Each piece has the samples of its place in the file, as the pauses in it show.
    for window in found:
        for (first, last), (_, inside) in zip(_pieces(window), window.spans, strict=True):
            is_silent = window.audio[inside : inside + last - first] == 0.0
            assert np.array_equal(is_silent, audio[first:last] == 0.0)


def test_windows_end_in_pauses() -> None:
    audio = joined(*(part for i in range(9) for part in (noise(11, seed=i), silence(1))))
    found = _pack(audio)
    assert len(found) == 5
    for window in found:
        assert not audio[window.end - PAD // 2 : window.end + PAD // 2].any()


def test_speech_without_a_pause_is_cut_at_its_quietest_moment() -> None:
    audio = noise(100, peak=0.9)
    for second in (27.3, 52.5):
        audio[int(second * RATE) : int((second + 0.15) * RATE)] *= 0.01
    found = _pack(audio)
    assert len(found) == 4
    assert 27.3 <= found[0].end / RATE <= 27.45
    assert 52.5 <= found[1].end / RATE <= 52.65
    assert [window.spans[0][0] for window in found[1:]] == [window.end for window in found[:-1]]


def test_padding_never_forms_a_window_of_its_own() -> None:
    # With padding on both sides, this interval would be longer than a window.
    audio = joined(silence(1), noise(29.5), silence(1), noise(5, seed=2), silence(1))
    first, second = _pack(audio)
    assert _pieces(first) == [(RATE - PAD, 31 * RATE - PAD)]
    assert _pieces(second)[0][1] == int(36.5 * RATE) + PAD


@pytest.mark.slow
@pytest.mark.parametrize("block", [0.37, 7.0, 400.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_windows_do_not_depend_on_the_size_of_the_blocks(block: float, seed: int) -> None:
    audio = _random_talk(seed)
    assert _same(_pack(audio, block=block), _pack(audio))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_a_run_that_resumes_at_any_window_gets_the_same_windows(seed: int) -> None:
    audio = _random_talk(seed)
    whole = _pack(audio)
    assert len(whole) > 4
    for i, window in enumerate(whole):
        assert _same(_pack(audio, skip=window.end), whole[i + 1 :]), f"after window {i}"


@pytest.mark.parametrize("total", [119.0, 121.0, 125.0, 183.5])
def test_resuming_within_long_speech_gives_the_same_windows(total: float) -> None:
    audio = noise(total)
    whole = _pack(audio)
    for i, window in enumerate(whole):
        assert _same(_pack(audio, skip=window.end), whole[i + 1 :]), f"after window {i}"


def test_resuming_in_the_last_seconds_gives_the_same_windows() -> None:
    # The last section is short, and its speech must be detected in the same context as before.
    audio = joined(noise(20), silence(20), noise(19), silence(2), noise(1, seed=3), silence(0.5))
    whole = _pack(audio)
    for i, window in enumerate(whole):
        assert _same(_pack(audio, skip=window.end), whole[i + 1 :])


def test_words_are_placed_across_omitted_pauses() -> None:
    window = Window(
        np.zeros(6 * RATE, np.float32), ((10 * RATE, 0), (60 * RATE, 4 * RATE)), 62 * RATE
    )
    assert window.seconds == 6.0
    assert window.place(1.0, 1.5) == (11.0, 11.5)
    assert window.place(4.5, 5.0) == (60.5, 61.0)
    # The middle of a word decides on its piece.
    assert window.place(3.5, 4.2) == (13.5, 14.0)
    assert window.place(3.8, 4.6) == (60.0, 60.6)


def test_words_outside_the_window_are_moved_to_its_edges() -> None:
    window = Window(np.zeros(6 * RATE, np.float32), ((10 * RATE, 0),), 16 * RATE)
    assert window.place(-1.0, 0.5) == (10.0, 10.5)
    assert window.place(5.5, 9.0) == (15.5, 16.0)
    assert window.place(8.0, 9.0) == (16.0, 16.0)
    assert window.place(3.0, 2.0) == (13.0, 13.0)


def test_speech_that_was_cut_continues_in_the_next_window() -> None:
    audio = joined(noise(40), silence(1), noise(5, seed=2))
    first, second = _pack(audio)
    assert second.place(0.0, 0.5)[0] == pytest.approx(first.end / RATE)
    assert second.place(second.seconds - 1.0, second.seconds)[1] == pytest.approx(46.0)


@pytest.mark.parametrize(("size", "sizes"), [(1, [1] * 5), (2, [2, 2, 1]), (5, [5]), (8, [5])])
def test_batches_contain_all_windows_in_order(size: int, sizes: list[int]) -> None:
    found = [Window(np.zeros(i, np.float32), ((0, 0),), i) for i in range(5)]
    batches = list(batches_of(found, size))
    assert [len(batch) for batch in batches] == sizes
    assert [window for batch in batches for window in batch] == found


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["speech", "silence", "one word, then silence", "words"])
def test_memory_does_not_grow_with_the_length(kind: str) -> None:
    def block(i: int) -> Audio:
        if kind == "speech" or (kind == "words" and i % 2) or (kind.startswith("one") and i == 0):
            return noise(30)
        return silence(30)

    def peak(minutes: int) -> int:
        tracemalloc.start()
        try:
            for _ in pack_windows(map(block, range(2 * minutes)), FINE):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(30) < 1.3 * peak(4)


def test_the_fake_detector_finds_every_nonzero_sample() -> None:
    assert vars(windows)["find_speech"] is find_sound
    audio = joined(silence(1), noise(2), silence(0.1), noise(1), silence(1))
    (section,) = sections_of([audio])
    assert find_sound(section, FINE) == [(RATE, int(4.1 * RATE))]
