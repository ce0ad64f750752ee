"""Titles over the picture, as one ASS file that libass draws.

Bars are vector drawings, every line of a title stands where it was measured to stand, and the
fonts are inside. Text keeps within the inner 80 % of the picture (title-safe), bars within the
inner 90 % (action-safe); titles written from right to left are mirrored. In upright pictures
everything keeps clear of the edges that players of short videos cover.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chapterize.data import Chapter, Chapters
from chapterize.errors import InputError
from chapterize.rendering.overlay.ass import box, colour, event, is_light, markup, script
from chapterize.rendering.overlay.font_cut import ASCENT
from chapterize.rendering.overlay.fonts import FontPlan
from chapterize.rendering.overlay.lines import Lines, fit_lines, measure
from chapterize.timecode import format_clock

__all__ = ["STYLES", "OverlayOptions", "overlay_notes", "overlay_spans", "write_overlay"]

STYLES = ("lower-third", "card", "corner")
_SAFE = 0.1
"""Of width and height that text keeps free on every side: the title-safe area."""

_COVERED_BELOW = 0.22
_COVERED_ABOVE = 0.12
"""Of the height of an upright picture that players cover with buttons and captions."""

_UPRIGHT = 0.8  # widths to a height: below this the picture is held upright
_ROOM = 16
"""Hundredths of the shorter side that a chapter's number and its box take at the most."""

_GROUND = "&H19140F&"  # a very dark blue
_GROUND_ALPHA = "&H26&"
_DIM_ALPHA = "&H2E&"  # of a card: words on a slide beneath must not be read along
_FADE_IN, _FADE_OUT = 280, 240  # milliseconds
_SHORTEST = 0.04  # seconds: one picture at 25 a second


@dataclass(frozen=True)
class OverlayOptions:
    """How titles look: `style` is one of ``STYLES``, `seconds` how long each stays.

    `accent` is a colour as ``#rrggbb``; `font` a family or the path of a font file; `numbers` puts
    the number of the chapter beside its title.
    """

    style: str = "lower-third"
    seconds: float = 4.0
    accent: str = "#ffcc00"
    font: str | None = None
    numbers: bool = False


@dataclass(frozen=True)
class _Scene:
    """One title to be drawn; lengths in pixels, `unit` is a hundredth of the shorter side."""

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
        """Milliseconds of fading in and out, never more than half of a short title."""
        most = round((self.end - self.start) * 250)
        return min(_FADE_IN, most), min(_FADE_OUT, most)


def overlay_spans(chapters: Chapters, options: OverlayOptions) -> tuple[tuple[float, float], ...]:
    """The seconds in which a title lies over the picture, in order, without overlap.

    One for each chapter that has a title, from its start, `seconds` long, ended by its end.
    """
    return tuple((start, end) for _, _, start, end in _titled(chapters, options))


def write_overlay(
    chapters: Chapters, options: OverlayOptions, width: int, height: int, *, fonts: FontPlan
) -> str:
    """The ASS file for a picture of `width` × `height` square pixels, `fonts` inside.

    Raises
    ------
    InputError : the style, the seconds or the colour cannot be used.
    """
    draw = _STYLES[_checked(options).style]
    events: list[str] = []
    for number, chapter, start, end in _titled(chapters, options):
        lines = _laid_out(chapter.title, options, width, height, fonts)
        unit = min(width, height) / 100
        text = str(number) if options.numbers else ""
        accent = options.accent
        scene = _Scene(lines, text, start, end, width, height, unit, fonts, accent)
        events += draw(scene)
    return script(width, height, fonts.faces, events)


def overlay_notes(
    chapters: Chapters, options: OverlayOptions, width: int, height: int, *, fonts: FontPlan
) -> tuple[str, ...]:
    """What a viewer will not see: titles that were cut, and those on screen for less than told."""
    notes = []
    for _, chapter, start, end in _titled(chapters, options):
        where = f"{format_clock(start)} {chapter.title!r}"
        if _laid_out(chapter.title, options, width, height, fonts).is_cut:
            notes.append(f"{where} is too long for the picture: it was cut")
        if end - start < min(1.0, options.seconds):
            notes.append(f"{where} stays for {end - start:.2f} s only: its chapter is that short")
    return tuple(notes)


