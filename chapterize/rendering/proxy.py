"""A smaller copy (proxy) of a video that is too large to upload."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chapterize.data import Media, OnProgress
from chapterize.errors import ToolError
from chapterize.ffmpeg import input_file, output_url
from chapterize.rendering.program import ENCODES, run_with_progress

__all__ = ["Proxy", "make_proxy", "plan_proxy"]

_AUDIO_RATE = 128_000
_MAX_RATE = 2_500_000
"""Bits per second that are enough for any video of 720 lines."""

_MIN_RATE = 200_000
"""Bits per second below which nothing can be recognised any more."""

_TALL, _SHORT = 720, 360
_SHORT_BELOW = 700_000
_BUFFER = 2.0
"""Seconds by which the encoder may run ahead of its rate: this matters in a short video."""

_SHARE = 0.94
"""Fraction of the allowed bytes to use; the rest is for the container and encoder overshoot."""


@dataclass(frozen=True)
class Proxy:
    """A planned proxy: `height` in lines, rates in bits per second, `size_bytes` an upper bound."""

    height: int
    video_rate: int
    audio_rate: int
    size_bytes: int


def plan_proxy(media: Media, most_bytes: int) -> Proxy | None:
    """Return the best proxy of at most `most_bytes`, None where it would be unusable."""
    audio_rate = _AUDIO_RATE if media.has_audio else 0
    seconds = media.duration + _BUFFER
    allowed = int(most_bytes * _SHARE * 8 / seconds) - audio_rate
    video_rate = min(_MAX_RATE, allowed)
    if not media.has_video or video_rate < _MIN_RATE:
        return None
    height = _TALL if video_rate >= _SHORT_BELOW else _SHORT
    size = int((video_rate + audio_rate) * seconds / 8 / _SHARE)
    return Proxy(min(height, media.height or height), video_rate, audio_rate, size)


def make_proxy(
    media: Media, proxy: Proxy, target: Path, on_progress: OnProgress | None = None
) -> None:
    """Encode the proxy into `target`, a path that ends in .mp4.

    Raises ToolError if ffmpeg fails or the result is larger than planned.
    """
    import ffmpeg

    source = input_file(media.path)
    # The encoder needs even numbers of lines and columns.
    streams = [source.video.filter("scale", -2, proxy.height // 2 * 2)]
    options = {
        "vcodec": "libx264",
        "preset": "veryfast",
        "pix_fmt": "yuv420p",
        "video_bitrate": proxy.video_rate,
        "maxrate": proxy.video_rate,
        "bufsize": round(_BUFFER * proxy.video_rate),
        "movflags": "+faststart",
        "progress": "pipe:1",
    }
    if proxy.audio_rate:
        streams.append(source.audio)
        options |= {"acodec": "aac", "audio_bitrate": proxy.audio_rate, "ac": 2}
    run_with_progress(
        ffmpeg.output(*streams, output_url(target), **options).overwrite_output(),
        lambda done: on_progress("making a smaller copy", done) if on_progress else None,
        media.duration * 1e6,
        what=f"making a smaller copy of {media.path.name}",
        counter="out_time_us",
        needs=(ENCODES,),
    )
    if target.stat().st_size > proxy.size_bytes:
        raise ToolError(
            f"the smaller copy of {media.path.name} is larger than planned",
            tail=f"{target.stat().st_size} bytes instead of at most {proxy.size_bytes}",
            hint="trim the video, or make the result on this machine with --local-only",
        )
