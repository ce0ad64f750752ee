"""The card that an audio file becomes: cover or waveform, the current title, and its progress.

Only the progress moves, so a few frames a second are enough. There is one more at the start of each
chapter: a player that seeks there shows the right title at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chapterize.data import SAMPLE_RATE, Chapters, Media
from chapterize.language import guess_language
from chapterize.media import decode_audio
from chapterize.rendering.cover import BACKGROUND, Image, blurred, scaled
from chapterize.rendering.options import RenderOptions
from chapterize.rendering.overlay.ass import box, colour, event, markup, script
from chapterize.rendering.overlay.font_cut import ASCENT
from chapterize.rendering.overlay.fonts import FontPlan
from chapterize.rendering.overlay.lines import Lines, Room, fit_lines
from chapterize.timecode import format_clock

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TICKS", "card_ticks", "tick_of", "write_background", "write_card"]

TICKS = 20
"""Times a second at which there may be a frame."""

_TEXT_DIM = 0.3  # of the background under white text
_RATES = (2, 4, 10)  # frames a second; divisors of TICKS
_PIXELS_A_FRAME = 4.0  # that the progress moves at most, if a higher rate allows it
_SAFE, _BELOW = 0.1, 0.11  # fractions of the frame that text and progress leave free
_ABOVE_PORTRAIT, _BELOW_PORTRAIT = 0.12, 0.25  # covered by the buttons of players of short videos
_PORTRAIT, _WIDE = 0.8, 1.2  # width over height
_MAX_LINES = 5
_LARGE, _SMALLEST = 8.6, 4.2  # hundredths of the shorter side that an em of a title takes
_REST = "\\1c&HFFFFFF&\\1a&HB8&"  # of the progress that is still to come


@dataclass(frozen=True)
class _Area:
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True)
class _Layout:
    """Where the parts of a card are; `unit` is a hundredth of the shorter side.

    `cover` is None without one: then `progress` is as high as a waveform.
    """

    unit: float
    text: _Area
    progress: _Area
    cover: _Area | None
    is_centred: bool


def write_background(cover: Image | None, size: tuple[int, int], target: Path) -> None:
    """Write what does not move, without text, as a PNG of `size`."""
    import av

    width, height = size
    image: Any = np.full((height, width, 3), BACKGROUND, np.uint8)
    area = _layout(size, cover).cover
    if cover is not None and area is not None:
        image = blurred(cover, size, _TEXT_DIM)
        left, top, right, bottom = map(round, (area.left, area.top, area.right, area.bottom))
        how = "AREA" if right - left < cover.shape[1] else "BICUBIC"
        image[top:bottom, left:right] = scaled(cover, (right - left, bottom - top), how)
    with av.open(str(target), "w", format="image2") as out:
        stream = out.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = width, height, "rgb24"
        out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        out.mux(stream.encode(None))


def card_ticks(chapters: Chapters, duration: float, width: int) -> tuple[int, NDArray[np.int64]]:
    """Every how many ticks there is a frame, and the ticks of all frames.

    There is one more at the start of each chapter, rounded down, and one at the last tick: the
    video ends half a tick before or after the audio at most.
    """
    speed = width * (1 - 2 * _SAFE) / max(duration, 1.0)
    rate = next((rate for rate in _RATES if speed / rate <= _PIXELS_A_FRAME), _RATES[-1])
    step, last = TICKS // rate, max(0, round(duration * TICKS) - 1)
    starts = [min(tick_of(start), last) for start in chapters.starts]
    return step, np.union1d(np.arange(0, last + 1, step), [*starts, last])


def tick_of(seconds: float) -> int:
    """The last tick at or before a time."""
    return floor(seconds * TICKS + 1e-6)


def write_card(
    media: Media,
    chapters: Chapters,
    options: RenderOptions,
    size: tuple[int, int],
    cover: Image | None,
    fonts: FontPlan,
) -> tuple[str, tuple[str, ...]]:
    """Return the ASS file of the moving parts, titles and progress, and notes on the titles."""
    layout = _layout(size, cover)
    events, notes = _progress(media, chapters, layout, options.accent), list[str]()
    if (options.style, options.seconds) != (RenderOptions.style, RenderOptions.seconds):
        notes.append("a card shows each title throughout its chapter: style and seconds are unused")
    language = options.language or guess_language("\n".join(chapters.titles))
    starts = [tick_of(chapter.start) / TICKS for chapter in chapters.chapters]
    ends = [*starts[1:], ceil(media.duration) + 1.0]
    for number, chapter in enumerate(chapters.chapters):
        start, end = starts[number], ends[number]
        if not chapter.title.strip() or start >= end:
            continue
        lines = _lines(chapter.title, layout, fonts, language, has_count=options.numbers)
        count = f"{number + 1} / {len(starts)}" if options.numbers else ""
        drawn = _title(lines, count, layout, options.accent, fonts)
        events += [event(1, start, end, line) for line in drawn]
        if lines.is_cut:
            where = f"{format_clock(chapter.start)} {chapter.title!r}"
            notes.append(f"{where} is too long for the frame and was shortened")
    return script(*size, fonts.faces, events), tuple(notes)


def _layout(size: tuple[int, int], cover: Image | None) -> _Layout:
    width, height = size
    unit, shape = min(size) / 100, width / height
    above, below = (_SAFE, _BELOW) if shape > _PORTRAIT else (_ABOVE_PORTRAIT, _BELOW_PORTRAIT)
    left, right, top = width * _SAFE, width * (1 - _SAFE), height * above
    bottom = height * (1 - below)
    progress = _Area(left, bottom - (1.2 if cover is not None else 18.0) * unit, right, bottom)
    text = _Area(left, top, right, progress.top - 5 * unit)
    if cover is None:
        return _Layout(unit, text, progress, None, True)
    high, wide = cover.shape[:2]
    if shape >= _WIDE:
        scale = min(0.34 * width / wide, text.height / high)
        y, x = (text.top + text.bottom - high * scale) / 2, left
        text = _Area(x + wide * scale + 5 * unit, text.top, right, text.bottom)
    else:
        scale = min(text.width / wide, 0.5 * text.height / high)
        y, x = top, (width - wide * scale) / 2
        text = _Area(left, y + high * scale + 4 * unit, right, text.bottom)
    sides = max(1.0, wide * scale), max(1.0, high * scale)
    return _Layout(unit, text, progress, _Area(x, y, x + sides[0], y + sides[1]), shape < _WIDE)


def _title(lines: Lines, count: str, layout: _Layout, accent: str, fonts: FontPlan) -> list[str]:
    """The lines of a title in the middle of their area, and the count below them."""
    area = layout.text
    small = _small(lines, layout)
    x, anchor = (area.left + area.right) / 2, 8
    if not layout.is_centred:
        x, anchor = (area.right, 9) if lines.is_right_to_left else (area.left, 7)
    block = _height(lines, layout, has_count=bool(count))
    baseline = (area.top + area.bottom - block) / 2 + lines.above

    def line(text: str, size: float, y: float, tags: str = "") -> str:
        words = markup(text, fonts, size, is_right_to_left=lines.is_right_to_left)
        return f"{{\\an{anchor}\\pos({x:.2f},{y - ASCENT * size:.2f})\\bord0\\shad0{tags}}}{words}"

    drawn = [line(t, lines.size, baseline + n * lines.pitch) for n, t in enumerate(lines.texts)]
    if count:
        y = baseline + (len(lines.texts) - 1) * lines.pitch + lines.below + 1.4 * small
        drawn.append(line(count, small, y, f"\\1c{colour(accent)}"))
    return drawn


def _small(lines: Lines, layout: _Layout) -> float:
    """Pixels per em of the count below a title."""
    return max(_SMALLEST * layout.unit, 0.45 * lines.size)


def _height(lines: Lines, layout: _Layout, *, has_count: bool) -> float:
    return lines.height + (1.6 * _small(lines, layout) if has_count else 0.0)


def _lines(
    title: str, layout: _Layout, fonts: FontPlan, language: str | None, *, has_count: bool
) -> Lines:
    """A title as large as its area allows."""
    unit, area = layout.unit, layout.text
    fitted = [
        fit_lines(title, fonts, Room(area.width, _LARGE * unit, _SMALLEST * unit, n, n), language)
        for n in range(1, _MAX_LINES + 1)
    ]
    low = [x for x in fitted if _height(x, layout, has_count=has_count) <= area.height]
    return max(low or fitted[:1], key=lambda lines: (not lines.is_cut, lines.size))


def _progress(media: Media, chapters: Chapters, layout: _Layout, accent: str) -> list[str]:
    """The part to come in grey, and above it the part that was played, which grows."""
    area = layout.progress
    parts = _segments(chapters, media, layout) if layout.cover else _bars(media, layout)
    shapes = (box(p.left, p.top, p.right, p.bottom, min(p.width, p.height) / 2) for p in parts)
    path = "".join(shapes).replace("{\\p0}{\\p4}", " ")
    left, right = floor(area.left), ceil(area.right)
    top, bottom = floor(area.top), ceil(area.bottom)
    grow = f"\\clip({left},{top},{left},{bottom})"
    grow += f"\\t(0,{round(media.duration * 1000)},\\clip({left},{top},{right},{bottom}))"
    place, end = "\\an7\\pos(0,0)\\bord0\\shad0", ceil(media.duration) + 1.0
    played = f"{{{place}{grow}\\1c{colour(accent)}}}{path}"
    return [event(0, 0.0, end, f"{{{place}{_REST}}}{path}"), event(0, 0.0, end, played)]


def _segments(chapters: Chapters, media: Media, layout: _Layout) -> list[_Area]:
    """A part of the line for each chapter, with gaps between them where there is room."""
    area, unit = layout.progress, layout.unit
    marks = [*chapters.starts, media.duration]
    xs = [area.left + area.width * min(1.0, mark / media.duration) for mark in marks]
    xs[0] = area.left
    if min(b - a for a, b in pairwise(xs)) < 1.5 * unit:
        return [area]
    gap = 0.2 * unit
    return [_Area(a + gap, area.top, b - gap, area.bottom) for a, b in pairwise(xs)]


def _bars(media: Media, layout: _Layout) -> list[_Area]:
    """The loudness of the audio, as bars around the middle of the area."""
    area, pitch = layout.progress, 1.6 * layout.unit
    middle, width = (area.top + area.bottom) / 2, 0.6 * pitch
    levels = _loudness(media, max(1, int(area.width / pitch)))
    pitch = area.width / len(levels)
    bars = []
    for number, level in enumerate(levels):
        x, half = area.left + (number + 0.5) * pitch, max(width, area.height * level) / 2
        bars.append(_Area(x - width / 2, middle - half, x + width / 2, middle + half))
    return bars


def _loudness(media: Media, count: int) -> Sequence[float]:
    """The loudness of `count` parts of the audio, from 0 to 1 for the loudest."""
    total = max(1, round(media.duration * SAMPLE_RATE))
    energy, done = np.zeros(count), 0
    for block in decode_audio(media):
        parts = (np.arange(done, done + block.size) * count) // total
        energy += np.bincount(parts.clip(max=count - 1), block.astype(float) ** 2, count)
        done += block.size
    loudest = float(energy.max())
    # The fourth root: half as loud to the ear is a tenth of the energy.
    return [0.0] * count if loudest <= 0 else list((energy / loudest) ** 0.25)
