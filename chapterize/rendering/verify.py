"""Proofs that a rendered file is what it should be, before it gets its name."""

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
from chapterize.rendering.splice.groups import PictureTable, Run, digest, pictures_of, read_pictures
from chapterize.rendering.tracks import Sound

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["prove_length", "prove_pictures", "prove_sounds", "prove_splice", "prove_times"]

_FAR = 32
"""Of 255: a step of brightness that encoding alone rarely makes, and a title always."""

_LEAST_SHARE = 2e-5
_SAMPLE_SHARE = 0.02
"""Of the pictures, decoded once more in both files: little beside the making."""

_USUAL_FRAME = 0.04
_SOUND_SLACK = 1e-4
"""Seconds: MP4 counts the start of late sound in ticks of the movie, not of the sound."""

_VAGUE_TICKS = 3
_LAST = 20
_FEW = 0.01


def prove_splice(media: Media, table: PictureTable, runs: Sequence[Run], made: Path) -> str:
    """A fault, or nothing: every packet outside `runs` is the source's.

    Times are compared to half a tick, contents by digest; within `runs` the times must be those
    of the source, in any order of decoding.
    """
    n_pictures = len(table.pts)
    is_new = np.zeros(n_pictures, bool)
    for run in runs:
        is_new[run.first : run.stop] = True
    times, last = array("d"), float("-inf")
    with open_container(made) as container:
        for number, packet in enumerate(pictures_of(container)):
            if number == n_pictures:
                return "there are more pictures than before"
            if packet.dts is None or packet.dts <= last:
                return f"decoding times do not ascend at picture {number + 1}"
            if not is_new[number] and digest(packet) != table.digests[number]:
                return f"picture {number + 1} is not the source's"
            last = packet.dts
            times.append(float(packet.pts * packet.time_base))
    if len(times) < n_pictures:
        return f"there are {n_pictures - len(times)} pictures fewer than before"
    old = table.pts * float(table.time_base) - media.origin
    new = np.array(times)
    for run in runs:
        old[run.first : run.stop].sort()
        new[run.first : run.stop].sort()
    moved = np.flatnonzero(np.abs(old - new) > 0.5 * float(table.time_base) + 1e-9)
    return f"the time of picture {moved[0] + 1} has moved" if len(moved) else ""


def prove_times(media: Media, table: PictureTable, made: Path) -> tuple[str, tuple[str, ...]]:
    """(fault or nothing, notes): a whole encode shows what the source shows, when it does.

    Pictures of a damaged source that cannot be decoded may be missing, one in a hundred at most.
    """
    new = read_pictures(made)
    if new.fault:
        return new.fault, ()
    old = np.sort(table.pts * float(table.time_base) - media.origin)
    times = np.sort(new.pts * float(new.time_base))
    missing = len(old) - len(times)
    # AVI says in what order pictures are decoded; when they are shown is FFmpeg's guess.
    ticks = 0.5 if media.container != "avi" else _VAGUE_TICKS
    half = ticks * float(table.time_base) + 1e-9
    if missing < 0:
        return f"there are {-missing} pictures more than before", ()
    if missing > _FEW * len(old):
        return f"{missing} of {len(old)} pictures are missing", ()
    if table.has_pts:
        nearest = np.searchsorted(old, times - half)
        if np.any(np.abs(old[np.minimum(nearest, len(old) - 1)] - times) > half):
            return "pictures have moved", ()
    notes = (f"{missing} damaged pictures could not be decoded and are missing",) if missing else ()
    return "", notes


def prove_sounds(media: Media, sounds: Sequence[Sound], made: Path) -> str:
    """A fault, or nothing: copied sound is the same to the bit and at the same times."""
    copied = {sound.index: number for number, sound in enumerate(sounds) if sound.is_copied}
    with open_container(made) as container:
        if len(container.streams.audio) != len(sounds):
            return f"{len(container.streams.audio)} of {len(sounds)} sound tracks came along"
        ours = {stream.index: n for n, stream in enumerate(container.streams.audio)}
        new = _hash_sounds(container, {i: n for i, n in ours.items() if n in copied.values()}, 0.0)
    with open_container(media.path) as container:
        old = _hash_sounds(container, copied, media.origin)
    for number, (content, times, tick) in old.items():
        if new.get(number, ("",))[0] != content:
            return f"sound track {number + 1} is not the source's"
        if np.any(np.abs(times - new[number][1]) > max(tick, new[number][2]) / 2 + _SOUND_SLACK):
            return f"sound track {number + 1} has moved"
    return ""


