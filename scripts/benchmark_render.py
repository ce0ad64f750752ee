"""`render` and `split` against ffmpeg.

ffmpeg encodes the whole video with the same preset and the same titles, copies each part, and
encodes still frames with the titles of a recording.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmark_rows import Row, ffmpeg, python, sizes, times

_MINUTES = 10
_N_TITLES = 8

_COMMON = f"""
import sys, time
from pathlib import Path
from chapterize.data import Chapters
from chapterize.media import open_media
from chapterize.rendering.options import RenderOptions
from chapterize.rendering.overlay import overlay_spans, plan_fonts, write_overlay
from chapterize.rendering.video import Overlay, RenderJob, render_video
source, titles, target = map(Path, sys.argv[1:4])
media, options = open_media(source), RenderOptions(hardware=False)
starts = [i * media.duration / {_N_TITLES} for i in range({_N_TITLES})]
names = [f"Chapter {{i + 1}}" for i in range({_N_TITLES})]
job = RenderJob(media, Chapters.from_starts(starts, names, media.duration), options)
"""
_WRITE = f"""{_COMMON}
fonts = plan_fonts(job.chapters.titles)
titles.write_text(write_overlay(job.chapters, options, *job.frame_size, fonts=fonts))
"""
_RENDER = f"""{_COMMON}
began = time.perf_counter()
overlay = Overlay(titles, overlay_spans(job.chapters, options))
made = render_video(job, overlay, target, force=True)
assert made.how == "splice", made
print(time.perf_counter() - began)
"""
_FFMPEG = """
import subprocess, sys, time
from chapterize.rendering.program import MAKES_VIDEO, find_program
source, titles, target = sys.argv[1:4]
began = time.perf_counter()
subprocess.run(
    [find_program(*MAKES_VIDEO), "-nostdin", "-loglevel", "error", "-y", OPTIONS,
     "-c:v", "libx264", "-preset", "veryfast", "-vf", f"ass={titles}", target],
    check=True,
)
print(time.perf_counter() - began)
"""
_ENCODE = _FFMPEG.replace("OPTIONS", '"-i", source, "-crf", "18", "-c:a", "copy"')
_STILL = _FFMPEG.replace(
    "OPTIONS",
    '"-f", "lavfi", "-i", "color=c=black:size=1920x1080:rate=10", "-i", source, '
    '"-tune", "stillimage", "-c:a", "aac", "-shortest"',
)
_CARD = f"""{_COMMON}
from chapterize.rendering.video import render_titled
began = time.perf_counter()
render_titled(job, target, force=True)
print(time.perf_counter() - began)
"""
_SPLIT = f"""{_COMMON}
from chapterize.rendering.split import split_video
began = time.perf_counter()
split_video(media, job.chapters, target.with_suffix(""), force=True)
print(time.perf_counter() - began)
"""
_CUT = f"""{_COMMON}
import subprocess
from chapterize.rendering.program import find_program
began = time.perf_counter()
for chapter in job.chapters.chapters:
    part = target.with_name(f"{{chapter.title}}.mp4")
    subprocess.run(
        [find_program(), "-nostdin", "-loglevel", "error", "-y", "-ss", str(chapter.start),
         "-t", str(chapter.end - chapter.start), "-i", source, "-c", "copy", part],
        check=True,
    )
print(time.perf_counter() - began)
"""


def measure_render(folder: Path) -> Iterator[Row]:
    """Ten minutes of 1080p30 with eight titles of four seconds; memory against one minute."""
    titles, out = folder / "titles.ass", folder / "rendered.mp4"
    for group in (250, 60):
        short, video = _video(folder, group)
        python(_WRITE, video, titles, out)
        ours, peer = python(_RENDER, video, titles, out), python(_ENCODE, video, titles, out)
        yield times(
            f"`render`, {_MINUTES} min of 1080p30, {_N_TITLES} titles, a keyframe every {group}",
            float(ours.stdout),
            "ffmpeg, whole video",
            float(peer.stdout),
            "0.125×",
        )
    less = python(_RENDER.replace('"splice"', "made.how"), short, titles, out)
    yield sizes(
        f"`render`, {_MINUTES} min, peak memory",
        ours.peak_bytes,
        "1 min",
        less.peak_bytes,
        "700 MB",
    )
    yield from _measure_parts(folder, video)
    yield from _measure_card(folder, video)


def _measure_parts(folder: Path, video: Path) -> Iterator[Row]:
    titles, out = folder / "titles.ass", folder / "parts.mp4"
    ours, peer = python(_SPLIT, video, titles, out), python(_CUT, video, titles, out)
    yield times(
        f"`split`, the same, into {_N_TITLES} parts that are verified",
        float(ours.stdout),
        "ffmpeg, copying each part",
        float(peer.stdout),
        "",
    )


def _measure_card(folder: Path, video: Path) -> Iterator[Row]:
    titles, out = folder / "titles.ass", folder / "card.mp4"
    sound = folder / "talk.mp3"
    ffmpeg("-i", video, "-vn", "-c:a", "libmp3lame", sound)
    ours, peer = python(_CARD, sound, titles, out), python(_STILL, sound, titles, out)
    yield times(
        f"`render`, {_MINUTES} min of MP3, a card of 1080p",
        float(ours.stdout),
        "ffmpeg, ten still frames a second",
        float(peer.stdout),
        "",
    )


def _video(folder: Path, group: int) -> tuple[Path, Path]:
    """One minute with a keyframe at least every `group` frames, and ten times that minute."""
    piece, video = folder / f"minute-{group}.mp4", folder / f"minutes-{group}.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=30:duration=60"),
        *("-f", "lavfi", "-i", "sine=frequency=220:duration=60"),
        *("-c:v", "libx264", "-preset", "veryfast", "-g", str(group), "-pix_fmt", "yuv420p"),
        *("-c:a", "aac", "-shortest", piece),
    )
    ffmpeg("-stream_loop", str(_MINUTES - 1), "-i", piece, "-c", "copy", video)
    return piece, video
