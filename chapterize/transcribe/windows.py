"""Speech packed into the windows of 30 s that Whisper reads, with the way back to the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from chapterize.data import SAMPLE_RATE
from chapterize.voice import Section, VoiceOptions, find_speech, sections_of

if TYPE_CHECKING:
    from chapterize.data import FloatArray

__all__ = ["Window", "batches_of", "pack_windows"]

_MOST = 30 * SAMPLE_RATE
_PAD = int(0.4 * SAMPLE_RATE)
"""Kept around speech: the voice-activity model is late at soft beginnings."""
_FRAME = SAMPLE_RATE // 10
_CUT_SHARE = 0.2  # the last part of a window in which speech without a pause is cut
Stretch = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """At most 30 s of speech, the longer pauses left out.

    `sound` : shape (n,), float32. `spans` : for each piece the sample of the file at which it
    begins, and the sample of `sound` at which it begins, both ascending. `end` : the sample of the
    file after the last one in the window.
    """

    sound: FloatArray
    spans: tuple[tuple[int, int], ...]
    end: int

    @property
    def seconds(self) -> float:
        """Length of `sound`."""
        return len(self.sound) / SAMPLE_RATE

    def place(self, start: float, end: float) -> tuple[float, float]:
        """Seconds of the file for a word at [start, end) seconds of the window.

        A word lies in the piece that holds its middle, and never reaches over the piece's end.
        """
        middle = (start + end) / 2 * SAMPLE_RATE
        i = max(i for i, (_, inside) in enumerate(self.spans) if i == 0 or inside <= middle)
        first, inside = self.spans[i]
        length = (self.spans[i + 1][1] if i + 1 < len(self.spans) else len(self.sound)) - inside
        shift, limit = (first - inside) / SAMPLE_RATE, (first + length) / SAMPLE_RATE
        placed = min(max(start + shift, first / SAMPLE_RATE), limit)
        return placed, max(placed, min(end + shift, limit))

    def part(self, start: float, stop: float) -> Window:
        """The window of what lies in [start, stop) seconds of this one."""
        begin, end = round(start * SAMPLE_RATE), round(stop * SAMPLE_RATE)
        spans = [
            (first + max(0, begin - inside), max(0, inside - begin))
            for (first, inside), (_, after) in pairwise([*self.spans, (0, len(self.sound))])
            if inside < end and after > begin
        ]
        sound = self.sound[begin:end]
        first, inside = spans[-1]
        return Window(sound, tuple(spans), first + len(sound) - inside)


def pack_windows(
    blocks: Iterable[FloatArray], options: VoiceOptions, *, skip: int = 0
) -> Iterator[Window]:
    """Yield the speech in `blocks` from sample `skip` on, packed into windows.

    `blocks` are consecutive pieces of 16 kHz mono audio, each of shape (n_samples,), of any
    length. Windows end in pauses. They depend on the audio and on `skip` alone: a run that
    resumes at the end of a window gets the windows that an undisturbed run would have got.
    """
    pieces: list[tuple[int, FloatArray]] = []
    n_samples = 0
    for first, sound in _pieces(blocks, options, skip):
        if n_samples + len(sound) > _MOST:
            yield _window(pieces)
            pieces, n_samples = [], 0
        pieces.append((first, sound))
        n_samples += len(sound)
    if pieces:
        yield _window(pieces)


def batches_of(windows: Iterable[Window], size: int) -> Iterator[tuple[Window, ...]]:
    """Yield `windows` in groups of `size`; the last may be smaller."""
    batch: list[Window] = []
    for window in windows:
        batch.append(window)
        if len(batch) == size:
            yield tuple(batch)
            batch = []
    if batch:
        yield tuple(batch)


def _window(pieces: Sequence[tuple[int, FloatArray]]) -> Window:
    spans: list[tuple[int, int]] = []
    inside = 0
    for first, sound in pieces:
        # Pieces that touch in the file are one.
        if not spans or first - inside != spans[-1][0] - spans[-1][1]:
            spans.append((first, inside))
        inside += len(sound)
    first, sound = pieces[-1]
    whole = np.concatenate([each for _, each in pieces])
    return Window(whole, tuple(spans), first + len(sound))


def _pieces(
    blocks: Iterable[FloatArray], options: VoiceOptions, skip: int
) -> Iterator[tuple[int, FloatArray]]:
    """First sample and audio of each stretch of speech, padded, none longer than a window."""
    held = _Held(skip)
    pending: Stretch | None = None  # the last stretch, as long as it may still grow
    begin = skip  # where the padding of the next may begin
    for section in sections_of(blocks, skip=skip):
        held.add(section)
        for start, stop in find_speech(section, options):
            start = max(start, skip)
            if stop <= start:
                continue
            if pending is None:
                pending = (max(begin, start - _PAD), stop)
            elif start == pending[1]:
                pending = (pending[0], stop)
            else:
                # The pause between two stretches is shared, as far as the padding reaches.
                end = _padded_end(pending, (pending[1] + start) // 2)
                yield held.take(pending[0], end)
                pending = (max(end, start - _PAD), stop)
            # Without a pause, audio must not pile up.
            while pending[1] - pending[0] > _MOST:
                cut = held.quietest(pending[0], pending[0] + _MOST)
                yield held.take(pending[0], cut)
                pending = (cut, pending[1])
        # Nor in a long pause: what comes now is too late to share the padding.
        if pending is not None and section.stop - pending[1] >= 2 * _PAD:
            begin = _padded_end(pending, section.stop)
            yield held.take(pending[0], begin)
            pending = None
        held.forget(pending[0] if pending else max(begin, section.stop - _PAD))
    if pending is not None:
        yield held.take(pending[0], _padded_end(pending, held.end))


def _padded_end(stretch: Stretch, limit: int) -> int:
    """Where the padding after `stretch` ends: before `limit`, and in the same window."""
    return min(stretch[1] + _PAD, limit, stretch[0] + _MOST)


class _Held:
    """The audio from the oldest sample that is still needed on."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.sound: FloatArray = np.empty(0, np.float32)

    @property
    def end(self) -> int:
        return self.first + len(self.sound)

    def add(self, section: Section) -> None:
        self.sound = np.concatenate(
            (self.sound, section.judged[max(0, self.end - section.start) :])
        )

    def forget(self, before: int) -> None:
        n = max(0, min(before, self.end) - self.first)
        self.sound, self.first = self.sound[n:].copy(), self.first + n

    def take(self, start: int, stop: int) -> tuple[int, FloatArray]:
        """`start`, and the samples [start, stop)."""
        return start, self.sound[start - self.first : stop - self.first].copy()

    def quietest(self, start: int, stop: int) -> int:
        """The middle of the quietest tenth of a second in the last fifth of [start, stop)."""
        zone = start + int((stop - start) * (1 - _CUT_SHARE))
        n_frames = (stop - zone) // _FRAME
        sound = self.sound[zone - self.first : zone - self.first + n_frames * _FRAME]
        energies = np.square(sound.reshape(n_frames, _FRAME)).mean(axis=1)
        return zone + int(np.argmin(energies)) * _FRAME + _FRAME // 2
