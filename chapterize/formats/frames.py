"""Frame rates, timecodes, and seconds brought onto the grid of frames.

Starts go to the nearest frame: a start that was a frame and was rounded to the millisecond comes
back as that same frame, where rounding down would fall on the one before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from chapterize.data import Chapters
from chapterize.errors import FormatError, InputError
from chapterize.timecode import format_clock, to_ms

__all__ = [
    "DEFAULT",
    "FrameRate",
    "frame_rate_notes",
    "frames_of",
    "known_rate",
    "parse_frame_rate",
    "rounding_note",
    "timecode",
]

_WHOLE = (24, 25, 30, 48, 50, 60, 100, 120)
_NTSC = (24, 30, 48, 60, 120)
_KNOWN = tuple(
    sorted([*map(Fraction, _WHOLE), *(Fraction(rate * 1000, 1001) for rate in _NTSC)], reverse=True)
)
# 23.98 is how many write 24000/1001, 23.976…; the nearest two known rates lie 0.024 apart.
_TOLERANCE = 0.005
_DROPS = (Fraction(30_000, 1001), Fraction(60_000, 1001))
_TEXT = re.compile(r"(\d{1,9}(?:\.\d{1,9})?|\d{1,9}/\d{1,9})\s*(df|drop|ndf|nd|)", re.IGNORECASE)


@dataclass(frozen=True)
class FrameRate:
    """Frames a second, exactly; `is_drop` when the timecode leaves out numbers (29.97, 59.94)."""

    exact: Fraction
    is_drop: bool = False

    @property
    def counted(self) -> int:
        """Frames that a timecode counts in one of its seconds: 30 for 29.97."""
        return -(-self.exact.numerator // self.exact.denominator)

    @property
    def duration(self) -> Fraction:
        """Seconds that one frame lasts."""
        return 1 / self.exact

    def __str__(self) -> str:
        return f"{_spoken(self.exact)}{' drop frame' if self.is_drop else ''}"


DEFAULT = FrameRate(Fraction(30))
"""What frames are counted at when nobody names a rate."""


def known_rate(rate: float) -> FrameRate | None:
    """The rate editors count in that `rate` (frames a second) stands for; None: there is none.

    Known are 24, 25, 30, 48, 50, 60, 100, 120 and 1000/1001 of 24, 30, 48, 60, 120.
    """
    nearest = min(_KNOWN, key=lambda known: abs(float(known) - rate))
    return FrameRate(nearest) if abs(float(nearest) - rate) < _TOLERANCE else None


def parse_frame_rate(text: str) -> FrameRate:
    """A rate from ``25``, ``29.97``, ``30000/1001``, ``29.97df`` (drop frame).

    Raises
    ------
    InputError : not a rate, none that editors count in, or drop frame at another rate than 29.97
        and 59.94.
    """
    match = _TEXT.fullmatch(text.strip())
    zero_below = match is not None and re.fullmatch(r"\d+/0+", match[1])
    rate = None if match is None or zero_below else known_rate(float(Fraction(match[1])))
    if match is None or rate is None:
        raise InputError(
            f"no editor counts {text.strip()[:20]!r} frames a second",
            why="rates are 23.976, 24, 25, 29.97, 30, 48, 50, 59.94, 60, 100, 119.88 and 120",
            hint="write it like 25, 29.97, 30000/1001 or, for drop frame, 29.97df",
        )
    if match[2].lower() not in ("df", "drop"):
        return rate
    if rate.exact not in _DROPS:
        raise InputError(
            f"drop frame at {rate} frames a second",
            why="only timecode at 29.97 and 59.94 drops numbers",
            hint="leave the df out",
        )
    return FrameRate(rate.exact, is_drop=True)


def frames_of(chapters: Chapters, rate: Fraction, line_of: Callable[[int], int]) -> tuple[int, ...]:
    """The frame at which each chapter begins, and after them the frame at which the last ends.

    `line_of` gives the line that the result has for a chapter, 1-based.

    Raises
    ------
    FormatError : two chapters in one frame; the line is named.
    """
    times = (*chapters.starts, chapters.duration)
    frames = tuple(_frame(time, rate) for time in times)
    # A last chapter shorter than half a frame still lasts one.
    frames = (*frames[:-1], max(frames[-1], frames[-2] + 1))
    for number, (before, after) in enumerate(pairwise(frames), 2):
        if before == after:
            raise FormatError(
                f"{chapters.titles[number - 1]!r} starts in the same frame as the chapter before",
                why=f"this file counts {_spoken(rate)} frames a second",
                hint="merge the two, or move one of them",
                line=line_of(number),
            )
    return frames


def timecode(frame: int, rate: FrameRate) -> str:
    """``01:00:00:00`` of the frame with this number; ``01:00:00;00`` in drop frame."""
    base = rate.counted
    if rate.is_drop:
        # Each minute but every tenth leaves out its first 2 (at 59.94: 4) numbers.
        left_out = base // 15
        in_minute = base * 60 - left_out
        in_ten = in_minute * 10 + left_out
        tens, rest = divmod(frame, in_ten)
        minutes = max(0, (rest - left_out) // in_minute)
        frame += left_out * (9 * tens + minutes)
    seconds, ff = divmod(frame, base)
    mark = ";" if rate.is_drop else ":"
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{ff:02d}"


def rounding_note(chapters: Chapters, rate: Fraction) -> tuple[str, ...]:
    """By how much `frames_of` moves starts, in words; nothing when it moves none."""
    moves = [
        (abs(_frame(start, rate) / rate - Fraction(to_ms(start), 1000)), start)
        for start in chapters.starts
    ]
    most, where = max(moves)
    # What is less than half a millisecond lies below the times themselves.
    n_moved = sum(move > Fraction(1, 2000) for move, _ in moves)
    if not n_moved:
        return ()
    return (
        f"{n_moved} of {len(moves)} starts were brought to the nearest of {_spoken(rate)} frames"
        f" a second, by {float(most * 1000):.1f} ms at most (at {format_clock(where)})",
    )


def frame_rate_notes(
    chapters: Chapters, rate: FrameRate | None, stated_rate: float | None, risk: str = ""
) -> tuple[str, ...]:
    """What a writer that counts frames says: that the rate was a guess, and what it rounded.

    `stated_rate` is what the video itself says, for a `rate` of None; `risk` what comes of a wrong
    guess.
    """
    rounded = rounding_note(chapters, (rate or DEFAULT).exact)
    if rate is not None:
        return rounded
    why = "nobody said otherwise"
    if stated_rate:
        why = f"no editor counts the {_spoken(stated_rate)} of the video"
    return (f"frames are counted at {DEFAULT} a second, for {why}{risk}", *rounded)


def _spoken(rate: Fraction | float) -> str:
    return f"{round(float(rate), 3):g}"


def _frame(seconds: float, rate: Fraction) -> int:
    return int(Fraction(to_ms(seconds), 1000) * rate + Fraction(1, 2))
