"""Titles as an ASS file that libass draws, with all the fonts it needs inside."""

from chapterize.rendering.overlay.fonts import check_font, plan_fonts
from chapterize.rendering.overlay.styles import overlay_notes, overlay_spans, write_overlay

__all__ = ["check_font", "overlay_notes", "overlay_spans", "plan_fonts", "write_overlay"]
