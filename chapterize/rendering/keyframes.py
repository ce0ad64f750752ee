"""Find the keyframe from which a decoder gets a frame right.

H.264 also marks recovery points as keyframes: with intra refresh, frames are whole only some time
after one. So where a keyframe is not an IDR frame, the frames after it are decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from chapterize.ffmpeg import decode, open_container, read_packets
from chapterize.rendering.parts import KEY, SAFE, FindKey, Track

__all__ = ["finding_keys"]

_MAX_TRIES = 8
_LATE = 40
"""Packets after which a decoder with threads must have returned a frame."""


@contextmanager
def finding_keys(path: Path) -> Iterator[FindKey]:
    """Yield a function that returns the keyframe to decode from; `path` is the tracks' file."""
    with open_container(path) as container:

        def find(track: Track, frame: int) -> int:
            before = np.flatnonzero(track.has(KEY)[: frame + 1])
            keys = before[track.pts[before] <= track.pts[frame]][::-1]
            for key in keys[:_MAX_TRIES]:
                if track.has(SAFE)[key] or _decodes(container, track, int(key), frame):
                    return int(key)
            return 0

        yield find


def _decodes(container: Any, track: Track, key: int, frame: int) -> bool:
    """Whether the decoder returns `frame`, undamaged, when it starts at `key`."""
    stream = container.streams[track.index]
    container.seek(int(track.pts[key]), stream=stream)
    stream.codec_context.flush_buffers()
    is_started = False
    for packet in read_packets(container, stream):
        is_started |= packet.pts == track.pts[key]
        if not is_started:
            continue
        frames = decode(stream, packet) or []
        if any(each.pts >= track.pts[frame] for each in frames):
            return any(each.pts == track.pts[frame] and not each.is_corrupt for each in frames)
        if packet.dts is not None and packet.dts > track.pts[frame] + _LATE * (packet.duration or 0):
            return False
    return any(each.pts == track.pts[frame] for each in decode(stream, None) or [])
