"""Emoji in colour, for a renderer that only draws outlines.

The image in a colour font is split into areas of one colour, which become the glyphs of a small
font. In the line they are written one after the other, each in its colour. They have no width and
are centred at the pen, so they are drawn on top of each other; a blank glyph of half the width
precedes and follows them. This works in both directions of writing.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chapterize.rendering.overlay.emoji_shapes import UNITS, layers_of, outline
from chapterize.rendering.overlay.font_cut import ASCENT, LINE, Face
from chapterize.rendering.overlay.font_files import FontFile, colour_fonts

if TYPE_CHECKING:
    import uharfbuzz
    from fontTools.ttLib.tables._g_l_y_f import Glyph

__all__ = ["EmojiFace", "emoji_faces"]

_HEIGHT = 1.0  # height of a round face in ems of the text
_MIDDLE = 0.36  # ems from the baseline to its middle: half of a capital letter
_GAP = 0.06  # ems free on either side
# Like emoji, these have no direction of their own, so the order of a line stays the same.
_BLANK, _FIRST = 0x2500, 0x2501
_PIXELS = 128  # per em: the size of images requested
_MAX_ROWS = 192  # larger images are scaled down by an integer
_ROUND_FACE = "\U0001f600"  # every emoji font has it


@dataclass(frozen=True)
class EmojiFace(Face):
    """The font of one emoji: its `cluster` in titles, the `colours` of its layers from below.

    `width`, `above` and `below` are ems.
    """

    cluster: str
    colours: tuple[str, ...]
    width: float
    above: float
    below: float

    blank = chr(_BLANK)
    """The glyph of half the width, before and after the layers."""

    @property
    def layers(self) -> tuple[tuple[str, str], ...]:
        """(colour as ``#rrggbb``, glyph) of each layer, in the order to write them."""
        return tuple((colour, chr(_FIRST + n)) for n, colour in enumerate(self.colours))


def emoji_faces(wanted: Iterable[str]) -> dict[str, EmojiFace]:
    """Return a face for each of `wanted` that a colour font on this machine has."""
    clusters, found = list(wanted), dict[str, EmojiFace]()
    for file in colour_fonts() if clusters else ():
        if missing := [cluster for cluster in clusters if cluster not in found]:
            found |= _faces_in(file, missing)
    return {cluster: found[cluster] for cluster in clusters if cluster in found}


def _faces_in(file: FontFile, wanted: Iterable[str]) -> dict[str, EmojiFace]:
    """Faces for those of `wanted` that one colour font has; none if it is damaged."""
    found = {}
    try:
        font = ColourFont(file)
        round_face = font.image(_ROUND_FACE)
    except Exception:  # a damaged font, or an image in it, may raise anything
        return {}
    for cluster in wanted:
        image = None
        with suppress(Exception):
            image = font.image(cluster)
        if image is not None:
            found[cluster] = _built(cluster, image, round_face or image, file)
    return found


def _built(cluster: str, image: EmojiImage, round_face: EmojiImage, file: FontFile) -> EmojiFace:
    """The face of one emoji, scaled and placed so that `round_face` has the usual height."""
    top, bottom, left, right = image.ink
    height, middle = round_face.extent
    em = height * image.em / _HEIGHT  # pixels of the image per em of the text
    baseline = round(image.baseline + (_MIDDLE / _HEIGHT * height - middle) * image.em)
    layers = layers_of(image.pixels[top:bottom, left:right])
    width = right - left
    half = UNITS * (width / 2 + _GAP * em)
    origin = (-UNITS * width / 2, UNITS * (baseline - top))
    glyphs = [outline(area, origin) for _, area in layers]
    name = file.unique_name(cluster)
    data = _font(name, round(UNITS * em), round(half), glyphs)
    colours = tuple(colour for colour, _ in layers)
    extent = (2 * half / (UNITS * em), (baseline - top) / em, (bottom - baseline) / em)
    return EmojiFace(name, file.family, frozenset(cluster), data, cluster, colours, *extent)


def _font(name: str, em: int, half: int, glyphs: list[Glyph]) -> bytes:
    """A TrueType font of the blank and the layers, which have no width."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    names = [".notdef", "blank", *(f"layer{n}" for n in range(len(glyphs)))]
    builder = FontBuilder(em, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({_BLANK + n: glyph for n, glyph in enumerate(names[1:])})
    empty = Glyph()
    builder.setupGlyf(dict(zip(names, [empty, empty, *glyphs], strict=True)))
    widths, table = {"blank": half}, builder.font["glyf"]
    metrics = {each: (widths.get(each, 0), getattr(table[each], "xMin", 0)) for each in names}
    builder.setupHorizontalMetrics(metrics)
    ascent, descent = round(ASCENT * em), round((LINE - ASCENT) * em)
    builder.setupHorizontalHeader(ascent=ascent, descent=-descent)
    builder.setupOS2(
        sTypoAscender=ascent, sTypoDescender=-descent, usWinAscent=ascent, usWinDescent=descent
    )
    builder.setupNameTable(
        {"familyName": name, "styleName": "Regular", "fullName": name, "psName": name}
    )
    builder.setupPost(keepGlyphNames=False)
    written = io.BytesIO()
    builder.save(written)
    return written.getvalue()


@dataclass(frozen=True)
class EmojiImage:
    """`pixels` are red, green, blue, alpha, not premultiplied; shape (rows, columns, 4).

    `baseline` is the row of the text's baseline, `em` the number of rows per em of the font.
    """

    pixels: NDArray[np.uint8]
    baseline: float
    em: float

    @property
    def ink(self) -> tuple[int, int, int, int]:
        """(top, bottom, left, right) of the opaque part; all 0 when there is none."""
        seen = self.pixels[..., 3] >= 128
        if not seen.any():
            return 0, 0, 0, 0
        rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
        return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1

    @property
    def extent(self) -> tuple[float, float]:
        """(height of the ink, its middle above the baseline) in ems of the font."""
        top, bottom, _, _ = self.ink
        return (bottom - top) / self.em, (self.baseline - (top + bottom) / 2) / self.em


class ColourFont:
    """A font file with colour glyphs (CBDT, sbix, COLR)."""

    def __init__(self, file: FontFile) -> None:
        import uharfbuzz

        face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(file.path)), file.index)
        self._font = uharfbuzz.Font(face)
        self._font.ppem = (_PIXELS, _PIXELS)
        self._has_colours = face.has_color_png or face.has_color_layers or face.has_color_paint

    def image(self, cluster: str) -> EmojiImage | None:
        """Return the image of `cluster`, its parts side by side if the font has none of the whole.

        None when a part has no image.
        """
        import uharfbuzz

        if not self._has_colours:
            return None
        buffer = uharfbuzz.Buffer()
        buffer.add_str(cluster)
        buffer.guess_segment_properties()
        buffer.direction = "ltr"
        uharfbuzz.shape(self._font, buffer)
        parts = []
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            if place.x_advance == 0:  # a joiner or selector, which is invisible
                continue
            part = self._glyph(info.codepoint, place.x_advance)
            if part is None or part.ink == (0, 0, 0, 0):
                return None
            parts.append(part)
        return _side_by_side(parts) if parts else None

    def _glyph(self, glyph: int, advance: int) -> EmojiImage | None:
        if glyph == 0:
            return None
        blob = self._font.get_glyph_color_png(glyph)
        if blob is not None and len(blob.data):
            return _bitmap(self._font, glyph, bytes(blob.data))
        return _painted(self._font, glyph, advance)


def _bitmap(font: uharfbuzz.Font, glyph: int, png: bytes) -> EmojiImage | None:
    import av

    extents = font.get_glyph_extents(glyph)
    if extents is None or extents.height == 0:
        return None
    frames = av.CodecContext.create("png", "r").decode(av.Packet(png))
    pixels = frames[0].to_ndarray(format="rgba").astype(np.uint8)
    scale = pixels.shape[0] / -extents.height
    image = EmojiImage(pixels, extents.y_bearing * scale, font.face.upem * scale)
    return _reduced(image, -(-pixels.shape[0] // _MAX_ROWS))


def _painted(font: uharfbuzz.Font, glyph: int, advance: int) -> EmojiImage | None:
    """Paint the outlines of a COLR glyph at `_PIXELS` per em."""
    import uharfbuzz

    scale = _PIXELS / font.face.upem
    paint = uharfbuzz.RasterPaint()
    paint.foreground = uharfbuzz.Color(255, 255, 255, 255)  # the colour of the text
    paint.transform = (scale, 0.0, 0.0, scale, 0.0, 0.0)
    # Larger than the advance, because some glyphs extend past it.
    margin, below, above = _PIXELS // 4, _PIXELS // 2, _PIXELS * 3 // 2
    width = round(advance * scale) + 2 * margin
    paint.extents = uharfbuzz.RasterExtents(-margin, -below, width, below + above, 0)
    if not paint.paint_glyph_or_fail(font, glyph):
        return None
    image = paint.render()
    rows = np.frombuffer(image.buffer, np.uint8).reshape(below + above, -1)[::-1, : 4 * width]
    seen = rows.reshape(below + above, width, 4).astype(np.float32)
    opaque = seen[..., 3:]
    colours = seen[..., 2::-1] * 255 / np.maximum(opaque, 1)
    pixels = np.concatenate([np.minimum(colours, 255), opaque], 2).round().astype(np.uint8)
    return EmojiImage(pixels, float(above), float(_PIXELS))


def _reduced(image: EmojiImage, by: int) -> EmojiImage:
    """Scale down by the factor `by`."""
    if by == 1:
        return image
    rows, columns = (-(-n // by) * by for n in image.pixels.shape[:2])
    whole = np.zeros((rows, columns, 4), np.float32)
    whole[: image.pixels.shape[0], : image.pixels.shape[1]] = image.pixels
    whole[..., :3] *= whole[..., 3:] / 255
    mean = whole.reshape(rows // by, by, columns // by, by, 4).mean((1, 3))
    mean[..., :3] *= 255 / np.maximum(mean[..., 3:], 1)
    pixels = np.minimum(mean, 255).round().astype(np.uint8)
    return EmojiImage(pixels, image.baseline / by, image.em / by)


def _side_by_side(parts: list[EmojiImage]) -> EmojiImage:
    if len(parts) == 1:
        return parts[0]
    above = max(round(part.baseline) for part in parts)
    below = max(part.pixels.shape[0] - round(part.baseline) for part in parts)
    columns = []
    for part in parts:
        _, _, left, right = part.ink
        column = np.zeros((above + below, right - left + 4, 4), np.uint8)
        top = above - round(part.baseline)
        column[top : top + part.pixels.shape[0], 2:-2] = part.pixels[:, left:right]
        columns.append(column)
    return EmojiImage(np.concatenate(columns, 1), float(above), parts[0].em)
