"""Typical titles, such as "Introduction", for chapters in which something said supports them."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["sponsor_of", "typical_title"]

_LEAST_CHAPTERS = 3
"""A video with fewer chapters gets no "Introduction" and no "Conclusion"."""
_SHORT = 0.6
"""A conclusion has at most this share of the words of the mean chapter, and an introduction no more
than the mean; a longer one has a topic.
"""
_EDGE = 60
"""Words at each end of a chapter in which greetings and farewells are counted."""
_ASKED = 0.1
"""Fraction of questions among the sentences of a chapter of questions and answers."""
_OPENING = 3
"""Sentences that may announce questions or a review."""
_WORD = re.compile(r"[\w&']+")
_GREETINGS = frozenset(
    """hello hi hey welcome everyone everybody folks guys today name morning afternoon evening
    episode show podcast video""".split()  # noqa: SIM905
)
_PLANS = re.compile(
    r"(?i)\b(?:i am|i'm|i'll|i will|i'd like|i want|i would like|we're|we are|we'll|we will)"
    r"(?: going)?(?: to)? (?:talk|speak|present|discuss|introduce|here)|\b(?:this|my) talk\b"
)
_FAREWELLS = frozenset(("thank", "thanks", "bye", "goodbye", "listening", "watching", "conclude"))
_QUESTIONS = re.compile(
    r"(?i)\bq ?(?:&|and) ?a\b|\b(?:any|some|take|your|for|to|more) questions\b|"
    r"\bquestions (?:from|in) the (?:audience|room|chat)\b"
)
_ASKING = re.compile(r"\W*Q ?[-:\u2013\u2014] ")
"""A sentence in a transcript that marks questions and answers."""
_REVIEW = re.compile(r"(?i)\b(?:let's|let us|we'll|i'll|quick|quickly|brief|a) (?:review|recap)\b")
_ANNOUNCING = 4
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


def typical_title(chapters: Sequence[Sequence[str]], number: int) -> str | None:
    """Return the typical title that something said in a chapter supports, or None."""
    sentences = chapters[number]
    sponsor = sponsor_of(sentences) if number else None
    if sponsor:
        return f"Sponsor: {sponsor}"
    opening = " ".join(sentences[:_OPENING])
    n_asked = sum(sentence.rstrip().endswith("?") for sentence in sentences)
    is_first, is_last = number == 0, number == len(chapters) - 1
    enough = max(1, 0 if is_last else _ASKED * len(sentences))
    if _QUESTIONS.search(opening) and n_asked >= enough:
        return "Questions and answers"
    if sum(map(bool, map(_ASKING.match, sentences))) > 1:
        return "Questions and answers"
    if _REVIEW.search(opening):
        return "Review"
    if len(chapters) < _LEAST_CHAPTERS or not (is_first or is_last):
        return None
    said = [_WORD.findall(" ".join(chapter).lower()) for chapter in chapters]
    words = said[number]
    share = len(words) * len(said) / max(sum(map(len, said)), 1)
    greets = not _GREETINGS.isdisjoint(words[:_EDGE]) or _PLANS.search(opening)
    if is_first and share <= 1 and greets:
        return "Introduction"
    if is_last and share <= _SHORT and not _FAREWELLS.isdisjoint(words[-_EDGE:]):
        return "Conclusion"
    return None


def sponsor_of(sentences: Sequence[str]) -> str | None:
    """Return the sponsor's name, as written, if the first sentences of a chapter announce one."""
    for sentence in sentences[:_ANNOUNCING]:
        for pattern in _ANNOUNCED:
            match = pattern.search(sentence)
            if match:
                name = match["name"].rstrip(".'-&")
                return name if 1 < len(name) <= _LONGEST else None
    return None
