"""A picture of an emoji taken apart into a few colours, each one area of pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Layer", "layers_of"]

Layer = tuple[str, NDArray[np.bool_]]
"""A colour as ``#rrggbb``, and the pixels that have it; shape (rows, columns)."""

_N_COLOURS = 14
_ROUNDS = 8
_NEAR = 14.0  # levels between colours that are one to the eye
_OVERLAP = 4
"""Pixels by which a layer reaches under those above it, so that no ground shines through seams."""

_GROUND = (15, 20, 25)  # what titles stand on: seen through glass, smoke and bubbles
_HARD, _FAINT = 128, 40
_HOLD = 4  # votes of a pixel for its own colour, against eight neighbours


def layers_of(pixels: NDArray[np.uint8]) -> list[Layer]:
    """The layers of a picture (R, G, B, alpha; shape (rows, columns, 4)), the lowest first."""
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
    """(colours as seen on the ground of a title, which pixels are seen at all).

    The soft rim of a picture is no colour of its own: a half counts as all or nothing.
    """
    alpha = pixels[..., 3]
    outside = np.pad(alpha < _FAINT, 1, constant_values=True)
    rim = _grown(outside, 2)[1:-1, 1:-1]
    seen = np.where(rim, alpha >= _HARD, alpha >= _FAINT)
    share = np.where(rim, 1.0, alpha / 255)[..., None]
    colours = pixels[..., :3] * share + np.array(_GROUND) * (1 - share)
    return colours.astype(np.float32), seen


def _quantised(
    colours: NDArray[np.float32], seen: NDArray[np.bool_]
) -> tuple[NDArray[np.int8], NDArray[np.uint8]]:
    """(the number of each pixel's colour, −1 outside; the colours, shape (n, 3)): k-means.

    Begins with the commonest colour, and goes on with the one that matters most of those far away.
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
    """Squares of distances; shape (n_points, n_centres)."""
    steps: NDArray[np.float32] = points[:, None] - centres[None]
    squares: NDArray[np.float32] = (steps**2).sum(2)
    return squares


def _smoothed(labels: NDArray[np.int8], n_colours: int) -> NDArray[np.int8]:
    """Pixels that stand alone take the colour of most of their neighbours."""
    votes = np.stack([_neighbours(labels == number) for number in range(n_colours)])
    best = votes.argmax(0).astype(np.int8)
    return np.where(labels >= 0, best, labels)


def _neighbours(own: NDArray[np.bool_]) -> NDArray[np.int8]:
    """How many of the pixels around have it, and `_HOLD` for the pixel itself."""
    wide = np.pad(own, 1).astype(np.int8)
    rows = wide[:-2] + wide[1:-1] + wide[2:]
    total: NDArray[np.int8] = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    return total + np.int8(_HOLD - 1) * own


def _grown(area: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """`area` and all within `by` pixels of it, along rows and columns."""
    rows, columns = area.shape
    wide = np.pad(area, by)
    tall = np.logical_or.reduce([wide[n : n + rows] for n in range(2 * by + 1)])
    whole: NDArray[np.bool_] = np.logical_or.reduce(
        [tall[:, n : n + columns] for n in range(2 * by + 1)]
    )
    return whole
