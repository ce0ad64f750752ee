"""Sound in pieces that fit into memory, cut where nobody speaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from chapterize.data import FloatArray

__all__ = ["RATE", "cut_chunks", "find_cut"]

RATE = 16_000
"""Samples a second that Whisper and the voice-activity model hear."""

_CUT_SHARE = 0.2  # the last part of a chunk in which its end is looked for
_LEAD_IN = 5 * RATE  # what the voice-activity model hears before that part, to be in tune
_MIN_GAP_MS = 100
_FRAME = RATE // 10

Stretch = tuple[int, int]


def cut_chunks(
    blocks: Iterable[FloatArray], *, chunk_seconds: float, skip: int = 0
) -> Iterator[tuple[int, FloatArray]]:
    """Yield ``(first_sample, sound)`` pieces of at most `chunk_seconds`, without gap or overlap.

    `blocks` are consecutive pieces of 16 kHz mono sound, each of shape (n_samples,), of any
    length. The first `skip` samples are passed over; when an earlier run cut there, the cuts that
    follow are the same as in that run. At most one chunk and one block are held.
    """
    limit = int(chunk_seconds * RATE)
    position, to_skip = skip, skip
    held: list[FloatArray] = []
    n_held = 0
    for block in blocks:
        fresh = block[to_skip:]
        to_skip -= len(block) - len(fresh)
        held.append(fresh)
        n_held += len(fresh)
        while n_held >= limit:
            sound = np.concatenate(held)
            cut = find_cut(sound[:limit])
            yield position, sound[:cut]
            # A copy, or the whole chunk would stay in memory behind its last seconds.
            held = [sound[cut:].copy()]
            position += cut
            n_held -= cut
            del sound
    if n_held:
        yield position, np.concatenate(held)


def find_cut(sound: FloatArray) -> int:
    """The sample in the last fifth of `sound` at which to cut it: amid the longest silence.

    Where the voice-activity model hears speech or music all along, the quietest tenth of a second.
    """
    zone = int(len(sound) * (1 - _CUT_SHARE))
    begin = max(0, zone - _LEAD_IN)
    gaps = _gaps(_find_speech(sound[begin:]), zone - begin, len(sound) - begin)
    if gaps:
        start, end = max(gaps, key=lambda gap: gap[1] - gap[0])
        return begin + (start + end) // 2
    n_frames = (len(sound) - zone) // _FRAME
    if n_frames < 2:
        return len(sound)
    frames = sound[zone : zone + n_frames * _FRAME].reshape(n_frames, _FRAME)
    return zone + int(np.argmin(np.square(frames).mean(axis=1))) * _FRAME + _FRAME // 2


def _find_speech(sound: FloatArray) -> list[Stretch]:
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    # Unpadded and finely divided: a pause between two words is enough for a cut.
    options = VadOptions(min_silence_duration_ms=_MIN_GAP_MS, speech_pad_ms=0)
    return [(int(s["start"]), int(s["end"])) for s in get_speech_timestamps(sound, options)]


def _gaps(speech: Sequence[Stretch], start: int, end: int) -> list[Stretch]:
    """What lies between the stretches of `speech` within [start, end), if 100 ms or longer."""
    gaps: list[Stretch] = []
    for first, last in [*speech, (end, end)]:
        if min(first, end) - start >= _FRAME:
            gaps.append((start, min(first, end)))
        start = max(start, last)
    return gaps
