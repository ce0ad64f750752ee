"""Write the chapters as a message to the agent, and check the timeline it produced.

In every language each chapter is one line: ``1. 00:00:00.000 -> 00:01:30.000 | Title``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from chapterize.data import Chapter, Chapters
from chapterize.errors import InputError
from chapterize.language import normalise_language
from chapterize.remote.brief_texts import TEXTS, Texts
from chapterize.remote.same_title import pair_titles
from chapterize.remote.timeline import Segment, Timeline
from chapterize.timecode import format_timestamp

__all__ = [
    "ASPECTS",
    "PLACE_TOLERANCE",
    "STYLES",
    "BriefOptions",
    "PlanCheck",
    "check_plan",
    "write_brief",
    "write_correction",
]

STYLES = ("lower-third", "card", "corner")
"""How a title can be laid over the video."""

ASPECTS = {"16:9": "1920 × 1080", "9:16": "1080 × 1920", "1:1": "1080 × 1080"}
"""Aspect ratios, with the size of 1080p in each."""

# Every character that some reader treats as a line break, and other control characters.
_BREAKS = re.compile(r"\s*[\x00-\x1f\x7f-\x9f\u2028\u2029]+\s*")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Absorbs floating-point error: times are whole milliseconds, sums of floats are not.
_SLACK = 1e-6

PLACE_TOLERANCE = 2.0
"""Seconds by which a title may miss its chapter's start. It is half of the 4 s that a title is
shown for: the viewer still sees it while the topic changes. That is not worth a paid message."""
USABLE_WITHIN = 5.0
"""Seconds off its place at which a title still appears in its own chapter, or right before it: half
of the shortest chapter that is drafted by default."""


@dataclass(frozen=True)
class BriefOptions:
    """The style of the titles, the seconds each is shown, and the language of the message.

    Raises
    ------
    InputError : the style or aspect ratio is unknown, or `seconds` is not above 0.
    """

    style: str = "lower-third"
    seconds: float = 4.0
    aspect: str = "16:9"
    language: str = "en"

    def __post_init__(self) -> None:
        for name, value, known in (
            ("style", self.style, STYLES),
            ("aspect ratio", self.aspect, tuple(ASPECTS)),
        ):
            if value not in known:
                raise InputError(f"unknown {name} {value!r}", hint=f"choose {', '.join(known)}")
        if not (math.isfinite(self.seconds) and self.seconds > 0):
            raise InputError(
                f"a title cannot be shown for {self.seconds:g} s", hint="give a number above 0"
            )


@dataclass(frozen=True)
class PlanCheck:
    """How a timeline differs from the plan.

    `missing` : chapters without a title. `misplaced` : chapters with the second at which their
    title starts. `surplus` : text segments that belong to no chapter; they are reported, but are
    not worth a paid correction.
    """

    missing: tuple[Chapter, ...]
    misplaced: tuple[tuple[Chapter, float], ...]
    surplus: tuple[Segment, ...]

    @property
    def is_right(self) -> bool:
        """Whether every title is present at its time."""
        return not (self.missing or self.misplaced)

    @property
    def is_as_planned(self) -> bool:
        """Whether every title is present at its time, and there is no other."""
        return self.is_right and not self.surplus

    @property
    def is_usable(self) -> bool:
        """Whether to render it without a question: no title is missing or far off."""
        return not self.missing and all(
            abs(start - chapter.start) <= USABLE_WITHIN for chapter, start in self.misplaced
        )

    @property
    def summary(self) -> str:
        """The differences as ``missing titles: 1, titles not requested: 2``."""
        counts = {
            "missing titles": len(self.missing),
            "titles at the wrong time": len(self.misplaced),
            "titles not requested": len(self.surplus),
        }
        return ", ".join(f"{what}: {n}" for what, n in counts.items() if n)

    @property
    def lines(self) -> tuple[str, ...]:
        """Each difference as ``missing: Tides``."""
        return (
            *(f"missing: {chapter.title}" for chapter in self.missing),
            *(f"at the wrong time: {chapter.title}" for chapter, _ in self.misplaced),
            *(f"not requested: {segment.text}" for segment in self.surplus),
        )


def write_brief(chapters: Chapters, options: BriefOptions, *, alone: str = "") -> str:
    """Return the message that asks for a title at the start of each chapter, and nothing else.

    Titles are written unchanged, but on one line; chapters without a title are left out. `alone` :
    name of the video that the timeline must contain alone, in a session that holds others too.
    """
    texts = _texts(options)
    titled = [each for each in chapters.chapters if _one_line(each.title)]
    paragraphs = [
        texts.request.format(n=len(titled)),
        *((texts.alone, f"= {_one_line(alone)}") if alone else ()),
        *_appearance(texts, options),
        "",
        *_lines(titled),
        "",
        texts.size.format(aspect=options.aspect, pixels=ASPECTS[options.aspect]),
        texts.limits,
    ]
    return "\n".join(paragraphs)


def check_plan(
    chapters: Chapters, timeline: Timeline, *, tolerance: float = PLACE_TOLERANCE
) -> PlanCheck:
    """Compare the text segments of `timeline` with what `write_brief` asked for.

    A title matches a segment that `pair_titles` gives it. It is in place if it starts at most
    `tolerance` seconds from its chapter.
    """
    segments = timeline.titles
    titled = [each for each in chapters.chapters if _one_line(each.title)]
    partner = pair_titles(
        [(_one_line(each.title), each.start) for each in titled],
        [(_one_line(each.text), each.start) for each in segments],
    )
    found = [(chapter, segments[partner[i]]) for i, chapter in enumerate(titled) if i in partner]
    taken = set(partner.values())
    return PlanCheck(
        tuple(chapter for i, chapter in enumerate(titled) if i not in partner),
        tuple(
            (chapter, segment.start)
            for chapter, segment in found
            if abs(segment.start - chapter.start) > tolerance + _SLACK
        ),
        tuple(segment for k, segment in enumerate(segments) if k not in taken),
    )


def write_correction(check: PlanCheck, options: BriefOptions) -> str:
    """Return the message that lists only the differences from the plan.

    "" if every title is in its place. Titles not requested are listed too: a wrong word shows as a
    missing title, and another one to remove.
    """
    if check.is_right:
        return ""
    texts = _texts(options)
    moved = [chapter for chapter, _ in check.misplaced]
    paragraphs = [texts.correction, *_appearance(texts, options)]
    if check.missing:
        paragraphs += ["", texts.missing, *_lines(check.missing)]
    if moved:
        paragraphs += ["", texts.misplaced, *_lines(moved, len(check.missing) + 1)]
    if check.surplus:
        rows = (f"- {format_timestamp(s.start)} | {_one_line(s.text)}" for s in check.surplus)
        paragraphs += ["", texts.surplus, *rows]
    return "\n".join([*paragraphs, "", texts.limits])


def _texts(options: BriefOptions) -> Texts:
    return TEXTS.get(normalise_language(options.language) or "en", TEXTS["en"])


def _appearance(texts: Texts, options: BriefOptions) -> tuple[str, str, str]:
    seconds = f"{options.seconds:.6g}".replace(".", texts.comma)
    return (
        texts.style.format(style=texts.styles[options.style]),
        texts.timing.format(seconds=seconds),
        texts.reading,
    )


def _lines(chapters: Iterable[Chapter], first: int = 1) -> list[str]:
    return [
        f"{n}. {format_timestamp(c.start)} -> {format_timestamp(c.end)} | {_one_line(c.title)}"
        for n, c in enumerate(chapters, first)
    ]


def _one_line(title: str) -> str:
    # A lone surrogate cannot be encoded.
    return _LONE_SURROGATE.sub("\ufffd", _BREAKS.sub(" ", title)).strip()
