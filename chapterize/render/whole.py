"""All pictures made anew, and putting pictures, sound and captions into one MP4."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chapterize.data import Chapters, Media
from chapterize.errors import ToolError
from chapterize.ffmpeg import input_file, output_url, run
from chapterize.render.encoders import SOFTWARE, Encoder, pick_encoder
from chapterize.render.patches import lay_over
from chapterize.render.picture import CARD, Picture, VideoOptions, fit
from chapterize.render.program import MAKES_VIDEO, find_program
from chapterize.render.progress import OnFraction, run_with_progress
from chapterize.render.tracks import Tracks

__all__ = ["Card", "Whole", "add_tracks", "encode_card", "encode_whole"]

_GROUND = "0x14171c"
_CARD_RATE = 10
_TONE_MAP = (
    ("zscale", {"t": "linear", "npl": 100}),
    ("format", {"pix_fmts": "gbrpf32le"}),
    ("zscale", {"p": "bt709"}),
    ("tonemap", {"tonemap": "hable", "desat": 0}),
    ("zscale", {"t": "bt709", "m": "bt709", "r": "tv"}),
)
_FULL_RANGE = 2
_BT709 = {"color_primaries": 1, "color_trc": 1, "colorspace": 1, "color_range": 1}


@dataclass(frozen=True)
class Whole:
    """What goes into a whole encode; see `splice.Stitch`. `n_pictures` is for the progress."""

    media: Media
    picture: Picture
    tracks: Tracks
    chapters: Chapters
    n_pictures: int
    overlay: Path | None
    fonts_folder: Path | None
    options: VideoOptions


@dataclass(frozen=True)
class Card:
    """What goes into a card video: sound, and titles on a plain ground."""

    media: Media
    tracks: Tracks
    overlay: Path | None
    fonts_folder: Path | None
    options: VideoOptions


def encode_whole(whole: Whole, target: Path, report: OnFraction) -> tuple[str, ...]:
    """Encode the pictures with the overlay, and bring sound and captions along, into `target`.

    Every picture keeps its time, and the player's clock starts at 0. A hardware encoder that fails
    on the real thing is replaced by x264.

    Returns
    -------
    notes in plain words.

    Raises
    ------
    ToolError : ffmpeg failed.
    """
    notes = []
    if whole.picture.is_hdr and not _has_tone_map():
        notes.append("HDR was cut down to usual colours without tone mapping: it may look pale")
    encoder = pick_encoder(hardware=whole.options.hardware and not whole.options.keep_depth)
    try:
        _encode(whole, encoder, target, report)
    except ToolError:
        if not encoder.is_hardware:
            raise
        notes.append(f"{encoder.name} failed on this video: x264 made it")
        _encode(whole, SOFTWARE, target, report)
    return tuple(notes)


def _encode(whole: Whole, encoder: Encoder, target: Path, report: OnFraction) -> None:
    import ffmpeg

    media = whole.media
    source = input_file(
        media.path, copyts=None, itsoffset=f"{-media.origin:.6f}", **dict(encoder.device)
    )
    pictures = _filtered(whole, source[str(whole.picture.index)])
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
    deep = options.keep_depth and "10" in whole.picture.pix_fmt
    colours: dict[str, Any] = {}
    if whole.picture.is_hdr or whole.picture.is_rgb:
        colours = _BT709
    elif whole.picture.codec != "mjpeg":
        names = ("color_primaries", "color_trc", "colorspace", "color_range")
        colours = dict(zip(names, whole.picture.colours, strict=True))
    if encoder.is_hardware:
        return {"c:v": encoder.name, **dict(encoder.quality), **colours}
    return {
        "c:v": "libx264",
        "preset": options.preset,
        "crf": options.crf,
        "pix_fmt": "yuv420p10le" if deep else "yuv420p",
        **colours,
    }


def _filtered(whole: Whole, pictures: Any) -> Any:
    picture, options = whole.picture, whole.options
    if picture.is_hdr and _has_tone_map():
        for name, arguments in _TONE_MAP:
            pictures = pictures.filter(name, **arguments)
    if picture.is_interlaced:
        # One picture for each that was coded, so that none is added.
        pictures = pictures.filter("bwdif", mode="send_frame", deint="interlaced")
    width, height = fit(picture.shown, options)
    if (width, height) != picture.shown or picture.pixel_shape != 1:
        inner = _inside(picture.shown, (width, height))
        pictures = pictures.filter("scale", *inner, flags="bicubic")
        if inner != (width, height):
            pictures = pictures.filter("pad", width, height, -1, -1)
        pictures = pictures.filter("setsar", 1)
    if whole.overlay is not None:
        pictures = lay_over(pictures, whole.overlay, whole.fonts_folder)
    return _as_tagged(picture, pictures)


def _as_tagged(picture: Picture, pictures: Any) -> Any:
    """The values that `_quality` writes of: an older ffmpeg would write so and do otherwise."""
    if picture.is_rgb:
        return pictures.filter("scale", out_color_matrix="bt709", out_range="tv")
    is_full = picture.colours[3] == _FULL_RANGE and picture.codec != "mjpeg"
    if is_full and not picture.is_hdr:
        return pictures.filter("scale", out_range="pc")
    return pictures


def _inside(shown: tuple[int, int], frame: tuple[int, int]) -> tuple[int, int]:
    """The largest even size of the shape `shown` inside `frame`; nearly the frame is the frame."""
    scale = min(frame[0] / shown[0], frame[1] / shown[1])
    sides = (max(2, round(side * scale / 2) * 2) for side in shown)
    width, height = (min(s, f) if f - s > 2 else f for s, f in zip(sides, frame, strict=True))
    return width, height


@cache
def _has_tone_map() -> bool:
    """Whether this ffmpeg was built with zimg."""
    import ffmpeg

    try:
        black = ffmpeg.input("color=black:s=64x64:d=0.1", f="lavfi").filter("zscale", p="bt709")
        node = ffmpeg.output(black, "-", f="null")
        run(node, what="looking for zscale", program=find_program(*MAKES_VIDEO))
    except ToolError:
        return False
    return True


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
        pictures = lay_over(pictures, card.overlay, card.fonts_folder)
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
