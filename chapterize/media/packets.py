"""The packets of the sound of a file, one after the other, with little memory for long files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from chapterize.errors import MediaError
from chapterize.ffmpeg import open_container, pick_audio, read_packets
from chapterize.media.long_movie import LongMovie, find_long_movie
from chapterize.media.long_track import LongTrack
from chapterize.media.sample_table import SampleTable, UnusualFile, read_at

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

__all__ = ["open_sound"]

_BYTES_PER_READ = 1 << 18


@contextmanager
def open_sound(path: Path) -> Iterator[tuple[AudioStream, Iterator[Packet[Any]]]]:
    """The sound track that a player plays, and all its packets in order.

    Raises
    ------
    MediaError : the file cannot be opened any more, or has lost its sound.
    """
    movie = find_long_movie(path)
    shift = None if movie is None else _measure_shift(movie)
    if movie is None or shift is None:
        with open_container(path) as container:
            stream = _require_audio(container)
            yield stream, read_packets(container, stream)
        return
    try:
        with movie.open(with_tail=True) as container, path.open("rb") as file:
            stream = _require_audio(container)
            track = movie.tracks.get(stream.id)
            packets = read_packets(container, stream)
            if track is not None:
                packets = _bridge(packets, stream, track, file, shift)
            yield stream, packets
    except UnusualFile as error:
        raise MediaError(
            f"cannot read {path}", why=f"it changed meanwhile ({error})", hint="start again"
        ) from error


def _require_audio(container: InputContainer) -> AudioStream:
    stream = pick_audio(container)
    if stream is None:
        raise MediaError("the sound track is gone", why="the file changed", hint="start again")
    return stream


def _measure_shift(movie: LongMovie) -> int | None:
    """What FFmpeg adds to the times in the table, for edit lists; None when that is not one number.

    All the packets at both ends are compared with the table: places, sizes and times. So the
    packets between them are known to be those that FFmpeg would have given.
    """
    try:
        with movie.open(with_tail=True) as container, movie.path.open("rb") as file:
            stream = _require_audio(container)
            track = movie.tracks.get(stream.id)
            if track is None:
                return 0
            rows = [
                (packet.pos, packet.size, packet.pts, packet.dts)
                for packet in read_packets(container, stream)
            ]
            found = np.array(rows, np.float64).astype(np.int64)
            table = track.table(file)
            spans = ((0, track.head), (track.tail, track.n_samples))
            parts = [np.stack(b, axis=1) for span in spans for b in table.timed_samples(*span)]
            return _compare(found, np.concatenate(parts), track.head)
    except (MediaError, UnusualFile, OSError, ValueError, TypeError):
        return None


def _compare(found: Any, expected: Any, n_head: int) -> int | None:
    # An edit list may have dropped samples at the very beginning and the very end.
    first = np.flatnonzero(expected[:, 0] == found[0, 0])
    if len(first) != 1 or first[0] > n_head // 2:
        return None
    expected = expected[first[0] : first[0] + len(found)]
    if len(expected) != len(found) or len(found) <= n_head - first[0]:
        return None
    # What precedes the first edit gets times of its own.
    shifts = found[n_head // 2 :, 2:] - expected[n_head // 2 :, 2:3]
    if np.any(found[:, :2] != expected[:, :2]) or np.any(shifts != shifts[0, 0]):
        return None
    return int(shifts[0, 0])


def _bridge(
    packets: Iterator[Packet[Any]],
    stream: AudioStream,
    track: LongTrack,
    file: BinaryIO,
    shift: int,
) -> Iterator[Packet[Any]]:
    """`packets` of both ends of `track`, and between them the ones that its table names."""
    table = track.table(file)
    last_of_head = int(next(table.samples(track.head - 1, track.head))[0][0])
    for packet in packets:
        yield packet
        if packet.pos == last_of_head:
            yield from _read_samples(table, stream, track.head, track.tail, file, shift)


def _read_samples(
    table: SampleTable, stream: AudioStream, first: int, stop: int, file: BinaryIO, shift: int
) -> Iterator[Packet[Any]]:
    from av import Packet

    time_base = stream.time_base or Fraction(1)
    for offsets, sizes, times in table.timed_samples(first, stop):
        ends = offsets + sizes
        # Samples that lie end to end are read at once.
        is_new = np.append(True, (offsets[1:] != ends[:-1]))
        is_new |= np.append(True, np.diff(np.cumsum(sizes) // _BYTES_PER_READ) > 0)
        starts = np.flatnonzero(is_new)
        for begin, end in zip(starts, np.append(starts[1:], len(sizes)), strict=True):
            base = int(offsets[begin])
            data = read_at(file, base, int(ends[end - 1]) - base)
            for at, size, time in zip(
                (offsets[begin:end] - base).tolist(),
                sizes[begin:end].tolist(),
                (times[begin:end] + shift).tolist(),
                strict=True,
            ):
                if not size:
                    continue  # an empty packet would tell the decoder that this is the end
                packet: Packet[Any] = Packet(data[at : at + size])
                packet.pts = packet.dts = time
                packet.time_base = time_base
                packet.is_keyframe = True
                yield packet
