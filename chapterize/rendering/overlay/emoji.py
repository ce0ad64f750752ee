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

from chapterize.rendering.overlay.emoji_layers import layers_of
from chapterize.rendering.overlay.emoji_outline import UNITS, outline
from chapterize.rendering.overlay.emoji_picture import ColourFont, Picture
from chapterize.rendering.overlay.font_cut import ASCENT, LINE, Face
from chapterize.rendering.overlay.font_files import FontFile, colour_fonts

if TYPE_CHECKING:
    from fontTools.ttLib.tables._g_l_y_f import Glyph

__all__ = ["EmojiFace", "emoji_faces"]

_HEIGHT = 1.0  # ems of text to a round face
_MIDDLE = 0.36  # ems above the baseline: half of a capital
_GAP = 0.06  # ems free on either side
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
    half = UNITS * (width / 2 + _GAP * em)
    origin = (-UNITS * width / 2, UNITS * (baseline - top))
    glyphs = [outline(area, origin) for _, area in layers]
    digest = hashlib.blake2b(f"{file.path}#{file.index}{cluster}".encode(), digest_size=6)
    name = f"chapterize-{digest.hexdigest()}"
    data = _font(name, round(UNITS * em), round(half), glyphs)
    return EmojiFace(
        name,
        file.family,
        frozenset(cluster),
        data,
        cluster,
        tuple(colour for colour, _ in layers),
        2 * half / (UNITS * em),
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
    builder.setupNameTable(
        {"familyName": name, "styleName": "Regular", "fullName": name, "psName": name}
    )
    builder.setupPost(keepGlyphNames=False)
    written = io.BytesIO()
    builder.save(written)
    return written.getvalue()
