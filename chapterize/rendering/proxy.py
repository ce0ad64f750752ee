"""A smaller stand-in for a video that is too large to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chapterize.data import Media, OnProgress
from chapterize.errors import ToolError
from chapterize.ffmpeg import input_file, output_url, read_blocks
from chapterize.rendering.program import ENCODES, find_program

__all__ = ["Proxy", "make_proxy", "plan_proxy"]

_AUDIO_RATE = 128_000
_BEST_RATE = 2_500_000
"""Bits a second that 720 lines of anything need at the most."""

_WORST_RATE = 200_000
"""Below this nothing in the picture can be told any more."""

_TALL, _SHORT = 720, 360
_FEW_BITS = 700_000
_BUFFER = 2.0
"""Seconds by which the encoder may be ahead of its rate: much of a short video, little of a long
one."""

_SHARE = 0.94
"""Of the bytes allowed: the rest is for the container and for an encoder that overshoots."""


@dataclass(frozen=True)
class Proxy:
    """What a stand-in will be: `height` in lines, rates in bits a second, `size_bytes` at most."""

    height: int
    video_rate: int
    audio_rate: int
    size_bytes: int


def plan_proxy(media: Media, most_bytes: int) -> Proxy | None:
    """The best stand-in of at most `most_bytes`; None where it would be too poor to use."""
    audio_rate = _AUDIO_RATE if media.has_audio else 0
    seconds = media.duration + _BUFFER
    allowed = int(most_bytes * _SHARE * 8 / seconds) - audio_rate
    video_rate = min(_BEST_RATE, allowed)
    if not media.has_video or video_rate < _WORST_RATE:
        return None
    height = _TALL if video_rate >= _FEW_BITS else _SHORT
    size = int((video_rate + audio_rate) * seconds / 8 / _SHARE)
    return Proxy(min(height, media.height or height), video_rate, audio_rate, size)


def make_proxy(
    media: Media, proxy: Proxy, target: Path, on_progress: OnProgress | None = None
) -> None:
    """Encode the stand-in into `target`, a path that ends in .mp4.

    Raises
    ------
    ToolError : ffmpeg failed, or the result is larger than planned.
    """
    import ffmpeg

    source = input_file(media.path)
    # Even numbers of lines and columns, as the encoder wants them.
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
    node = ffmpeg.output(*streams, output_url(target), **options).overwrite_output()
    rest, done = "", 0.0
    what = f"making a smaller stand-in for {media.path.name}"
    for block in read_blocks(node, 128, what=what, program=find_program(ENCODES)):
        *lines, rest = (rest + block.decode("ascii", "replace")).split("\n")
        done = max([done, *map(_seconds, lines)])
        if on_progress is not None:
            on_progress("making a smaller copy", min(1.0, done / media.duration))
    if target.stat().st_size > proxy.size_bytes:
        raise ToolError(
            f"the smaller stand-in for {media.path.name} came out too large",
            tail=f"{target.stat().st_size} bytes, planned were {proxy.size_bytes}",
            hint="trim the video, or make the result here with --local-only",
        )


def _seconds(line: str) -> float:
    """How far ffmpeg is, from a line of what it reports; 0 from any other."""
    name, _, value = line.strip().partition("=")
    return int(value) / 1e6 if name == "out_time_us" and value.isdigit() else 0.0
