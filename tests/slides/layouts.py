"""Slides written out as lines with boxes, as a reader of frames returns them."""

from __future__ import annotations

from chapterize.data import Slide, SlideKind, TextLine

Row = tuple[str, float, float, float]
"""Text, left edge, upper edge and height."""


def line(text: str, x: float = 0.06, y: float = 0.3, height: float = 0.045) -> TextLine:
    """A line in a font of usual width, on a frame of 16:9."""
    wide = sum(2 if character > "\u2e80" else 1 for character in text)
    return TextLine(text, x, y, min(0.99 - x, 0.28 * height * wide), height, 0.98)


def centred(text: str, y: float, height: float = 0.045) -> TextLine:
    placed = line(text, 0.0, y, height)
    return line(text, 0.5 - placed.width / 2, y, height)


def bullets(*texts: str, x: float = 0.08, y: float = 0.25, height: float = 0.045) -> list[TextLine]:
    return [line(text, x, y + 1.8 * height * n, height) for n, text in enumerate(texts)]


def titled(heading: str, *texts: str) -> list[TextLine]:
    """A heading at the top left, and bullets below it."""
    return [line(heading, 0.06, 0.06, 0.075), *bullets(*texts)]


def shown(*rows: list[TextLine], kind: SlideKind = "slide", seconds: float = 30.0) -> list[Slide]:
    """One slide for each list of lines, one after the other."""
    return [
        Slide(seconds * n, seconds * (n + 1), kind, tuple(lines), topic=n)
        for n, lines in enumerate(rows)
    ]
