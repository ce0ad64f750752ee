"""Titles as one ASS file that libass draws.

Bars are vector drawings, every line of a title has a measured position, and the fonts are embedded.
Text stays within the inner 80 % of the frame (title-safe), bars within the inner 90 %
(action-safe), and both clear of what players cover: their bar with the time, and in portrait frames
the buttons and captions of short videos. Titles written from right to left are mirrored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chapterize.data import Chapter, Chapters
from chapterize.language import guess_language
from chapterize.rendering.options import STYLES, RenderOptions
from chapterize.rendering.overlay.ass import box, colour, contrast, event, markup, script
from chapterize.rendering.overlay.font_cut import ASCENT
from chapterize.rendering.overlay.fonts import FontPlan
from chapterize.rendering.overlay.lines import Lines, Room, fit_lines, measure
from chapterize.timecode import format_clock

__all__ = ["overlay_notes", "overlay_spans", "write_overlay"]

_SAFE = 0.1
"""Fraction of width and height that text leaves free on every side (title-safe area)."""

_BELOW, _BELOW_PORTRAIT = 0.11, 0.25
"""Fractions of the height below a lower third: YouTube's bar covers 7 %, that of shorts 24 %."""

_COVERED_ABOVE = 0.12
"""Fraction of the height of a portrait frame that players cover with buttons."""

_PORTRAIT = 0.8  # width over height below which a frame counts as portrait
_SMALLEST = 4.2
"""Hundredths of the shorter side that an em takes at least: 15 pixels in a frame of 360."""

_BACKGROUND = "#0f1419"  # a very dark blue
_BAR = f"\\1c{colour(_BACKGROUND)}\\1a&H0A&"
"""A bar is 4 % transparent: lines of a slide under it can no longer be read."""

_WHITE = "#ffffff"
_LEGIBLE = 4.5  # contrast ratio for text (WCAG 2.2, level AA)
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
    def small(self) -> float:
        """Pixels per em of the number."""
        return max(_SMALLEST * self.unit, 0.5 * self.lines.size)

    @property
    def width_of_text(self) -> float:
        """Width of the title, or of the number where that is wider."""
        return max(self.lines.width, measure(self.number, self.fonts).width * self.small)

    @property
    def height_of_text(self) -> float:
        """Height of the title and of the number below it."""
        return self.lines.height + (1.35 * self.small if self.number else 0.0)

    @property
    def bright(self) -> str:
        """The accent colour if text in it is legible on the background, else white."""
        return self.accent if contrast(self.accent, _BACKGROUND) >= _LEGIBLE else _WHITE

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
    chapters: Chapters,
    options: RenderOptions,
    width: int,
    height: int,
    *,
    fonts: FontPlan,
    spans: Sequence[tuple[float, float]] | None = None,
) -> str:
    """Return the ASS file for a frame of `width` × `height` square pixels, `fonts` embedded.

    `spans` are those of `overlay_spans` unless other times are given.
    """
    draw, language = _STYLES[options.style], _language(chapters, options)
    events: list[str] = []
    for place, (number, chapter, start, end) in enumerate(_titled(chapters, options)):
        lines = _laid_out(chapter.title, options, (width, height), fonts, language)
        unit = min(width, height) / 100
        text = f"{number} / {len(chapters)}" if options.numbers else ""
        start, end = (start, end) if spans is None else spans[place]
        scene = _Scene(lines, text, start, end, width, height, unit, fonts, options.accent)
        events += draw(scene)
    return script(width, height, fonts.faces, events)


def overlay_notes(
    chapters: Chapters, options: RenderOptions, width: int, height: int, *, fonts: FontPlan
) -> tuple[str, ...]:
    """Return notes on titles that were shortened, and on those shown for less than `seconds`."""
    notes, language = [], _language(chapters, options)
    for _, chapter, start, end in _titled(chapters, options):
        where = f"{format_clock(start)} {chapter.title!r}"
        if _laid_out(chapter.title, options, (width, height), fonts, language).is_cut:
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


def _language(chapters: Chapters, options: RenderOptions) -> str | None:
    return options.language or guess_language("\n".join(chapters.titles))


def _laid_out(
    title: str,
    options: RenderOptions,
    frame: tuple[int, int],
    fonts: FontPlan,
    language: str | None,
) -> Lines:
    """The lines of a title in the size, width and number that the style allows."""
    width, height = frame
    unit, is_narrow = min(frame) / 100, width / height < 1.2
    smallest = _SMALLEST * unit
    if options.style == "card":
        n_lines, most_lines = (4, 6) if is_narrow else (3, 5)
        room = Room(width * (1 - 2 * _SAFE), 8.6 * unit, 5.4 * unit, n_lines, most_lines)
    elif options.style == "corner":
        room = Room(width * (0.62 if is_narrow else 0.45), 4.5 * unit, smallest, 3, 4)
    else:
        n_lines, share = (3, 0.72) if is_narrow else (2, 0.6)
        room = Room(width * share, 5.6 * unit, smallest, n_lines, n_lines + 1)
    return fit_lines(title, fonts, room, language)


