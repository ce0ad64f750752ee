"""What the platforms and containers take, and how sizes and times are counted there."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from chapterize.data import Mark
from chapterize.errors import InputError
from chapterize.timecode import format_clock, to_ms

__all__ = [
    "CONTROLS",
    "PLATFORMS",
    "Platform",
    "clock",
    "count_ms",
    "list_bytes",
    "refuse_bad_duration",
    "rules_of",
    "shorten",
]

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Line breaks and other characters that no title should hold."""


@dataclass(frozen=True)
class Platform:
    """What one platform or container takes; sizes in bytes of UTF-8, lengths in characters."""

    name: str
    starts_at_zero: bool = False
    whole_seconds: bool = False
    min_chapters: int = 1
    max_chapters: int | None = None
    min_length: float = 0.0
    max_title_bytes: int | None = None
    shown_characters: int | None = None
    listed_characters: int | None = None
    max_bytes: int | None = None
    forbidden: tuple[tuple[str, str], ...] = ()
    is_title_needed: bool = False


PLATFORMS = {
    platform.name: platform
    for platform in (
        Platform(
            "youtube",
            starts_at_zero=True,
            whole_seconds=True,
            min_chapters=3,
            min_length=10.0,
            shown_characters=49,
            listed_characters=70,
            max_bytes=5000,
            forbidden=(("<", "‹"), (">", "›")),
            is_title_needed=True,
        ),
        # An MP4's chapter list counts in one byte and cuts titles at 255 bytes, even inside a
        # character; at 240 there is room for every reader. It shows no time before the first.
        Platform("mp4", starts_at_zero=True, max_chapters=255, max_title_bytes=240),
        # The count of an ID3 table of contents is one byte.
        Platform("mp3", max_chapters=255),
        Platform("ogg", max_chapters=999),
        Platform("matroska"),
        Platform("podcast", is_title_needed=True),
        Platform("webvtt", forbidden=(("-->", "→"),)),
    )
}
"""What `check` knows, by name."""


def rules_of(platform: str) -> Platform:
    """The rules of `platform`; InputError when there is none of that name."""
    try:
        return PLATFORMS[platform]
    except KeyError as error:
        raise InputError(
            f"no rules for {platform!r}", hint=f"choose one of {', '.join(PLATFORMS)}"
        ) from error


def refuse_bad_duration(duration: float | None) -> None:
    """Raise InputError unless `duration` is None or a finite number above 0."""
    if duration is not None and not (math.isfinite(duration) and to_ms(duration) > 0):
        raise InputError(f"a duration of {duration} s", why="a duration is a number above 0")


def shorten(title: str, *, characters: int | None = None, size_bytes: int | None = None) -> str:
    """`title` cut at a word, with an ellipsis, to fit both limits."""

    def fits(text: str) -> bool:
        return (characters is None or len(text) <= characters) and (
            size_bytes is None or len(text.encode("utf-8", "replace")) <= size_bytes
        )

    if fits(title):
        return title
    words = title.split(" ")
    while len(words) > 1:
        words.pop()
        if fits(shorter := " ".join(words).rstrip(" ,;:–—-(") + "…"):
            return shorter
    # One word alone is too long, or the script has no spaces: cut between characters.
    text = words[0]
    while text and not fits(text + "…"):
        text = text[:-1]
    return text + "…"


def list_bytes(marks: Sequence[Mark], titles: Sequence[str]) -> int:
    """Bytes of the list that would be pasted: ``0:00 Title``, one a line."""
    rows = [f"{clock(mark.start)} {title}" for mark, title in zip(marks, titles, strict=True)]
    return len("\n".join(rows).encode("utf-8", "replace"))


def count_ms(seconds: float, rules: Platform) -> int:
    """Milliseconds as the platform counts them: whole seconds, rounded down, where it does so."""
    ms = to_ms(seconds)
    return ms // 1000 * 1000 if rules.whole_seconds else ms


def clock(seconds: float) -> str:
    """A start for people, also one that no clock could show."""
    return format_clock(seconds) if math.isfinite(seconds) and seconds >= 0 else f"{seconds} s"
