"""Slides in a video: where they are, what is written on them, and what they are about."""

from chapterize.slides.furniture import subtitled
from chapterize.slides.headings import headed, topic_of
from chapterize.slides.pages import Reader, read_stretches
from chapterize.slides.reading import SlideReader, can_read, is_installed, reader_weights
from chapterize.slides.stretches import Looks, Stretch, StretchOptions, find_stretches

__all__ = [
    "Looks",
    "Reader",
    "SlideReader",
    "Stretch",
    "StretchOptions",
    "can_read",
    "find_stretches",
    "headed",
    "is_installed",
    "read_stretches",
    "reader_weights",
    "subtitled",
    "topic_of",
]