def _lower_third(scene: _Scene) -> list[str]:
    """A dark bar with a stripe in the accent colour at the bottom left; it opens sideways."""
    lines = scene.lines
    pad, stripe = 0.62 * lines.size, 0.9 * scene.unit
    is_portrait = scene.width / scene.height < _PORTRAIT
    bottom = scene.height * (1 - (_BELOW_PORTRAIT if is_portrait else _BELOW))
    top = bottom - scene.height_of_text - 2 * pad
    left = scene.width * _SAFE
    edges = (left - pad - stripe, left - pad, left + scene.width_of_text + pad)
    accent, bar, whole = (
        _Area(*_mirrored(scene, first, last), top, bottom)
        for first, last in ((edges[0], edges[1]), (edges[1], edges[2]), (edges[0], edges[2]))
    )
    opening, fade = _opening(scene, whole), _fade(scene)
    return [
        _drawing(scene, 0, f"{fade}{opening}{_BAR}", bar),
        _drawing(scene, 1, f"{fade}\\1c{colour(scene.accent)}", accent),
        *_text(scene, left, top + pad, fade + opening),
    ]


def _card(scene: _Scene) -> list[str]:
    """The title in the middle of a dark frame, above a rule that grows from its centre.

    Nothing of the video is seen through it: lines of a slide would run into those of the title.
    """
    lines, unit = scene.lines, scene.unit
    gap, thick = 0.62 * lines.size, max(2.0, 0.75 * unit)
    block = scene.height_of_text + gap + thick
    top = (scene.height - block) / 2
    middle = scene.width / 2
    fade = _fade(scene)
    everything = _Area(0, scene.width, 0, scene.height)
    events = [_drawing(scene, 0, f"{fade}\\1c{colour(_BACKGROUND)}", everything)]
    baseline = top + lines.above
    for number, text in enumerate(lines.texts):
        y = baseline + number * lines.pitch
        events.append(_word(scene, text, lines.size, (middle, y), fade))
    rule = top + lines.height + gap
    if scene.number:
        y = rule + thick + 1.35 * scene.small
        tags = f"{fade}\\1c{colour(scene.bright)}"
        events.append(_word(scene, scene.number, scene.small, (middle, y), tags))
    half = 7.0 * unit
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
    bottom = top + scene.height_of_text + 2 * pad
    stripe = max(2.0, 0.55 * unit)
    lead = across + stripe + 0.55 * lines.size
    left = max(scene.width * _SAFE - lead, scene.width * _SAFE / 2)
    right = left + lead + scene.width_of_text + across
    radius = min(0.55 * lines.size, (bottom - top) / 2)
    fade = _fade(scene)
    label = _Area(*_mirrored(scene, left, right), top, bottom, radius)
    sides = _mirrored(scene, left + across, left + across + stripe)
    mark = _Area(*sides, top + pad, bottom - pad, stripe / 2)
    return [
        _drawing(scene, 0, f"{fade}{_BAR}", label),
        _drawing(scene, 1, f"{fade}\\1c{colour(scene.accent)}", mark),
        *_text(scene, left + lead, top + pad, fade),
    ]


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


def _text(scene: _Scene, left: float, top: float, tags: str) -> list[str]:
    """The title and the number below it, aligned at the side where they start."""
    lines = scene.lines
    x, anchor = (scene.width - left, 9) if lines.is_right_to_left else (left, 7)
    events = [
        _word(scene, text, lines.size, (x, top + lines.above + row * lines.pitch), tags, anchor)
        for row, text in enumerate(lines.texts)
    ]
    if scene.number:
        y, tags = top + lines.height + 1.25 * scene.small, f"{tags}\\1c{colour(scene.bright)}"
        events.append(_word(scene, scene.number, scene.small, (x, y), tags, anchor))
    return events


def _word(
    scene: _Scene, text: str, size: float, at: tuple[float, float], tags: str, anchor: int = 8
) -> str:
    """One line of text; `at` is x and baseline. `anchor` 7, 8, 9: x is left, middle, right."""
    x, y = at[0], at[1] - ASCENT * size
    is_rtl = scene.lines.is_right_to_left
    words = markup(text, scene.fonts, size, is_right_to_left=is_rtl)
    place = f"{{\\an{anchor}\\pos({x:.2f},{y:.2f})\\bord0\\shad0{tags}}}"
    return event(2, scene.start, scene.end, f"{place}{words}")
