"""Chapters that announce a sponsor."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["sponsor_of"]

_FIRST = 4
"""Sentences at the start of a chapter that may announce a sponsor."""
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
"""Characters of a name; a longer match is a sentence in capitals."""


def sponsor_of(sentences: Sequence[str]) -> str | None:
    """Return the sponsor's name, as written, if the first sentences of a chapter announce one."""
    for sentence in sentences[:_FIRST]:
        for pattern in _ANNOUNCED:
            match = pattern.search(sentence)
            if match:
                name = match["name"].rstrip(".'-&")
                return name if 1 < len(name) <= _LONGEST else None
    return None
