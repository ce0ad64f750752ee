"""Chapters as a concrete message to the agent, and the check of what it made of them.

Each chapter is one line, ``1. 00:00:00.000 -> 00:01:30.000 | Title``, in every language.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from chapterize.data import Chapter, Chapters
from chapterize.errors import InputError
from chapterize.language import normalise_language
from chapterize.remote.brief_texts import TEXTS, Texts
from chapterize.remote.timeline import Segment, Timeline
from chapterize.timecode import format_timestamp

__all__ = [
    "ASPECTS",
    "STYLES",
    "BriefOptions",
    "PlanCheck",
    "check_plan",
    "write_brief",
    "write_correction",
]

STYLES = ("lower-third", "card", "corner")
"""How a title can be laid over the picture."""

ASPECTS = {"16:9": "1920 × 1080", "9:16": "1080 × 1920", "1:1": "1080 × 1080"}
"""Aspect ratios, and what 1080p is in each."""

# Whatever any reader takes for the end of a line, and other controls.
_BREAKS = re.compile(r"\s*[\x00-\x1f\x7f-\x9f\u2028\u2029]+\s*")
_LONE = re.compile(r"[\ud800-\udfff]")
# Times are whole milliseconds; sums of floats are not.
_SLACK = 1e-6


@dataclass(frozen=True)
class BriefOptions:
    """What the titles are to look like; `seconds` each stays, `language` of the message.

    Raises
    ------
    InputError : an unknown style or aspect ratio, or seconds that are not above 0.
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
                f"a title cannot stay for {self.seconds:g} s", hint="give a number above 0"
            )


@dataclass(frozen=True)
class PlanCheck:
    """How a timeline differs from the plan.

    `misplaced` has each chapter with the second at which its title is now; `surplus` are text
    segments that belong to no chapter.
    """

    missing: tuple[Chapter, ...]
    misplaced: tuple[tuple[Chapter, float], ...]
    surplus: tuple[Segment, ...]

    @property
    def is_right(self) -> bool:
        """Whether every title is there, at its time, and no other."""
        return not (self.missing or self.misplaced or self.surplus)


def write_brief(chapters: Chapters, options: BriefOptions, *, alone: str = "") -> str:
    """The message that asks for a title at each chapter's start, and for nothing else.

    A title is written as it is, on one line; a chapter without one has nothing to show and is
    left out. `alone` : the video, by its name there, in a session that holds others as well: the
    timeline is to have it alone.
    """
    texts = _texts(options)
    titled = [each for each in chapters.chapters if _one_line(each.title)]
    paragraphs = [
        texts.request.format(n=len(titled)),
        *((texts.alone, f"= {_one_line(alone)}") if alone else ()),
        *_looks(texts, options),
        "",
        *_lines(titled),
        "",
        texts.size.format(aspect=options.aspect, pixels=ASPECTS[options.aspect]),
        texts.limits,
    ]
    return "\n".join(paragraphs)


def check_plan(
    chapters: Chapters, timeline: Timeline, options: BriefOptions, *, tolerance: float = 1.0
) -> PlanCheck:
    """Hold the text segments of `timeline` against what `write_brief` asked for.

    A title belongs to one segment with the same text, case, width and spaces aside; where there
    are several, to the nearest. It is in place when it starts within `tolerance` seconds of its
    chapter, the limit included.
    """
    segments = [
        segment for track in timeline.tracks if track.kind == "text" for segment in track.segments
    ]
    titled = [each for each in chapters.chapters if _one_line(each.title)]
    partner = _matched(titled, segments)
    found = [(chapter, segments[partner[at]]) for at, chapter in enumerate(titled) if at in partner]
    taken = set(partner.values())
    return PlanCheck(
        tuple(chapter for at, chapter in enumerate(titled) if at not in partner),
        tuple(
            (chapter, segment.start)
            for chapter, segment in found
            if abs(segment.start - chapter.start) > tolerance + _SLACK
        ),
        tuple(segment for at, segment in enumerate(segments) if at not in taken),
    )


def write_correction(check: PlanCheck, options: BriefOptions) -> str:
    """The message that names what differs from the plan, and nothing else; "" when nothing does."""
    if check.is_right:
        return ""
    texts = _texts(options)
    moved = [chapter for chapter, _ in check.misplaced]
    paragraphs = [texts.correction, *_looks(texts, options)]
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


def _looks(texts: Texts, options: BriefOptions) -> tuple[str, str, str]:
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
    # Half a surrogate pair cannot be sent.
    return _LONE.sub("\ufffd", _BREAKS.sub(" ", title)).strip()


def _fold(text: str) -> str:
    """Equal for titles that differ in case, width or spaces only."""
    folded = unicodedata.normalize("NFKC", _one_line(text)).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def _matched(chapters: list[Chapter], segments: list[Segment]) -> dict[int, int]:
    """Index of the segment of each chapter that has one; the closest pairs are made first."""
    places: dict[str, list[int]] = defaultdict(list)
    for at, segment in enumerate(segments):
        places[_fold(segment.text)].append(at)
    pairs = sorted(
        (abs(segments[at].start - chapter.start), n, at)
        for n, chapter in enumerate(chapters)
        for at in places.get(_fold(chapter.title), ())
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, n, at in pairs:
        if n not in partner and at not in taken:
            partner[n] = at
            taken.add(at)
    return partner
