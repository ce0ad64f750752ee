"""The coloured picture that a font holds for an emoji: a bitmap, or outlines painted into one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chapterize.rendering.overlay.font_files import FontFile

if TYPE_CHECKING:
    import uharfbuzz

__all__ = ["ColourFont", "Picture"]

_PIXELS = 128  # to the em: the size of pictures asked for
_MOST = 192  # rows of a picture; larger ones are halved, thirded …
_MEASURE = "\U0001f600"  # a round face, which every emoji font has


@dataclass(frozen=True)
class Picture:
    """`pixels` are red, green, blue, alpha, not multiplied; shape (rows, columns, 4).

    `baseline` is the row at which the line of text stands, `em` the rows to one em of the font.
    """

    pixels: NDArray[np.uint8]
    baseline: float
    em: float

    @property
    def ink(self) -> tuple[int, int, int, int]:
        """(top, bottom, left, right) of what is not transparent; all zero when nothing is."""
        seen = self.pixels[..., 3] >= 128
        if not seen.any():
            return 0, 0, 0, 0
        rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
        return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


class ColourFont:
    """A font file with colours (CBDT, sbix, COLR); what it cannot be asked for it does not draw."""

    def __init__(self, file: FontFile) -> None:
        import uharfbuzz

        self.file = file
        face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(file.path)), file.index)
        self._font = uharfbuzz.Font(face)
        self._font.ppem = (_PIXELS, _PIXELS)
        self._has_colours = face.has_color_png or face.has_color_layers or face.has_color_paint

    @property
    def round_face(self) -> tuple[float, float] | None:
        """(height, middle above the baseline) of a round face in ems: the measure of the font."""
        picture = self.picture(_MEASURE)
        if picture is None:
            return None
        top, bottom, _, _ = picture.ink
        middle = picture.baseline - (top + bottom) / 2
        return (bottom - top) / picture.em, middle / picture.em

    def picture(self, cluster: str) -> Picture | None:
        """`cluster` in colour, its parts side by side where the font has no picture of the whole.

        None when some part has no picture here.
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
            if place.x_advance == 0:  # a joiner or selector, of which nothing is seen
                continue
            part = self._glyph(info.codepoint, place.x_advance)
            if part is None or part.ink == (0, 0, 0, 0):
                return None
            parts.append(part)
        return _side_by_side(parts) if parts else None

    def _glyph(self, glyph: int, advance: int) -> Picture | None:
        if glyph == 0:
            return None
        blob = self._font.get_glyph_color_png(glyph)
        if blob is not None and len(blob.data):
            return _bitmap(self._font, glyph, bytes(blob.data))
        return _painted(self._font, glyph, advance)


def _bitmap(font: uharfbuzz.Font, glyph: int, png: bytes) -> Picture | None:
    import av

    extents = font.get_glyph_extents(glyph)
    if extents is None or extents.height == 0:
        return None
    frames = av.CodecContext.create("png", "r").decode(av.Packet(png))
    pixels = frames[0].to_ndarray(format="rgba").astype(np.uint8)
    scale = pixels.shape[0] / -extents.height
    picture = Picture(pixels, extents.y_bearing * scale, font.face.upem * scale)
    return _reduced(picture, -(-pixels.shape[0] // _MOST))


def _painted(font: uharfbuzz.Font, glyph: int, advance: int) -> Picture | None:
    """Layers of outlines (COLR), painted at `_PIXELS` to the em."""
    import uharfbuzz

    scale = _PIXELS / font.face.upem
    paint = uharfbuzz.RasterPaint()
    paint.foreground = uharfbuzz.Color(255, 255, 255, 255)  # that of the text
    paint.transform = (scale, 0.0, 0.0, scale, 0.0, 0.0)
    # Wider than the glyph should be, for some lean out of their place.
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
    return Picture(pixels, float(above), float(_PIXELS))


def _reduced(picture: Picture, by: int) -> Picture:
    """Of `by` × `by` pixels one."""
    if by == 1:
        return picture
    rows, columns = (-(-n // by) * by for n in picture.pixels.shape[:2])
    whole = np.zeros((rows, columns, 4), np.float32)
    whole[: picture.pixels.shape[0], : picture.pixels.shape[1]] = picture.pixels
    whole[..., :3] *= whole[..., 3:] / 255
    mean = whole.reshape(rows // by, by, columns // by, by, 4).mean((1, 3))
    mean[..., :3] *= 255 / np.maximum(mean[..., 3:], 1)
    pixels = np.minimum(mean, 255).round().astype(np.uint8)
    return Picture(pixels, picture.baseline / by, picture.em / by)


def _side_by_side(parts: list[Picture]) -> Picture:
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
    return Picture(np.concatenate(columns, 1), float(above), parts[0].em)
