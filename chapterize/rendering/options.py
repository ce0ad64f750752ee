"""What a caller chooses about a render, and what a render returns; light to import."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from chapterize.errors import OptionError

__all__ = [
    "ASPECTS",
    "AUDIO_ONLY",
    "FILLS",
    "SIZES",
    "STYLES",
    "RenderOptions",
    "RenderResult",
    "parse_colour",
]

STYLES = ("lower-third", "card", "corner")
SIZES = {"480p": 480, "720p": 720, "1080p": 1080, "1440p": 1440, "2160p": 2160}
"""Largest shorter side of the frame, in pixels."""

ASPECTS = {"16:9": Fraction(16, 9), "9:16": Fraction(9, 16), "1:1": Fraction(1)}
FILLS = ("blur", "bars")
AUDIO_ONLY = ("card", "chapters")

_MIN_SECONDS = 0.04
"""One frame at 25 frames per second."""


@dataclass(frozen=True)
class RenderOptions:
    """How titles look and how the video is encoded. The command has the same defaults.

    Parameters
    ----------
    style : one of ``STYLES``.
    seconds : how long each title is shown; the end of its chapter ends it too.
    accent : accent colour, ``#rrggbb`` or ``#rgb``.
    font : a font family or the path of a font file; None takes Inter, which is bundled.
    numbers : show the number of the chapter below its title, as "3 / 12".
    language : ISO 639-1 code of the titles, for phrases and hyphens; None guesses it from them.
    size : a key of ``SIZES``. Larger frames are scaled down; no frame is scaled up.
    aspect : a key of ``ASPECTS``; None keeps the aspect ratio of the source.
    fill : one of ``FILLS``: what fills the rest of the frame when `aspect` differs from the
        source, the blurred video ("blur") or black bars ("bars").
    preset, crf : those of x264.
    hardware : whether a hardware encoder may be used when the whole video is encoded.
    audio_only : what a file without video becomes: "card", a video of its cover or a waveform,
        with titles and progress, or "chapters", a copy with chapters.

    Raises
    ------
    InputError : a value is not one of these. `overlay.check_font` looks up the font.
    """

    style: str = STYLES[0]
    seconds: float = 4.0
    accent: str = "#ffcc00"
    font: str | None = None
    numbers: bool = False
    language: str | None = None
    size: str = "1080p"
    aspect: str | None = None
    fill: str = FILLS[0]
    preset: str = "veryfast"
    crf: int = 18
    hardware: bool = True
    audio_only: str = AUDIO_ONLY[0]

    def __post_init__(self) -> None:
        for name, value, known in (
            ("style", self.style, STYLES),
            ("size", self.size, SIZES),
            ("aspect", self.aspect, (None, *ASPECTS)),
            ("fill", self.fill, FILLS),
            ("audio_only", self.audio_only, AUDIO_ONLY),
        ):
            if value not in known:
                words = ", ".join(str(one) for one in known if one)
                what = f"unknown {name.replace('_', '-')} {value!r}"
                raise OptionError(what, hint=f"choose one of {words}")
        if not _MIN_SECONDS <= self.seconds < float("inf"):
            raise OptionError(
                f"a title cannot be shown for {self.seconds} seconds", hint="4 seconds are usual"
            )
        parse_colour(self.accent)


def parse_colour(text: str) -> tuple[int, int, int]:
    """Return red, green and blue, 0 to 255, of ``#rrggbb`` or ``#rgb``.

    Raises
    ------
    InputError : it is not such a colour.
    """
    digits = text.strip().removeprefix("#")
    if re.fullmatch(r"[0-9A-Fa-f]{3}", digits):
        digits = "".join(2 * digit for digit in digits)
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", digits):
        raise OptionError(
            f"{text!r} is not a colour",
            why="it needs three pairs of hexadecimal digits: red, green, blue",
            hint='write it as "#ffcc00"',
        )
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


@dataclass(frozen=True)
class RenderResult:
    """The file that was written, and how.

    `how` is "splice" (the frames under the titles encoded, the others copied), "encode" (all
    frames encoded), "card" (a video made for a file without video) or "copy". `reason` says why
    the frames were not copied; it is empty when they were. `share` is the fraction of frames that
    was encoded, in [0, 1].
    """

    path: Path
    how: str
    reason: str
    notes: tuple[str, ...]
    share: float
