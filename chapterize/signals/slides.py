"""Find slide and scene changes from the keyframes of a video."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from chapterize.data import Media, OnProgress
from chapterize.ffmpeg import decode, open_container, pick_video, read_packets

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

    Thumbnail = NDArray[np.int16]
    OnLook = Callable[[float, Thumbnail], None]

__all__ = ["SlideOptions", "find_slides"]

_WIDTH, _HEIGHT = 160, 90
_COMPARE_EVERY = 0.5  # minimum seconds between two compared frames
_LONG_GROUP = 20.0  # seconds without a keyframe after which all frames are decoded
_MOST_ABRUPT = 3  # slide changes accepted within one GOP (group of pictures)
_EARLIER = (0.0, 1.0, 10.0)  # seconds before a GOP at which it is sought
_LATE = 0.1  # seconds by which the first frame sought may be late
_NEIGHBOURHOOD = 60.0  # seconds on each side from which the usual amount of change is taken


@dataclass(frozen=True)
class SlideOptions:
    """What counts as a slide change.

    A pixel has changed if its grey level differs by more than `pixel_step` of 255, and `min_share`
    of all pixels must change. In moving video, a change must also be `stand_out` times the usual
    change around it. Video is still if the median packet between two keyframes has less than
    `still_size` of the bytes of a keyframe (measured: slides at most 0.011, moving video 0.03 to
    0.6) or less than `still_bytes`, or if a frame is shown for `still_seconds`. Changes closer than
    `min_distance` seconds count as one.
    """

    pixel_step: int = 25
    min_share: float = 0.01
    stand_out: float = 4.0
    still_size: float = 0.02
    still_bytes: int = 100
    still_seconds: float = 2.0
    min_distance: float = 1.0


@dataclass(frozen=True)
class _Step:
    """Difference between two compared frames; `n_packets` between them, 0 in a long GOP."""

    before: float
    time: float
    share: float
    is_still: bool
    n_packets: int


def find_slides(
    media: Media,
    *,
    options: SlideOptions | None = None,
    on_progress: OnProgress | None = None,
    on_look: OnLook | None = None,
) -> tuple[float, ...]:
    """Times in seconds at which a slide or scene changes, in order.

    Only keyframes are compared. In moving video (a camera, a game) nearly every keyframe differs
    from the one before; there a change counts only if it stands out from the changes within a
    minute around it. `on_look` is called with the time and the thumbnail of every compared frame:
    int16 grey levels in [0, 255], shape (90, 160).

    Raises
    ------
    MediaError : the file can no longer be opened.
    """
    options = options or SlideOptions()
    if not media.has_video:
        return ()
    steps = []
    slides: list[float] = []
    with open_container(media.path) as container:
        for step in _Comparer(options, on_look).steps(container, media.origin):
            steps.append(step)
            if on_progress is not None:
                on_progress("finding slides", min(1.0, max(0.0, step.time / media.duration)))
        for step in _stand_out(steps, options):
            is_vague = _is_regular(step, steps)
            refined = _refine(container, step, media.origin, options) if is_vague else [step.time]
            for time in refined:
                far = not slides or time - slides[-1] >= options.min_distance
                if far and 0.0 < time < media.duration:
                    slides.append(time)
    if on_progress is not None:
        on_progress("finding slides", 1.0)
    return tuple(slides)


def _stand_out(steps: Sequence[_Step], options: SlideOptions) -> list[_Step]:
    """The steps with enough change: from a still frame, or far more than the steps around them."""
    times = np.array([step.time for step in steps])
    shares = np.array([step.share for step in steps])
    kept = []
    for i, step in enumerate(steps):
        if step.share < options.min_share:
            continue
        if not step.is_still:
            around = (step.time - _NEIGHBOURHOOD, step.time + _NEIGHBOURHOOD)
            low, high = np.searchsorted(times, around)
            others = np.concatenate((shares[low:i], shares[i + 1 : high]))
            if not others.size or step.share < options.stand_out * float(np.median(others)):
                continue
        kept.append(step)
    return kept


def _is_regular(step: _Step, steps: Sequence[_Step]) -> bool:
    """Whether the keyframe is at a fixed interval and so does not mark the time of the change.

    Encoders with scene detection put a keyframe exactly on a cut. The longest interval, or one that
    occurs often, is the encoder's fixed interval.
    """
    counts = Counter(other.n_packets for other in steps)
    return step.n_packets > 1 and (
        step.n_packets == max(counts) or counts[step.n_packets] > 0.1 * len(steps)
    )


@dataclass
class _Group:
    """A GOP: its keyframe and the packets read since."""

    key_size: int
    packets: list[Packet[Any]]
    start: float
    n_packets: int = 1
    is_long: bool = False
    sizes: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)


class _Comparer:
    """Compares each keyframe with the one before, and in long GOPs a frame every half second.

    Only the packets of one GOP are held in memory, and only its first `_LONG_GROUP` seconds.
    """

    def __init__(self, options: SlideOptions, on_look: OnLook | None) -> None:
        self._options = options
        self._on_look = on_look
        self._last: Thumbnail | None = None
        self._last_time = self._origin = self._base = 0.0
        self._seen: list[tuple[float, Thumbnail]] = []  # not compared yet, in a long GOP
        self._group: _Group | None = None

    def steps(self, container: InputContainer, origin: float) -> Iterator[_Step]:
        """Yield the steps of the whole file, with times on the player's clock."""
        stream = pick_video(container)
        if stream is None:
            return
        stream.thread_type = "AUTO"
        self._origin, self._base = origin, float(stream.time_base or 0)
        for packet in read_packets(container, stream):
            if packet.pts is None or packet.is_discard:
                continue
            time = self._time(packet)
            group = self._group
            if packet.is_keyframe and (group is None or time - group.start >= _COMPARE_EVERY):
                if group is not None and group.is_long:
                    yield from self._take(_decode(stream.codec_context, None))
                yield from self._enter(packet, time)
            elif group is not None:
                yield from self._follow(packet, time, group)
        if self._group is not None:
            # No keyframe follows the last GOP: compare all its frames.
            yield from self._decode_all(self._group, stream.codec_context)
            yield from self._take(_decode(stream.codec_context, None))

    def _time(self, timed: Packet[Any] | VideoFrame) -> float:
        return (timed.pts or 0) * self._base - self._origin

    def _enter(self, packet: Packet[Any], time: float) -> Iterator[_Step]:
        """Start a new GOP at a keyframe, which is decoded alone."""
        context = packet.stream.codec_context
        context.flush_buffers()
        frames = _decode(context, packet) + _decode(context, None)
        context.flush_buffers()
        if frames:
            yield from self._compare(_shrink(frames[0]), time)
            self._group = _Group(packet.size, [packet], time)

    def _follow(self, packet: Packet[Any], time: float, group: _Group) -> Iterator[_Step]:
        """Take a packet within a GOP; decode it only once the GOP has become long."""
        group.n_packets += 1
        group.sizes.append(packet.size)
        group.times.append(time)
        group.packets.append(packet)
        if group.is_long or time - group.start > _LONG_GROUP:
            yield from self._decode_all(group, packet.stream.codec_context)

    def _decode_all(self, group: _Group, context: Any) -> Iterator[_Step]:
        group.is_long = True
        for packet in group.packets:
            yield from self._take(_decode(context, packet))
        group.packets.clear()

    def _take(self, frames: list[VideoFrame]) -> Iterator[_Step]:
        for frame in frames:
            time, thumbnail = self._time(frame), _shrink(frame)
            self._seen.append((time, thumbnail))
            if time - self._last_time >= _COMPARE_EVERY:
                yield from self._compare(thumbnail, time)

    def _compare(self, thumbnail: Thumbnail, time: float) -> Iterator[_Step]:
        group = self._group
        if self._on_look is not None:
            self._on_look(time, thumbnail)
        if self._last is not None and group is not None:
            share = _changed_share(self._last, thumbnail, self._options)
            since = [(self._last_time, self._last), *self._seen, (time, thumbnail)]
            yield _Step(
                before=self._last_time,
                time=_turning_point(since) if share >= self._options.min_share else time,
                share=share,
                is_still=self._is_still(group, time),
                n_packets=0 if group.is_long else group.n_packets,
            )
            group.sizes.clear()
            group.times.clear()
        self._last, self._last_time = thumbnail, time
        self._seen.clear()

    def _is_still(self, group: _Group, until: float) -> bool:
        marks = sorted([self._last_time, *group.times, until])
        if max(np.diff(marks)) >= self._options.still_seconds:
            return True
        small = max(self._options.still_bytes, self._options.still_size * group.key_size)
        return bool(group.sizes) and median(group.sizes) < small


