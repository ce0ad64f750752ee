"""Small fonts with colour emoji, in each format that systems use."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont
    from fontTools.ttLib.tables._g_l_y_f import Glyph

RED, BLUE, GREEN = (255, 0, 0), (0, 0, 255), (0, 160, 0)
KINDS = ("COLRv0", "COLRv1", "sbix", "CBDT")
# Each is a square: the upper half has the first colour, the lower half the second.
HALVES = {
    "grin": (RED, BLUE),
    "rocket": (GREEN, RED),
    "family": (BLUE, GREEN),
    "letter": (BLUE, BLUE),
    "flag": (RED, GREEN),
    "heart": (RED, RED),
}
LIGATURES = {"family": ("rocket", "joiner", "grin"), "flag": ("letter", "letter")}
CHARACTERS = {0x1F600: "grin", 0x1F680: "rocket", 0x1F1E6: "letter", 0x2764: "heart"}
_EM, _SIDE = 1000, 800


def colour_font(path: Path, kind: str = "COLRv0") -> Path:
    """Write a font with 😀, 🚀, 🚀‍😀 as one glyph, 🇦 (two of them are a flag) and ❤."""
    from fontTools.fontBuilder import FontBuilder

    halves = [f"{glyph}{n}" for glyph in HALVES for n in (0, 1)]
    names = [".notdef", "joiner", *HALVES, *halves]
    builder = FontBuilder(_EM, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({0x200D: "joiner", 0xFE0F: "joiner", **CHARACTERS})
    glyphs = {name: _box(0, 0) for name in (".notdef", "joiner")}
    glyphs |= {name: _box(0, _SIDE) for name in HALVES}
    for glyph in HALVES:
        glyphs[f"{glyph}0"], glyphs[f"{glyph}1"] = _box(_SIDE // 2, _SIDE), _box(0, _SIDE // 2)
    builder.setupGlyf(glyphs)
    widths = dict.fromkeys(names, _EM) | {"joiner": 0}
    builder.setupHorizontalMetrics({name: (width, 0) for name, width in widths.items()})
    builder.setupHorizontalHeader(ascent=900, descent=-200)
    builder.setupOS2()
    builder.setupNameTable({"familyName": "Small Emoji", "styleName": "Regular"})
    builder.setupPost()
    rules = [f"sub {' '.join(parts)} by {whole};" for whole, parts in LIGATURES.items()]
    builder.addOpenTypeFeatures(f"feature ccmp {{ {' '.join(rules)} }} ccmp;")
    if kind.startswith("COLR"):
        _add_layers(builder, version=int(kind[-1]))
    elif kind == "sbix":
        _add_sbix(builder.font)
    else:
        _add_cbdt(builder.font)
    builder.save(path)
    return path


def _box(low: int, high: int) -> Glyph:
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    if high > low:
        pen.moveTo((100, low))
        for point in ((100, high), (100 + _SIDE, high), (100 + _SIDE, low)):
            pen.lineTo(point)
        pen.closePath()
    return pen.glyph()


def _add_layers(builder: object, version: int) -> None:
    from fontTools.fontBuilder import FontBuilder
    from fontTools.ttLib.tables.otTables import PaintFormat

    assert isinstance(builder, FontBuilder)
    palette = [RED, BLUE, GREEN]
    builder.setupCPAL([[(*(level / 255 for level in colour), 1.0) for colour in palette]])
    flat = {
        name: [(f"{name}{n}", palette.index(colour)) for n, colour in enumerate(halves)]
        for name, halves in HALVES.items()
    }
    painted = {
        name: {
            "Format": PaintFormat.PaintColrLayers,
            "Layers": [
                {
                    "Format": PaintFormat.PaintGlyph,
                    "Glyph": glyph,
                    "Paint": {
                        "Format": PaintFormat.PaintSolid,
                        "PaletteIndex": index,
                        "Alpha": 1.0,
                    },
                }
                for glyph, index in layers
            ],
        }
        for name, layers in flat.items()
    }
    builder.setupCOLR(painted if version else flat, version=version)


def _png(upper: tuple[int, int, int], lower: tuple[int, int, int], side: int = 100) -> bytes:
    """A square of two halves, with a margin of a tenth on the left and on the right."""
    import av

    pixels = np.zeros((side, side * 5 // 4, 4), np.uint8)
    free = side // 8
    pixels[: side // 2, free : free + side] = (*upper, 255)
    pixels[side // 2 :, free : free + side] = (*lower, 255)
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = pixels.shape[1], side, "rgba"
    encoder.time_base = Fraction(1)
    packets = encoder.encode(av.VideoFrame.from_ndarray(pixels, format="rgba"))
    return b"".join(bytes(packet) for packet in [*packets, *encoder.encode(None)])


def _add_sbix(font: TTFont) -> None:
    from fontTools.ttLib import newTable
    from fontTools.ttLib.tables.sbixGlyph import Glyph
    from fontTools.ttLib.tables.sbixStrike import Strike

    strike = Strike(ppem=125, resolution=72)
    for name in font.getGlyphOrder():
        data = _png(*HALVES[name]) if name in HALVES else None
        glyph_image = Glyph(glyphName=name, graphicType="png " if data else None, imageData=data)
        strike.glyphs[name] = glyph_image
    table = newTable("sbix")
    table.strikes[125] = strike
    font["sbix"] = table


def _add_cbdt(font: TTFont) -> None:
    from fontTools.ttLib import newTable
    from fontTools.ttLib.tables import E_B_L_C_ as LOCATIONS
    from fontTools.ttLib.tables.BitmapGlyphMetrics import SmallGlyphMetrics
    from fontTools.ttLib.tables.C_B_D_T_ import cbdt_bitmap_format_17

    bitmaps = {}
    for name, halves in HALVES.items():
        bitmap = cbdt_bitmap_format_17(b"", font)
        bitmap.metrics = SmallGlyphMetrics()
        sizes = {"height": 100, "width": 125, "BearingX": 0, "BearingY": 100, "Advance": 125}
        vars(bitmap.metrics).update(sizes)
        bitmap.imageData = _png(*halves)
        bitmaps[name] = bitmap
    subtable = LOCATIONS.eblc_index_sub_table_1(b"", font)
    subtable.indexFormat, subtable.imageFormat = 1, 17
    subtable.names = list(HALVES)
    subtable.firstGlyphIndex = font.getGlyphID(subtable.names[0])
    subtable.lastGlyphIndex = font.getGlyphID(subtable.names[-1])
    strike = LOCATIONS.Strike()
    strike.bitmapSizeTable = size = LOCATIONS.BitmapSizeTable()
    size.colorRef, size.flags, size.bitDepth = 0, 1, 32
    size.ppemX = size.ppemY = 125
    size.startGlyphIndex, size.endGlyphIndex = subtable.firstGlyphIndex, subtable.lastGlyphIndex
    for line in ("hori", "vert"):
        metrics = LOCATIONS.SbitLineMetrics()
        for field in LOCATIONS.sbitLineMetricsFormat.split("\n"):
            name = field.strip().partition(":")[0]
            if name and not name.startswith(">"):
                setattr(metrics, name, 0)
        setattr(size, line, metrics)
    strike.indexSubTables = [subtable]
    font["CBLC"], font["CBDT"] = newTable("CBLC"), newTable("CBDT")
    font["CBLC"].version, font["CBLC"].strikes = 3.0, [strike]
    font["CBDT"].version, font["CBDT"].strikeData = 3.0, [bitmaps]
