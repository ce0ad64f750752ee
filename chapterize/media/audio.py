"""The sound of a file as 16 kHz mono in blocks, kept on the player's clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from chapterize.data import SAMPLE_RATE, Media, OnProgress
from chapterize.errors import MediaError
from chapterize.media.packets import open_sound

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.packet import Packet
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]

__all__ = ["decode_audio"]

_MAX_DRIFT = 0.04  # seconds the sound may stray from its timestamps before it is put back


def decode_audio(
    media: Media,
    *,
    block_seconds: float = 30.0,
    on_progress: OnProgress | None = None,
    on_note: Callable[[str], None] | None = None,
) -> Iterator[FloatArray]:
    """The sound as 16 kHz mono, in blocks on the player's clock.

    Block k begins at ``k * block_seconds``; the blocks cover [0, duration) without a hole, with
    silence before the sound starts, in gaps, for damaged packets and after it has ended. Only one
    block is held at a time.

    Returns
    -------
    blocks, shape (round(block_seconds * 16000),), float32 in [-1, 1]; the last may be shorter.
    `on_note` is told in plain words, at the end, what was damaged.

    Raises
    ------
    MediaError : there is no sound track, or the file cannot be opened any more.
    """
    if not media.has_audio:
        raise MediaError(
            f"{media.path} has no sound", why="it has pictures only", hint="give captions for it"
        )
    return _decode_blocks(
        media, round(block_seconds * SAMPLE_RATE), on_progress, on_note or (lambda note: None)
    )


def _decode_blocks(
    media: Media, block_size: int, on_progress: OnProgress | None, on_note: Callable[[str], None]
) -> Iterator[FloatArray]:
    total = round(media.duration * SAMPLE_RATE)
    damage = _Damage()
    n_done = 0
    with open_sound(media.path) as (stream, packets):
        pieces = _place(_decode_frames(stream, packets, damage), media.origin)
        for block in _cut(_fill(pieces, total, damage), block_size):
            n_done += block.size
            if on_progress is not None:
                on_progress("reading the sound", n_done / total)
            yield block
    if damage.n_packets or damage.n_missing > _MAX_DRIFT * SAMPLE_RATE:
        damaged = f"{damage.n_packets} packets are damaged, " if damage.n_packets else ""
        missing = f"{damage.n_missing / SAMPLE_RATE:.1f} s are missing"
        on_note(f"the sound has holes: {damaged}{missing}; silence was put in their place")


@dataclass
class _Damage:
    """Packets that could not be decoded, and 16 kHz samples missing between others."""

    n_packets: int = 0
    n_missing: int = 0


def _decode_frames(
    stream: AudioStream, packets: Iterable[Packet[Any]], damage: _Damage
) -> Iterator[AudioFrame]:
    from av.error import FFmpegError

    for packet in chain(packets, [None]):
        try:
            frames = stream.decode(packet)
        except FFmpegError:
            damage.n_packets += 1
            continue
        yield from frames


class _Run:
    """Frames that follow each other without a gap, resampled as one piece."""

    def __init__(self, first: AudioFrame, start: float) -> None:
        from av import AudioResampler

        self.kind = _kind(first)
        self._resampler = AudioResampler("flt", "mono", SAMPLE_RATE)
        self._start = start
        self._seconds = 0.0
        self._position = round(start * SAMPLE_RATE)

    @property
    def end(self) -> float:
        """Seconds at which the next frame is due."""
        return self._start + self._seconds

    def take(self, frame: AudioFrame | None) -> Iterator[tuple[int, FloatArray]]:
        """(sample at which a piece belongs, its samples) for one frame more; None ends the run."""
        if frame is not None:
            self._seconds += frame.samples / frame.sample_rate
        for out in self._resampler.resample(frame):
            yield (
                self._position,
                np.frombuffer(memoryview(out.planes[0]), np.float32, count=out.samples),
            )
            self._position += out.samples


def _kind(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _place(frames: Iterable[AudioFrame], origin: float) -> Iterator[tuple[int, FloatArray]]:
    """Each piece of sound with the 16 kHz sample at which it belongs on the player's clock."""
    run: _Run | None = None
    for frame in frames:
        due = 0.0 if run is None else run.end
        start = due if frame.time is None else frame.time - origin
        if run is not None and (_kind(frame) != run.kind or abs(start - due) > _MAX_DRIFT):
            yield from run.take(None)
            run = None
        if run is None:
            run = _Run(frame, start)
        yield from run.take(frame)
    if run is not None:
        yield from run.take(None)


def _fill(
    pieces: Iterable[tuple[int, FloatArray]], total: int, damage: _Damage
) -> Iterator[FloatArray]:
    """The pieces end to end over [0, total): silence in gaps, what overlaps dropped."""
    n_written = 0
    is_begun = False
    silence = np.zeros(SAMPLE_RATE, np.float32)
    for position, piece in chain(pieces, [(total, silence[:0])]):
        if is_begun and piece.size:
            damage.n_missing += max(0, min(position, total) - n_written)
        is_begun = True
        while n_written < min(position, total):
            gap = silence[: min(position, total) - n_written]
            yield gap
            n_written += gap.size
        fresh = piece[n_written - position :][: total - n_written]
        if fresh.size:
            yield fresh
            n_written += fresh.size


def _cut(pieces: Iterable[FloatArray], block_size: int) -> Iterator[FloatArray]:
    """The same samples in blocks of `block_size`; the last may be shorter."""
    block, n_filled = np.empty(block_size, np.float32), 0
    for piece in pieces:
        while piece.size:
            part = piece[: block_size - n_filled]
            block[n_filled : n_filled + part.size] = part
            n_filled += part.size
            piece = piece[part.size :]
            if n_filled == block_size:
                yield _sane(block)
                block, n_filled = np.empty(block_size, np.float32), 0
    if n_filled:
        yield _sane(block[:n_filled])


def _sane(block: FloatArray) -> FloatArray:
    # Damaged packets can decode to anything; one NaN would poison every later stage.
    np.nan_to_num(block, copy=False, posinf=1.0, neginf=-1.0)
    return np.clip(block, -1.0, 1.0, out=block)