def _decode(context: Any, packet: Packet[Any] | None) -> list[VideoFrame]:
    return decode(context, packet) or []


def _shrink(frame: VideoFrame) -> Thumbnail:
    small = frame.reformat(_WIDTH, _HEIGHT, "gray", interpolation="AREA")
    return small.to_ndarray().astype(np.int16)


def _changed_share(before: Thumbnail, after: Thumbnail, options: SlideOptions) -> float:
    return float(np.mean(np.abs(after - before) > options.pixel_step))


def _refine(
    container: InputContainer, step: _Step, origin: float, options: SlideOptions
) -> list[float]:
    """Times at which the video changes in the GOP before a keyframe, from all its frames."""
    stream = pick_video(container)
    if stream is None or stream.time_base is None:
        return [step.time]
    # Containers without an index, such as MPEG-PS, are entered at a guessed place.
    for earlier in _EARLIER:
        seen = _frames_between(container, stream, step, origin, options, earlier)
        if seen and seen[0][0] <= step.before + _LATE:
            return _changes(seen, options)
    return [step.time]


def _frames_between(
    container: InputContainer,
    stream: VideoStream,
    step: _Step,
    origin: float,
    options: SlideOptions,
    earlier: float,
) -> list[tuple[float, Thumbnail]]:
    """Times and thumbnails of the frames of a step that differ, sought `earlier` seconds before it.

    Empty if the end of the step is not reached.
    """
    from av.error import FFmpegError

    base = float(stream.time_base or 0)
    try:
        container.seek(round((step.before + origin - earlier) / base), stream=stream)
    except (FFmpegError, OSError):
        return []
    seen: list[tuple[float, Thumbnail]] = []
    for packet in chain(read_packets(container, stream), [None]):
        for frame in _decode(stream.codec_context, packet):
            time = (frame.pts or 0) * base - origin
            if time < step.before - base / 2:
                continue
            thumbnail = _shrink(frame)
            # Keep only frames that differ from the last one kept: still slides take no memory.
            if not seen or _changed_share(seen[-1][1], thumbnail, options) > options.min_share / 4:
                seen.append((time, thumbnail))
            if time >= step.time - base / 2:
                return seen
    return []


def _changes(seen: Sequence[tuple[float, Thumbnail]], options: SlideOptions) -> list[float]:
    """Times of a few abrupt changes; if there are many, those of the fades between still frames."""
    abrupt = [
        time
        for (_, before), (time, after) in pairwise(seen)
        if _changed_share(before, after, options) >= options.min_share
    ]
    if 0 < len(abrupt) <= _MOST_ABRUPT:
        return abrupt
    # In motion, only the first and the last frame count.
    times = [time for time, _ in seen]
    rests = [i for i, (a, b) in enumerate(pairwise(times)) if b - a >= options.still_seconds]
    marks = sorted({0, *rests, len(seen) - 1})
    fades = [
        _turning_point(seen[a : b + 1])
        for a, b in pairwise(marks)
        if _changed_share(seen[a][1], seen[b][1], options) >= options.min_share
    ]
    return fades or [_turning_point(seen)]


def _turning_point(seen: Sequence[tuple[float, Thumbnail]]) -> float:
    """Time of the first frame that is more similar to the last than to the first."""
    first, last = seen[0][1], seen[-1][1]
    closer = (
        time for time, each in seen[1:] if np.abs(each - last).sum() < np.abs(each - first).sum()
    )
    return next(closer, seen[-1][0])
