from __future__ import annotations

import numpy as np
import pytest

from chapterize.transcribe import chunks
from chapterize.transcribe.chunks import RATE, cut_chunks, find_cut
from tests.transcribe.scripted import Sound, babble, hum, in_blocks


def _cut(sound: Sound, *, block: float = 3.0, skip: int = 0) -> list[tuple[int, Sound]]:
    return list(cut_chunks(in_blocks(sound, block), chunk_seconds=10.0, skip=skip))


def test_chunks_tile_the_sound() -> None:
    sound = hum(47.3)
    pieces = _cut(sound)
    assert [start for start, _ in pieces] == list(
        np.cumsum([0, *(len(piece) for _, piece in pieces)])[:-1]
    )
    assert np.array_equal(np.concatenate([piece for _, piece in pieces]), sound)
    assert len(pieces) > 4
    assert all(8 * RATE <= len(piece) <= 10 * RATE for _, piece in pieces[:-1])


@pytest.mark.parametrize("block", [0.5, 30.0, 47.3])
def test_cuts_do_not_depend_on_how_the_sound_comes(block: float) -> None:
    sound = hum(47.3)
    assert [start for start, _ in _cut(sound, block=block)] == [start for start, _ in _cut(sound)]


def test_skipping_finished_chunks_leaves_the_later_cuts_where_they_were() -> None:
    sound = np.concatenate([babble(14), hum(5), babble(20, seed=1), hum(4)])
    pieces = _cut(sound)
    rest = _cut(sound, skip=pieces[2][0])
    assert [start for start, _ in rest] == [start for start, _ in pieces[2:]]
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(rest, pieces[2:], strict=True))


def test_no_sound_gives_no_chunk() -> None:
    assert _cut(hum(0)) == []
    assert _cut(hum(12), skip=12 * RATE) == []


def test_a_chunk_is_cut_in_the_silence_between_two_speakers() -> None:
    before, after = babble(13), babble(8, seed=1)
    sound = np.concatenate([before, hum(0.8), after])[: len(before) + 2 * RATE]
    cut = find_cut(sound)
    assert len(before) < cut < len(before) + 0.8 * RATE
    # The pause lies in the part that is searched, or the test would prove nothing.
    assert len(before) > 0.8 * len(sound)


def test_without_a_pause_the_quietest_moment_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "_find_speech", lambda sound: [(0, len(sound))])
    sound = hum(10) * 100
    quiet = int(8.7 * RATE)
    sound[quiet : quiet + RATE // 5] = 0.0
    assert quiet <= find_cut(sound) <= quiet + RATE // 5


def test_a_pause_before_the_searched_part_is_not_taken() -> None:
    sound = np.concatenate([hum(6), babble(12)])[: 10 * RATE]
    assert find_cut(sound) >= 8 * RATE
