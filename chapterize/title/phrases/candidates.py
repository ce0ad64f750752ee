"""The candidates of a chapter, and where each is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chapterize.title.phrases.never import EMPTY, is_title, may_stand_alone
from chapterize.title.phrases.noun_phrases import HOW, JOINED, QUESTION, Span, spans_of
from chapterize.title.phrases.speech import UNKNOWN, Line, small_words

__all__ = ["FAR", "Candidate", "candidates_of"]

FAR = 15
"""Words after a cue phrase at which its effect ends."""
_NAMING = ("called", "named", "titled")
_AFTER = "nmsjkge"


@dataclass(slots=True)
class Candidate:
    """A phrase of one chapter; all that follows `offset` counts its occurrences.

    `first` and `offset` : sentence and words before its first occurrence. `cue` : the fewest words
    between a cue phrase and it.
    """

    words: tuple[str, ...]
    tags: str
    kind: int
    first: int
    offset: int
    said: int = 0
    cue: int = FAR
    asked: int = 0
    named: int = 0
    article: int = 0
    closes: int = 0
    """Without a word after that could be part of the phrase."""
    before_verb: int = 0
    after_break: int = 0

    @property
    def is_question(self) -> bool:
        """Whether the title needs a question mark."""
        return self.kind == QUESTION


def candidates_of(lines: Sequence[Line], commonness: Mapping[str, float]) -> list[Candidate]:
    """Return the distinct phrases of a chapter that may be titles, in the order they are said."""
    found: dict[tuple[str, ...], Candidate | None] = {}
    for place, line in enumerate(lines):
        for span in spans_of(line.tags, line.words, is_asked=line.is_asked):
            start, end, kind = span
            words = tuple(line.words[start:end])
            if words in found:
                candidate = found[words]
            else:
                tags = line.tags[start:end]
                fits = _fits(words, tags, kind, commonness)
                n_before = line.offset + sum(map(bool, line.words[:start]))
                candidate = Candidate(words, tags, kind, place, n_before) if fits else None
                found[words] = candidate
            if candidate is not None:
                _count(candidate, line, span)
    # "history of paper" is torn out if only "history of paper mills" is said.
    whole = [candidate for candidate in found.values() if candidate and candidate.closes]
    return [one for one in whole if _is_sure(one, commonness)] or whole


def _is_sure(one: Candidate, commonness: Mapping[str, float]) -> bool:
    """Whether it is no single unknown word said once, such as a word cut off ("somewha")."""
    is_odd = len(one.words) == 1 and one.said == 1 and one.tags != "m"
    return not (is_odd and commonness[one.words[0]] == UNKNOWN)


def _fits(words: tuple[str, ...], tags: str, kind: int, commonness: Mapping[str, float]) -> bool:
    if kind in (QUESTION, HOW):
        return not EMPTY.issuperset(words[-1:])
    small = small_words()
    if (words[0] in small and tags[0] != "k") or words[-1] in small:
        return False
    if len(words) == 1 and not may_stand_alone(words[0], tags, commonness[words[0]]):
        return False
    if kind == JOINED and any(w in EMPTY and after == "of" for w, after in pairwise(words)):
        return False
    return is_title(words, tags)


def _count(candidate: Candidate, line: Line, span: Span) -> None:
    start, end, kind = span
    tags, words = line.tags, line.words
    before = tags[start - 1] if start else "."
    after = tags[end] if end < len(tags) else "."
    candidate.said += 1
    if 0 <= line.cue <= start:
        candidate.cue = min(candidate.cue, start - line.cue)
    candidate.asked += line.is_asked
    candidate.named += bool(start) and words[start - 1] in _NAMING
    candidate.article += before in "do"
    candidate.closes += after not in _AFTER or kind == QUESTION
    candidate.before_verb += after == "f"
    candidate.after_break += before == "."
