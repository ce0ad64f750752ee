"""The limits of platforms and containers, and how they count sizes and times."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from chapterize.characters import cut
from chapterize.data import Mark
from chapterize.errors import OptionError
from chapterize.timecode import format_clock, to_ms

__all__ = [
    "CONTROLS",
    "EMOJI",
    "HTML",
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
"""Line breaks and control characters, which no title should contain."""

_SHOWN_AS_EMOJI = (
    "\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab"
    "\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e"
    "\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\U0001f000-\U0001faff"
)
EMOJI = re.compile(f"(?:[{_SHOWN_AS_EMOJI}]|.\ufe0f)[\u200d\u20e3\ufe0f\U0001f3fb-\U0001f3ff]*")
"""Signs that are shown in colour by default (Unicode 16, Emoji_Presentation) or by a selector."""

# Only elements of text: "List<int>" and "a < b" are no HTML, and "AT&T" is no entity.
HTML = re.compile(
    r"</?(?:a|abbr|b|big|br|code|del|div|em|font|h[1-6]|hr|i|img|ins|li|mark|ol|p|s|small|span"
    r"|strike|strong|sub|sup|u|ul)(?:\s[^<>]*)?/?>|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,31}\d{0,2});",
    re.IGNORECASE,
)
"""Tags and entities of HTML, which a list shows as they are."""


@dataclass(frozen=True)
class Platform:
    """Limits of a platform or container: sizes in bytes of UTF-8, lengths in characters.

    `max_title_characters` is a limit; `shown_characters` and `listed_characters` are where a player
    cuts titles, under the pointer and in its list. `forbidden` maps characters to their
    replacement. `advised_per_hour` and `advised_words`, of a title, are what the platform advises
    at most. `has_second_list` : what exceeds the limits is in another list too, which only some
    players read.
    """

    name: str
    starts_at_zero: bool = False
    whole_seconds: bool = False
    min_chapters: int = 1
    max_chapters: int | None = None
    min_length: float = 0.0
    max_title_bytes: int | None = None
    max_title_characters: int | None = None
    shown_characters: int | None = None
    listed_characters: int | None = None
    max_bytes: int | None = None
    forbidden: tuple[tuple[str, str], ...] = ()
    allows_emoji: bool = True
    allows_html: bool = True
    is_title_needed: bool = False
    advised_per_hour: int | None = None
    advised_words: int | None = None
    has_second_list: bool = False


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
        # A list in the description of the episode.
        Platform(
            "spotify",
            starts_at_zero=True,
            whole_seconds=True,
            min_chapters=3,
            min_length=30.0,
            max_title_characters=39,
            forbidden=(("<", "‹"), (">", "›")),
            allows_emoji=False,
            allows_html=False,
            is_title_needed=True,
        ),
        Platform(
            "apple",
            starts_at_zero=True,
            whole_seconds=True,
            min_chapters=3,
            is_title_needed=True,
            advised_per_hour=6,
            advised_words=4,
        ),
        # The Nero chapter list of MP4 counts chapters, and the bytes of a title, in one byte; 240
        # leaves a margin. The QuickTime track has no limit. Players show nothing before the first.
        Platform(
            "mp4",
            starts_at_zero=True,
            max_chapters=255,
            max_title_bytes=240,
            has_second_list=True,
        ),
        # An ID3 table of contents counts in one byte.
        Platform("mp3", max_chapters=255),
        Platform("ogg", max_chapters=999),
        Platform("matroska"),
        Platform("podcast", is_title_needed=True),
        Platform("webvtt", forbidden=(("-->", "→"),)),
    )
}
"""All platforms, by name."""


def rules_of(platform: str) -> Platform:
    """The rules of `platform`; InputError if there are none."""
    try:
        return PLATFORMS[platform]
    except KeyError as error:
        raise OptionError(
            f"no rules for {platform!r}", hint=f"choose one of {', '.join(PLATFORMS)}"
        ) from error


def refuse_bad_duration(duration: float | None) -> None:
    """Raise InputError unless `duration` is None or a finite number above 0."""
    if duration is not None and not (math.isfinite(duration) and to_ms(duration) > 0):
        raise OptionError(f"a duration of {duration} s", why="a duration must be above 0")


def shorten(title: str, *, characters: int | None = None, size_bytes: int | None = None) -> str:
    """`title`, cut at a word and with an ellipsis if it exceeds a limit."""

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
    # A single long word, or a script without spaces: cut between characters.
    text = words[0]
    while text and not fits(text + "…"):
        text = cut(text, len(text.encode("utf-8", "replace")) - 1)
    return text + "…"


def list_bytes(marks: Sequence[Mark], titles: Sequence[str]) -> int:
    """Bytes of the list to paste: ``0:00 Title``, one per line."""
    rows = [f"{clock(mark.start)} {title}" for mark, title in zip(marks, titles, strict=True)]
    return len("\n".join(rows).encode("utf-8", "replace"))


def count_ms(seconds: float, rules: Platform) -> int:
    """Milliseconds as the platform counts them; some count whole seconds, rounded down."""
    ms = to_ms(seconds)
    return ms // 1000 * 1000 if rules.whole_seconds else ms


def clock(seconds: float) -> str:
    """A start as text, also an impossible one."""
    return format_clock(seconds) if math.isfinite(seconds) and seconds >= 0 else f"{seconds} s"
