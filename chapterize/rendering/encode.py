"""All pictures made anew, and putting pictures, sound and captions into one MP4."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chapterize.data import Chapters, Media
from chapterize.ffmpeg import input_file, output_url, run
from chapterize.rendering.encoders import Encoder
from chapterize.rendering.frame import CARD, DIM, Picture, VideoOptions, fit
from chapterize.rendering.hdr import write_table
from chapterize.rendering.program import MAKES_VIDEO, find_program
from chapterize.rendering.progress import OnFraction, run_with_progress
from chapterize.rendering.splice.reencode import lay_over
from chapterize.rendering.tracks import Tracks

__all__ = ["Card", "Whole", "add_tracks", "encode_card", "encode_whole"]

_GROUND = "0x14171c"
_CARD_RATE = 10
_UNKNOWN = {0, 2, 3}  # of primaries and matrices, as ITU-T H.273 numbers them
_BLUR_SIDE, _BLUR = 128, 4.0  # pixels of the longer side of what is blurred, and of the blur
_BT709 = {"color_primaries": 1, "color_trc": 1, "colorspace": 1, "color_range": 1}
_TAGS = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709", "range": "tv"}


@dataclass(frozen=True)
class Whole:
    """What goes into a whole encode; see `splice.Stitch`. `n_pictures` is for the progress."""

    media: Media
    picture: Picture
    tracks: Tracks
    chapters: Chapters
    n_pictures: int
    overlay: Path | None
    options: VideoOptions


@dataclass(frozen=True)
class Card:
    """What goes into a card video: sound, and titles on a plain ground."""

    media: Media
    tracks: Tracks
    overlay: Path | None
    options: VideoOptions


def encode_whole(whole: Whole, encoder: Encoder, target: Path, report: OnFraction) -> None:
    """Encode the pictures with the overlay, and bring sound and captions along, into `target`.

    Every picture keeps its time, and the player's clock starts at 0.

    Raises
    ------
    ToolError : ffmpeg failed.
    """
    import ffmpeg

    media = whole.media
    source = input_file(
        media.path, copyts=None, itsoffset=f"{-media.origin:.6f}", **dict(encoder.device)
    )
    pictures = _filtered(whole, source[str(whole.picture.index)], target)
    for name, value in encoder.upload:
        pictures = pictures.filter(name, *filter(None, [value]))
    base = whole.picture.time_base
    options = {
        **_quality(whole, encoder),
        **whole.tracks.options(),
        "force_key_frames": ",".join(f"{start:.3f}" for start in whole.chapters.starts),
        "fps_mode": "passthrough",
        # Of the pictures alone: sound counts its own samples.
        "enc_time_base:v": f"{base.numerator}:{base.denominator}",
        **_container(base.denominator),
        "progress": "pipe:1",
    }
    tracks = (source[str(index)] for index in whole.tracks.indices)
    node = ffmpeg.output(pictures, *tracks, output_url(target), **options).overwrite_output()
    run_with_progress(node, report, whole.n_pictures, what=f"encoding {media.path.name}")


def _container(scale: int) -> dict[str, Any]:
    """A file with the tags of its first input and no chapters; these are written at the end."""
    return {
        "map_metadata": 0,
        "map_chapters": -1,
        "max_muxing_queue_size": 9999,
        "f": "mp4",
        "video_track_timescale": scale,
        # A multiple, so that no start of pictures is rounded, and fine enough for late sound.
        "movie_timescale": scale * -(-90_000 // scale),
    }


def _tags_of_second(tracks: Tracks) -> dict[str, Any]:
    """Tags are the second input's, where tracks of it are taken; else it is not even opened."""
    return {"map_metadata": 1} if tracks.indices else {}


def _quality(whole: Whole, encoder: Encoder) -> dict[str, Any]:
    options = whole.options
    colours: dict[str, Any] = {}
    if whole.picture.is_hdr or whole.picture.is_rgb:
        colours = _BT709
    else:
        primaries, transfer, _, _ = whole.picture.colours
        colours = {"color_primaries": primaries, "color_trc": transfer}
        colours |= {"colorspace": _matrix(whole.picture), "color_range": 1}
    if encoder.is_hardware:
        return {"c:v": encoder.name, **dict(encoder.quality), **colours}
    return {
        "c:v": "libx264",
        "preset": options.preset,
        "crf": options.crf,
        **colours,
    }


def _filtered(whole: Whole, pictures: Any, target: Path) -> Any:
    """As they are encoded; a table that this needs is written beside `target`."""
    picture, options = whole.picture, whole.options
    if picture.is_interlaced:
        # One picture for each that was coded, so that none is added.
        pictures = pictures.filter("bwdif", mode="send_frame", deint="interlaced")
    frame = fit(picture.shown, options)
    inner = _inside(picture.shown, frame)
    if frame != picture.shown or picture.pixel_shape != 1:
        pictures = pictures.filter("scale", *inner, flags="bicubic").filter("setsar", 1)
    if picture.is_hdr:
        # Where the picture is small already, and before anything is laid over it.
        pictures = _without_hdr(picture, pictures, target.with_suffix(".cube"))
    elif picture.is_rgb:
        # An older ffmpeg knows one matrix only for palettes.
        pictures = pictures.filter("format", "rgb24|gbrp|gbrp10le")
        # Unless told, the matrix would be that of BT.601, which no player expects in HD.
        pictures = pictures.filter("scale", out_color_matrix="bt709", out_range="tv")
        pictures = pictures.filter("setparams", **_TAGS)
    else:
        pictures = pictures.filter("setparams", colorspace=_matrix(picture))
        pictures = pictures.filter("scale", out_range="tv")
    # What every player shows, in whatever depth, sampling and range it came.
    pictures = pictures.filter("format", "yuv420p")
    if inner != frame:
        pictures = _filled(pictures, inner, frame, options.fill)
    if whole.overlay is not None:
        pictures = lay_over(pictures, whole.overlay)
    return pictures