def _hash_sounds(
    container: Any, numbers: dict[int, int], origin: float
) -> dict[int, tuple[str, NDArray[np.float64], float]]:
    """By number of the track: a hash of all its packets, the times of some, and a tick."""
    hashes = {number: hashlib.blake2b() for number in numbers.values()}
    times: dict[int, list[float]] = {number: [] for number in numbers.values()}
    counts = dict.fromkeys(numbers.values(), 0)
    streams = [container.streams[index] for index in numbers]
    for packet in read_packets(container, *streams) if streams else ():
        number = numbers[packet.stream_index]
        hashes[number].update(memoryview(packet))
        # Some in a thousand are enough to see that a track has moved, and need no memory.
        if counts[number] % 64 == 1 or counts[number] < 2:
            times[number].append(float((packet.pts or 0) * packet.time_base) - origin)
        counts[number] += 1
    return {
        number: (
            hashes[number].hexdigest(),
            np.array(times[number]),
            float(container.streams[index].time_base),
        )
        for index, number in numbers.items()
    }


def prove_length(media: Media, made: Path, table: PictureTable | None = None) -> str:
    """A fault, or nothing: it lasts as long as the source, to one picture."""
    try:
        new = open_media(made)
    except MediaError as error:
        return error.why or error.what
    frame = max(_USUAL_FRAME, 1.5 / media.frame_rate if media.frame_rate else _USUAL_FRAME)
    if table is not None and len(table.pts) > 1:
        # How long the last picture stays is a guess when they come unevenly.
        steps = np.diff(np.sort(table.pts[-_LAST:])) * float(table.time_base)
        frame = max(frame, float(steps.max(initial=0.0)) + 0.001)
    if abs(new.duration - media.duration) > frame:
        return f"it lasts {new.duration:.3f} s, the source {media.duration:.3f} s"
    if abs(new.origin) > frame:
        return f"it starts at {new.origin:.3f} s"
    return ""


def prove_pictures(
    media: Media,
    table: PictureTable,
    runs: Sequence[Run],
    spans: Sequence[tuple[float, float]],
    made: Path,
) -> str:
    """A fault, or nothing: decoded pictures beside some of `runs` are the same, inside changed.

    The shortest runs are decoded to one picture past their seam: one, and more as long as they are
    few beside the whole.
    """
    tick = float(table.time_base)
    for run in _samples(runs, len(table.pts)):
        titled = _middles(table, run, spans, media.origin)
        # One file after the other: the index of a long one takes much memory.
        old = _look(media.path, table, run, titled, media.origin, 0.0)
        new = _look(made, table, run, titled, 0.0, media.origin)
        if old.keys() != new.keys() or not titled <= old.keys():
            return "decoding loses pictures at a seam"
        for time, picture in old.items():
            if isinstance(picture, bytes) and picture != new[time]:
                return f"the picture at {time * tick - media.origin:.3f} s is not the source's"
        if not all(_differ(old[time], new[time]) for time in titled):
            return "an overlay cannot be seen"
    return ""


def _samples(runs: Sequence[Run], n_pictures: int) -> Iterator[Run]:
    left = n_pictures * _SAMPLE_SHARE
    for number, run in enumerate(sorted(runs, key=lambda run: run.stop - run.start)):
        left -= run.stop - run.start
        if number and left < 0:
            return
        yield run


def _middles(
    table: PictureTable, run: Run, spans: Sequence[tuple[float, float]], origin: float
) -> set[int]:
    """Times in ticks: of each span that `run` touches, the picture in the middle of what it has."""
    times = np.sort(table.pts[run.first : run.rest])
    seconds = times * float(table.time_base) - origin
    touched = (times[(seconds >= begin) & (seconds < end)] for begin, end in spans)
    return {int(part[len(part) // 2]) for part in touched if len(part)}


def _look(
    path: Path, table: PictureTable, run: Run, titled: set[int], origin: float, shift: float
) -> dict[int, Any]:
    """By time in ticks of `table`: planes of the `titled`, a digest of those beside the run."""
    inside = set(table.pts[run.first : run.stop].tolist())
    seen: dict[int, Any] = {}
    for time, frame in _decode(path, table, run, origin, shift=shift):
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
    return int(far.sum()) >= max(4, int(_LEAST_SHARE * far.size))


def _decode(
    path: Path, table: PictureTable, run: Run, origin: float, *, shift: float
) -> Iterator[tuple[int, Any]]:
    """(time in ticks of `table`, frame) from the start of `run` to one past its end, as shown.

    Of those before the run, only what others refer to.
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
        # Pictures that come when the decoder is emptied carry no time base of their own.
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
