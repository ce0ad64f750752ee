"""Full frames at a few times of a video."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from chapterize.data import Media
from chapterize.ffmpeg import decode, open_container, pick_video, read_packets

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

__all__ = ["settled_frames"]

_LARGEST = (1280, 720)  # of a frame to be read; text that is legible to viewers is legible in it


def settled_frames(media: Media, times: Sequence[float]) -> Iterator[NDArray[np.uint8]]:
    """Yield the frames at `times`, in ascending order: RGB, uint8, shape (height, width, 3).

    A frame is at most 1280 × 720. One that cannot be decoded is black.

    Raises
    ------
    MediaError : the file can no longer be opened.
    """
    with open_container(media.path) as container:
        stream = pick_video(container)
        if stream is None or stream.time_base is None:
            return
        stream.thread_type = "AUTO"
        reel = _Reel(container, stream, media.origin)
        for time in times:
            frame = reel.frame_at(time)
            if frame is None:
                yield np.zeros((_LARGEST[1], _LARGEST[0], 3), np.uint8)
            else:
                yield _pixels(frame)


class _Reel:
    """Frames at ascending times; in a long GOP none is decoded twice."""

    def __init__(self, container: InputContainer, stream: VideoStream, origin: float) -> None:
        self._container, self._stream, self._origin = container, stream, origin
        self._base = float(stream.time_base or 1)
        self._frames: Iterator[VideoFrame] = iter(())
        self._position = -1
        self._last: VideoFrame | None = None

    def frame_at(self, time: float) -> VideoFrame | None:
        """The first frame at `time` or later, else the last one; None if none can be decoded."""
        from av.error import FFmpegError

        wanted = round((time + self._origin) / self._base)
        if self._last is None or not self._is_in_reach(wanted):
            try:
                self._container.seek(wanted, stream=self._stream)
            except (FFmpegError, OSError):
                return None
            self._frames = self._decoded()
            self._last = None
        while self._last is None or self._position < wanted:
            following = next(self._frames, None)
            if following is None:
                break
            self._last, self._position = following, following.pts or 0
        return self._last

    def _is_in_reach(self, wanted: int) -> bool:
        """Whether the last keyframe before `wanted` was decoded already."""
        index = self._stream.index_entries.search_timestamp(wanted)
        if index < 0:
            return False
        keyframe = self._stream.index_entries[index].timestamp
        return keyframe <= self._position <= wanted

    def _decoded(self) -> Iterator[VideoFrame]:
        for packet in chain(read_packets(self._container, self._stream), [None]):
            yield from decode(self._stream.codec_context, packet) or ()


def _pixels(frame: VideoFrame) -> NDArray[np.uint8]:
    scale = min(1.0, _LARGEST[0] / frame.width, _LARGEST[1] / frame.height)
    width, height = (max(2, round(side * scale)) for side in (frame.width, frame.height))
    small = frame.reformat(width, height, "rgb24", interpolation="AREA")
    return np.ascontiguousarray(np.rot90(small.to_ndarray(), round(frame.rotation / 90)))
