"""Titles over the picture: an ASS file that libass draws, with all the fonts it needs."""

from chapterize.rendering.overlay.fonts import FontPlan, plan_fonts
from chapterize.rendering.overlay.styles import (
    OverlayOptions,
    overlay_notes,
    overlay_spans,
    write_overlay,
)

__all__ = [
    "FontPlan",
    "OverlayOptions",
    "overlay_notes",
    "overlay_spans",
    "plan_fonts",
    "write_overlay",
]
