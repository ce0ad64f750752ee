"""Subset a face to the characters of the titles, under a name that no other font has."""

from __future__ import annotations

import io
import logging
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from chapterize.errors import InputError
from chapterize.rendering.overlay.font_files import FontFile

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

__all__ = ["ASCENT", "LINE", "Face", "cut_face", "letters_of"]

ASCENT = 0.95
"""Ems from the top of a line to its baseline, in every face that is embedded."""

LINE = 1.2
"""Ems from the top to the bottom of a line, which is the font size in an ASS file."""

_WEIGHT = 660.0
_BOLD, _STROKE = 600.0, 0.013  # no line around bold letters; ems around regular ones
_SIZE = 32.0  # optical size for headlines
_OUTLINES = ("glyf", "CFF ", "CFF2")
_KHMER_DIVIDED = frozenset("\u17be\u17bf\u17c0\u17c4\u17c5")  # vowels on both sides
_WINDOWS, _UNICODE, _ENGLISH = 3, 1, 0x409


@dataclass(frozen=True)
class Face:
    """An embedded font: its `name` in the ASS file, and its original `family`.

    `letters` are the characters it is for, `data` is an OpenType file of them. `stroke` is the
    width in ems of the line around thin letters that makes them as heavy as those of Inter.
    """

    name: str
    family: str
    letters: frozenset[str]
    data: bytes = field(repr=False)
    stroke: float = field(default=0.0, kw_only=True)


@cache  # 30 ms per font, and each missing character asks up to eight fonts again
def letters_of(font: FontFile) -> frozenset[str]:
    """Return the characters that a face has outlines for; none if it is not a font."""
    from fontTools.ttLib import TTFont

    try:
        with font.path.open("rb") as file, TTFont(file, fontNumber=font.index, lazy=True) as face:
            if not any(table in face for table in _OUTLINES):
                return frozenset()
            glyphs = face.getBestCmap() or {}
            has_colours = any(table in face for table in ("COLR", "SVG ", "CBDT", "sbix"))
            empty = _without_outline(face, glyphs) if has_colours else set()
    except Exception:  # fontTools may raise anything on a damaged file
        return frozenset()
    return frozenset(chr(code) for code in glyphs if code not in empty)


def cut_face(font: FontFile, letters: Iterable[str]) -> Face:
    """Return the part of `font` that draws `letters`, semi-bold if the font is variable.

    Raises InputError if the file is damaged.
    """
    from fontTools.ttLib import TTFont

    wanted = frozenset(letters)
    try:
        with (
            font.path.open("rb") as file,
            # Without a timestamp, the same titles give the same file.
            TTFont(file, fontNumber=font.index, lazy=True, recalcTimestamp=False) as face,
        ):
            family = face["name"].getBestFamilyName() or font.family or font.path.stem
            has_weights = "fvar" in face and any(a.axisTag == "wght" for a in face["fvar"].axes)
            weight = _BOLD if has_weights else face["OS/2"].usWeightClass
            cut = _subset(face, wanted)
            name = font.unique_name("".join(sorted(wanted)))
            _rename(cut, name)
            _align(cut)
            written = io.BytesIO()
            cut.save(written)
    except Exception as error:  # fontTools may raise anything on a damaged file
        raise InputError(
            f"the font {font.path} cannot be used",
            why=str(error) or type(error).__name__,
            hint="choose another with --font, or leave --font out",
        ) from error
    stroke = _STROKE * min(1.5, max(0.0, (_BOLD - weight) / 200))
    return Face(name, family, wanted, written.getvalue(), stroke=stroke)


def _subset(face: TTFont, letters: frozenset[str]) -> TTFont:
    from fontTools import subset
    from fontTools.varLib import instancer

    log = logging.getLogger("fontTools")
    if not log.handlers:
        # Without any handler, Python prints fontTools' warnings on dropped tables to stderr.
        log.addHandler(logging.NullHandler())
    options = subset.Options()
    options.hinting = False
    options.notdef_outline = True
    options.glyph_names = False
    options.drop_tables += ["SVG ", "COLR", "CPAL", "CBDT", "CBLC", "sbix", "FFTM", "meta"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(letters | _parts_of(letters))))
    subsetter.subset(face)
    if "fvar" not in face:
        return face
    wishes = {"wght": _WEIGHT, "opsz": _SIZE, "wdth": 100.0}
    place = {
        axis.axisTag: min(max(wishes.get(axis.axisTag, axis.defaultValue), axis.minValue), top)
        for axis in face["fvar"].axes
        for top in [axis.maxValue]
    }
    return instancer.instantiateVariableFont(face, place, inplace=True)


def _parts_of(letters: frozenset[str]) -> frozenset[str]:
    """The signs into which HarfBuzz divides some letters; without them it draws a box."""
    letters = frozenset(letter for letter in letters if "\u0900" <= letter < "\u1d00")
    parts = {part for letter in letters for part in unicodedata.normalize("NFKD", letter)}
    if parts & _KHMER_DIVIDED:
        parts.add("\u17c1")
    return frozenset(parts)


def _rename(face: TTFont, name: str) -> None:
    """Rename the face, so that libass never takes a system font in its place."""
    table = face["name"]
    table.names = []
    for number, text in ((1, name), (2, "Regular"), (3, name), (4, name), (6, name)):
        table.setName(text, number, _WINDOWS, _UNICODE, _ENGLISH)
    face["OS/2"].fsSelection = 0x40
    face["OS/2"].usWeightClass = 400
    face["head"].macStyle = 0


def _align(face: TTFont) -> None:
    """Give all faces the same line metrics, so that sizes and baselines agree between scripts."""
    em = face["head"].unitsPerEm
    ascent, descent = round(ASCENT * em), round((LINE - ASCENT) * em)
    face["OS/2"].usWinAscent, face["OS/2"].usWinDescent = ascent, descent
    face["OS/2"].sTypoAscender, face["OS/2"].sTypoDescender = ascent, -descent
    face["OS/2"].sTypoLineGap = 0
    face["hhea"].ascent, face["hhea"].descent, face["hhea"].lineGap = ascent, -descent, 0


def _without_outline(face: TTFont, glyphs: dict[int, str]) -> set[int]:
    """The codes of symbols without an outline: libass does not draw colour glyphs."""
    from fontTools.pens.boundsPen import ControlBoundsPen

    drawn: Any = face.getGlyphSet()
    empty = set()
    for code, glyph in glyphs.items():
        if code >= 0x203C and unicodedata.category(chr(code)) in ("So", "Sk", "Sm", "Cn", "Po"):
            pen = ControlBoundsPen(drawn)
            drawn[glyph].draw(pen)
            if pen.bounds is None:
                empty.add(code)
    return empty
