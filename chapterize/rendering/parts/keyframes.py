"""Find the keyframe from which a decoder gets a frame right.

H.264 also marks recovery points as keyframes: with intra refresh, frames are whole only some time
after one. So where a keyframe is not an IDR frame, the frames after it are decoded.
"""

from __future__ import annotations

from itertools import chain
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
        keys = before[track.pts[before] <= track.pts[frame]][::-1]
        for key in keys[:_MAX_TRIES].tolist():
            if track.has(SAFE)[key]:
                return key, key
            first = _first_whole(path, track, key, frame)
            if first is not None:
                return key, first
        return 0, 0

    return find


def _first_whole(path: Path, track: Track, key: int, frame: int) -> int | None:
    """The first packet whose frame a decoder gets right from `key` on; None if after `frame`."""
    is_started, whole = False, None
    # A decoder that is used again knows frames from before.
    with open_container(path) as container:
        stream = container.streams[track.index]
        container.seek(int(track.pts[key]), stream=stream)
        for packet in chain(read_packets(container, stream), (None,)):
            is_started |= packet is not None and packet.pts == track.pts[key]
            for each in (decode(stream, packet) or []) if is_started else ():
                whole = None if each.is_corrupt else each.pts if whole is None else whole
                if each.pts >= track.pts[frame]:
                    is_right = each.pts == track.pts[frame] and whole is not None
                    return int(np.flatnonzero(track.pts == whole)[0]) if is_right else None
    return None
