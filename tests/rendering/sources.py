"""A matrix of small sources, each made by one ffmpeg line, with the expected result.

VIDEO(rate) stands for ``-f lavfi -i testsrc2=s=160x120:r=rate:d=4``, AUDIO for
``-f lavfi -i sine=d=4:sample_rate=48000``; H264 for
``-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 15``.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import FFMPEG

__all__ = ["OVERLAY", "SOURCES", "SPANS", "Source", "make_source", "write_overlay"]

SPANS = ((1.0, 1.4), (2.6, 3.0))
"""Spans in seconds in which OVERLAY shows something."""

OVERLAY = """[Script Info]
ScriptType: v4.00+
PlayResX: 160
PlayResY: 120

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, BackColour, Bold, BorderStyle, \
Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Box,DejaVu Sans,20,&H00FFFFFF,&H00000000,&H00000000,0,3,6,0,5,4,4,4,1

[Events]
Format: Layer, Start, End, Style, Text
"""


def write_overlay(path: Path, spans: tuple[tuple[float, float], ...] = SPANS) -> Path:
    """A minimal ASS file: a black box with a word, in the middle, in each span."""
    lines = [f"Dialogue: 0,0:00:{begin:05.2f},0:00:{end:05.2f},Box,Title\n" for begin, end in spans]
    path.write_text(OVERLAY + "".join(lines), encoding="utf-8")
    return path


def video(rate: str = "25", size: str = "160x120") -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d=4")


AUDIO = ("-f", "lavfi", "-i", "sine=d=4:sample_rate=48000")
H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "15")
AAC = ("-c:a", "aac", "-b:a", "48k")
BASE = (*video(), *AUDIO, *H264, *AAC)
# After the titles, 13 and 21 frames are left in their GOPs.
LONG = ("-g", "48", "-sc_threshold", "0")
HDR = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv"
# For a while every third frame is dropped, and one second is cut out.
UNEVEN = ("-vf", "select='not(between(t,1,2)*mod(n,3))',setpts='PTS+gt(T,2)*0.7/TB*gt(mod(N,4),1)'")


@dataclass(frozen=True)
class Source:
    """A kind of file: its name, the ffmpeg line, and how it must be rendered.

    `how` is "splice" or "encode"; `reason` a part of the reason reported. `before` and `again` are
    options, before and after the input, of a second run that copies the result of the first.
    """

    name: str
    options: tuple[str, ...]
    how: str = "splice"
    reason: str = ""
    again: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


def rate(text: str, name: str) -> Source:
    return Source(name, (*video(text), *AUDIO, *H264, *AAC))


SOURCES = (
    Source("b-frames.mp4", (*BASE, "-bf", "2")),
    Source("no-b-frames.mp4", (*BASE, "-bf", "0")),
    Source("one-b-frame.mov", (*BASE, "-bf", "1")),
    Source("long-group.mp4", (*BASE, "-g", "250", "-sc_threshold", "0"), "encode", "titles cover"),
    Source("what-follows.mp4", (*BASE, *LONG, "-bf", "2")),
    Source("what-follows.mkv", (*BASE, *LONG, "-refs", "3")),
    Source("what-follows-main.mp4", (*BASE, *LONG, "-profile:v", "main")),
    Source("what-follows-baseline.mov", (*BASE, *LONG, "-profile:v", "baseline")),
    Source("all-keys.mp4", (*BASE, "-g", "1")),
    Source("baseline.mp4", (*BASE, "-profile:v", "baseline")),
    Source("main-refs.mkv", (*BASE, "-profile:v", "main", "-refs", "4")),
    Source("open-groups.mp4", (*BASE, "-bf", "2", "-x264-params", "open-gop=1"), "encode", "open"),
    rate("24000/1001", "23.976.mp4"),
    rate("24000/1001", "23.976.mkv"),
    rate("30000/1001", "29.97.mp4"),
    rate("30", "30.mkv"),
    rate("50", "50.mp4"),
    rate("60", "60.mov"),
    Source("vfr.mp4", (*BASE, *UNEVEN, "-fps_mode", "vfr", "-video_track_timescale", "90000")),
    Source("vfr.mkv", (*BASE, *UNEVEN, "-fps_mode", "vfr")),
    Source("full-range.mp4", (*BASE, "-vf", "scale=out_range=full", "-color_range", "pc")),
    Source("tagged-colours.mp4",
           (*BASE, "-vf", "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709")),
    Source("late-audio.mp4", (*video(), "-itsoffset", "0.7", *AUDIO, *H264, *AAC, "-t", "4")),
    Source("late-video.mkv", ("-itsoffset", "0.5", *video(), *AUDIO, *H264, *AAC)),
    Source("starts-at-10.mp4", BASE, again=("-output_ts_offset", "10")),
    Source("starts-at-10.mkv", BASE, again=("-output_ts_offset", "10")),
    Source("silent.mp4", (*video(), *H264)),
    Source("surround.mp4",
           (*video(), "-f", "lavfi", "-i", "anoisesrc=d=4:a=0.1,aformat=channel_layouts=5.1",
            *H264, *AAC)),
    Source("opus.mkv", (*video(), *AUDIO, *H264, "-c:a", "libopus")),
    Source("pcm.mov", (*video(), *AUDIO, *H264, "-c:a", "pcm_s16le")),
    Source("fragmented.mp4", (*BASE, "-movflags", "frag_keyframe+empty_moov")),
    Source("edit-list.mp4", (*BASE, "-g", "25"), "encode", "edit list", before=("-ss", "0.5")),
    Source("rotated.mp4", BASE, "encode", "rotated", before=("-display_rotation", "90")),
    Source("ten-bit.mp4", (*BASE, "-pix_fmt", "yuv420p10le"), "encode", "10 bits"),
    Source("chroma-444.mp4", (*BASE, "-pix_fmt", "yuv444p"), "encode", "yuv444p"),
    Source("odd-size.mp4",
           (*video(size="161x121"), *AUDIO, *H264, *AAC, "-pix_fmt", "yuv444p"), "encode",
           "yuv444p"),
    Source("wide-pixels.mp4", (*BASE, "-vf", "setsar=4/3"), "encode", "square"),
    Source("interlaced.mp4", (*BASE, "-flags", "+ilme+ildct"), "encode", "interlaced"),
    Source("hevc.mp4", (*video(), *AUDIO, "-c:v", "libx265", "-preset", "ultrafast",
           "-x265-params", "log-level=error", *AAC), "encode", "HEVC"),
    Source("hevc-hdr.mkv", (*video(), *AUDIO, "-c:v", "libx265", "-preset", "ultrafast",
           "-pix_fmt", "yuv420p10le", "-vf", HDR,
           "-x265-params", "log-level=error", *AAC), "encode", "HEVC"),
    Source("vp9.webm", (*video(), *AUDIO, "-c:v", "libvpx-vp9", "-deadline", "realtime",
           "-cpu-used", "8", "-c:a", "libopus"), "encode", "VP9"),
    Source("av1.mkv", (*video(), *AUDIO, "-c:v", "libsvtav1", "-preset", "12", *AAC), "encode",
           "AV1"),
    Source("mpeg4-mp3.avi", (*video(), *AUDIO, "-c:v", "mpeg4", "-c:a", "libmp3lame"), "encode",
           "MPEG4"),
    Source("h264.avi", (*video(), *AUDIO, *H264, "-bf", "0", "-c:a", "libmp3lame"), "encode",
           "AVI"),
    Source("h264.flv", (*BASE, "-bf", "2"), "encode", "FLV"),
    Source("mpeg2.mpg", (*video(), *AUDIO, "-c:v", "mpeg2video", "-c:a", "mp2"), "encode",
           "MPEG2VIDEO"),
    Source("wmv2.wmv", (*video(), *AUDIO, "-c:v", "wmv2", "-c:a", "wmav2"), "encode", "WMV2"),
)  # fmt: skip


def make_source(source: Source, folder: Path) -> Path:
    """Make one of SOURCES in `folder`: ffmpeg OPTIONS NAME, and again with ``-c copy``."""
    target = folder / source.name
    command = [FFMPEG, "-nostdin", "-v", "error", "-y"]
    if not source.before and not source.again:
        subprocess.run([*command, *source.options, str(target)], check=True, timeout=60)
        return target
    plain = folder / f"plain-{source.name}"
    subprocess.run([*command, *source.options, str(plain)], check=True, timeout=60)
    again = [*source.before, "-i", str(plain), "-c", "copy", *source.again, str(target)]
    subprocess.run([*command, *again], check=True, timeout=60)
    plain.unlink()
    return target
