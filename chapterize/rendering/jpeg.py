"""Small JPEG images."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

__all__ = ["jpeg"]

_QUALITIES = (4, 7, 12, 20, 31)
"""Quantisers of MJPEG, best first."""


def jpeg(image: Any, most_bytes: int) -> bytes:
    """`image` (RGB, uint8, shape (height, width, 3)) as the best JPEG of at most `most_bytes`.

    Empty if there is none.
    """
    for quality in _QUALITIES:
        content = _encode(image, quality)
        if len(content) <= most_bytes:
            return content
    return b""


def _encode(image: Any, quality: int) -> bytes:
    import av

    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.height, encoder.width = image.shape[:2]
    encoder.pix_fmt, encoder.time_base = "yuvj420p", Fraction(1, 25)
    encoder.qmin = encoder.qmax = quality
    frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuvj420p")
    packets: Sequence[Any] = (*encoder.encode(frame), *encoder.encode(None))
    return b"".join(bytes(packet) for packet in packets)
