"""Plan the parts of a file: the packets of each chapter, found without decoding.

A part shows the frames [start, end) of its source. Where its container has edit lists (MP4, MOV,
M4A), these hide what a decoder needs before and after. Elsewhere a part starts at a keyframe, and
`Part.early` says how long before its chapter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from chapterize.data import Chapters, Media
from chapterize.rendering.parts.mp3 import N_RESERVE
from chapterize.rendering.parts.tracks import HIDDEN, KEY, Track

__all__ = ["EDITABLE", "FindKey", "Part", "plan_parts"]

EDITABLE = ("mp4", "m4a", "mov")
"""Containers with edit lists."""

_SLACK = 0.0005
"""Seconds: chapters start on whole milliseconds, frames do not."""

_TICK = 0.0015
"""Seconds: Matroska rounds to milliseconds."""

_MOMENT = 0.001
_HELD = 0.1
"""Seconds: a chapter that starts longer than this before a frame starts with the one on screen."""

_PREROLL = {"aac": 1, "mp3": 8, "opus": 4, "vorbis": 1, "ac3": 1, "eac3": 1}
"""Packets before the first one heard that a decoder needs to get it right."""

FindKey = Callable[[Track, int], tuple[int, int]]
"""Returns the keyframe from which the decoder gets a frame right, and the first it gets right."""


@dataclass(frozen=True)
class Part:
    """The packets of a chapter, and when they are shown.

    `start` and `end` are those of the part on the player's clock of the source; `base` becomes 0
    in the part. `ranges` maps numbers of tracks to packets [first, stop) in decoding order.
    Of the main video, `first` and `last` are the packets of the first and last frame shown,
    `skipped` has packets in between that are left out, and `shown` the seconds of those that are
    shown at another time than in the source: a frame that is on screen when the part starts, and
    frames that others refer to. `n_late` counts frames of the next chapter that no edit list hides,
    `n_before` packets of an MP3 from before it.
    """

    start: float
    end: float
    base: float
    ranges: dict[int, tuple[int, int]]
    first: int = 0
    skipped: frozenset[int] = frozenset()
    shown: dict[int, float] = field(default_factory=dict)
    last: int = -1
    n_late: int = 0
    n_before: int = 0

    @property
    def early(self) -> float:
        """Seconds by which the part starts before its chapter."""
        return self.start - self.base


def plan_parts(
    media: Media, tracks: Sequence[Track], chapters: Chapters, find_key: FindKey
) -> tuple[Part, ...]:
    """Return the part of each chapter.

    A part starts with the first frame of its chapter, or with the frame on screen if that is shown
    for long; it ends where the next one starts. `find_key` chooses the packet to decode from.
    """
    main = next((track for track in tracks if track.is_main and len(track.pts)), None)
    has_edits = media.container in EDITABLE
    starts = list(chapters.starts)
    holds = [-1] * len(starts)
    if main is not None:
        starts, holds = _on_frames(main, starts, media.duration)
    elif not has_edits and media.container != "flac":
        starts = _on_packets(tracks, starts)
    end = max(media.duration, *(track.end for track in tracks if track.is_timed))
    parts = []
    for (start, stop), held in zip(pairwise([*starts, end]), holds, strict=True):
        part = Part(start, stop, start, {})
        if main is not None:
            part = _with_video(media, main, part, held, find_key)
        ranges = {track.number: _range(track, part, has_edits=has_edits) for track in tracks}
        n_before = 0
        if main is None and not has_edits:
            ranges |= {t.number: _whole(t, ranges[t.number]) for t in tracks if t.kind == "audio"}
        if media.container == "mp3":
            ranges, n_before = _with_reserve(tracks, ranges)
        parts.append(replace(part, ranges=ranges | part.ranges, n_before=n_before))
    return tuple(parts)


def _whole(track: Track, packets: tuple[int, int]) -> tuple[int, int]:
    """At least one packet that is heard: the first one of Vorbis is not."""
    n_silent = 1 if track.codec == "vorbis" and packets[0] else 0
    first = packets[0] - n_silent
    return first, max(packets[1], first + 1 + n_silent)


def _with_reserve(
    tracks: Sequence[Track], ranges: dict[int, tuple[int, int]]
) -> tuple[dict[int, tuple[int, int]], int]:
    """`ranges` with the packets before an MP3 whose bytes it needs, and how many these are."""
    number = next(track.number for track in tracks if track.kind == "audio")
    first, stop = ranges[number]
    n_before = min(first, N_RESERVE)
    return ranges | {number: (first - n_before, stop)}, n_before


def _with_video(media: Media, main: Track, part: Part, held: int, find_key: FindKey) -> Part:
    """`part` with the packets of the video that a player shows, and its `base`."""
    opening = _first_frame(main, part.start, held)
    part = replace(part, first=opening)
    key, first = find_key(main, opening)
    stop = _stop(main, key, part.end)
    inside = np.arange(key, stop)
    times = main.seconds[key:stop]
    late = inside[times >= part.end - 1e-6]
    on_screen = inside[(times < part.end - 1e-6) & ~main.has(HIDDEN)[key:stop]]
    last = int(on_screen[np.argmax(main.pts[on_screen])]) if len(on_screen) else -1
    ranges = {main.number: (key, stop)}
    if media.container in EDITABLE:
        shown = {held: part.start} if held >= 0 else {}
        # An edit list of the source ends its video before its audio.
        over = inside[main.has(HIDDEN)[key:stop] & (times >= main.end - 1e-6)]
        shown |= dict.fromkeys(over.tolist(), part.end)
        return replace(part, ranges=ranges, shown=shown, last=last)
    # Those before the keyframe refer to the GOP before it.
    skipped = frozenset(inside[main.pts[inside] < main.pts[key]].tolist())
    step = float(np.median(main.durations)) * float(main.time_base)
    shown = {int(n): part.end + k * step for k, n in enumerate(late[np.argsort(main.pts[late])])}
    base = min(part.start, _zero(media, main, key))
    if key == held:
        base = shown[held] = part.start
    elif main.pts[first] > main.pts[key]:
        # What cannot be decoded yet is shown for a moment.
        lead = inside[main.pts[inside] < main.pts[first]]
        base = float(main.seconds[first]) - _MOMENT * len(lead)
        order = lead[np.argsort(main.pts[lead])]
        shown |= {int(n): base + k * _MOMENT for k, n in enumerate(order)}
    return replace(
        part, base=base, ranges=ranges, skipped=skipped, shown=shown, last=last, n_late=len(late)
    )


def _zero(media: Media, main: Track, key: int) -> float:
    """The time that becomes 0 in a part that starts with a keyframe."""
    if media.container == "avi":  # It stores no other times than those of decoding.
        return float(main.dts[key] * main.time_base) - main.shift
    return float(main.seconds[key])


def _on_packets(tracks: Sequence[Track], starts: Sequence[float]) -> list[float]:
    """The times nearest to `starts` at which packets of audio start; PCM needs none."""
    track = next((t for t in tracks if t.kind == "audio" and len(t.pts)), None)
    if track is None or track.is_pcm:
        return list(starts)
    middles = (track.seconds[:-1] + track.seconds[1:]) / 2
    found = [float(track.seconds[np.searchsorted(middles, start)]) for start in starts[1:]]
    return [min(starts[0], *track.seconds[:1]), *found]


def _on_frames(
    main: Track, starts: Sequence[float], duration: float
) -> tuple[list[float], list[int]]:
    """Start of each part, and the packet of the frame that is held there or -1."""
    shown = np.flatnonzero(~main.has(HIDDEN))
    order = shown[np.argsort(main.pts[shown], kind="stable")]
    times = main.seconds[order]
    found: list[float] = []
    holds: list[int] = []
    for start, following in pairwise([*starts, duration]):
        number = int(np.searchsorted(times, start - _SLACK))
        first = float(times[number]) if number < len(times) else np.inf
        if first >= following - _SLACK or first - start > _HELD or not found:
            first = start
        is_held = number > 0 and (number == len(times) or times[number] > first)
        found.append(first)
        holds.append(int(order[number - 1]) if is_held else -1)
    return found, holds


def _first_frame(main: Track, start: float, held: int) -> int:
    """The packet of the first frame shown in a part that starts at `start`."""
    if held >= 0:
        return held
    late = np.where(main.has(HIDDEN) | (main.seconds < start - 1e-6), np.inf, main.seconds)
    return int(late.argmin())


def _range(track: Track, part: Part, *, has_edits: bool) -> tuple[int, int]:
    """The packets of another track than the video that a player shows."""
    if track.kind == "cover":
        return 0, len(track.pts)
    if track.kind == "video":
        keys = np.flatnonzero(track.has(KEY) & (track.seconds <= part.base + 1e-6))
        key = int(keys[-1]) if len(keys) else 0
        return key, _stop(track, key, part.end)
    if track.kind == "audio" and not track.is_pcm:
        start = part.start if has_edits else part.base
        return _audio(track, start, part.end, has_edits=has_edits)
    # PCM is cut between samples, captions at any time.
    first = int(np.searchsorted(np.maximum.accumulate(track.ends), part.base + 1e-6, "right"))
    return first, max(first, int(np.searchsorted(track.seconds, part.end - 1e-6)))


def _stop(track: Track, key: int, end: float) -> int:
    """One past the last packet in decoding order that is shown before `end`."""
    wanted = np.flatnonzero(track.seconds < end - 1e-6)
    return max(key + 1, int(wanted[-1]) + 1 if len(wanted) else 0)


def _audio(track: Track, start: float, end: float, *, has_edits: bool) -> tuple[int, int]:
    """Packets heard from `start` to `end`; an edit list cuts the first and last one."""
    if has_edits:
        first = int(np.searchsorted(track.ends, start + 1e-6, "right"))
        stop = int(np.searchsorted(track.seconds, end - 1e-6))
        first = max(0, first - _PREROLL.get(track.codec, 0))
        return first, max(first, stop)
    edges = (start - track.delay - _TICK, end - _TICK)
    first, stop = (int(n) for n in np.searchsorted(track.seconds, edges))
    first = max(0, min(first, len(track.pts) - 1))
    return first, max(first, stop)
