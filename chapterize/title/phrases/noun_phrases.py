"""Noun phrases and questions in tagged English sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chapterize.title.phrases.never import ASKING, LIGHT, OWN, POINTING, VERBS, asks_well

__all__ = ["HOW", "JOINED", "QUESTION", "Span", "spans_of"]

PHRASE, NAME, JOINED, COORDINATED, GERUND, QUESTION, HOW = range(7)
"""Kinds: "radial velocity", a name inside a phrase, "history of paper", "salt and wealth",
"finding a longitude", "what is a rollup", "how to build a boat".
"""
Span = tuple[int, int, int]
"""First word, word after the last, and kind."""

# Words before a noun, and the noun; an adverb only before an adjective or participle.
_CORE = re.compile(r"(?:(?:v(?=[je]))?[jkgs]|(?<![nms])e|[nms])*[nm]")
_NAME = re.compile(r"m+")
_GERUND = re.compile(r"g[Prt]?d?(?=[jkgesnmv])")
# Others, such as "into" or "through", rather belong to a verb.
_PREPOSITIONS = frozenset(("of", "for", "in", "with", "to", "on", "between", "without", "against"))
_LINKS = ("and", "or", "vs", "versus")
_ARTICLES = ("the", "a", "an")
_PLAIN = POINTING | {""}
_LEADS = ("and", "so", "but", "then", "well", "okay", "ok", "yeah", "like", "now", "")
_LIGHT = LIGHT | OWN
_NEVER_FIRST = "sv"
_CUT = "jve"
"""Tags after which a phrase may be cut: what is left out described the rest."""
_LONGEST = 4
_LONGEST_JOINED = 6
_LONGEST_COORDINATED = 5
_LONGEST_QUESTION = 9


def spans_of(tags: str, words: Sequence[str], *, is_asked: bool = False) -> Iterator[Span]:
    """Yield the candidates in a sentence; `words` are lower case, `is_asked` for a question."""
    cores = {match.start(): match.end() for match in _CORE.finditer(tags)}
    for start, end in cores.items():
        yield from _inside(tags, start, end)
        yield from _continued(tags, words, (start, end), cores)
    for match in _GERUND.finditer(tags):
        # The core includes the gerund itself if no article is between them.
        end = cores.get(match.end(), 0)
        if end - match.start() > _LONGEST + 1 or not end or match.end() == match.start() + 1:
            continue
        # "Migrating a WordPress" goes on.
        if words[match.end() - 1] in ("a", "an") and "n" not in tags[match.end() : end]:
            continue
        yield match.start(), end, GERUND
    yield from _questions(tags, words, cores, is_asked=is_asked)


def _inside(tags: str, start: int, end: int) -> Iterator[Span]:
    """The phrase without some of its first words, and the names inside."""
    for first in (*_starts(tags, start, end - 1), end - 1):
        if end - first <= _LONGEST and tags[first] not in _NEVER_FIRST:
            yield first, end, PHRASE
    for match in _NAME.finditer(tags, start, end - 1):
        yield match.start(), match.end(), NAME


def _starts(tags: str, start: int, end: int) -> Iterator[int]:
    """Where a phrase may start: not inside "two factor authentication"."""
    for first in range(start, end):
        if tags[first] not in _NEVER_FIRST and (first == start or tags[first - 1] in _CUT):
            yield first


def _continued(
    tags: str, words: Sequence[str], core: tuple[int, int], cores: dict[int, int]
) -> Iterator[Span]:
    """The phrase with a preposition or "and", and the next phrase."""
    start, end = core
    if end >= len(tags):
        return
    if tags[end] in "Pt" and words[end] in _PREPOSITIONS and words[end - 1] not in _LIGHT:
        # "Iframe in a page" and "key for the group" are parts of a story, not topics.
        is_of = words[end] == "of" and words[end + 1 : end + 2] == ["the"]
        last = cores.get(end + 1 + is_of, 0)
        for first in _starts(tags, start, end):
            if 0 < last <= first + _LONGEST_JOINED:
                yield first, last, JOINED
    if tags[end] == "c" and words[end] in _LINKS:
        last = cores.get(end + 1, 0)
        for first in _starts(tags, start, end):
            if first >= end - 2 and 0 < last <= first + _LONGEST_COORDINATED:
                yield first, last, COORDINATED


def _questions(
    tags: str, words: Sequence[str], cores: dict[int, int], *, is_asked: bool
) -> Iterator[Span]:
    n = len(words)
    for start, word in enumerate(words):
        before = words[start - 1] if start else ""
        if is_asked and (word in ASKING or (word in VERBS and before in _LEADS)):
            asked = words[start:]
            fits = 3 <= n - start <= _LONGEST_QUESTION
            if fits and _PLAIN.isdisjoint(asked) and asks_well(asked):
                if any(letter in "nm" for letter in tags[start:]):
                    yield start, n, QUESTION
                return
        if word == "how" and start + 2 < n and words[start + 1] == "to" and tags[start + 2] == "b":
            end = next((e for s, e in cores.items() if s > start + 2), 0)
            between = words[start + 2 : end]
            if 0 < end <= start + _LONGEST_QUESTION and _PLAIN.isdisjoint(between):
                yield start, end, HOW
        if word == "what" and start + 2 < n and words[start + 1] in ("is", "are"):
            after = start + 2 + (words[start + 2] in _ARTICLES)
            end = cores.get(after, 0)
            if end and end - start <= 6 and (end == n or not words[end]):
                yield start, end, QUESTION
