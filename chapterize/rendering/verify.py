"""Verify a rendered file before it gets its name.

Each function returns a fault, or an empty string if there is none.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chapterize.data import Media
from chapterize.errors import MediaError
from chapterize.ffmpeg import open_container, pick_video, read_packets
from chapterize.media import open_media
from chapterize.rendering.h264 import is_reference, read_record
from chapterize.rendering.splice.groups import FrameTable, Run, digest, read_frames, shown_packets
from chapterize.rendering.streams import AudioTrack

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "verify_audio",
    "verify_card",
    "verify_duration",
    "verify_frames",
    "verify_splice",
    "verify_times",
]

_FAR = 32
"""Of 255: a change of brightness that a title always makes, and encoding alone rarely."""

_MIN_SHARE = 2e-5
_SAMPLE_SHARE = 0.02
"""Fraction of frames decoded again in both files; this takes little time next to encoding."""

_USUAL_FRAME = 0.04
_PADDED, _PADDING = ("wmav1", "wmav2"), 0.1
"""Audio that ends with up to two blocks of silence, and their length in seconds."""
_AUDIO_SLACK = 1e-4
"""Seconds: MP4 counts the start of late audio in ticks of the movie, not of the audio."""

_AVI_TICKS = 3
_LAST = 20
_MAX_MISSING = 0.01
"""Fraction of frames that may be missing where a damaged source cannot be decoded."""


def verify_splice(media: Media, table: FrameTable, runs: Sequence[Run], made: Path) -> str:
    """Check that every packet outside `runs` is a copy of the source's.

    Times must match within half a tick, contents by digest. Within `runs`, the times must be those
    of the source, in any decoding order.
    """
    n_frames = len(table.pts)
    is_new = np.zeros(n_frames, bool)
    for run in runs:
        is_new[run.first : run.stop] = True
    times, last = array("d"), float("-inf")
    with open_container(made) as container:
        for number, packet in enumerate(shown_packets(container)):
            if number == n_frames:
                return "it has more frames than the source"
            if packet.dts is None or packet.dts <= last:
                return f"decoding times do not increase at frame {number + 1}"
            if not is_new[number] and digest(packet) != table.digests[number]:
                return f"frame {number + 1} differs from the source"
            last = packet.dts
            times.append(float(packet.pts * packet.time_base))
    if len(times) < n_frames:
        return f"{n_frames - len(times)} of {n_frames} frames are missing"
    old = table.pts * float(table.time_base) - media.origin
    new = np.array(times)
    for run in runs:
        old[run.first : run.stop].sort()
        new[run.first : run.stop].sort()
    moved = np.flatnonzero(np.abs(old - new) > 0.5 * float(table.time_base) + 1e-9)
    return f"the time of frame {moved[0] + 1} has changed" if len(moved) else ""


def verify_times(media: Media, table: FrameTable, made: Path) -> tuple[str, tuple[str, ...]]:
    """Check that a whole encode shows every frame of the source at its time.

    Frames of a damaged source that cannot be decoded may be missing, one in a hundred at most.

    Returns
    -------
    (fault or empty, notes)
    """
    new = read_frames(made)
    if new.fault:
        return new.fault, ()
    old = np.sort(table.pts * float(table.time_base) - media.origin)
    times = np.sort(new.pts * float(new.time_base))
    missing = len(old) - len(times)
    # AVI stores the decoding order; FFmpeg guesses when frames are shown.
    ticks = 0.5 if media.container != "avi" else _AVI_TICKS
    half = ticks * float(table.time_base) + 1e-9
    if missing < 0:
        return f"it has {-missing} frames more than the source", ()
    if missing > _MAX_MISSING * len(old):
        return f"{missing} of {len(old)} frames are missing", ()
    if table.has_pts:
        nearest = np.searchsorted(old, times - half)
        if np.any(np.abs(old[np.minimum(nearest, len(old) - 1)] - times) > half):
            return "the times of frames have changed", ()
    notes = (f"damaged frames that cannot be decoded were left out: {missing}",) if missing else ()
    return "", notes


def verify_card(times: NDArray[np.float64], made: Path) -> str:
    """Check that a card has its frames at `times`, in seconds."""
    new = read_frames(made)
    if len(new.pts) != len(times):
        return f"it has {len(new.pts)} frames instead of {len(times)}"
    moved = np.abs(np.sort(new.pts * float(new.time_base)) - times) > float(new.time_base)
    return "the times of frames have changed" if np.any(moved) else ""


def verify_audio(media: Media, tracks: Sequence[AudioTrack], made: Path) -> str:
    """Check that copied audio has the same bytes at the same times."""
    copied = {track.index: number for number, track in enumerate(tracks) if track.is_copied}
    with open_container(made) as container:
        if len(container.streams.audio) != len(tracks):
            return f"it has {len(container.streams.audio)} of {len(tracks)} audio tracks"
        ours = {stream.index: n for n, stream in enumerate(container.streams.audio)}
        new = _hash_audio(container, {i: n for i, n in ours.items() if n in copied.values()}, 0.0)
    with open_container(media.path) as container:
        old = _hash_audio(container, copied, media.origin)
    for number, (content, times, tick) in old.items():
        if new.get(number, ("",))[0] != content:
            return f"audio track {number + 1} differs from the source"
        if np.any(np.abs(times - new[number][1]) > max(tick, new[number][2]) / 2 + _AUDIO_SLACK):
            return f"the times of audio track {number + 1} have changed"
    return ""


def _hash_audio(
    container: Any, numbers: dict[int, int], origin: float
) -> dict[int, tuple[str, NDArray[np.float64], float]]:
    """By track number: a hash of all packets, the times of some, and the length of a tick."""
    hashes = {number: hashlib.blake2b() for number in numbers.values()}
    times: dict[int, list[float]] = {number: [] for number in numbers.values()}
    counts = dict.fromkeys(numbers.values(), 0)
    streams = [container.streams[index] for index in numbers]
    for packet in read_packets(container, *streams):
        number = numbers[packet.stream_index]
        hashes[number].update(memoryview(packet))
        # A sample is enough to notice that a track has moved, and needs little memory.
        if counts[number] % 64 == 1 or counts[number] < 2:
            times[number].append(float((packet.pts or 0) * packet.time_base) - origin)
        counts[number] += 1
    ticks = {numbers[stream.index]: float(stream.time_base) for stream in streams}
    return {n: (hashes[n].hexdigest(), np.array(times[n]), tick) for n, tick in ticks.items()}


def verify_duration(media: Media, made: Path, table: FrameTable | None = None) -> str:
    """Check that it is as long as the source, to one frame."""
    try:
        new = open_media(made)
    except MediaError as error:
        return error.why or error.what
    frame = max(_USUAL_FRAME, 1.5 / media.frame_rate if media.frame_rate else 0.0)
    if media.audio_codec in _PADDED:
        frame = max(frame, _PADDING)
    if table is not None and len(table.pts) > 1:
        # The duration of the last frame is a guess when frames are unevenly spaced.
        steps = np.diff(np.sort(table.pts[-_LAST:])) * float(table.time_base)
        frame = max(frame, float(steps.max(initial=0.0)) + 0.001)
    if abs(new.duration - media.duration) > frame:
        return f"it lasts {new.duration:.3f} s, the source {media.duration:.3f} s"
    if abs(new.origin) > frame:
        return f"it starts at {new.origin:.3f} s"
    return ""


def verify_frames(
    media: Media,
    table: FrameTable,
    runs: Sequence[Run],
    spans: Sequence[tuple[float, float]],
    made: Path,
) -> str:
    """Check decoded frames: around some of `runs` they are the same, under a title they differ.

    The shortest run is decoded up to one frame past its seam, and more runs as long as their frames
    are a small fraction of all.
    """
    tick = float(table.time_base)
    for run in _samples(runs, len(table.pts)):
        titled = _middle_times(table, run, spans, media.origin)
        # One file after the other: the index of a long file takes much memory.
        old = _decoded(media.path, table, run, titled, 0.0)
        new = _decoded(made, table, run, titled, media.origin)
        if old.keys() != new.keys() or not titled <= old.keys():
            return "frames are lost when a seam is decoded"
        for time, frame in old.items():
            if isinstance(frame, bytes) and frame != new[time]:
                return f"the frame at {time * tick - media.origin:.3f} s differs from the source"
        if not all(_differ(old[time], new[time]) for time in titled):
            return "a title is not visible"
    return ""


def _samples(runs: Sequence[Run], n_frames: int) -> Iterator[Run]:
    left = n_frames * _SAMPLE_SHARE
    for number, run in enumerate(sorted(runs, key=lambda run: run.stop - run.start)):
        left -= run.stop - run.start
        if number and left < 0:
            return
        yield run


def _middle_times(
    table: FrameTable, run: Run, spans: Sequence[tuple[float, float]], origin: float
) -> set[int]:
    """For each span that `run` touches, the time in ticks of the middle one of its frames."""
    times = np.sort(table.pts[run.first : run.tail])
    seconds = times * float(table.time_base) - origin
    touched = (times[(seconds >= begin) & (seconds < end)] for begin, end in spans)
    return {int(part[len(part) // 2]) for part in touched if len(part)}


def _decoded(
    path: Path, table: FrameTable, run: Run, titled: set[int], shift: float
) -> dict[int, Any]:
    """By time in ticks of `table`: planes of `titled` frames, digests of those outside the run."""
    inside = set(table.pts[run.first : run.stop].tolist())
    seen: dict[int, Any] = {}
    for time, frame in _decode(path, table, run, shift):
        if time in titled:
            seen[time] = frame.to_ndarray()
        elif time in inside:
            seen[time] = None
        else:
            seen[time] = hashlib.blake2b(frame.to_ndarray().tobytes()).digest()
    return seen


def _differ(one: NDArray[Any], other: NDArray[Any]) -> bool:
    if one.shape != other.shape:
        return False
    far = np.abs(one.astype(np.int16) - other) > _FAR
    return int(far.sum()) >= max(4, int(_MIN_SHARE * far.size))


def _decode(path: Path, table: FrameTable, run: Run, shift: float) -> Iterator[tuple[int, Any]]:
    """Yield (time in ticks of `table`, frame) from the start of `run` to one past its end.

    `table` is `shift` seconds later than the file. Frames before the run are left out unless
    others refer to them.
    """
    tick = float(table.time_base)
    wanted = set(table.pts[run.start : run.stop + 1].tolist())
    before = set(table.pts[run.start : run.first].tolist())
    with open_container(path) as container:
        stream = pick_video(container)
        record = read_record(stream.codec_context.extradata) if stream is not None else None
        if stream is None or record is None:
            return
        stream.thread_type = "AUTO"
        # Frames that come when the decoder is flushed have no time base of their own.
        base = float(stream.time_base or 1)
        ticks = base / tick
        container.seek(round((int(table.pts[run.start]) * tick - shift) / base), stream=stream)
        for packet in read_packets(container, stream):
            time = round((packet.pts or 0) * ticks + shift / tick)
            if time in before and not is_reference(packet, record.length_bytes):
                wanted.discard(time)
                continue
            for frame in packet.decode():
                yield from _wanted(frame, wanted, ticks, shift / tick)
                if not wanted:
                    return
        for frame in stream.decode(None):
            yield from _wanted(frame, wanted, ticks, shift / tick)


def _wanted(frame: Any, wanted: set[int], ticks: float, shift: float) -> Iterator[tuple[int, Any]]:
    time = round(frame.pts * ticks + shift)
    if time in wanted:
        wanted.discard(time)
        yield time, frame