def _checked(options: OverlayOptions) -> OverlayOptions:
    if options.style not in _STYLES:
        raise InputError(
            f"there is no style {options.style!r}", hint=f"choose one of {', '.join(STYLES)}"
        )
    if not _SHORTEST <= options.seconds < float("inf"):
        raise InputError(
            f"a title cannot stay for {options.seconds} seconds", hint="4 seconds are usual"
        )
    colour(options.accent)
    return options


def _titled(chapters: Chapters, options: OverlayOptions) -> list[tuple[int, Chapter, float, float]]:
    return [
        (number, chapter, chapter.start, min(chapter.end, chapter.start + options.seconds))
        for number, chapter in enumerate(chapters.chapters, 1)
        if chapter.title.strip()
    ]


def _laid_out(
    title: str, options: OverlayOptions, width: int, height: int, fonts: FontPlan
) -> Lines:
    """Size, width and count of lines as each style has them."""
    unit, shape = min(width, height) / 100, width / height
    is_narrow = shape < 1.2
    safe = width * (1 - 2 * _SAFE)
    if options.style == "card":
        size, most, n_lines = 8.6, safe, 4 if is_narrow else 3
    elif options.style == "corner":
        size, most, n_lines = 3.7, width * (0.62 if is_narrow else 0.42), 3
    else:
        size, most, n_lines = 5.4, width * (0.72 if is_narrow else 0.6), 3 if is_narrow else 2
        most = min(most, safe - (_ROOM * unit if options.numbers else 0))
    return fit_lines(title, fonts, size=size * unit, width=most, n_lines=n_lines)


def _lower_third(scene: _Scene) -> list[str]:
    """A dark bar with a stripe in the accent colour, low at the left; it opens sideways."""
    lines, unit = scene.lines, scene.unit
    pad = 0.62 * lines.size
    is_upright = scene.width / scene.height < _UPRIGHT
    free = _COVERED_BELOW if is_upright else _SAFE
    bottom = scene.height * (1 - free) + pad
    top = bottom - lines.height - 2 * pad
    stripe = 0.9 * unit
    if scene.number:
        wide = measure(scene.number, scene.fonts).width + 1.2
        stripe = max(wide, 2.0) * lines.size
    left = scene.width * _SAFE - (0 if scene.number else stripe + pad)
    edges = (left, left + stripe, left + stripe + 2 * pad + lines.width)
    seen = _opening(scene, *_mirrored(scene, edges[0], edges[2]), top, bottom)
    accent, bar = (
        _mirrored(scene, edges[0], edges[1]),
        _mirrored(scene, edges[1], edges[2]),
    )
    fade = _fade(scene)
    events = [
        _drawing(scene, 0, f"{fade}{seen}\\1c{_GROUND}\\1a{_GROUND_ALPHA}", bar, top, bottom),
        _drawing(scene, 1, f"{fade}\\1c{colour(scene.accent)}", accent, top, bottom),
    ]
    events += _text(scene, edges[1] + pad, top + pad + lines.above, fade + seen)
    if scene.number:
        ink = measure(scene.number, scene.fonts)
        x = (accent[0] + accent[1]) / 2
        y = (top + bottom) / 2 + ink.above * lines.size / 2
        shade = _GROUND if is_light(scene.accent) else "&HFFFFFF&"
        events.append(_word(scene, scene.number, lines.size, x, y, f"{fade}\\1c{shade}"))
    return events


def _card(scene: _Scene) -> list[str]:
    """The title in the middle of a dimmed picture, under it a rule that grows from its centre."""
    lines, unit = scene.lines, scene.unit
    gap, thick = 0.62 * lines.size, max(2.0, 0.75 * unit)
    small = 0.5 * lines.size
    above = 2.0 * small if scene.number else 0.0
    block = above + lines.height + gap + thick
    top = (scene.height - block) / 2
    middle = scene.width / 2
    fade = _fade(scene)
    events = [
        _drawing(
            scene, 0, f"{fade}\\1c{_GROUND}\\1a{_DIM_ALPHA}", (0, scene.width), 0, scene.height
        )
    ]
    baseline = top + above + lines.above
    for number, text in enumerate(lines.texts):
        y = baseline + number * lines.pitch
        events.append(_word(scene, text, lines.size, middle, y, fade))
    if scene.number:
        y = top + 0.75 * small
        tags = f"{fade}\\1c{colour(scene.accent)}"
        events.append(_word(scene, scene.number, small, middle, y, tags))
    half = 7.0 * unit
    rule = top + block - thick
    grow = f"\\clip({middle:.0f},0,{middle:.0f},{scene.height})"
    grow += (
        f"\\t(0,{2 * scene.fades[0]},0.6,\\clip({_box_text(scene, middle - half, middle + half)}))"
    )
    tags = f"{fade}{grow}\\1c{colour(scene.accent)}"
    events.append(_drawing(scene, 1, tags, (middle - half, middle + half), rule, rule + thick))
    return events


