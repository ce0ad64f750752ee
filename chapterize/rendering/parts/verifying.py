"""Verify the parts of a file before they get their names, without decoding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chapterize.ffmpeg import is_still_picture, open_container, read_packets
from chapterize.rendering.parts.planning import EDITABLE
from chapterize.rendering.parts.tracks import Track
from chapterize.rendering.parts.writing import Copied, PartFile

__all__ = ["verify_part"]

_UNTIMED = ("avi", "mp3", "aac", "wav", "flac", "ogg")
_SLACK = 0.002
"""Seconds by which rounding may move a packet."""


def verify_part(tracks: Sequence[Track], file: PartFile) -> str:
    """Return what is wrong with a part, or an empty string.

    Its tracks must have the packets that were copied, at their times, and it must end where they
    do. In containers with edit lists, exactly the frames of the chapter must be shown.
    """
    kept = (track for track in tracks if track.kind != "cover")
    order = sorted(kept, key=lambda track: track.number)
    with open_container(file.path) as container:
        kinds = ("video", "audio", "subtitle")
        streams = [s for s in container.streams if s.type in kinds and not is_still_picture(s)]
        if len(streams) != len(order):
            return f"it has {len(streams)} of {len(order)} tracks"
        found = {track.number: Copied() for track in order}
        by_index = {s.index: track for s, track in zip(streams, order, strict=True)}
        for packet in read_packets(container, *streams):
            track = by_index[packet.stream_index]
            if not packet.is_discard:
                time = float((packet.pts or 0) * (packet.time_base or 0))
                found[track.number].add(track, time, packet)
        duration = (container.duration or 0) / 1_000_000
    for place, track in enumerate(order, 1):
        copied = file.copied.get(track.number, Copied())
        fault = _compare(track, copied, found[track.number], file)
        if fault:
            return f"{fault} in track {place} ({track.kind})"
    return _wrong_end(order, file, duration)


def _compare(track: Track, copied: Copied, found: Copied, file: PartFile) -> str:
    rows, new = copied.rows(), found.rows()
    has_edits = file.container in EDITABLE
    if has_edits and track.kind in ("video", "audio"):
        length = file.part.end - file.part.base
        rows = [row for row in rows if -_SLACK < row[0] < length - _SLACK]
        if track.kind == "audio":
            # The first one is heard from its middle on.
            new = [row for row in new if -_SLACK < row[0] < length - _SLACK]
    if len(rows) != len(new):
        return f"{len(new)} packets instead of {len(rows)}"
    if sorted(row[1] for row in rows) != sorted(row[1] for row in new):
        return "packets differ from the source"
    if file.container in _UNTIMED:
        return ""
    moved = [one for one, other in zip(rows, new, strict=True) if abs(one[0] - other[0]) > _SLACK]
    return f"the packet at {moved[0][0]:.3f} s has another time" if moved else ""


def _wrong_end(tracks: Sequence[Track], file: PartFile, duration: float) -> str:
    """Compare the length of a part with the end of what is in it."""
    if file.container in _UNTIMED:
        return ""
    heard = [track for track in tracks if track.kind in ("video", "audio")]
    ends = [file.copied[track.number].end for track in heard if track.number in file.copied]
    if file.container in EDITABLE:
        ends = [min(end, file.part.end - file.part.base) for end in ends]
    frame = max((_step(track) for track in tracks), default=0.0)
    if abs(duration - max(ends)) > frame + _SLACK:
        return f"it lasts {duration:.3f} s instead of {max(ends):.3f} s"
    return ""


def _step(track: Track) -> float:
    """The usual length of a packet in seconds."""
    if track.kind not in ("video", "audio") or not len(track.durations):
        return 0.0
    return float(np.median(track.durations)) * float(track.time_base)
