"""A small frame of a video, for the report."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from chapterize.data import Media
from chapterize.errors import ChapterizeError
from chapterize.ffmpeg import decode, open_container, pick_video, read_packets
from chapterize.rendering.hdr import HLG, PQ, to_sdr
from chapterize.rendering.jpeg import jpeg

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

__all__ = ["MOST_BYTES", "thumbnail"]

MOST_BYTES = 8_000
"""Upper bound of one JPEG."""

_WIDTH, _HEIGHT = 240, 135
"""The box that a thumbnail fits in, in pixels: twice its size on the page."""

_SHARES = (0.1, 0.3, 0.5, 0.7, 0.0)
"""Parts of the duration at which a frame is looked at; the start is often black or a title."""

_MOST_PACKETS = 600
"""Packets read in search of a keyframe: some videos have none after the first."""


def thumbnail(media: Media) -> str:
    """The most detailed of a few frames as a JPEG in a ``data:`` address; "" if there is none.

    At most `MOST_BYTES` before base64. Never fails: a report without it is still useful.
    """
    if not media.has_video:
        return ""
    from av.error import FFmpegError

    try:
        with open_container(media.path) as container:
            stream = pick_video(container)
            if stream is None:
                return ""
            images = [_upright(frame, stream) for frame in _frames(container, stream, media)]
        content = jpeg(max(images, key=_detail), MOST_BYTES) if images else b""
        return f"data:image/jpeg;base64,{b64encode(content).decode('ascii')}" if content else ""
    except (ChapterizeError, FFmpegError, OSError, ValueError, MemoryError):
        return ""


def _frames(container: InputContainer, stream: VideoStream, media: Media) -> Iterator[VideoFrame]:
    """The keyframes before a few times."""
    context = stream.codec_context
    # Threads for frames would return nothing before several more packets.
    context.thread_type = "SLICE"
    seen = set()
    for share in _SHARES:
        container.seek(int((media.origin + share * media.duration) * 1_000_000), backward=True)
        packets = islice(read_packets(container, stream), _MOST_PACKETS)
        packet = next((each for each in packets if each.is_keyframe), None)
        if packet is None or packet.pts in seen:
            continue
        seen.add(packet.pts)
        yield from (*(decode(context, packet) or ()), *(decode(context, None) or ()))
        context.flush_buffers()


def _upright(frame: VideoFrame, stream: VideoStream) -> Any:
    """The frame in 8-bit SDR within the box, shape (height, width, 3)."""
    turned = frame.rotation % 180 != 0
    aspect = float(stream.sample_aspect_ratio or 1) * frame.width / frame.height
    box = (_HEIGHT, _WIDTH) if turned else (_WIDTH, _HEIGHT)
    width = min(box[0], round(box[1] * aspect))
    height = max(2, min(box[1], round(box[0] / aspect)))
    width = max(2, width)
    if frame.color_trc in (PQ, HLG):
        signal: Any = frame.reformat(width, height, "rgb48le", interpolation="AREA").to_ndarray()
        small: Any = (to_sdr(signal / 65535.0, int(frame.color_trc)) * 255).round().astype(np.uint8)
    else:
        small = frame.reformat(width, height, "rgb24", interpolation="AREA").to_ndarray()
    return np.ascontiguousarray(np.rot90(small, k=round(frame.rotation / 90)))


def _detail(image: Any) -> float:
    """Entropy of the brightness in bits: 0 for a black frame, low for a title on one colour."""
    levels = np.bincount((image.mean(axis=2) / 8).astype(int).ravel(), minlength=32)
    shares = levels[levels > 0] / levels.sum()
    return float(-(shares * np.log2(shares)).sum())
