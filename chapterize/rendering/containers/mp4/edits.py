"""End the edit lists of an MP4 file: what comes after is neither shown nor heard."""

from __future__ import annotations

import struct
from pathlib import Path

from chapterize.rendering.containers.mp4.boxes import Box, read_top_boxes

__all__ = ["trim_edits"]


def trim_edits(path: Path, seconds: float) -> None:
    """Let every track of a file that FFmpeg wrote end at `seconds`, or where it ends itself."""
    with path.open("r+b") as file:
        found = next(box for box in read_top_boxes(file) if box.kind == b"moov")
        file.seek(found.start)
        data = bytearray(file.read(found.end - found.start))
        movie = Box(b"moov", 0, found.body - found.start, len(data), data)
        header = movie.first(b"mvhd")
        assert header is not None
        is_wide = header.bytes(0, 1) == b"\1"
        (scale,) = struct.unpack_from(">I", data, header.body + (20 if is_wide else 12))
        longest = 0
        for track in movie.boxes():
            if track.kind == b"trak":
                longest = max(longest, _trim_track(data, track, round(seconds * scale)))
        _put(data, header.body + (24 if is_wide else 16), longest, is_wide=is_wide)
        file.seek(found.start)
        file.write(data)


def _trim_track(data: bytearray, track: Box, limit: int) -> int:
    """Shorten the last edit of a track; return its new duration."""
    header, edits = track.first(b"tkhd"), track.first(b"edts", b"elst")
    if header is None or edits is None:
        return 0
    is_wide = edits.bytes(0, 1) == b"\1"
    size = 20 if is_wide else 12
    (count,) = struct.unpack_from(">I", data, edits.body + 4)
    total = 0
    for place in range(edits.body + 8, edits.body + 8 + count * size, size):
        (duration,) = struct.unpack_from(">Q" if is_wide else ">I", data, place)
        # An edit of no length would mean the rest of the track.
        duration = max(1, min(duration, limit - total))
        _put(data, place, duration, is_wide=is_wide)
        total += duration
    is_wide = header.bytes(0, 1) == b"\1"
    _put(data, header.body + (28 if is_wide else 20), total, is_wide=is_wide)
    return total


def _put(data: bytearray, place: int, value: int, *, is_wide: bool) -> None:
    struct.pack_into(">Q" if is_wide else ">I", data, place, value)
