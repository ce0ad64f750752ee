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
from chapterize.rendering.frame import DIM, FILLS
from chapterize.rendering.hdr import HLG, PQ, to_sdr
from chapterize.rendering.overlay import (
    FontPlan,
    OverlayOptions,
    overlay_spans,
    plan_fonts,
    write_overlay,
)
from chapterize.rendering.overlay.ass import event, markup, script
from chapterize.rendering.overlay.font_cut import ASCENT
from chapterize.rendering.program import DRAWS_TITLES, find_program
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
    fill: str = FILLS[0],
    force: bool = False,
) -> None:
    """Write a PNG of every title over a picture from the middle of its time, the time beneath.

    `shape` is width and height of the film to be made; None keeps those of `media`. Where a picture
    is of another shape, `fill` says what stands beside it: see `VideoOptions`.

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
        _write_film(media, spans, folder / "film.mkv", size, fill)
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
    media: Media,
    spans: tuple[tuple[float, float], ...],
    target: Path,
    size: tuple[int, int],
    fill: str,
) -> None:
    """A film of one picture a slot, each at the size of the sheet."""
    import av

    with av.open(str(target), "w", format="matroska") as film:
        stream = film.add_stream("ffv1", rate=1)
        stream.width, stream.height, stream.pix_fmt = (*size, "bgr0")
        stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
        for number, frame in enumerate(_pictures(media, spans)):
            fitted = _fitted(frame, size, fill)
            fitted.pts = round(number * _SLOT * 1000)
            fitted.time_base = Fraction(1, 1000)
            film.mux(stream.encode(fitted))
        film.mux(stream.encode(None))


def _pictures(media: Media, spans: tuple[tuple[float, float], ...]) -> Iterator[VideoFrame]:
    """One picture from the middle half of each span; where there is none, the one before it."""
    with open_container(media.path) as container:
        stream = pick_video(container)
        assert stream is not None
        stream.thread_type = "AUTO"
        stream.codec_context.skip_frame = "NONREF"
        last: VideoFrame | None = None
        for start, end in spans:
            quarter = (end - start) / 4
            # Each in there will do, best of all a key picture: it is the first decoded.
            earliest = start + quarter + media.origin
            latest = earliest + 2 * quarter
            container.seek(max(0, int(latest * 1_000_000)), backward=True)
            for number, frame in enumerate(container.decode(stream)):
                time = frame.time or 0.0
                if last is not None and time > latest and number:
                    break
                last = frame
                if time >= earliest or number == _PATIENCE:
                    break
            if last is not None:
                yield last


def _fitted(frame: VideoFrame, size: tuple[int, int], fill: str) -> VideoFrame:
    """The picture upright, as large as goes into `size`, the rest filled as told."""
    import av
    import numpy as np

    width, height = size
    turned = frame.rotation % 180 != 0
    aspect = _pixel_shape(frame) * frame.width / frame.height
    aspect = 1 / aspect if turned else aspect
    wide = max(2, min(width, round(height * aspect)))
    high = max(2, min(height, round(width / aspect)))
    small = _colours(frame, *((high, wide) if turned else (wide, high)))
    small = np.rot90(small, k=round(frame.rotation / 90))
    sheet: Any = np.zeros((height, width, 3), np.uint8)
    if fill == "blur" and (wide, high) != size:
        sheet = _out_of_focus(small, size)
    top, left = (height - high) // 2, (width - wide) // 2
    sheet[top : top + high, left : left + wide] = small
    return av.VideoFrame.from_ndarray(sheet, format="rgb24").reformat(format="bgr0")


def _colours(frame: VideoFrame, width: int, height: int) -> Any:
    """The picture in bytes of SDR, shape (height, width, 3)."""
    if frame.color_trc not in (PQ, HLG):
        return frame.reformat(width, height, "rgb24").to_ndarray()
    signal: Any = frame.reformat(width, height, "rgb48le").to_ndarray() / 65535.0
    return (to_sdr(signal, int(frame.color_trc)) * 255).round().astype("u1")


def _out_of_focus(picture: Any, size: tuple[int, int]) -> Any:
    """The middle of `picture`, shape (high, wide, 3), over all of `size`, much as the film has it.

    What is shown so small needs no true blur: a few pixels, made large again, look the same.
    """
    import av
    import numpy as np

    width, height = size
    high, wide = picture.shape[:2]
    scale = min(wide / width, high / height)
    cut = (max(2, round(height * scale)), max(2, round(width * scale)))
    top, left = (high - cut[0]) // 2, (wide - cut[1]) // 2
    middle = np.ascontiguousarray(picture[top : top + cut[0], left : left + cut[1]])
    few = (max(2, 16 * width // max(size)), max(2, 16 * height // max(size)))
    tiny = av.VideoFrame.from_ndarray(middle, format="rgb24").reformat(*few, interpolation="AREA")
    large = tiny.reformat(width, height, interpolation="BICUBIC").to_ndarray()
    return (large * DIM).astype(np.uint8)


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
