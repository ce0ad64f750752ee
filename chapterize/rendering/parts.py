"""Plan the parts of a file: the packets of each chapter, found without decoding.

A part shows the frames [start, end) of its source. Where its container has edit lists (MP4, MOV,
M4A), these hide what a decoder needs before and after. Elsewhere a part starts at a keyframe, and
`Part.early` says how long before its chapter.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chapterize.data import Chapters, Media
from chapterize.ffmpeg import is_still_picture, open_container, pick_video, read_packets
from chapterize.rendering.h264 import IDR, nal_units, read_record
from chapterize.rendering.splice.groups import delayed, reordering

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "EDITABLE",
    "HIDDEN",
    "KEY",
    "SAFE",
    "FindKey",
    "Part",
    "Track",
    "plan_parts",
    "read_tracks",
]

EDITABLE = ("mp4", "m4a", "mov")
"""Containers with edit lists."""

_SLACK = 0.0005
"""Seconds: chapters start on whole milliseconds, frames do not."""

_TICK = 0.0015
"""Seconds: Matroska rounds to milliseconds."""

_MOMENT = 0.001
_HELD = 0.1
"""Seconds: a chapter that starts longer than this before a frame starts with the one on screen."""

_PREROLL = {"aac": 1, "mp3": 3, "opus": 4, "vorbis": 1, "ac3": 1, "eac3": 1}
"""Packets before the first one heard that a decoder needs to get it right."""


@dataclass
class Track:
    """The packets of a stream in decoding order; times in ticks of `time_base`.

    `kind` is video, audio, subtitle or cover; `is_main` : the video that a player shows.
    `index` is that of the stream in its file, `number` that in the file that is split. `shift` :
    seconds by which the times are ahead of the player's clock. `flags` : KEY; SAFE for a keyframe
    after which every frame can be decoded; HIDDEN by an edit list. PCM has `rate` and `block`,
    the samples per second and the bytes of one in all channels. `delay` : seconds that a decoder
    drops at the start of the track, of every part too.
    """

    index: int
    number: int
    kind: str
    codec: str
    time_base: Fraction
    shift: float
    is_main: bool = False
    rate: int = 0
    block: int = 0
    delay: float = 0.0
    pts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    dts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    durations: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    flags: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))

    @property
    def seconds(self) -> NDArray[np.float64]:
        """Presentation times on the player's clock."""
        return self.pts * float(self.time_base) - self.shift

    @property
    def is_timed(self) -> bool:
        """Whether it is video or audio with any packets."""
        return self.kind in ("video", "audio") and len(self.pts) > 0

    @property
    def ends(self) -> NDArray[np.float64]:
        """Times at which the packets end; without a duration, the next packet ends them."""
        lasting = self.seconds + self.durations * float(self.time_base)
        following = np.append(self.seconds[1:], self.seconds[-1:])
        return np.where(self.durations > 0, lasting, np.maximum(following, self.seconds))

    def ticks(self, seconds: float) -> int:
        """A time on the player's clock, as stored."""
        return round((seconds + self.shift) / float(self.time_base))

    def has(self, flag: int) -> NDArray[np.bool_]:
        """Whether each packet has a flag: KEY, SAFE or HIDDEN."""
        return (self.flags & flag) > 0


KEY, SAFE, HIDDEN = 1, 2, 4

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
    frames that others refer to. `n_late` counts frames of the next chapter that no edit list hides.
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

    @property
    def early(self) -> float:
        """Seconds by which the part starts before its chapter."""
        return self.start - self.base


