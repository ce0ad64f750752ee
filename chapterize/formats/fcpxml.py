"""Final Cut Pro XML: a project of one gap with a ``<chapter-marker>`` a chapter; written, not read.

Every time is a whole number of frames, written as a fraction of seconds, as Final Cut asks for.
Names are written on one line.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import PurePath
from xml.sax.saxutils import quoteattr

from chapterize.data import Chapters
from chapterize.formats.frames import DEFAULT, FrameRate, frame_rate_notes, frames_of
from chapterize.formats.listing import checked_title, one_line
from chapterize.formats.xml_tree import FORBIDDEN

__all__ = ["changes", "dumps"]

# The formats that Final Cut knows by name; at other rates the duration of a frame says enough.
_NAMES = {
    Fraction(24_000, 1001): "2398",
    Fraction(24): "24",
    Fraction(25): "25",
    Fraction(30_000, 1001): "2997",
    Fraction(30): "30",
    Fraction(50): "50",
    Fraction(60_000, 1001): "5994",
    Fraction(60): "60",
}
_HEAD_LINES = 12


def dumps(
    chapters: Chapters, *, frame_rate: FrameRate | None = None, media: str | None = None
) -> str:
    """The project, its times on the frames of `frame_rate` (30 a second when it is None).

    Raises
    ------
    FormatError : two chapters in one frame.
    """
    rate = frame_rate or DEFAULT
    *starts, end = frames_of(chapters, rate.exact, lambda number: _HEAD_LINES + number)
    name = quoteattr(_bare(PurePath(media or "").stem) or "Chapters")
    known = _NAMES.get(rate.exact)
    size = f'name="FFVideoFormat1080p{known}" ' if known else ""
    markers = [
        f'              <chapter-marker start="{_time(frame, rate)}" duration="{_time(1, rate)}" '
        f"value={quoteattr(_bare(checked_title(chapter.title, number)))}"
        f' posterOffset="0s"/>\n'
        for number, (chapter, frame) in enumerate(zip(chapters.chapters, starts, strict=True), 1)
    ]
    length = _time(end, rate)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n<fcpxml version="1.9">\n'
        "  <resources>\n"
        f'    <format id="r1" {size}frameDuration="{_time(1, rate)}" width="1920" height="1080"/>\n'
        "  </resources>\n  <library>\n"
        f"    <event name={name}>\n      <project name={name}>\n"
        f'        <sequence format="r1" duration="{length}" tcStart="0s"'
        f' tcFormat="{"DF" if rate.is_drop else "NDF"}">\n'
        "          <spine>\n"
        f'            <gap name="Gap" offset="0s" start="0s" duration="{length}">\n'
        f"{''.join(markers)}"
        "            </gap>\n          </spine>\n        </sequence>\n"
        "      </project>\n    </event>\n  </library>\n</fcpxml>\n"
    )


def changes(
    chapters: Chapters,
    *,
    frame_rate: FrameRate | None = None,
    media: str | None = None,
    stated_rate: float | None = None,
) -> tuple[str, ...]:
    """What `dumps` rounds, in words."""
    return frame_rate_notes(chapters, frame_rate, stated_rate)


def _time(frames: int, rate: FrameRate) -> str:
    """Frames as seconds in Final Cut's way: ``0s``, ``1001/30000s``, ``300/3000s``."""
    if not frames:
        return "0s"
    scale = 100 if rate.exact.denominator == 1 else 1
    return f"{frames * rate.exact.denominator * scale}/{rate.exact.numerator * scale}s"


def _bare(text: str) -> str:
    return one_line(text.translate(FORBIDDEN))
