"""Emoji in colour, for a renderer that knows outlines only.

The picture that a colour font holds is taken apart into areas of one colour, and these become the
glyphs of a small font. In the line they are written one after the other, each in its colour: they
have no width and are drawn around the pen, so they fall upon each other, and a blank glyph of half
the emoji's width stands before and after them. This holds in either direction of writing.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chapterize.render.emoji_layers import layers_of
from chapterize.render.emoji_picture import ColourFont, Picture
from chapterize.render.font_cut import ASCENT, LINE, Face
from chapterize.render.font_files import FontFile, colour_fonts

if TYPE_CHECKING:
    from fontTools.ttLib.tables._g_l_y_f import Glyph

__all__ = ["EmojiFace", "emoji_faces"]

_HEIGHT = 1.0  # ems of text to a round face
_MIDDLE = 0.36  # ems above the baseline: half of a capital
_GAP = 0.06  # ems free on either side
_UNITS = 8  # of the font to a pixel of the picture
_ROUND = 2  # pixels from a corner at which its curve begins
# Like emoji these have no direction of their own, so a line is ordered as its writer sees it.
_BLANK, _FIRST = 0x2500, 0x2501


@dataclass(frozen=True)
class EmojiFace(Face):
    """The font of one emoji: `cluster` as titles have it, `colours` of its layers from below.

    `width`, `above` and `below` are ems.
    """

    cluster: str
    colours: tuple[str, ...]
    width: float
    above: float
    below: float

    @property
    def blank(self) -> str:
        """The glyph of half the width, which stands before and after the layers."""
        return chr(_BLANK)

    @property
    def layers(self) -> tuple[tuple[str, str], ...]:
        """(colour as ``#rrggbb``, glyph) of each layer, to be written in this order."""
        return tuple((colour, chr(_FIRST + n)) for n, colour in enumerate(self.colours))


def emoji_faces(wanted: Iterable[str]) -> dict[str, EmojiFace]:
    """A face for each of `wanted` of which a colour font here has a picture."""
    found = {}
    for cluster in wanted:
        for file in colour_fonts():
            face = _face(cluster, file)
            if face is not None:
                found[cluster] = face
                break
    return found


@cache
def _opened(file: FontFile) -> tuple[ColourFont, tuple[float, float] | None] | None:
    """(the font, the measure of it); None when the file is damaged."""
    try:
        font = ColourFont(file)
        return font, font.round_face
    except Exception:  # a damaged font, or a picture in it, may raise anything
        return None


@cache
def _face(cluster: str, file: FontFile) -> EmojiFace | None:
    opened = _opened(file)
    if opened is None:
        return None
    font, measure = opened
    try:
        picture = font.picture(cluster)
    except Exception:  # as above
        return None
    if picture is None:
        return None
    return _built(cluster, picture, measure, file)


def _built(
    cluster: str, picture: Picture, measure: tuple[float, float] | None, file: FontFile
) -> EmojiFace:
    top, bottom, left, right = picture.ink
    height, middle = measure or (
        (bottom - top) / picture.em,
        (picture.baseline - (top + bottom) / 2) / picture.em,
    )
    em = height * picture.em / _HEIGHT  # pixels of the picture to an em of text
    baseline = round(picture.baseline + (_MIDDLE / _HEIGHT * height - middle) * picture.em)
    layers = layers_of(picture.pixels[top:bottom, left:right])
    width = right - left
    half = _UNITS * (width / 2 + _GAP * em)
    origin = (-_UNITS * width / 2, _UNITS * (baseline - top))
    glyphs = [_outline(area, origin) for _, area in layers]
    digest = hashlib.blake2b(f"{file.path}#{file.index}{cluster}".encode(), digest_size=6)
    name = f"chapterize-{digest.hexdigest()}"
    data = _font(name, round(_UNITS * em), round(half), glyphs)
    return EmojiFace(
        name,
        file.family,
        frozenset(cluster),
        data,
        cluster,
        tuple(colour for colour, _ in layers),
        2 * half / (_UNITS * em),
        (baseline - top) / em,
        (bottom - baseline) / em,
    )


def _font(name: str, em: int, half: int, glyphs: list[Glyph]) -> bytes:
    """A TrueType font: the blank, then the layers, which have no width."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    names = [".notdef", "blank", *(f"layer{n}" for n in range(len(glyphs)))]
    builder = FontBuilder(em, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({_BLANK + n: glyph for n, glyph in enumerate(names[1:])})
    empty = Glyph()
    builder.setupGlyf(dict(zip(names, [empty, empty, *glyphs], strict=True)))
    widths = [0, half, *(0 for _ in glyphs)]
    table = builder.font["glyf"]
    bearings = [getattr(table[glyph], "xMin", 0) for glyph in names]
    builder.setupHorizontalMetrics(
        dict(zip(names, zip(widths, bearings, strict=True), strict=True))
    )
    ascent, descent = round(ASCENT * em), round((LINE - ASCENT) * em)
    builder.setupHorizontalHeader(ascent=ascent, descent=-descent)
    builder.setupOS2(
        sTypoAscender=ascent,
        sTypoDescender=-descent,
        usWinAscent=ascent,
        usWinDescent=descent,
    )
    builder.setupNameTable({"familyName": name, "styleName": "Regular", "fullName": name, "psName": name})
    builder.setupPost(keepGlyphNames=False)
    written = io.BytesIO()
    builder.save(written)
    return written.getvalue()


def _outline(area: NDArray[np.bool_], origin: tuple[float, float]) -> Glyph:
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
        [(round(origin[0] + _UNITS * x), round(origin[1] - _UNITS * y)) for x, y in points]
    )
    glyph.flags, glyph.endPtsOfContours = on, ends
    glyph.program = Program()
    glyph.program.fromBytecode(b"")
    return glyph


def _loops(area: NDArray[np.bool_]) -> list[list[tuple[int, int]]]:
    """The corners (x, y) of every rim of `area`, outer ones clockwise, those of holes against it."""
    following: dict[tuple[bool, int, int], list[tuple[int, int]]] = {}
    for is_level, field in ((True, area), (False, area.T)):
        for line, first, last, sign in _edges(field):
            if (sign > 0) != is_level:
                first, last = last, first
            begin, end = ((first, line), (last, line)) if is_level else ((line, first), (line, last))
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
    """(line, first, last, sign) of the edges along rows; sign +1 where `area` lies after the line."""
    steps = np.diff(np.pad(area.astype(np.int8), ((1, 1), (0, 0))), axis=0)
    wide = np.pad(steps, ((0, 0), (1, 1)))
    changes = wide[:, 1:] != wide[:, :-1]
    lines, places = np.nonzero(changes)
    after = wide[lines, places + 1]
    found = []
    for n in np.flatnonzero(after):
        found.append((int(lines[n]), int(places[n]), int(places[n + 1]), int(after[n])))
    return found