def _corner(scene: _Scene) -> list[str]:
    """A small rounded label at the top left, with a dot of the accent colour."""
    lines, unit = scene.lines, scene.unit
    pad, across = 0.55 * lines.size, 0.75 * lines.size
    is_upright = scene.width / scene.height < _UPRIGHT
    free = _COVERED_ABOVE if is_upright else _SAFE
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
    shape = _mirrored(scene, left, right)
    ground = f"{fade}\\1c{_GROUND}\\1a{_GROUND_ALPHA}"
    mark = _mirrored(scene, left + across, left + across + stripe)
    tags = f"{fade}\\1c{colour(scene.accent)}"
    events = [
        _drawing(scene, 0, ground, shape, top, bottom, radius),
        _drawing(scene, 1, tags, mark, top + pad, bottom - pad, stripe / 2),
    ]
    if number:
        y = top + pad + lines.above
        is_mirrored = lines.is_right_to_left
        x = scene.width - left - lead if is_mirrored else left + lead
        anchor = 9 if is_mirrored else 7
        events.append(_word(scene, scene.number, lines.size, x, y, tags, anchor))
    events += _text(scene, left + lead + extra, top + pad + lines.above, fade)
    return events


_STYLES: dict[str, Callable[[_Scene], list[str]]] = dict(
    zip(STYLES, (_lower_third, _card, _corner), strict=True)
)


def _fade(scene: _Scene) -> str:
    return "\\fad({},{})".format(*scene.fades)


def _mirrored(scene: _Scene, left: float, right: float) -> tuple[float, float]:
    """Where a stretch lies: as given, or from the right for a title that begins there."""
    if scene.lines.is_right_to_left:
        return scene.width - right, scene.width - left
    return left, right


def _opening(scene: _Scene, left: float, right: float, top: float, bottom: float) -> str:
    """A window that opens from where the title begins, to its whole width."""
    ms = round(1.6 * scene.fades[0])
    left, right, top, bottom = round(left) - 1, round(right) + 1, round(top) - 1, round(bottom) + 1
    begin = (right, right) if scene.lines.is_right_to_left else (left, left)
    return (
        f"\\clip({begin[0]},{top},{begin[1]},{bottom})"
        f"\\t(0,{ms},0.5,\\clip({left},{top},{right},{bottom}))"
    )


def _box_text(scene: _Scene, left: float, right: float) -> str:
    return f"{left - 1:.0f},0,{right + 1:.0f},{scene.height}"


def _drawing(
    scene: _Scene,
    layer: int,
    tags: str,
    across: tuple[float, float],
    top: float,
    bottom: float,
    radius: float = 0.0,
) -> str:
    """A box on whole pixels, so that its edges are sharp."""
    edges = (round(across[0]), round(top), round(across[1]), round(bottom))
    shape = box(*edges, (radius, radius))
    return event(layer, scene.start, scene.end, f"{{\\an7\\pos(0,0)\\bord0\\shad0{tags}}}{shape}")


def _text(scene: _Scene, left: float, baseline: float, tags: str) -> list[str]:
    """The lines of the title, flush with the side where they begin."""
    lines = scene.lines
    is_mirrored = lines.is_right_to_left
    x = scene.width - left if is_mirrored else left
    return [
        _word(
            scene,
            text,
            lines.size,
            x,
            baseline + number * lines.pitch,
            tags,
            anchor=9 if is_mirrored else 7,
        )
        for number, text in enumerate(lines.texts)
    ]


def _word(
    scene: _Scene, text: str, size: float, x: float, baseline: float, tags: str, anchor: int = 8
) -> str:
    """One line of text; `anchor` 7, 8 or 9: `x` is its left end, its middle or its right end."""
    y = baseline - ASCENT * size
    is_rtl = scene.lines.is_right_to_left
    words = markup(text, scene.fonts, size, is_right_to_left=is_rtl)
    place = f"{{\\an{anchor}\\pos({x:.2f},{y:.2f})\\bord0\\shad0{tags}}}"
    return event(2, scene.start, scene.end, f"{place}{words}")
