"""Find the keyframe from which a decoder gets a frame right.

H.264 also marks recovery points as keyframes: with intra refresh, frames are whole only some time
after one, and decoders do not say when. So where a keyframe is not an IDR frame, what is decoded
from it is compared with what is decoded from the keyframe before it.
"""

from __future__ import annotations

import zlib
from itertools import chain, pairwise
from pathlib import Path

import numpy as np

from chapterize.ffmpeg import decode, open_container, read_packets
from chapterize.rendering.parts.planning import FindKey
from chapterize.rendering.parts.tracks import KEY, SAFE, Track

__all__ = ["finding_keys"]

_MAX_TRIES = 8


def finding_keys(path: Path) -> FindKey:
    """Return a function that finds the keyframe to decode from; `path` is the tracks' file."""

    def find(track: Track, frame: int) -> tuple[int, int]:
        before = np.flatnonzero(track.has(KEY)[: frame + 1])
        keys = before[track.pts[before] <= track.pts[frame]][::-1][:_MAX_TRIES].tolist()
        is_safe = track.has(SAFE)
        if keys and is_safe[keys[0]]:
            return keys[0], keys[0]
        decoded = {key: _decode(path, track, key, frame) for key in keys[:1]}
        for key, earlier in pairwise(keys):
            decoded[earlier] = _decode(path, track, earlier, frame)
            first = _first_whole(decoded.pop(key), decoded[earlier], int(track.pts[frame]))
            if first is not None:
                return key, int(np.flatnonzero(track.pts == first)[0])
            if is_safe[earlier]:
                return earlier, earlier
        return 0, 0

    return find


def _first_whole(frames: dict[int, int], wanted: dict[int, int], last: int) -> int | None:
    """The time from which `frames` are as `wanted` up to the time `last`; None if `last` is not."""
    first = None
    for time in sorted(frames, reverse=True):
        if time <= last:
            if frames[time] != wanted.get(time):
                break
            first = time
    return first if last in frames else None


def _decode(path: Path, track: Track, key: int, frame: int) -> dict[int, int]:
    """Checksums of the frames decoded from `key` up to `frame`, by time in ticks."""
    seen: dict[int, int] = {}
    is_started = False
    # A decoder that is used again knows frames from before.
    with open_container(path) as container:
        stream = next(each for each in container.streams.video if each.index == track.index)
        container.seek(int(track.pts[key]), stream=stream)
        for packet in chain(read_packets(container, stream), (None,)):
            is_started |= packet is not None and packet.pts == track.pts[key]
            for each in (decode(stream, packet) or []) if is_started else ():
                seen[each.pts] = zlib.crc32(each.to_ndarray())
                if each.pts >= track.pts[frame]:
                    return seen
    return seen
