"""The slides of the sample lecture, drawn with Pillow and its built-in font."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

__all__ = ["FIGURES", "draw_slide"]

WIDTH, HEIGHT = 1280, 720
_SCALE = 2  # drawn at twice the size, then reduced for smooth edges
_NIGHT, _PANEL, _PAPER = "#14283c", "#1d3a54", "#f4efe3"
_LAMP, _SEA, _MIST = "#f2b544", "#5fb0c9", "#9db4c4"
_PANEL_BOX = (784, 136, 1204, 596)  # left, top, right, bottom in pixels of the finished slide

Point = tuple[float, float]


class Style(NamedTuple):
    """Font size in pixels of the finished slide, colour and weight."""

    size: int
    colour: str
    is_bold: bool = False


class Pen:
    """Draws in the panel; x and y are between -1 and 1, y points downwards."""

    def __init__(self, draw: ImageDraw.ImageDraw) -> None:
        self._draw = draw
        left, top, right, bottom = (edge * _SCALE for edge in _PANEL_BOX)
        self._centre = ((left + right) / 2, (top + bottom) / 2)
        self._unit = (right - left) / 2

    def _at(self, point: Point) -> Point:
        return (self._centre[0] + point[0] * self._unit, self._centre[1] + point[1] * self._unit)

    def shape(self, points: Sequence[Point], colour: str) -> None:
        """A filled polygon."""
        self._draw.polygon([self._at(point) for point in points], fill=colour)

    def line(self, points: Sequence[Point], colour: str, width: float = 0.03) -> None:
        """A line with round joints; `width` is a fraction of half the panel."""
        thick = round(width * self._unit)
        places = [self._at(point) for point in points]
        self._draw.line(places, fill=colour, width=thick, joint="curve")
        for x, y in (places[0], places[-1]):
            r = thick / 2
            self._draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def oval(
        self,
        centre: Point,
        rx: float,
        ry: float,
        *,
        fill: str | None = None,
        rim: str | None = None,
    ) -> None:
        """An ellipse, filled or as an outline."""
        x, y = self._at(centre)
        box = (x - rx * self._unit, y - ry * self._unit, x + rx * self._unit, y + ry * self._unit)
        self._draw.ellipse(box, fill=fill, outline=rim, width=round(0.025 * self._unit))


def _wave(y: float, height: float, turns: float, phase: float = 0.0) -> list[Point]:
    xs = [-0.8 + 1.6 * step / 120 for step in range(121)]
    return [(x, y + height * math.sin(math.pi * turns * x + phase)) for x in xs]


def _boat(pen: Pen) -> None:
    pen.oval((0.45, -0.62), 0.17, 0.17, fill=_LAMP)
    pen.shape([(-0.04, -0.7), (-0.04, 0.18), (-0.6, 0.18)], _PAPER)
    pen.shape([(0.06, -0.5), (0.06, 0.18), (0.48, 0.18)], _MIST)
    pen.shape([(-0.66, 0.28), (0.62, 0.28), (0.42, 0.55), (-0.46, 0.55)], _LAMP)
    for row in range(3):
        pen.line(_wave(0.6 + 0.14 * row, 0.035, 4, row), _SEA)


def _quay(pen: Pen) -> None:
    for index, (height, colour) in enumerate(((0.5, _MIST), (0.72, _PAPER), (0.58, _LAMP))):
        x = -0.72 + 0.5 * index
        pen.shape([(x, 0.2), (x, 0.2 - height), (x + 0.44, 0.2 - height), (x + 0.44, 0.2)], colour)
        pen.shape(
            [(x - 0.04, 0.2 - height), (x + 0.22, -0.08 - height), (x + 0.48, 0.2 - height)], _SEA
        )
        pen.shape([(x + 0.16, 0.2), (x + 0.16, 0.0), (x + 0.28, 0.0), (x + 0.28, 0.2)], _NIGHT)
    pen.line([(-0.85, 0.24), (0.85, 0.24)], _PAPER, 0.06)
    pen.oval((0.0, 0.46), 0.1, 0.1, rim=_LAMP)
    pen.line(_wave(0.78, 0.04, 4), _SEA)


def _bulges(pen: Pen) -> None:
    for step in range(36):
        angle = 2 * math.pi * step / 36
        place = (-0.08 + 0.82 * math.cos(angle), 0.82 * math.sin(angle))
        pen.oval(place, 0.012, 0.012, fill=_MIST)
    pen.oval((-0.08, 0.0), 0.58, 0.42, fill=_SEA)
    pen.oval((-0.08, 0.0), 0.34, 0.34, fill=_PAPER)
    pen.oval((0.74, 0.0), 0.12, 0.12, fill=_LAMP)


def _curve(pen: Pen) -> None:
    pen.line([(-0.8, 0.1), (0.8, 0.1)], _MIST, 0.012)
    points = []
    for step in range(241):
        x = -0.8 + 1.6 * step / 240
        height = 0.34 + 0.24 * math.cos(2 * math.pi * (x + 0.8) / 0.9)
        points.append((x, 0.1 - height * math.sin(2 * math.pi * x / 0.16)))
    pen.line(points, _SEA, 0.025)
    for x, fill in ((-0.8, _LAMP), (0.1, _PAPER)):
        pen.oval((x + 0.02, -0.75), 0.09, 0.09, fill=fill)


def _rope(pen: Pen) -> None:
    for index in range(8):
        x = -0.66 + 0.19 * index
        colour = (_LAMP, _PAPER, _MIST)[index % 3]
        pen.line([(x - 0.08, 0.22), (x + 0.08, -0.22)], colour, 0.17)
    for index in range(3):
        pen.line(_wave(0.56 + 0.12 * index, 0.04, 3, index * 2.1), (_LAMP, _PAPER, _MIST)[index])


def _fish(pen: Pen) -> None:
    for x, y, colour in ((-0.2, -0.45, _MIST), (0.2, 0.0, _PAPER), (-0.15, 0.45, _SEA)):
        pen.oval((x, y), 0.42, 0.15, fill=colour)
        pen.shape([(x - 0.36, y), (x - 0.6, y - 0.16), (x - 0.6, y + 0.16)], colour)
        pen.oval((x + 0.28, y - 0.03), 0.03, 0.03, fill=_NIGHT)
        pen.line([(x + 0.18, y - 0.1), (x + 0.15, y), (x + 0.18, y + 0.1)], _NIGHT, 0.015)


def _crystals(pen: Pen) -> None:
    for row, count in enumerate((1, 2, 3)):
        for index in range(count):
            x, y = (index - (count - 1) / 2) * 0.52, -0.5 + 0.5 * row
            top = [(x, y - 0.28), (x + 0.24, y - 0.16), (x, y - 0.04), (x - 0.24, y - 0.16)]
            pen.shape(top, _PAPER)
            pen.shape(
                [(x - 0.24, y - 0.14), (x, y - 0.02), (x, y + 0.26), (x - 0.24, y + 0.14)], _MIST
            )
            pen.shape(
                [(x + 0.24, y - 0.14), (x, y - 0.02), (x, y + 0.26), (x + 0.24, y + 0.14)], _SEA
            )


def _tower(pen: Pen) -> None:
    pen.shape([(0.0, -0.5), (0.9, -0.78), (0.9, -0.3)], _LAMP)
    pen.shape([(0.0, -0.5), (-0.9, -0.78), (-0.9, -0.3)], _LAMP)
    pen.shape([(-0.14, -0.36), (0.14, -0.36), (0.26, 0.6), (-0.26, 0.6)], _PAPER)
    pen.shape([(-0.175, -0.06), (0.175, -0.06), (0.2, 0.18), (-0.2, 0.18)], _SEA)
    pen.shape([(-0.11, -0.38), (0.11, -0.38), (0.11, -0.62), (-0.11, -0.62)], _MIST)
    pen.shape([(-0.16, -0.62), (0.16, -0.62), (0.0, -0.8)], _SEA)
    pen.shape([(-0.7, 0.85), (-0.4, 0.58), (0.4, 0.58), (0.75, 0.85)], _MIST)


def _lens(pen: Pen) -> None:
    for ring in range(6, 0, -1):
        pen.oval((0.0, 0.0), 0.13 * ring, 0.13 * ring, fill=(_SEA, _PANEL)[ring % 2], rim=_PAPER)
    pen.oval((0.0, 0.0), 0.1, 0.1, fill=_LAMP)


def _flashes(pen: Pen) -> None:
    for row, gaps in enumerate(((0, 1, 2, 3), (0, 0.4, 2, 2.4), (0, 0.4, 0.8, 2.8))):
        y = -0.45 + 0.45 * row
        pen.line([(-0.8, y), (0.8, y)], _MIST, 0.012)
        for gap in gaps:
            pen.oval((-0.68 + 0.45 * gap, y), 0.08, 0.08, fill=_LAMP)


def _globe(pen: Pen) -> None:
    pen.oval((0.0, 0.0), 0.75, 0.75, fill=_SEA)
    for share in (0.25, 0.5, 0.75):
        pen.oval((0.0, 0.0), 0.75 * share, 0.75, rim=_NIGHT)
    for y in (-0.4, 0.0, 0.4):
        half = math.sqrt(0.75**2 - y * y)
        pen.line([(-half, y), (half, y)], _NIGHT, 0.02)
    pen.oval((0.28, -0.4), 0.06, 0.06, fill=_LAMP)


def _watch(pen: Pen) -> None:
    pen.oval((0.0, -0.76), 0.12, 0.12, rim=_LAMP)
    pen.oval((0.0, 0.1), 0.72, 0.72, fill=_LAMP)
    pen.oval((0.0, 0.1), 0.63, 0.63, fill=_PAPER)
    for hour in range(12):
        x, y = math.sin(math.pi * hour / 6), -math.cos(math.pi * hour / 6)
        pen.line([(0.52 * x, 0.1 + 0.52 * y), (0.58 * x, 0.1 + 0.58 * y)], _NIGHT, 0.03)
    pen.line([(0.0, 0.1), (0.22, -0.2)], _NIGHT, 0.05)
    pen.line([(0.0, 0.1), (-0.42, 0.28)], _NIGHT, 0.035)


def _eel(pen: Pen) -> None:
    for row in range(4):
        pen.line(_wave(-0.6 + 0.4 * row, 0.02, 5, row * 1.3), _SEA, 0.015)
    body = [(-0.7 + 1.4 * step / 160, 0.32 * math.sin(step / 22)) for step in range(161)]
    for index, (x, y) in enumerate(body):
        r = 0.095 * min(1.0, 0.6 + index / 40) * (1 - index / 160) ** 0.45
        pen.oval((x, y), r, r, fill=_PAPER)
    pen.oval((body[4][0], body[4][1] - 0.02), 0.018, 0.018, fill=_NIGHT)


FIGURES: dict[str, Callable[[Pen], None]] = {
    "boat": _boat,
    "quay": _quay,
    "bulges": _bulges,
    "curve": _curve,
    "rope": _rope,
    "fish": _fish,
    "crystals": _crystals,
    "tower": _tower,
    "lens": _lens,
    "flashes": _flashes,
    "globe": _globe,
    "watch": _watch,
    "eel": _eel,
}
"""The drawings that a panel can show, by name."""


def draw_slide(
    heading: str, lines: Sequence[str], figure: str, *, footer: str, number: int
) -> Image.Image:
    """A slide of 1280x720: heading and lines on the left, a figure in a panel on the right.

    Raises
    ------
    KeyError : there is no such figure.
    """
    image = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), _NIGHT)
    draw = ImageDraw.Draw(image)
    panel = tuple(edge * _SCALE for edge in _PANEL_BOX)
    draw.rounded_rectangle(panel, radius=28 * _SCALE, fill=_PANEL)
    FIGURES[figure](Pen(draw))
    y = _write(draw, heading, (76, 132), Style(54, _PAPER, is_bold=True), width=660) + 18
    draw.rectangle([edge * _SCALE for edge in (78, y, 198, y + 6)], fill=_LAMP)
    y += 50
    for line in lines:
        y = _write(draw, line, (78, y), Style(33, _PAPER), width=640) + 20
    _write(draw, footer, (78, 650), Style(22, _MIST), width=800)
    _write(draw, str(number), (1180, 650), Style(22, _MIST), width=60)
    return image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _write(
    draw: ImageDraw.ImageDraw, text: str, place: tuple[int, int], style: Style, *, width: int
) -> int:
    """Draw wrapped text; returns the y below it, in pixels of the finished slide."""
    font = ImageFont.load_default(style.size * _SCALE)
    # Pillow's font has one weight; a stroke of the same colour makes it bold.
    stroke = _SCALE if style.is_bold else 0
    rows = [""]
    for word in text.split():
        longer = f"{rows[-1]} {word}".strip()
        if draw.textlength(longer, font) > width * _SCALE and rows[-1]:
            rows.append(word)
        else:
            rows[-1] = longer
    x, y = place
    for row in rows:
        draw.text((x * _SCALE, y * _SCALE), row, style.colour, font, stroke_width=stroke)
        y += round(style.size * 1.24)
    return y
