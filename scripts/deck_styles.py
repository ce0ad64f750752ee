"""The looks of the decks: colours, fonts and sizes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from PIL import ImageFont

__all__ = ["STYLES", "Font", "Style", "face", "has_chinese", "wrap"]

_FILES = {
    "sans": ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    "condensed": ("DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf"),
    "serif": ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"),
    "mono": ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"),
    "chinese": ("DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf"),
}
Font = ImageFont.FreeTypeFont


@dataclass(frozen=True)
class Style:
    """The looks of a deck; sizes are for a frame 720 pixels high.

    `bar` is the colour behind the heading, `foot` what is at the bottom: ``bar`` (three fields),
    ``line``, ``number`` or ``none``. `edge` is decoration: ``logo``, ``sidebar``, ``dots``,
    ``band`` or nothing.
    """

    paper: str = "#ffffff"
    ink: str = "#222222"
    accent: str = "#2f5aa8"
    font: str = "sans"
    heading_font: str = "sans"
    heading_size: int = 42
    is_bold: bool = True
    body_size: int = 28
    align: str = "left"
    bar: str | None = None
    foot: str = "number"
    edge: str = ""
    bullet: str = "•"
    heading_y: int = 40


# fmt: off
STYLES = {
    # For fitting.
    "beamer": Style(accent="#3333b3", bar="#3333b3", foot="bar", is_bold=False, heading_size=36,
                    body_size=27, bullet="▸", heading_y=18),
    "office": Style(ink="#404040", accent="#c0504d", heading_size=46, body_size=30, foot="line",
                    edge="logo", font="condensed", heading_font="condensed", is_bold=False),
    "dark": Style("#101418", "#e8e8e8", "#ffb000", "inter", "inter", 50, align="centre",
                  foot="none", bullet="–", body_size=34),
    "serif": Style("#fdfdf8", "#111111", "#7a1f1f", "serif", "serif", 40, align="centre",
                   foot="line", bullet="1.", body_size=27),
    "photo": Style("#20303a", "#ffffff", "#9be28f", heading_size=44, foot="number", edge="logo"),
    "slate": Style("#e9edf0", "#2c3e50", "#16697a", "sans", "mono", 40, foot="number",
                   body_size=30, bullet="*", heading_y=56),
    "china": Style(accent="#b01e23", bar="#b01e23", foot="line", heading_size=40, heading_y=22),
    # Not for fitting.
    "sidebar": Style("#ffffff", "#1a1a1a", "#14532d", is_bold=False, heading_size=34, bar="#d9efe0",
                     foot="number", edge="sidebar", body_size=25, bullet="■", heading_y=20),
    "band": Style("#f7f7f7", "#333333", "#00695c", "inter", "inter", 40, foot="line", edge="band",
                  body_size=28, bullet="›", heading_y=64),
    "minimal": Style("#ffffff", "#000000", "#e4572e", "inter", "inter", 58, foot="none",
                     body_size=36, bullet="", heading_y=90),
    "night": Style("#0b1030", "#dfe6ff", "#7fd1ff", "condensed", "serif", 44, foot="line",
                   edge="dots", bullet="○", body_size=30),
    "tea": Style("#1c2b24", "#f3efe0", "#d8b65a", heading_size=44, foot="number", align="centre",
                 edge="logo", body_size=30),
    "course": Style("#fffaf0", "#2b2b2b", "#5b3a8c", "serif", "sans", 38, foot="bar", edge="logo",
                    body_size=26, heading_y=30),
}
# fmt: on


@cache
def face(name: str, size: int, is_bold: bool = False) -> Font:
    """A font, or Pillow's own if it is not installed."""
    if name == "inter":
        folder = Path(str(distribution("fontpkg-inter").locate_file("fontpkg_inter")))
        path = next(folder.glob("files/Inter[[]*.ttf"))
        font = ImageFont.truetype(str(path), size)
        font.set_variation_by_axes([min(32, max(14, size)), 700 if is_bold else 400])
        return font
    try:
        return ImageFont.truetype(_FILES[name][is_bold], size)
    except OSError:
        default = ImageFont.load_default(size)
        assert isinstance(default, Font)
        return default


def has_chinese() -> bool:
    """Whether a font with Chinese characters is installed."""
    return "Droid" in str(face("chinese", 20).path)


def wrap(text: str, font: Font, width: float) -> list[str]:
    """Lines of `text` that are at most `width` pixels wide."""
    words = text.split(" ") if " " in text or text.isascii() else list(text)
    space = " " if " " in text or text.isascii() else ""
    lines = [words[0]]
    for word in words[1:]:
        joined = lines[-1] + space + word
        if font.getlength(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines
