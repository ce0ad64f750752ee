"""Pack speech into the 30 s windows that Whisper reads, and map their times back to the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import numpy as np

from chapterize.data import SAMPLE_RATE
from chapterize.voice import Section, VoiceOptions, find_speech, sections_of

if TYPE_CHECKING:
    from chapterize.data import FloatArray

__all__ = ["Window", "batches_of", "pack_windows"]

_MOST = 30 * SAMPLE_RATE
_PAD = int(0.4 * SAMPLE_RATE)
"""Padding around speech, because the voice-activity model detects quiet onsets late."""
_FRAME = SAMPLE_RATE // 10
_CUT_SHARE = 0.2  # the last part of a window, in which speech without a pause is cut
Interval = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """At most 30 s of speech, without the longer pauses.

    `audio` : samples, shape (n,), float32. `spans` : for each piece, its first sample in the file
    and its first sample in `audio`, both ascending. `end` : the sample of the file that follows the
    window.
    """

    audio: FloatArray
    spans: tuple[tuple[int, int], ...]
    end: int

    @property
    def seconds(self) -> float:
        """The length of `audio` in seconds."""
        return len(self.audio) / SAMPLE_RATE

    def place(self, start: float, end: float) -> tuple[float, float]:
        """Return the times in the file, in seconds, of a word at [start, end) in the window.

        A word belongs to the piece that contains its middle, and does not extend beyond it.
        """
        middle = (start + end) / 2 * SAMPLE_RATE
        i = max(i for i, (_, inside) in enumerate(self.spans) if i == 0 or inside <= middle)
        first, inside = self.spans[i]
        length = (self.spans[i + 1][1] if i + 1 < len(self.spans) else len(self.audio)) - inside
        shift, limit = (first - inside) / SAMPLE_RATE, (first + length) / SAMPLE_RATE
        placed = min(max(start + shift, first / SAMPLE_RATE), limit)
        return placed, max(placed, min(end + shift, limit))

    def part(self, start: float, stop: float) -> Window:
        """Return the part [start, stop), in seconds, of this window as a window."""
        begin, end = round(start * SAMPLE_RATE), round(stop * SAMPLE_RATE)
        spans = [
            (first + max(0, begin - inside), max(0, inside - begin))
            for (first, inside), (_, after) in pairwise([*self.spans, (0, len(self.audio))])
            if inside < end and after > begin
        ]
        audio = self.audio[begin:end]
        first, inside = spans[-1]
        return Window(audio, tuple(spans), first + len(audio) - inside)


def pack_windows(
    blocks: Iterable[FloatArray], options: VoiceOptions, *, skip: int = 0
) -> Iterator[Window]:
    """Yield the speech in `blocks` from sample `skip` on, packed into windows.

    `blocks` : consecutive pieces of 16 kHz mono audio, each of shape (n_samples,), of any length.
    Windows end in pauses. They depend only on the audio and on `skip`: a run that resumes at the
    end of a window gets the same windows as an uninterrupted run.
    """
    pieces: list[tuple[int, FloatArray]] = []
    n_samples = 0
    for first, audio in _pieces(blocks, options, skip):
        if n_samples + len(audio) > _MOST:
            yield _window(pieces)
            pieces, n_samples = [], 0
        pieces.append((first, audio))
        n_samples += len(audio)
    if pieces:
        yield _window(pieces)


def batches_of(windows: Iterable[Window], size: int) -> Iterator[tuple[Window, ...]]:
    """Iterate over `windows` in groups of `size`; the last may be smaller."""
    remaining = iter(windows)
    return iter(lambda: tuple(islice(remaining, size)), ())


def _window(pieces: Sequence[tuple[int, FloatArray]]) -> Window:
    spans: list[tuple[int, int]] = []
    inside = 0
    for first, audio in pieces:
        # Pieces that are adjacent in the file are merged.
        if not spans or first - inside != spans[-1][0] - spans[-1][1]:
            spans.append((first, inside))
        inside += len(audio)
    first, audio = pieces[-1]
    whole = np.concatenate([each for _, each in pieces])
    return Window(whole, tuple(spans), first + len(audio))


def _pieces(
    blocks: Iterable[FloatArray], options: VoiceOptions, skip: int
) -> Iterator[tuple[int, FloatArray]]:
    """First sample and audio of each padded interval of speech, none longer than a window."""
    buffer = _Buffer(skip)
    pending: Interval | None = None  # the last interval, while it may still grow
    begin = skip  # earliest sample of the padding before the next interval
    for section in sections_of(blocks, skip=skip):
        buffer.add(section)
        for start, stop in find_speech(section, options):
            start = max(start, skip)
            if stop <= start:
                continue
            if pending is None:
                pending = (max(begin, start - _PAD), stop)
            elif start == pending[1]:
                pending = (pending[0], stop)
            else:
                # If the padding of two intervals would overlap, each gets half of the pause.
                end = _padded_end(pending, (pending[1] + start) // 2)
                yield buffer.take(pending[0], end)
                pending = (max(end, start - _PAD), stop)
            # Speech without a pause must not accumulate in memory.
            while pending[1] - pending[0] > _MOST:
                cut = buffer.quietest(pending[0], pending[0] + _MOST)
                yield buffer.take(pending[0], cut)
                pending = (cut, pending[1])
        # Nor must a long pause: later speech cannot overlap this interval's padding.
        if pending is not None and section.stop - pending[1] >= 2 * _PAD:
            begin = _padded_end(pending, section.stop)
            yield buffer.take(pending[0], begin)
            pending = None
        buffer.forget(pending[0] if pending else max(begin, section.stop - _PAD))
    if pending is not None:
        yield buffer.take(pending[0], _padded_end(pending, buffer.end))


def _padded_end(interval: Interval, limit: int) -> int:
    """The end of the padding after `interval`: at most `limit`, and within the same window."""
    return min(interval[1] + _PAD, limit, interval[0] + _MOST)


class _Buffer:
    """The audio from the oldest sample that is still needed."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.audio: FloatArray = np.empty(0, np.float32)

    @property
    def end(self) -> int:
        return self.first + len(self.audio)

    def add(self, section: Section) -> None:
        self.audio = np.concatenate((self.audio, section.core[max(0, self.end - section.start) :]))

    def forget(self, before: int) -> None:
        n = max(0, min(before, self.end) - self.first)
        self.audio, self.first = self.audio[n:].copy(), self.first + n

    def take(self, start: int, stop: int) -> tuple[int, FloatArray]:
        """Return `start` and the samples [start, stop)."""
        return start, self.audio[start - self.first : stop - self.first].copy()

    def quietest(self, start: int, stop: int) -> int:
        """Return the middle of the quietest 0.1 s in the last fifth of [start, stop)."""
        zone = start + int((stop - start) * (1 - _CUT_SHARE))
        n_frames = (stop - zone) // _FRAME
        audio = self.audio[zone - self.first : zone - self.first + n_frames * _FRAME]
        energies = np.square(audio.reshape(n_frames, _FRAME)).mean(axis=1)
        return zone + int(np.argmin(energies)) * _FRAME + _FRAME // 2
