"""Chapters in which somebody says who pays for the video."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["sponsor_of"]

_FIRST = 4
"""Sentences at the beginning of a chapter in which a sponsor is announced."""
_NAME = r"(?P<name>[A-Z0-9][\w.+&'-]*(?: [A-Z0-9][\w.+&'-]*){0,2})"
_SHOW = r"(?:episode|show|video|podcast|series|stream|talk|lecture|part|section|chapter)"
_ANNOUNCED = tuple(
    re.compile(pattern.replace("NAME", _NAME).replace("SHOW", _SHOW))
    for pattern in (
        r"(?i:\b(?:this|today's|the) (?:\w+ ){0,2}SHOW\b[^.?!]{0,30}?"
        r"(?:brought|sponsored|supported)(?: to (?:you|us))?(?: in part)? by )NAME",
        r"(?i:^(?:\W*(?:and|so|okay|now|today|it|is|it's|we|we're|we are)\b)*\W*"
        r"(?:brought to you|sponsored) (?:today )?by )NAME",
        r"(?i:\b(?:thanks?|thank you|word|message|hear|shout out)\b[^.?!]{0,30}?\b(?:our|today's) "
        r"(?:\w+ )?sponsors?(?: (?:today|for today|of today))?,? (?:is |at |over at )?)NAME",
        r"(?i:\b(?:our|today's) (?:\w+ )?sponsor(?: (?:today|this week|for today|for this SHOW))?"
        r"(?: is|,|:) )NAME",
    )
)
_LONGEST = 30
"""Characters of a name; what is longer is a sentence in capitals."""


def sponsor_of(sentences: Sequence[str]) -> str | None:
    """Return the name that a chapter's first sentences announce as the sponsor's, as written."""
    for sentence in sentences[:_FIRST]:
        for pattern in _ANNOUNCED:
            match = pattern.search(sentence)
            if match:
                name = match["name"].rstrip(".'-&")
                return name if 1 < len(name) <= _LONGEST else None
    return None
