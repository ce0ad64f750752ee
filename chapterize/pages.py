"""What a video shows: the values of slides, all frozen. `chapterize.data` has them too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Slide", "SlideKind", "TextLine"]


@dataclass(frozen=True)
class TextLine:
    """A line of text in a frame.

    `x` and `y`, of its top left corner, and `width` and `height` are fractions of the frame;
    `confidence`, of the reader, is in [0, 1].
    """

    text: str
    x: float
    y: float
    width: float
    height: float
    confidence: float = 1.0


SlideKind = Literal["slide", "screen", "camera"]
"""What a stretch of video shows: a slide, a screen recording, or what a camera records."""


@dataclass(frozen=True)
class Slide:
    """A stretch of video that shows one slide, with everything that was added to it while shown.

    `lines` are the text of the last, fullest frame, from top to bottom. `heading` is None if the
    slide has none, or if nothing was read. Slides with the same `topic`, an index from 0, are
    about the same thing: one slide shown again, a continued one, one with the same heading.
    `is_agenda` : its lines list the topics of the talk. `is_section` : it only announces a topic,
    in a few large words.
    """

    start: float
    end: float
    kind: SlideKind = "slide"
    lines: tuple[TextLine, ...] = ()
    heading: str | None = None
    topic: int = 0
    is_agenda: bool = False
    is_section: bool = False
