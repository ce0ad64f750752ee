"""The cover of an audio file: the image that is shown where there is no video."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from chapterize.data import Media
from chapterize.ffmpeg import (
    decode,
    is_still_picture,
    open_container,
    pick_video,
    read_packets,
)

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

__all__ = ["BACKGROUND", "DIM", "Image", "blurred", "find_cover", "is_still", "scaled"]

Image: TypeAlias = "NDArray[np.uint8]"
"""Red, green and blue, shape (height, width, 3)."""

BACKGROUND = np.array((0x14, 0x17, 0x1C), np.float32)
"""Red, green and blue of a card without cover."""

DIM = 0.5
"""Fraction of brightness kept in a blurred background."""

_LARGEST = 2160  # pixels of the longer side of a cover
_FRONT = "Cover (front)"


def is_still(media: Media) -> bool:
    """Whether all that a player shows with the audio is one image, be it called a video or not."""
    if not media.has_video or not media.has_audio:
        return not media.has_video
    with open_container(media.path) as container:
        stream = pick_video(container)
        packets = () if stream is None else read_packets(container, stream)
        return len(list(islice(packets, 2))) == 1


def find_cover(path: Path) -> Image | None:
    """The cover of a media file: its video if it has one, the front cover, or else the first.

    None if it has none that can be decoded.
    """
    with open_container(path) as container:
        streams = [s for s in container.streams.video if s.codec_context is not None]
        streams.sort(key=lambda s: (is_still_picture(s), s.metadata.get("comment") != _FRONT))
        indices = [stream.index for stream in streams]
    for index in indices:
        with open_container(path) as container:
            stream = container.streams[index]
            for packet in (next(read_packets(container, stream), None), None):
                for frame in decode(stream, packet) or ():
                    return _opaque(frame)
    return None


def _opaque(frame: VideoFrame) -> Image:
    """A cover on the background of a card, no larger than any card."""
    scale = min(1.0, _LARGEST / max(frame.width, frame.height))
    size = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    rgba: Any = frame.reformat(*size, "rgba", interpolation="AREA").to_ndarray()
    alpha = rgba[..., 3:] / np.float32(255)
    mixed: Image = np.rint(rgba[..., :3] * alpha + BACKGROUND * (1 - alpha)).astype(np.uint8)
    return mixed


def blurred(image: Any, size: tuple[int, int], dim: float = DIM) -> Any:
    """The middle of `image`, shape (height, width, 3), dimmed and blurred over all of `size`.

    At this size no true blur is needed: scaling down to a few pixels and up again looks the same.
    """
    width, height = size
    high, wide = image.shape[:2]
    scale = min(wide / width, high / height)
    cut = (max(2, round(height * scale)), max(2, round(width * scale)))
    top, left = (high - cut[0]) // 2, (wide - cut[1]) // 2
    middle = np.ascontiguousarray(image[top : top + cut[0], left : left + cut[1]])
    few = (max(2, 16 * width // max(size)), max(2, 16 * height // max(size)))
    large = scaled(scaled(middle, few, "AREA"), size, "BICUBIC")
    return (large * dim).astype(np.uint8)


def scaled(image: Any, size: tuple[int, int], how: str) -> Any:
    """`image` in another size; `how` is a way of interpolation, AREA or BICUBIC."""
    import av

    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
    return frame.reformat(*size, interpolation=how).to_ndarray()