def read_tracks(path: Path, shift: float) -> list[Track]:
    """Read all packets of video, audio and captions, and keep their times."""
    columns: dict[int, array[int]] = {}
    with open_container(path) as container:
        main = pick_video(container)
        # Of MP3, the number of these samples is not written into parts; MP4 hides them.
        has_delay = container.format.name in ("matroska,webm", "ogg")
        tracks, streams, records = {}, [], {}
        for stream in container.streams:
            context = stream.codec_context
            if context is None or stream.type not in ("video", "audio", "subtitle"):
                continue
            kind = "cover" if is_still_picture(stream) else str(stream.type)
            codec = context.codec.canonical_name
            base = stream.time_base or Fraction(1, 90_000)
            track = Track(stream.index, stream.index, kind, codec, base, shift, stream is main)
            if codec.startswith("pcm"):
                track.rate = context.sample_rate
                bits = re.search(r"\d+", codec)
                track.block = context.channels * (int(bits[0]) if bits else 8) // 8
            tracks[stream.index] = track
            columns[stream.index] = array("q")
            streams.append(stream)
            if codec == "h264":
                records[stream.index] = read_record(context.extradata)
        for packet in read_packets(container, *streams):
            track = tracks[packet.stream_index]
            times = (packet.pts, packet.dts) if packet.pts is not None else (packet.dts,) * 2
            if track.kind == "audio" and has_delay and not columns[track.index]:
                track.delay = _delay(packet)
            flags = _flags(track, packet, records.get(track.index))
            columns[track.index].extend(
                (times[0] or 0, times[1] or 0, packet.duration or 0, flags, packet.dts is None)
            )
    for index, track in tracks.items():
        _fill(track, columns[index])
    return list(tracks.values())


def _delay(packet: Any) -> float:
    """Seconds that the decoder drops of the first packet of a track."""
    if not packet.has_sidedata("skip_samples"):
        return 0.0
    skipped = int.from_bytes(bytes(packet.get_sidedata("skip_samples"))[:4], "little")
    return skipped / float(packet.stream.codec_context.sample_rate)


def _fill(track: Track, column: array[int]) -> None:
    rows = np.frombuffer(column, np.int64).reshape(-1, 5)
    track.pts, track.dts, track.durations = (rows[:, n].copy() for n in range(3))
    track.flags = rows[:, 3].astype(np.int8)
    if len(rows) and (rows[:, 4].any() or np.any(np.diff(track.dts) <= 0)):
        # Matroska stores no decoding times.
        track.dts = (
            delayed(track.pts, reordering(track.pts)) if track.kind == "video" else track.pts
        )


def _flags(track: Track, packet: Any, record: Any) -> int:
    flags = KEY * packet.is_keyframe + HIDDEN * packet.is_discard
    if track.kind == "video" and packet.is_keyframe:
        if track.codec != "h264":
            flags += SAFE
        elif record is not None:
            units = nal_units(memoryview(packet), record.length_bytes)
            flags += SAFE * any(kind == IDR for kind, _ in units)
    return flags


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
    end = max(media.duration, *(float(track.ends.max()) for track in tracks if track.is_timed))
    parts = []
    for (start, stop), held in zip(pairwise([*starts, end]), holds, strict=True):
        part = Part(start, stop, start, {})
        if main is not None:
            part = _with_video(media, main, part, held, find_key)
        ranges = {track.number: _range(track, part, has_edits=has_edits) for track in tracks}
        parts.append(replace(part, ranges=ranges | part.ranges))
    return tuple(parts)


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
        return replace(part, ranges=ranges, shown=shown, last=last)
    # Those before the keyframe refer to the GOP before it.
    skipped = frozenset(inside[main.pts[inside] < main.pts[key]].tolist())
    step = float(np.median(main.durations)) * float(main.time_base)
    shown = {held: part.start} if key == held else {}
    shown |= {int(n): part.end + k * step for k, n in enumerate(late[np.argsort(main.pts[late])])}
    if key == held:
        base = part.start
    elif main.pts[first] > main.pts[key]:
        # What cannot be decoded yet is shown for a moment.
        lead = inside[main.pts[inside] < main.pts[first]]
        base = float(main.seconds[first]) - _MOMENT * len(lead)
        order = lead[np.argsort(main.pts[lead])]
        shown |= {int(n): base + k * _MOMENT for k, n in enumerate(order)}
    else:
        base = min(part.start, _zero(media, main, key))
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
    if track is None or track.codec.startswith("pcm"):
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
    found, holds = [], []
    for start, following in pairwise([*starts, duration]):
        number = int(np.searchsorted(times, start - _SLACK))
        first = float(times[number]) if number < len(times) else np.inf
        if first >= following - _SLACK or first - start > _HELD:
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
    if track.kind == "audio" and not track.codec.startswith("pcm"):
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
    first = max(0, min(first - (track.codec == "vorbis"), len(track.pts) - 1))
    return first, max(first, stop)
