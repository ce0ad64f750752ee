"""Frame rates, timecodes, and times rounded to frames.

A start is rounded to the nearest frame. So a frame that was stored as milliseconds becomes the same
frame again; rounding down would give the one before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from chapterize.data import Chapters
from chapterize.errors import FormatError, OptionError
from chapterize.timecode import format_clock, to_ms

__all__ = [
    "DEFAULT",
    "FrameClock",
    "FrameRate",
    "frame_rate_notes",
    "frames_of",
    "known_rate",
    "parse_frame_rate",
    "parse_timecode",
    "rounding_note",
    "timecode",
]

_WHOLE = (24, 25, 30, 48, 50, 60, 100, 120)
_NTSC = (24, 30, 48, 60, 120)
_KNOWN = tuple(
    sorted([*map(Fraction, _WHOLE), *(Fraction(rate * 1000, 1001) for rate in _NTSC)], reverse=True)
)
# Many write 24000/1001 (23.976…) as 23.98; the closest two known rates differ by 0.024.
_TOLERANCE = 0.005
_DROPS = (Fraction(30_000, 1001), Fraction(60_000, 1001))
# With drop frame, Resolve writes 00:01:02;03 and Premiere 00;01;02;03.
_TIMECODE = re.compile(r"(\d{1,4})[:;](\d{1,2})[:;](\d{1,2})([:;])(\d{2,3})")
_TEXT = re.compile(r"(\d{1,9}(?:\.\d{1,9}|/0*[1-9]\d{0,8})?)\s*(df|drop|ndf|nd|)", re.IGNORECASE)


@dataclass(frozen=True)
class FrameRate:
    """Exact frames a second; `is_drop`: the timecode skips numbers (at 29.97 and 59.94)."""

    exact: Fraction
    is_drop: bool = False

    @property
    def counted(self) -> int:
        """Frames in one second of timecode: 30 for 29.97."""
        return -(-self.exact.numerator // self.exact.denominator)

    def __str__(self) -> str:
        return f"{_rate_text(self.exact)}{' drop frame' if self.is_drop else ''}"


DEFAULT = FrameRate(Fraction(30))
"""The rate used if none is given."""
_DROP_30, _DROP_60 = (FrameRate(rate, is_drop=True) for rate in _DROPS)


@dataclass
class FrameClock:
    """Turns frames and timecodes of a file into seconds; `notes` say what was assumed.

    `rate` is None if neither the file nor the user states it. `start` is the timecode of 0.0, such
    as ``01:00:00:00``; None: midnight.
    """

    rate: FrameRate | None = None
    start: str | None = None
    notes: tuple[str, ...] = ()

    def started(self, timecodes: Sequence[str]) -> FrameClock:
        """A clock for these timecodes; without a start, it starts at the hour of the earliest."""
        found = [match for each in timecodes if (match := _TIMECODE.fullmatch(each.strip()))]
        hour = min((int(match[1]) for match in found), default=0)
        if self.start is not None or not hour or len(found) < len(timecodes):
            return self
        start = f"{hour:02d}:00:00:00"
        note = f"the timeline starts at {start}; --start-timecode sets another"
        return FrameClock(self.rate, start, (*self.notes, note))

    def at(self, frame: int, line: int | None = None) -> float:
        """The time of a frame; FormatError without a rate."""
        if self.rate is None:
            raise FormatError(
                "the times are numbers of frames",
                why="the file does not state how many frames a second has",
                hint="add --frame-rate, such as 25 or 29.97",
                line=line,
            )
        return float(frame / self.rate.exact)

    def seconds(self, text: str, line: int | None = None) -> float | None:
        """The time of a timecode; None for another text.

        Raises
        ------
        FormatError : it is before `start`, or its frame does not exist at the rate.
        """
        match = _TIMECODE.fullmatch(text.strip())
        if match is None:
            return None
        rate = self.rate or self._assumed(match)
        # Some programs write ; at rates without drop frame.
        rate = FrameRate(rate.exact, is_drop=match[4] == ";" and rate.exact in _DROPS)
        frame = _frame_of(match, rate, line)
        if self.start is not None:
            frame -= parse_timecode(self.start, rate)
        if frame < 0:
            raise FormatError(
                f"the timecode {text.strip()} is before {self.start}",
                why="that is where the timeline starts",
                hint="set another start with --start-timecode",
                line=line,
            )
        return float(frame / rate.exact)

    def _assumed(self, match: re.Match[str]) -> FrameRate:
        if match[4] == ";":
            return _DROP_30 if int(match[5]) < 30 else _DROP_60
        rate = DEFAULT if int(match[5]) < DEFAULT.counted else FrameRate(Fraction(60))
        if int(match[5]):
            read = f"timecodes were read at {rate} frames a second"
            note = f"{read}; --frame-rate sets another"
            self.notes = tuple(dict.fromkeys((*self.notes, note)))
        return rate


def known_rate(rate: float) -> FrameRate | None:
    """The editing rate that `rate` (frames a second) stands for; None if there is none.

    Known rates are 24, 25, 30, 48, 50, 60, 100, 120 and 1000/1001 of 24, 30, 48, 60, 120.
    """
    nearest = min(_KNOWN, key=lambda known: abs(float(known) - rate))
    return FrameRate(nearest) if abs(float(nearest) - rate) < _TOLERANCE else None


def parse_frame_rate(text: str) -> FrameRate:
    """A rate from ``25``, ``29.97``, ``30000/1001``, ``29.97df`` (drop frame).

    Raises
    ------
    InputError : not a rate, not an editing rate, or drop frame at a rate other than 29.97 and
        59.94.
    """
    match = _TEXT.fullmatch(text.strip())
    rate = known_rate(float(Fraction(match[1]))) if match else None
    if match is None or rate is None:
        raise OptionError(
            f"no editor uses {text.strip()[:20]!r} frames a second",
            why="rates are 23.976, 24, 25, 29.97, 30, 48, 50, 59.94, 60, 100, 119.88 and 120",
            hint="write it like 25, 29.97, 30000/1001 or, for drop frame, 29.97df",
        )
    if match[2].lower() not in ("df", "drop"):
        return rate
    if rate.exact not in _DROPS:
        raise OptionError(
            f"drop frame at {rate} frames a second",
            why="only 29.97 and 59.94 have drop-frame timecode",
            hint="leave out the df",
        )
    return FrameRate(rate.exact, is_drop=True)


def frames_of(chapters: Chapters, rate: Fraction, line_of: Callable[[int], int]) -> tuple[int, ...]:
    """The frame at which each chapter starts, followed by the frame at which the last one ends.

    `line_of` maps the number of a chapter, from 1, to its line in the result.

    Raises
    ------
    FormatError : two chapters in one frame; the error names the line.
    """
    starts = [_frame(start, rate) for start in chapters.starts]
    # The last chapter lasts at least one frame.
    frames = (*starts, max(_frame(chapters.duration, rate), starts[-1] + 1))
    for number, (before, after) in enumerate(pairwise(frames), 2):
        if before == after:
            raise FormatError(
                f"{chapters.titles[number - 1]!r} starts in the same frame as the chapter before",
                why=f"this file has {_rate_text(rate)} frames a second",
                hint="merge the two, or move one of them",
                line=line_of(number),
            )
    return frames


def timecode(frame: int, rate: FrameRate) -> str:
    """The timecode of a frame, such as ``01:00:00:00``, or ``01:00:00;00`` in drop frame."""
    base = rate.counted
    if rate.is_drop:
        # Every minute, except each tenth, skips its first 2 numbers (4 at 59.94).
        skipped = base // 15
        in_minute = base * 60 - skipped
        in_ten = in_minute * 10 + skipped
        tens, rest = divmod(frame, in_ten)
        minutes = max(0, (rest - skipped) // in_minute)
        frame += skipped * (9 * tens + minutes)
    seconds, ff = divmod(frame, base)
    mark = ";" if rate.is_drop else ":"
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{ff:02d}"


def parse_timecode(text: str, rate: FrameRate) -> int:
    """The frame of a timecode such as ``01:00:00:00`` or ``01:00:00;02``, counted from midnight.

    Raises
    ------
    FormatError : it is no timecode, or its frame does not exist at this rate.
    """
    match = _TIMECODE.fullmatch(text.strip())
    if match is None:
        raise FormatError(
            f"not a timecode: {text.strip()[:40]!r}", why="a timecode looks like 01:00:00:00"
        )
    return _frame_of(match, rate, None)


def _frame_of(match: re.Match[str], rate: FrameRate, line: int | None) -> int:
    hours, minutes, seconds, frames = (int(match[part]) for part in (1, 2, 3, 5))
    if minutes >= 60 or seconds >= 60 or frames >= rate.counted:
        raise FormatError(
            f"not a timecode at {rate} frames a second: {match[0]}",
            why=f"it is hours, minutes, seconds, and frames below {rate.counted}",
            line=line,
        )
    frame = ((hours * 60 + minutes) * 60 + seconds) * rate.counted + frames
    if not rate.is_drop:
        return frame
    skipped = rate.counted // 15
    if minutes % 10 and not seconds and frames < skipped:
        frame += skipped - frames  # a number that drop frame skips
    return frame - skipped * (9 * (hours * 6 + minutes // 10) + minutes % 10)


def rounding_note(chapters: Chapters, rate: Fraction) -> tuple[str, ...]:
    """A note on how far `frames_of` moves starts; empty if it moves none."""
    moves = [
        (abs(_frame(start, rate) / rate - Fraction(to_ms(start), 1000)), start)
        for start in chapters.starts
    ]
    most, where = max(moves)
    # Times are exact to the millisecond, so smaller moves are none.
    n_moved = sum(move > Fraction(1, 2000) for move, _ in moves)
    if not n_moved:
        return ()
    return (
        f"{n_moved} of {len(moves)} starts were rounded to the nearest of {_rate_text(rate)} frames"
        f" a second, by at most {float(most * 1000):.1f} ms (at {format_clock(where)})",
    )


def frame_rate_notes(
    chapters: Chapters,
    rate: FrameRate | None,
    stated_rate: float | None,
    risk: str = "",
) -> tuple[str, ...]:
    """Notes of a format that counts frames: that the rate is a guess, and what was rounded.

    `stated_rate` is the rate that the video states, for a `rate` of None. `risk` is what a wrong
    guess would cause.
    """
    rounded = rounding_note(chapters, (rate or DEFAULT).exact)
    if rate is not None:
        return rounded
    odd = stated_rate and f"no editor uses the {_rate_text(stated_rate)} of the video"
    why = odd or "the rate is unknown"
    return (f"frames are counted at {DEFAULT} a second, because {why}{risk}", *rounded)


def _rate_text(rate: Fraction | float) -> str:
    return f"{round(float(rate), 3):g}"


def _frame(seconds: float, rate: Fraction) -> int:
    return int(Fraction(to_ms(seconds), 1000) * rate + Fraction(1, 2))
