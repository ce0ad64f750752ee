"""Encode all frames, and mux video, audio and captions into one MP4.

Every function that runs ffmpeg raises ToolError if it fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chapterize.data import Chapters, Media
from chapterize.ffmpeg import input_file, output_url, run
from chapterize.rendering.card import TICKS, card_ticks, tick_of, write_background
from chapterize.rendering.cover import DIM, Image
from chapterize.rendering.hdr import write_table
from chapterize.rendering.options import RenderOptions
from chapterize.rendering.program import Encoder, OnFraction, find_program, run_with_progress
from chapterize.rendering.splice.reencode import draw_overlay
from chapterize.rendering.streams import CARD, Tracks, VideoTrack, fit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["CardPlan", "EncodePlan", "encode_card", "encode_video", "mux_tracks"]

_GOP_SECONDS, _CARD_GOP_SECONDS = 2, 30
_UNKNOWN = {0, 2, 3}  # primaries and matrices without a meaning in ITU-T H.273
_BLUR_SIDE, _BLUR = 128, 4.0  # longer side in pixels while it is blurred, and the sigma
_BT709 = {"color_primaries": 1, "color_trc": 1, "colorspace": 1, "color_range": 1}
_TAGS = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709", "range": "tv"}


@dataclass(frozen=True)
class EncodePlan:
    """What to encode; see `splice.SplicePlan`. `n_frames` is for the progress.

    There is a keyframe at the start of each chapter or, without `chapters`, every two seconds.
    """

    media: Media
    video: VideoTrack
    tracks: Tracks
    chapters: Chapters | None
    n_frames: int
    overlay: Path | None
    options: RenderOptions


def encode_video(plan: EncodePlan, encoder: Encoder, target: Path, report: OnFraction) -> None:
    """Encode the video with the overlay into `target`, together with audio and captions.

    Every frame keeps its time, and the player's clock starts at 0.
    """
    import ffmpeg

    media = plan.media
    source = input_file(
        media.path, copyts=None, itsoffset=f"{-media.origin:.6f}", **dict(encoder.device)
    )
    frames = _filtered(plan, source[str(plan.video.index)], target)
    for name, value in encoder.upload:
        frames = frames.filter(name, *filter(None, [value]))
    base = plan.video.time_base
    options = {
        **_quality(plan, encoder),
        **plan.tracks.options(),
        "force_key_frames": _keyframes(plan.chapters),
        "fps_mode": "passthrough",
        # For video only: audio counts in its own samples.
        "enc_time_base:v": f"{base.numerator}:{base.denominator}",
        **_container(base.denominator),
        "progress": "pipe:1",
    }
    tracks = (source[str(index)] for index in plan.tracks.indices)
    node = ffmpeg.output(frames, *tracks, output_url(target), **options).overwrite_output()
    run_with_progress(node, report, plan.n_frames, what=f"encoding {media.path.name}")


def _keyframes(chapters: Chapters | None) -> str:
    if chapters is None:
        return f"expr:gte(t,n_forced*{_GOP_SECONDS})"
    return ",".join(f"{start:.3f}" for start in chapters.starts)


def _container(scale: int, second: Tracks | None = None) -> dict[str, Any]:
    """An MP4 with the tags of its first input and without chapters, which are embedded later.

    The tags are those of the second input if it is opened, for the tracks `second`.
    """
    return {
        "map_metadata": 1 if second and second.indices else 0,
        "map_chapters": -1,
        "max_muxing_queue_size": 9999,
        "f": "mp4",
        "video_track_timescale": scale,
        # A multiple, so that no start of video is rounded, and fine enough for late audio.
        "movie_timescale": scale * -(-90_000 // scale),
    }


def _quality(plan: EncodePlan, encoder: Encoder) -> dict[str, Any]:
    options, (primaries, transfer, _, _) = plan.options, plan.video.colours
    colours = {"color_primaries": primaries, "color_trc": transfer}
    colours |= {"colorspace": _matrix(plan.video), "color_range": 1}
    if plan.video.is_hdr or plan.video.is_rgb:
        colours = _BT709
    if encoder.is_hardware:
        return {"c:v": encoder.name, **dict(encoder.quality), **colours}
    return {"c:v": "libx264", "preset": options.preset, "crf": options.crf, **colours}


def _filtered(plan: EncodePlan, frames: Any, target: Path) -> Any:
    """The filters before the encoder; a colour table they need is written next to `target`."""
    video, options = plan.video, plan.options
    if video.is_interlaced:
        # One frame out for each frame in, so that none is added.
        frames = frames.filter("bwdif", mode="send_frame", deint="interlaced")
    size = fit(video.shown, options)
    inner = _inside(video.shown, size)
    if size != video.shown or video.pixel_aspect != 1:
        frames = frames.filter("scale", *inner, flags="bicubic").filter("setsar", 1)
    if video.is_hdr:
        # After scaling down, and before titles are drawn.
        frames = _without_hdr(video, frames, target.with_suffix(".cube"))
    elif video.is_rgb:
        # An older ffmpeg knows only one matrix for palettes.
        frames = frames.filter("format", "rgb24|gbrp|gbrp10le")
        # By default the matrix would be BT.601, which no player expects in HD.
        frames = frames.filter("scale", out_color_matrix="bt709", out_range="tv")
        frames = frames.filter("setparams", **_TAGS)
    else:
        frames = frames.filter("setparams", colorspace=_matrix(video))
        frames = frames.filter("scale", out_range="tv")
    # Every player shows this, whatever depth, sampling and range the source has.
    frames = frames.filter("format", "yuv420p")
    if inner != size:
        frames = _filled(frames, inner, size, options.fill)
    return draw_overlay(frames, plan.overlay)


def _matrix(video: VideoTrack) -> int:
    """The matrix; without a tag the one that players assume for the size, BT.709 or BT.601."""
    tag = video.colours[2]
    is_high = video.width >= 1280 or video.height > 576
    return tag if tag not in _UNKNOWN else 1 if is_high else 6


def _without_hdr(video: VideoTrack, frames: Any, table: Path) -> Any:
    """Map HDR to BT.709; BT.2020 is assumed where a tag is missing."""
    primaries, transfer, matrix, _ = video.colours
    write_table(transfer, table)
    tags = {
        "color_primaries": primaries if primaries not in _UNKNOWN else "bt2020",
        "colorspace": matrix if matrix not in _UNKNOWN else "bt2020nc",
    }
    exact = "bicubic+accurate_rnd+full_chroma_int"
    frames = frames.filter("setparams", **tags)
    frames = frames.filter("scale", flags=exact).filter("format", "gbrp10le")
    frames = frames.filter("lut3d", file=str(table.absolute()), interp="tetrahedral")
    frames = frames.filter("scale", flags=exact, out_color_matrix="bt709", out_range="tv")
    return frames.filter("setparams", **_TAGS)


def _filled(frames: Any, inner: tuple[int, int], size: tuple[int, int], fill: str) -> Any:
    """The video in the middle of a frame of `size`, the rest black bars or the blurred video."""
    width, height = size
    if fill == "bars":
        return frames.filter("pad", width, height, -1, -1)
    both = frames.split()
    scale = min(inner[0] / width, inner[1] / height)
    cut = (max(2, round(width * scale)), max(2, round(height * scale)))
    # Blur it while it is small: that costs little, and scaling up smooths it further.
    small = tuple(max(8, round(side / max(size) * _BLUR_SIDE / 2) * 2) for side in size)
    background = both[0].filter("crop", *cut).filter("scale", *small, flags="area")
    background = background.filter("gblur", sigma=_BLUR).filter("lutyuv", y=f"16+(val-16)*{DIM}")
    background = background.filter("scale", width, height, flags="bicubic").filter("setsar", 1)
    return background.overlay(both[1], x="(W-w)/2", y="(H-h)/2")


def _inside(shown: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """The largest even size with the aspect of `shown` inside `size`, or `size` if 2 px off."""
    scale = min(size[0] / shown[0], size[1] / shown[1])
    sides = (max(2, round(side * scale / 2) * 2) for side in shown)
    width, height = (min(s, f) if f - s > 2 else f for s, f in zip(sides, size, strict=True))
    return width, height


@dataclass(frozen=True)
class CardPlan:
    """What to make for a file without video; `overlay` is what `write_card` returned."""

    media: Media
    tracks: Tracks
    chapters: Chapters
    cover: Image | None
    overlay: Path | None
    options: RenderOptions


def encode_card(plan: CardPlan, target: Path, report: OnFraction) -> NDArray[np.float64]:
    """Make a video of the cover, the overlay and the audio; return the times of its frames.

    An image of the background is written next to `target`.
    """
    import ffmpeg

    media, tracks, options = plan.media, plan.tracks, plan.options
    size, background = fit(CARD, options), target.with_suffix(".png")
    write_background(plan.cover, size, background)
    step, ticks = card_ticks(plan.chapters, media.duration, size[0])
    frames = input_file(background).video
    frames = frames.filter("scale", out_color_matrix="bt709", out_range="tv")
    frames = frames.filter("format", "yuv420p").filter("loop", -1, 1)
    frames = frames.filter("settb", f"1/{TICKS}").filter("setpts", "N")
    frames = frames.filter("trim", end_frame=int(ticks[-1]) + 1)
    rare = "".join(f"+eq(n,{tick})" for tick in ticks if tick % step)
    frames = draw_overlay(frames.filter("select", f"not(mod(n,{step})){rare}"), plan.overlay)
    source = input_file(media.path, copyts=None, itsoffset=f"{-media.origin:.6f}")
    keys = ",".join(f"{tick_of(start) / TICKS:.2f}" for start in plan.chapters.starts)
    node = ffmpeg.output(
        frames,
        *(source[str(index)] for index in tracks.indices),
        output_url(target),
        **{"c:v": "libx264", "preset": options.preset, "crf": options.crf, "tune": "stillimage"},
        **{"g": _CARD_GOP_SECONDS * TICKS // step, "bf": 0, "force_key_frames": keys},
        **{"fps_mode": "passthrough", "enc_time_base:v": f"1:{TICKS}"},
        **{"pix_fmt": "yuv420p", **_BT709, **tracks.options(), **_container(90_000, tracks)},
        **{"progress": "pipe:1"},
    )
    what = f"making a video of {media.path.name}"
    run_with_progress(node.overwrite_output(), report, len(ticks), what=what)
    return ticks / TICKS


def mux_tracks(media: Media, video: Path, tracks: Tracks, target: Path, scale: int) -> None:
    """Copy `video`, which is on the player's clock, and the tracks of `media` into `target`.

    `scale` is the timescale of the movie (ticks per second), so that no start is rounded.
    """
    import ffmpeg

    source = input_file(media.path, itsoffset=f"{-media.origin:.6f}")
    node = ffmpeg.output(
        input_file(video, copyts=None)["v:0"],
        *(source[str(index)] for index in tracks.indices),
        output_url(target),
        **{"c:v": "copy", **tracks.options(), **_container(scale, tracks)},
    )
    what = f"copying the audio of {media.path.name}"
    run(node.overwrite_output(), what=what, program=find_program())
