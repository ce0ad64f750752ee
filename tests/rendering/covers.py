"""ffmpeg's options for an image next to the audio of the first input."""

from __future__ import annotations

__all__ = ["cover", "image"]

RED = ("-f", "lavfi", "-i", "color=red:s={}:d=1:r=1")


def image(size: str, *codec: str) -> tuple[str, ...]:
    """One red image as the second input, attached as a cover."""
    source = (*RED[:-1], RED[-1].format(size))
    codec = codec or ("-c:v", "mjpeg")
    return (*source, "-map", "0:a", "-map", "1:v", *codec, "-frames:v", "1")


def cover(size: str, *codec: str) -> tuple[str, ...]:
    return (*image(size, *codec), "-disposition:v", "attached_pic")
