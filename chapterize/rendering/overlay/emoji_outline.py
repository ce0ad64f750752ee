"""Areas of pixels as outlines of a TrueType font."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from fontTools.ttLib.tables._g_l_y_f import Glyph

__all__ = ["UNITS", "outline"]

UNITS = 8
"""Of the font to a pixel of the picture."""

_ROUND = 2  # pixels from a corner at which its curve begins


def outline(area: NDArray[np.bool_], origin: tuple[float, float]) -> Glyph:
    """The rim of `area` as one glyph; `origin` is where its top left corner lies, in units.

    A corner of pixels is a control point, not a point of the curve, so that stairs become slopes.
    """
    from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphCoordinates
    from fontTools.ttLib.tables.ttProgram import Program

    points, on, ends = list[tuple[int, int]](), bytearray(), list[int]()
    for loop in _loops(area):
        for (x, y), (to_x, to_y) in zip(loop, [*loop[1:], loop[0]], strict=True):
            points.append((x, y))
            on.append(0)
            far = abs(to_x - x) + abs(to_y - y)
            if far > 2 * _ROUND:
                step_x, step_y = _ROUND * (to_x - x) // far, _ROUND * (to_y - y) // far
                points += [(x + step_x, y + step_y), (to_x - step_x, to_y - step_y)]
                on += b"\1\1"
        ends.append(len(points) - 1)
    glyph = Glyph()
    glyph.numberOfContours = len(ends)
    glyph.coordinates = GlyphCoordinates(
        [(round(origin[0] + UNITS * x), round(origin[1] - UNITS * y)) for x, y in points]
    )
    glyph.flags, glyph.endPtsOfContours = on, ends
    glyph.program = Program()
    glyph.program.fromBytecode(b"")
    return glyph


def _loops(area: NDArray[np.bool_]) -> list[list[tuple[int, int]]]:
    """The corners (x, y) of every rim of `area`: clockwise, those of holes the other way."""
    following: dict[tuple[bool, int, int], list[tuple[int, int]]] = {}
    for is_level, field in ((True, area), (False, area.T)):
        for line, first, last, sign in _edges(field):
            if (sign > 0) != is_level:
                first, last = last, first
            begin, end = (
                ((first, line), (last, line)) if is_level else ((line, first), (line, last))
            )
            following.setdefault((is_level, *begin), []).append(end)
    loops = []
    while following:
        is_level, *start = next(iter(following))
        key, loop = (is_level, start[0], start[1]), list[tuple[int, int]]()
        while key in following:
            ends = following[key]
            loop.append((key[1], key[2]))
            x, y = ends.pop()
            if not ends:
                del following[key]
            key = (not key[0], x, y)
        loops.append(loop)
    return loops


def _edges(area: NDArray[np.bool_]) -> list[tuple[int, int, int, int]]:
    """(line, first, last, sign) of the edges along rows; sign +1 where `area` is after the line."""
    steps = np.diff(np.pad(area.astype(np.int8), ((1, 1), (0, 0))), axis=0)
    wide = np.pad(steps, ((0, 0), (1, 1)))
    changes = wide[:, 1:] != wide[:, :-1]
    lines, places = np.nonzero(changes)
    after = wide[lines, places + 1]
    found = []
    for n in np.flatnonzero(after):
        found.append((int(lines[n]), int(places[n]), int(places[n + 1]), int(after[n])))
    return found