def _matrix(picture: Picture) -> int:
    """Of a picture without a tag what players take it for, by its size: BT.709 or BT.601."""
    told = picture.colours[2]
    is_high = picture.width >= 1280 or picture.height > 576
    return told if told not in _UNKNOWN else 1 if is_high else 6


def _without_hdr(picture: Picture, pictures: Any, table: Path) -> Any:
    """In the colours and the brightness of BT.709; a tag that is missing means BT.2020."""
    primaries, transfer, matrix, _ = picture.colours
    write_table(transfer, table)
    meant = {
        "color_primaries": primaries if primaries not in _UNKNOWN else "bt2020",
        "colorspace": matrix if matrix not in _UNKNOWN else "bt2020nc",
    }
    exact = "bicubic+accurate_rnd+full_chroma_int"
    pictures = pictures.filter("setparams", **meant)
    pictures = pictures.filter("scale", flags=exact).filter("format", "gbrp10le")
    pictures = pictures.filter("lut3d", file=str(table.absolute()), interp="tetrahedral")
    pictures = pictures.filter("scale", flags=exact, out_color_matrix="bt709", out_range="tv")
    return pictures.filter("setparams", **_TAGS)


def _filled(pictures: Any, inner: tuple[int, int], frame: tuple[int, int], fill: str) -> Any:
    """The picture in the middle of `frame`, the rest black or the picture itself, out of focus."""
    width, height = frame
    if fill == "bars":
        return pictures.filter("pad", width, height, -1, -1)
    both = pictures.split()
    scale = min(inner[0] / width, inner[1] / height)
    cut = (max(2, round(width * scale)), max(2, round(height * scale)))
    # Blurred where it is small: the cost is that of a few lines, and large it is smoother still.
    small = tuple(max(8, round(side / max(frame) * _BLUR_SIDE / 2) * 2) for side in frame)
    ground = both[0].filter("crop", *cut).filter("scale", *small, flags="area")
    ground = ground.filter("gblur", sigma=_BLUR).filter("lutyuv", y=f"16+(val-16)*{DIM}")
    ground = ground.filter("scale", width, height, flags="bicubic").filter("setsar", 1)
    return ground.overlay(both[1], x="(W-w)/2", y="(H-h)/2")


def _inside(shown: tuple[int, int], frame: tuple[int, int]) -> tuple[int, int]:
    """The largest even size of the shape `shown` inside `frame`; nearly the frame is the frame."""
    scale = min(frame[0] / shown[0], frame[1] / shown[1])
    sides = (max(2, round(side * scale / 2) * 2) for side in shown)
    width, height = (min(s, f) if f - s > 2 else f for s, f in zip(sides, frame, strict=True))
    return width, height


def encode_card(card: Card, target: Path, report: OnFraction) -> None:
    """A video of a dark ground, with the overlay, to the sound of a file without pictures.

    Raises
    ------
    ToolError : ffmpeg failed.
    """
    import ffmpeg

    media, tracks, options = card.media, card.tracks, card.options
    width, height = fit(CARD, options)
    ground = f"color=c={_GROUND}:s={width}x{height}:r={_CARD_RATE}:d={media.duration:.3f}"
    pictures = ffmpeg.input(ground, f="lavfi").video
    if card.overlay is not None:
        pictures = lay_over(pictures, card.overlay)
    source = input_file(media.path, copyts=None, itsoffset=f"{-media.origin:.6f}")
    node = ffmpeg.output(
        pictures,
        *(source[str(index)] for index in tracks.indices),
        output_url(target),
        **{"c:v": "libx264", "preset": options.preset, "crf": options.crf, "tune": "stillimage"},
        **{"pix_fmt": "yuv420p", **_BT709, **tracks.options(), **_container(90_000)}
        | _tags_of_second(tracks),
        **{"progress": "pipe:1"},
    )
    n_pictures = round(media.duration * _CARD_RATE)
    what = f"making a video of {media.path.name}"
    run_with_progress(node.overwrite_output(), report, n_pictures, what=what)


def add_tracks(media: Media, pictures: Path, tracks: Tracks, target: Path, scale: int) -> None:
    """Copy `pictures`, which are on the player's clock, and the tracks of `media` into `target`.

    `scale` : ticks a second of the movie, so that no start is rounded.

    Raises
    ------
    ToolError : ffmpeg failed.
    """
    import ffmpeg

    source = input_file(media.path, itsoffset=f"{-media.origin:.6f}")
    node = ffmpeg.output(
        input_file(pictures, copyts=None)["v:0"],
        *(source[str(index)] for index in tracks.indices),
        output_url(target),
        **{"c:v": "copy", **tracks.options(), **_container(scale), **_tags_of_second(tracks)},
    )
    what = f"bringing the sound of {media.path.name} along"
    run(node.overwrite_output(), what=what, program=find_program(*MAKES_VIDEO))
