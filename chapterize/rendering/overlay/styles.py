"""Titles as one ASS file that libass draws.

Bars are vector drawings, every line of a title has a measured position, and the fonts are embedded.
Text stays within the inner 80 % of the frame (title-safe), bars within the inner 90 %
(action-safe). Titles written from right to left are mirrored. In portrait frames, everything stays
clear of the edges that players of short videos cover.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chapterize.data import Chapter, Chapters
from chapterize.rendering.options import STYLES, RenderOptions
from chapterize.rendering.overlay.ass import box, colour, event, is_light, markup, script
from chapterize.rendering.overlay.font_cut import ASCENT
from chapterize.rendering.overlay.fonts import FontPlan
from chapterize.rendering.overlay.lines import Lines, fit_lines, measure
from chapterize.timecode import format_clock

__all__ = ["overlay_notes", "overlay_spans", "write_overlay"]

_SAFE = 0.1
"""Fraction of width and height that text leaves free on every side (title-safe area)."""

_COVERED_BELOW = 0.22
_COVERED_ABOVE = 0.12
"""Fractions of the height of a portrait frame that players cover with buttons and captions."""

_PORTRAIT = 0.8  # width over height below which a frame counts as portrait
_NUMBER_WIDTH = 16
"""Hundredths of the shorter side that the number of a chapter and its box take at most."""

_BACKGROUND = "&H19140F&"  # a very dark blue
_BACKGROUND_ALPHA = "&H26&"
_DIM_ALPHA = "&H2E&"  # of a card: text on a slide below must be unreadable
_FADE_IN, _FADE_OUT = 280, 240  # milliseconds


class _Area(NamedTuple):
    """Edges of a drawing in pixels, and the radius of its corners."""

    left: float
    right: float
    top: float
    bottom: float
    radius: float = 0.0


@dataclass(frozen=True)
class _Scene:
    """One title to draw; lengths in pixels, `unit` is a hundredth of the shorter side."""

    lines: Lines
    number: str
    start: float
    end: float
    width: int
    height: int
    unit: float
    fonts: FontPlan
    accent: str

    @property
    def fades(self) -> tuple[int, int]:
        """Milliseconds of fading in and out, together at most half of the time of the title."""
        most = round((self.end - self.start) * 250)
        return min(_FADE_IN, most), min(_FADE_OUT, most)


def overlay_spans(chapters: Chapters, options: RenderOptions) -> tuple[tuple[float, float], ...]:
    """Return the spans (start, end) in seconds in which titles are shown, in order, disjoint.

    Each chapter with a title has one: from its start, `seconds` long, but no longer than it.
    """
    return tuple((start, end) for _, _, start, end in _titled(chapters, options))


def write_overlay(
    chapters: Chapters, options: RenderOptions, width: int, height: int, *, fonts: FontPlan
) -> str:
    """Return the ASS file for a frame of `width` × `height` square pixels, `fonts` embedded."""
    draw = _STYLES[options.style]
    events: list[str] = []
    for number, chapter, start, end in _titled(chapters, options):
        lines = _laid_out(chapter.title, options, width, height, fonts)
        unit = min(width, height) / 100
        text = str(number) if options.numbers else ""
        scene = _Scene(lines, text, start, end, width, height, unit, fonts, options.accent)
        events += draw(scene)
    return script(width, height, fonts.faces, events)


def overlay_notes(
    chapters: Chapters, options: RenderOptions, width: int, height: int, *, fonts: FontPlan
) -> tuple[str, ...]:
    """Return notes on titles that were shortened, and on those shown for less than `seconds`."""
    notes = []
    for _, chapter, start, end in _titled(chapters, options):
        where = f"{format_clock(start)} {chapter.title!r}"
        if _laid_out(chapter.title, options, width, height, fonts).is_cut:
            notes.append(f"{where} is too long for the frame and was shortened")
        if end - start < min(1.0, options.seconds):
            notes.append(f"{where} is shown for {end - start:.2f} s only: its chapter is short")
    return tuple(notes)


def _titled(chapters: Chapters, options: RenderOptions) -> list[tuple[int, Chapter, float, float]]:
    return [
        (number, chapter, chapter.start, min(chapter.end, chapter.start + options.seconds))
        for number, chapter in enumerate(chapters.chapters, 1)
        if chapter.title.strip()
    ]


def _laid_out(
    title: str, options: RenderOptions, width: int, height: int, fonts: FontPlan
) -> Lines:
    """The lines of a title in the size, width and number that the style allows."""
    unit, shape = min(width, height) / 100, width / height
    is_narrow = shape < 1.2
    safe = width * (1 - 2 * _SAFE)
    if options.style == "card":
        size, most, n_lines = 8.6, safe, 4 if is_narrow else 3
    elif options.style == "corner":
        size, most, n_lines = 3.7, width * (0.62 if is_narrow else 0.42), 3
    else:
        size, most, n_lines = 5.4, width * (0.72 if is_narrow else 0.6), 3 if is_narrow else 2
        most = min(most, safe - (_NUMBER_WIDTH * unit if options.numbers else 0))
    return fit_lines(title, fonts, size=size * unit, width=most, n_lines=n_lines)


def _lower_third(scene: _Scene) -> list[str]:
    """A dark bar with a stripe in the accent colour at the bottom left; it opens sideways."""
    lines, unit = scene.lines, scene.unit
    pad = 0.62 * lines.size
    is_portrait = scene.width / scene.height < _PORTRAIT
    free = _COVERED_BELOW if is_portrait else _SAFE
    bottom = scene.height * (1 - free) + pad
    top = bottom - lines.height - 2 * pad
    stripe = 0.9 * unit
    if scene.number:
        wide = measure(scene.number, scene.fonts).width + 1.2
        stripe = max(wide, 2.0) * lines.size
    left = scene.width * _SAFE - (0 if scene.number else stripe + pad)
    edges = (left, left + stripe, left + stripe + 2 * pad + lines.width)
    accent, bar, whole = (
        _Area(*_mirrored(scene, first, last), top, bottom)
        for first, last in ((edges[0], edges[1]), (edges[1], edges[2]), (edges[0], edges[2]))
    )
    opening, fade = _opening(scene, whole), _fade(scene)
    background = f"{fade}{opening}\\1c{_BACKGROUND}\\1a{_BACKGROUND_ALPHA}"
    events = [
        _drawing(scene, 0, background, bar),
        _drawing(scene, 1, f"{fade}\\1c{colour(scene.accent)}", accent),
    ]
    events += _text(scene, lines.texts, edges[1] + pad, top + pad + lines.above, fade + opening)
    if scene.number:
        ink = measure(scene.number, scene.fonts)
        x = (accent.left + accent.right) / 2
        y = (top + bottom) / 2 + ink.above * lines.size / 2
        shade = _BACKGROUND if is_light(scene.accent) else "&HFFFFFF&"
        events.append(_word(scene, scene.number, lines.size, (x, y), f"{fade}\\1c{shade}"))
    return events


def _card(scene: _Scene) -> list[str]:
    """The title in the middle of a dimmed frame, above a rule that grows from its centre."""
    lines, unit = scene.lines, scene.unit
    gap, thick = 0.62 * lines.size, max(2.0, 0.75 * unit)
    small = 0.5 * lines.size
    above = 2.0 * small if scene.number else 0.0
    block = above + lines.height + gap + thick
    top = (scene.height - block) / 2
    middle = scene.width / 2
    fade = _fade(scene)
    everything = _Area(0, scene.width, 0, scene.height)
    events = [_drawing(scene, 0, f"{fade}\\1c{_BACKGROUND}\\1a{_DIM_ALPHA}", everything)]
    baseline = top + above + lines.above
    for number, text in enumerate(lines.texts):
        y = baseline + number * lines.pitch
        events.append(_word(scene, text, lines.size, (middle, y), fade))
    if scene.number:
        y = top + 0.75 * small
        tags = f"{fade}\\1c{colour(scene.accent)}"
        events.append(_word(scene, scene.number, small, (middle, y), tags))
    half = 7.0 * unit
    rule = top + block - thick
    grow = f"\\clip({middle:.0f},0,{middle:.0f},{scene.height})"
    whole = f"{middle - half - 1:.0f},0,{middle + half + 1:.0f},{scene.height}"
    grow += f"\\t(0,{2 * scene.fades[0]},0.6,\\clip({whole}))"
    tags = f"{fade}{grow}\\1c{colour(scene.accent)}"
    area = _Area(middle - half, middle + half, rule, rule + thick)
    events.append(_drawing(scene, 1, tags, area))
    return events


def _corner(scene: _Scene) -> list[str]:
    """A small rounded label at the top left, with a mark in the accent colour."""
    lines, unit = scene.lines, scene.unit
    pad, across = 0.55 * lines.size, 0.75 * lines.size
    is_portrait = scene.width / scene.height < _PORTRAIT
    free = _COVERED_ABOVE if is_portrait else _SAFE
    top = scene.height * free - pad + 0.3 * unit
    bottom = top + lines.height + 2 * pad
    stripe = max(2.0, 0.55 * unit)
    number = f"{scene.number}  " if scene.number else ""
    extra = measure(number, scene.fonts).width * lines.size if number else 0.0
    lead = across + stripe + 0.55 * lines.size
    left = max(scene.width * _SAFE - lead, scene.width * _SAFE / 2)
    right = left + lead + extra + lines.width + across
    radius = min(0.55 * lines.size, (bottom - top) / 2)
    fade = _fade(scene)
    label = _Area(*_mirrored(scene, left, right), top, bottom, radius)
    background = f"{fade}\\1c{_BACKGROUND}\\1a{_BACKGROUND_ALPHA}"
    sides = _mirrored(scene, left + across, left + across + stripe)
    mark = _Area(*sides, top + pad, bottom - pad, stripe / 2)
    tags = f"{fade}\\1c{colour(scene.accent)}"
    events = [_drawing(scene, 0, background, label), _drawing(scene, 1, tags, mark)]
    baseline = top + pad + lines.above
    if number:
        events += _text(scene, [scene.number], left + lead, baseline, tags)
    events += _text(scene, lines.texts, left + lead + extra, baseline, fade)
    return events


_STYLES: dict[str, Callable[[_Scene], list[str]]] = dict(
    zip(STYLES, (_lower_third, _card, _corner), strict=True)
)


def _fade(scene: _Scene) -> str:
    return "\\fad({},{})".format(*scene.fades)


def _mirrored(scene: _Scene, left: float, right: float) -> tuple[float, float]:
    """The sides of an area, counted from the right for a title written from right to left."""
    if scene.lines.is_right_to_left:
        return scene.width - right, scene.width - left
    return left, right


def _opening(scene: _Scene, area: _Area) -> str:
    """A clip that opens to the whole width, from the side where the title starts."""
    ms = round(1.6 * scene.fades[0])
    left, right = round(area.left) - 1, round(area.right) + 1
    top, bottom = round(area.top) - 1, round(area.bottom) + 1
    begin = (right, right) if scene.lines.is_right_to_left else (left, left)
    return (
        f"\\clip({begin[0]},{top},{begin[1]},{bottom})"
        f"\\t(0,{ms},0.5,\\clip({left},{top},{right},{bottom}))"
    )


def _drawing(scene: _Scene, layer: int, tags: str, area: _Area) -> str:
    """A box on whole pixels, so that its edges are sharp."""
    edges = (round(area.left), round(area.top), round(area.right), round(area.bottom))
    shape = f"{{\\an7\\pos(0,0)\\bord0\\shad0{tags}}}{box(*edges, area.radius)}"
    return event(layer, scene.start, scene.end, shape)


def _text(
    scene: _Scene, texts: Sequence[str], left: float, baseline: float, tags: str
) -> list[str]:
    """Lines of text, aligned at the side where they start."""
    lines = scene.lines
    x, anchor = (scene.width - left, 9) if lines.is_right_to_left else (left, 7)
    return [
        _word(scene, text, lines.size, (x, baseline + number * lines.pitch), tags, anchor)
        for number, text in enumerate(texts)
    ]


def _word(
    scene: _Scene, text: str, size: float, at: tuple[float, float], tags: str, anchor: int = 8
) -> str:
    """One line of text; `at` is x and baseline. `anchor` 7, 8, 9: x is left, middle, right."""
    x, y = at[0], at[1] - ASCENT * size
    is_rtl = scene.lines.is_right_to_left
    words = markup(text, scene.fonts, size, is_right_to_left=is_rtl)
    place = f"{{\\an{anchor}\\pos({x:.2f},{y:.2f})\\bord0\\shad0{tags}}}"
    return event(2, scene.start, scene.end, f"{place}{words}")
