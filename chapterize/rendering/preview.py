"""A contact sheet: each title over a frame of its chapter, made in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chapterize.data import Media
from chapterize.errors import InputError, OptionError
from chapterize.ffmpeg import input_file, open_container, output_url, pick_video, run
from chapterize.files import named_as, replacing
from chapterize.rendering.cover import blurred
from chapterize.rendering.hdr import HLG, PQ, to_sdr
from chapterize.rendering.job import RenderJob
from chapterize.rendering.overlay import overlay_spans, plan_fonts, write_overlay
from chapterize.rendering.overlay.ass import event, markup, script
from chapterize.rendering.overlay.font_cut import ASCENT
from chapterize.rendering.overlay.fonts import FontPlan
from chapterize.rendering.program import DRAWS_TITLES, find_program
from chapterize.rendering.splice.reencode import draw_overlay
from chapterize.temporary import scratch_folder
from chapterize.timecode import format_clock

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

__all__ = ["check_preview", "make_preview"]

_LONG_SIDE, _FEW_LONG_SIDE = 640, 960
_FEW = 4  # titles up to which the tiles are larger
_WIDTH = 2000
_GAP = 16
_SLOT = 10.0
"""Seconds per frame in the temporary film that the sheet is made from."""

_BACKGROUND = "0x14161a"
_GREY = "&HD8D4D0&"
_MAX_DECODED = 400  # frames decoded in search of one; then the latest is taken


def check_preview(media: Media, target: Path) -> None:
    """Raise what `make_preview` would raise before it starts; call it before drafting chapters."""
    if not media.has_video or not media.width or not media.height:
        raise InputError("there is nothing to preview", why=f"{media.path.name} has no video")
    if target.suffix.lower() != ".png":
        raise OptionError(
            f"{target.name} is not a PNG file name",
            why="a preview is an image",
            hint=f"name it {named_as(target, '.png')}",
        )
    find_program(DRAWS_TITLES)


def make_preview(job: RenderJob, target: Path, *, force: bool = False) -> None:
    """Write a PNG with every title over a frame from the middle of its time, the time below.

    The tiles have the shape of the video that `job` makes.

    Raises
    ------
    InputError : there are no titles, no video, or no font for the titles; `target` is not a PNG.
    MediaError : the media cannot be read.
    OutputError : `target` exists or cannot be written.
    ToolError : ffmpeg failed.
    """
    media, chapters, options = job.media, job.chapters, job.options
    check_preview(media, target)
    spans = overlay_spans(chapters, options)
    if not spans:
        raise InputError("there is nothing to preview", why="no chapter has a title")
    fonts = plan_fonts(chapters.titles, options.font)
    job.note(*fonts.notes)
    size = _tile_size(*job.frame_size, len(spans))
    with (
        replacing(target, force=force) as temporary,
        scratch_folder() as folder,
    ):
        _write_film(job, spans, folder / "film.mkv", size)
        slots = [(_SLOT * number, _SLOT * (number + 1)) for number in range(len(spans))]
        overlay = write_overlay(chapters, options, *size, fonts=fonts, spans=slots)
        for file, text in (("titles.ass", overlay), ("times.ass", _times(spans, size, fonts))):
            (folder / file).write_text(text, encoding="utf-8", newline="\n")
        _tile(folder, temporary, size, len(spans), media.path.name)


def _tile_size(width: int, height: int, count: int) -> tuple[int, int]:
    """Even width and height of one frame on the sheet."""
    scale = (_FEW_LONG_SIDE if count <= _FEW else _LONG_SIDE) / max(width, height)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _times(spans: tuple[tuple[float, float], ...], size: tuple[int, int], fonts: FontPlan) -> str:
    """The start of each chapter, in the strip below its frame."""
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
    job: RenderJob, spans: tuple[tuple[float, float], ...], target: Path, size: tuple[int, int]
) -> None:
    """Write a film of one frame per slot, each of `size`."""
    import av

    with av.open(str(target), "w", format="matroska") as film:
        stream = film.add_stream("ffv1", rate=1)
        stream.width, stream.height, stream.pix_fmt = (*size, "bgr0")
        stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
        for number, frame in enumerate(_frames(job.media, spans)):
            fitted = _fitted(frame, size, job)
            fitted.pts = round(number * _SLOT * 1000)
            fitted.time_base = Fraction(1, 1000)
            film.mux(stream.encode(fitted))
        film.mux(stream.encode(None))


def _frames(media: Media, spans: tuple[tuple[float, float], ...]) -> Iterator[VideoFrame]:
    """Yield a frame from the middle half of each span, or the one before it where it has none."""
    with open_container(media.path) as container:
        stream = pick_video(container)
        assert stream is not None
        stream.thread_type = "AUTO"
        stream.codec_context.skip_frame = "NONREF"
        last: VideoFrame | None = None
        for start, end in spans:
            quarter = (end - start) / 4
            # Any frame in there will do. A keyframe is best: it is decoded first.
            earliest = start + quarter + media.origin
            latest = earliest + 2 * quarter
            container.seek(max(0, int(latest * 1_000_000)), backward=True)
            for number, frame in enumerate(container.decode(stream)):
                time = frame.time or 0.0
                if last is not None and time > latest and number:
                    break
                last = frame
                if time >= earliest or number == _MAX_DECODED:
                    break
            if last is not None:
                yield last


def _fitted(frame: VideoFrame, size: tuple[int, int], job: RenderJob) -> VideoFrame:
    """The frame upright and as large as `size` allows, the rest filled."""
    import av
    import numpy as np

    width, height = size
    turned = frame.rotation % 180 != 0
    aspect = float(job.video.pixel_aspect) * frame.width / frame.height
    aspect = 1 / aspect if turned else aspect
    wide = max(2, min(width, round(height * aspect)))
    high = max(2, min(height, round(width / aspect)))
    small = _colours(frame, *((high, wide) if turned else (wide, high)))
    small = np.rot90(small, k=round(frame.rotation / 90))
    sheet: Any = np.zeros((height, width, 3), np.uint8)
    if job.options.fill == "blur" and (wide, high) != size:
        sheet = blurred(small, size)
    top, left = (height - high) // 2, (width - wide) // 2
    sheet[top : top + high, left : left + wide] = small
    return av.VideoFrame.from_ndarray(sheet, format="rgb24").reformat(format="bgr0")


def _colours(frame: VideoFrame, width: int, height: int) -> Any:
    """The frame in 8-bit SDR, shape (height, width, 3)."""
    if frame.color_trc not in (PQ, HLG):
        return frame.reformat(width, height, "rgb24").to_ndarray()
    signal: Any = frame.reformat(width, height, "rgb48le").to_ndarray() / 65535.0
    return (to_sdr(signal, int(frame.color_trc)) * 255).round().astype("u1")


def _tile(folder: Path, target: Path, size: tuple[int, int], count: int, name: str) -> None:
    """Burn in titles and times, and put all frames on one sheet."""
    import ffmpeg

    columns = min(count, max(1, (_WIDTH + _GAP) // (size[0] + _GAP)))
    strip = _strip(size)
    video: Any = input_file(folder / "film.mkv").video
    video = video.filter("setpts", f"PTS+{_SLOT / 2}/TB")
    video = draw_overlay(video, folder / "titles.ass")
    video = video.filter("pad", "iw", f"ih+{strip}", 0, 0, _BACKGROUND)
    video = draw_overlay(video, folder / "times.ass")
    video = video.filter(
        "tile", f"{columns}x{-(-count // columns)}", padding=_GAP, margin=_GAP, color=_BACKGROUND
    )
    node = ffmpeg.output(video, output_url(target), vframes=1, f="image2", vcodec="png", update=1)
    what = f"making a preview of {name}"
    run(node.overwrite_output(), what=what, program=find_program(DRAWS_TITLES))
