"""Turn the image of an emoji into layers of one colour, and these into outlines of a font."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from fontTools.ttLib.tables._g_l_y_f import Glyph

__all__ = ["UNITS", "Layer", "layers_of", "outline"]

Layer = tuple[str, NDArray[np.bool_]]
"""A colour as ``#rrggbb``, and the pixels that have it; shape (rows, columns)."""

UNITS = 8
"""Units of the font per pixel of the image."""

_ROUND = 2  # pixels from a corner at which its curve starts
_N_COLOURS = 14
_ROUNDS = 8
_NEAR = 14.0  # levels by which colours differ that look the same
_OVERLAP = 4
"""Pixels by which a layer extends under those above it, so that no background shows at seams."""

_BACKGROUND = (15, 20, 25)  # of titles: seen through glass, smoke and bubbles
_HARD, _FAINT = 128, 40
_HOLD = 4  # votes of a pixel for its own colour, against those of eight neighbours


def layers_of(pixels: NDArray[np.uint8]) -> list[Layer]:
    """Return the layers of an image (R, G, B, alpha; shape (rows, columns, 4)), lowest first."""
    colours, seen = _solid(pixels)
    labels, palette = _quantised(colours, seen)
    labels = _smoothed(labels, len(palette))
    sizes = np.bincount(labels[labels >= 0], minlength=len(palette))
    order = [int(n) for n in np.argsort(-sizes, kind="stable") if sizes[n]]
    found, above = [], seen.copy()
    for number in order:
        own = labels == number
        above &= ~own
        hexadecimal = "#" + "".join(f"{level:02x}" for level in palette[number])
        found.append((hexadecimal, own | (_grown(own, _OVERLAP) & above)))
    return found


def _solid(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(colours as seen on the background of a title, which pixels are visible).

    Pixels of the soft rim count as opaque or as invisible: they are no colour of their own.
    """
    alpha = pixels[..., 3]
    outside = np.pad(alpha < _FAINT, 1, constant_values=True)
    rim = _grown(outside, 2)[1:-1, 1:-1]
    seen = np.where(rim, alpha >= _HARD, alpha >= _FAINT)
    share = np.where(rim, 1.0, alpha / 255)[..., None]
    colours = pixels[..., :3] * share + np.array(_BACKGROUND) * (1 - share)
    return colours.astype(np.float32), seen


def _quantised(
    colours: NDArray[np.float32], seen: NDArray[np.bool_]
) -> tuple[NDArray[np.int8], NDArray[np.uint8]]:
    """(the number of each pixel's colour, −1 outside; the colours, shape (n, 3)) by k-means.

    The first centre is the most common colour; each next one is the most significant of those that
    are far from all centres.
    """
    coarse = (colours[seen] / 4).astype(np.int32)
    keys = (coarse[:, 0] << 12) | (coarse[:, 1] << 6) | coarse[:, 2]
    _, group, counts = np.unique(keys, return_inverse=True, return_counts=True)
    points = np.stack(
        [np.bincount(group, colours[seen][:, c]) / counts for c in range(3)], 1
    ).astype(np.float32)
    centres = points[[int(counts.argmax())]]
    while len(centres) < _N_COLOURS:
        far = _distances(points, centres).min(1)
        weights = np.where(far > _NEAR**2, far * np.sqrt(counts), 0)
        if not weights.any():
            break
        centres = np.concatenate([centres, points[[int(weights.argmax())]]])
    for _ in range(_ROUNDS):
        nearest = _distances(points, centres).argmin(1)
        shares = np.bincount(nearest, counts, len(centres))
        sums = [np.bincount(nearest, counts * points[:, c], len(centres)) for c in range(3)]
        means = np.stack(sums, 1) / np.maximum(shares, 1)[:, None]
        centres = np.where(shares[:, None] > 0, means, centres).astype(np.float32)
    labels = np.full(seen.shape, -1, np.int8)
    labels[seen] = _distances(points, centres).argmin(1)[group]
    return labels, centres.round().clip(0, 255).astype(np.uint8)


def _distances(points: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared distances; shape (n_points, n_centres)."""
    squares: NDArray[np.float32] = ((points[:, None] - centres[None]) ** 2).sum(2)
    return squares


def _smoothed(labels: NDArray[np.int8], n_colours: int) -> NDArray[np.int8]:
    """Give isolated pixels the colour of most of their neighbours."""
    votes = np.stack([_neighbours(labels == number) for number in range(n_colours)])
    best = votes.argmax(0).astype(np.int8)
    return np.where(labels >= 0, best, labels)


def _neighbours(own: NDArray[np.bool_]) -> NDArray[np.int8]:
    """The number of neighbours in `own`, plus `_HOLD` for the pixel itself."""
    wide = np.pad(own, 1).astype(np.int8)
    rows = wide[:-2] + wide[1:-1] + wide[2:]
    total: NDArray[np.int8] = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    return total + np.int8(_HOLD - 1) * own


def _grown(area: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """`area` extended by `by` pixels along rows and columns."""
    rows, columns = area.shape
    wide = np.pad(area, by)
    tall = np.logical_or.reduce([wide[n : n + rows] for n in range(2 * by + 1)])
    whole: NDArray[np.bool_] = np.logical_or.reduce(
        [tall[:, n : n + columns] for n in range(2 * by + 1)]
    )
    return whole


def outline(area: NDArray[np.bool_], origin: tuple[float, float]) -> Glyph:
    """Return the outline of `area` as one glyph; `origin` is its top left corner, in units.

    The corners of pixels are control points, not points of the curve, so that steps become slopes.
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
    """The corners (x, y) of every contour of `area`: clockwise, for holes counter-clockwise."""
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
    """(line, first, last, sign) of the edges along rows; sign is +1 where `area` is below."""
    steps = np.diff(np.pad(area.astype(np.int8), ((1, 1), (0, 0))), axis=0)
    wide = np.pad(steps, ((0, 0), (1, 1)))
    changes = wide[:, 1:] != wide[:, :-1]
    lines, places = np.nonzero(changes)
    after = wide[lines, places + 1]
    columns = (lines.tolist(), places.tolist(), places[1:].tolist(), after.tolist())
    return [row for row in zip(*columns, strict=False) if row[3]]
