"""Decode audio to 16 kHz mono blocks on the player's clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from chapterize.data import SAMPLE_RATE, Media, OnNote, OnProgress
from chapterize.errors import MediaError
from chapterize.ffmpeg import decode, open_container, pick_audio, read_packets

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.packet import Packet
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]

__all__ = ["decode_audio"]

_MAX_DRIFT = 0.04  # seconds the audio may drift from its timestamps before it is realigned


def decode_audio(
    media: Media,
    *,
    block_seconds: float = 30.0,
    on_progress: OnProgress | None = None,
    on_note: OnNote | None = None,
) -> Iterator[FloatArray]:
    """Decode the audio track to 16 kHz mono blocks on the player's clock.

    Block k starts at ``k * block_seconds``. The blocks cover [0, duration) without gaps: silence
    fills the time before the audio starts, gaps, damaged packets and the time after it ends. Only
    one block is held in memory.

    Parameters
    ----------
    on_note : receives one message after the last block if parts of the audio were damaged.

    Returns
    -------
    blocks, shape (round(block_seconds * 16000),), float32 in [-1, 1]; the last may be shorter.

    Raises
    ------
    MediaError : there is no audio track, or the file can no longer be opened.
    """
    if not media.has_audio:
        raise MediaError(
            f"{media.path} has no audio track",
            why="it contains only video",
            hint="give captions with --captions",
        )
    block_size = round(block_seconds * SAMPLE_RATE)
    return _decode_blocks(media, block_size, on_progress, on_note or (lambda note: None))


def _decode_blocks(
    media: Media, block_size: int, on_progress: OnProgress | None, on_note: OnNote
) -> Iterator[FloatArray]:
    total = round(media.duration * SAMPLE_RATE)
    damage = _Damage()
    n_done = 0
    with open_container(media.path) as container:
        stream = pick_audio(container)
        if stream is None:
            raise MediaError(
                f"{media.path} no longer has an audio track",
                why="the file changed while it was being read",
                hint="run the command again",
            )
        frames = _decode_frames(stream, read_packets(container, stream), damage)
        pieces = _place(frames, media.origin)
        for block in _regroup(_fill(pieces, total, damage), block_size):
            n_done += block.size
            if on_progress is not None:
                on_progress("decoding audio", n_done / total)
            yield block
    if damage.n_packets or damage.n_missing > _MAX_DRIFT * SAMPLE_RATE:
        packets = f"{damage.n_packets} packets cannot be decoded, " if damage.n_packets else ""
        missing = f"{damage.n_missing / SAMPLE_RATE:.1f} s are missing"
        on_note(f"The audio is damaged: {packets}{missing}. Silence fills the gaps.")


@dataclass
class _Damage:
    """Count of packets that could not be decoded, and of missing 16 kHz samples."""

    n_packets: int = 0
    n_missing: int = 0


def _decode_frames(
    stream: AudioStream, packets: Iterable[Packet[Any]], damage: _Damage
) -> Iterator[AudioFrame]:
    for packet in chain(packets, [None]):
        frames = decode(stream, packet)
        if frames is None:
            damage.n_packets += 1
        else:
            yield from frames


class _Run:
    """Consecutive frames without a gap, resampled as one piece."""

    def __init__(self, first: AudioFrame, start: float) -> None:
        from av import AudioResampler

        self.format = _format_of(first)
        self._resampler = AudioResampler("flt", "mono", SAMPLE_RATE)
        self._position = round(start * SAMPLE_RATE)
        self.end = start  # seconds; the next frame is expected here

    def push(self, frame: AudioFrame | None) -> Iterator[tuple[int, FloatArray]]:
        """Yield (index of the first 16 kHz sample, samples) for the next frame; None flushes."""
        if frame is not None:
            self.end += frame.samples / frame.sample_rate
        for out in self._resampler.resample(frame):
            samples = np.frombuffer(memoryview(out.planes[0]), np.float32, count=out.samples)
            yield self._position, samples
            self._position += out.samples


def _format_of(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _place(frames: Iterable[AudioFrame], origin: float) -> Iterator[tuple[int, FloatArray]]:
    """Yield (index of the first 16 kHz sample on the player's clock, samples) for each piece."""
    run: _Run | None = None
    for frame in frames:
        expected = 0.0 if run is None else run.end
        start = expected if frame.time is None else frame.time - origin
        has_moved = abs(start - expected) > _MAX_DRIFT
        if run is not None and (has_moved or _format_of(frame) != run.format):
            yield from run.push(None)
            run = None
        if run is None:
            run = _Run(frame, start)
        yield from run.push(frame)
    if run is not None:
        yield from run.push(None)


def _fill(
    pieces: Iterable[tuple[int, FloatArray]], total: int, damage: _Damage
) -> Iterator[FloatArray]:
    """Join the pieces over [0, total): fill gaps with silence and drop overlaps."""
    n_written = 0
    has_started = False
    silence = np.zeros(SAMPLE_RATE, np.float32)
    for position, piece in chain(pieces, [(total, silence[:0])]):
        start = min(position, total)
        if has_started and piece.size:
            damage.n_missing += max(0, start - n_written)
        has_started = True
        while n_written < start:
            gap = silence[: start - n_written]
            yield gap
            n_written += gap.size
        fresh = piece[n_written - position :][: total - n_written]
        if fresh.size:
            yield fresh
            n_written += fresh.size


def _regroup(pieces: Iterable[FloatArray], block_size: int) -> Iterator[FloatArray]:
    """Regroup the samples into blocks of `block_size`; the last may be shorter."""
    block, n_filled = np.empty(block_size, np.float32), 0
    for piece in pieces:
        while piece.size:
            part = piece[: block_size - n_filled]
            block[n_filled : n_filled + part.size] = part
            n_filled += part.size
            piece = piece[part.size :]
            if n_filled == block_size:
                yield _sanitised(block)
                block, n_filled = np.empty(block_size, np.float32), 0
    if n_filled:
        yield _sanitised(block[:n_filled])


def _sanitised(block: FloatArray) -> FloatArray:
    # Damaged packets can decode to anything; one NaN would spread through every later stage.
    np.nan_to_num(block, copy=False, posinf=1.0, neginf=-1.0)
    return np.clip(block, -1.0, 1.0, out=block)
