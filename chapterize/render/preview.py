"""A contact sheet: each title over its own picture of the video, in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from chapterize.data import Chapters, Media
from chapterize.errors import InputError
from chapterize.ffmpeg import input_file, open_container, output_url, pick_video, run
from chapterize.files import refuse_overwrite, replacing
from chapterize.render.ass import event, markup, script
from chapterize.render.font_cut import ASCENT
from chapterize.render.fonts import FontPlan, plan_fonts
from chapterize.render.overlay import OverlayOptions, overlay_spans, write_overlay
from chapterize.render.program import DRAWS_TITLES, find_program
from chapterize.timecode import format_clock

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["make_preview"]

_LONG_SIDE, _FEW_LONG_SIDE = 640, 960
_FEW = 4  # titles up to which there is room for larger pictures
_WIDTH = 2000
_GAP = 16
_SLOT = 10.0
"""Seconds between the pictures in the little film that the sheet is made from."""

_GROUND = "0x14161a"
_GREY = "&HD8D4D0&"
_PATIENCE = 400  # pictures decoded in search of one; after these the nearest will do


def make_preview(
    media: Media,
    chapters: Chapters,
    options: OverlayOptions,
    target: Path,
    *,
    fonts: FontPlan | None = None,
    shape: tuple[int, int] | None = None,
    force: bool = False,
) -> None:
    """Write a PNG of every title over the picture at the middle of its time, the time beneath.

    `shape` is width and height of the film to be made; None keeps those of `media`. A picture of
    another shape stands in it with bars. The pictures are exact to the next reference picture.

    Raises
    ------
    InputError : there are no titles, no pictures, or no font for the titles.
    MediaError : the media cannot be read.
    OutputError : `target` exists or cannot be written.
    ToolError : ffmpeg failed.
    """
    refuse_overwrite(target, force=force)
    spans = overlay_spans(chapters, options)
    if not spans or not media.has_video or not media.width or not media.height:
        why = "no chapter has a title" if not spans else f"{media.path.name} has no pictures"
        raise InputError("there is nothing to show in a preview", why=why)
    fonts = fonts or plan_fonts(chapters.titles, options.font)
    size = _tile_size(*(shape or (media.width, media.height)), len(spans))
    with (
        replacing(target, force=force) as temporary,
        TemporaryDirectory(prefix="chapterize-") as room,
    ):
        folder = Path(room)
        _write_film(media, spans, folder / "film.mkv", size)
        whole = replace(options, seconds=_SLOT)
        overlay = write_overlay(_at_slots(chapters), whole, *size, fonts=fonts)
        for name, text in (("titles.ass", overlay), ("times.ass", _times(spans, size, fonts))):
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        _tile(folder, temporary, size, len(spans), media.path.name)


def _tile_size(width: int, height: int, count: int) -> tuple[int, int]:
    """Even width and height of one picture on the sheet."""
    scale = (_FEW_LONG_SIDE if count <= _FEW else _LONG_SIDE) / max(width, height)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _at_slots(chapters: Chapters) -> Chapters:
    """The titled chapters, one a slot: drawn there as they are drawn over the film."""
    shown = [chapter.title for chapter in chapters.chapters if chapter.title.strip()]
    starts = [_SLOT * number for number in range(len(shown))]
    return Chapters.from_starts(starts, shown, _SLOT * len(shown))


def _times(spans: tuple[tuple[float, float], ...], size: tuple[int, int], fonts: FontPlan) -> str:
    """The start of each chapter, in the strip under its picture."""
    width, height = size
    em = _strip(size) * 0.5
    y = height + (_strip(size) - em) / 2 + 0.86 * em - ASCENT * em
    events = []
    for number, (start, _) in enumerate(spans):
        place = f"{{\\an8\\pos({width / 2:.1f},{y:.1f})\\1c{_GREY}}}"
        text = place + markup(format_clock(start), fonts, em)
        events.append(event(0, _SLOT * number, _SLOT * (number + 1), text))
    return script(width, height + _strip(size), fonts.faces, events)


def _strip(size: tuple[int, int]) -> int:
    return max(24, round(max(size) / 17 / 2) * 2)


def _write_film(
    media: Media, spans: tuple[tuple[float, float], ...], target: Path, size: tuple[int, int]
) -> None:
    """A film of one picture a slot, each at the size of the sheet."""
    import av

    middles = [(start + end) / 2 for start, end in spans]
    with av.open(str(target), "w", format="matroska") as film:
        stream = film.add_stream("ffv1", rate=1)
        stream.width, stream.height, stream.pix_fmt = (*size, "bgr0")
        stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
        for number, frame in enumerate(_pictures(media, middles)):
            fitted = _fitted(frame, size)
            fitted.pts = round(number * _SLOT * 1000)
            fitted.time_base = Fraction(1, 1000)
            film.mux(stream.encode(fitted))
        film.mux(stream.encode(None))


def _pictures(media: Media, seconds: list[float]) -> Iterator[VideoFrame]:
    """The picture shown at each second, or the reference picture before it."""
    with open_container(media.path) as container:
        stream = pick_video(container)
        assert stream is not None
        stream.thread_type = "AUTO"
        stream.codec_context.skip_frame = "NONREF"
        last: VideoFrame | None = None
        for second in seconds:
            wanted = second + media.origin
            container.seek(max(0, int(wanted * 1_000_000)), backward=True)
            for number, frame in enumerate(container.decode(stream)):
                if last is not None and (frame.time or 0.0) > wanted and number:
                    break
                last = frame
                if number == _PATIENCE:
                    break
            if last is not None:
                yield last


def _fitted(frame: VideoFrame, size: tuple[int, int]) -> VideoFrame:
    """The picture upright, as large as goes into `size`, on black."""
    import av
    import numpy as np

    width, height = size
    turned = frame.rotation % 180 != 0
    aspect = _pixel_shape(frame) * frame.width / frame.height
    aspect = 1 / aspect if turned else aspect
    wide = min(width, round(height * aspect))
    high = min(height, round(width / aspect))
    inner = (high, wide) if turned else (wide, high)
    small = frame.reformat(max(2, inner[0]), max(2, inner[1]), "rgb24").to_ndarray()
    small = np.rot90(small, k=round(frame.rotation / 90))
    sheet: Any = np.zeros((height, width, 3), np.uint8)
    top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    sheet[top : top + small.shape[0], left : left + small.shape[1]] = small[:height, :width]
    return av.VideoFrame.from_ndarray(sheet, format="rgb24").reformat(format="bgr0")


def _pixel_shape(frame: VideoFrame) -> float:
    shape = getattr(frame, "sample_aspect_ratio", None)
    return float(shape) if shape else 1.0


def _tile(folder: Path, target: Path, size: tuple[int, int], count: int, name: str) -> None:
    """Titles and times burnt in, all pictures on one sheet."""
    import ffmpeg

    columns = min(count, max(1, (_WIDTH + _GAP) // (size[0] + _GAP)))
    strip = _strip(size)
    video: Any = input_file(folder / "film.mkv").video
    video = video.filter("setpts", f"PTS+{_SLOT / 2}/TB")
    video = video.filter("ass", filename=_inside_filter(folder / "titles.ass"))
    video = video.filter("pad", "iw", f"ih+{strip}", 0, 0, _GROUND)
    video = video.filter("ass", filename=_inside_filter(folder / "times.ass"))
    video = video.filter(
        "tile",
        f"{columns}x{-(-count // columns)}",
        padding=_GAP,
        margin=_GAP,
        color=_GROUND,
    )
    node = ffmpeg.output(video, output_url(target), vframes=1, f="image2", vcodec="png", update=1)
    what = f"making a preview of {name}"
    run(node.overwrite_output(), what=what, program=find_program(DRAWS_TITLES))


def _inside_filter(path: Path) -> str:
    """With forward slashes, which no filter reads as an escape; ffmpeg-python does the rest."""
    return path.as_posix()
