"""Signals other than the words: pauses in speech and slide changes."""

from chapterize.signals.pauses import find_pauses
from chapterize.signals.slides import SlideOptions, find_slides

__all__ = ["SlideOptions", "find_pauses", "find_slides"]
