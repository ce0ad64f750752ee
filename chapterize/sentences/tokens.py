"""Split cues and their words into tokens with times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from chapterize.data import Cue

__all__ = ["CLOSERS", "Token", "joined", "separator_between", "silences", "strictly", "tokens_of"]

_HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff66-\uff9f]")
_THAI = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\uff00-\uff9f]"
)
# Characters that correspond to one word of a European language.
_HAN_PER_WORD, _THAI_PER_WORD = 1.7, 4.0
_PIECE_CHARACTERS, _PIECE_WORDS = 12, 3.0

CLOSERS = "\"'”’»›)]}」』）】〉》"
_CJK_MARKS = "。！？｡"
_SPACE = re.compile(r"\s")
_SPACED_TOKEN = re.compile(r"\S+")
_TOKEN = re.compile(rf"[^\s{_CJK_MARKS}]*[{_CJK_MARKS}]+[{re.escape(CLOSERS)}]*|[^\s{_CJK_MARKS}]+")


@dataclass(slots=True)
class Token:
    """One word, or a piece of text in a script without spaces.

    `words` is its length in words, `is_timed` whether its start is known rather than interpolated,
    `separator` the text between it and the previous token: a space or nothing.
    """

    start: float
    end: float
    text: str
    words: float
    is_timed: bool
    separator: str


def tokens_of(cues: Sequence[Cue]) -> list[Token]:
    """The tokens of all cues, timed by characters where a cue has no usable words."""
    tokens: list[Token] = []
    for cue, start, end in _shares(cues):
        fresh = _word_tokens(cue) or _spread_tokens(cue.text, start, end)
        if fresh and tokens:
            fresh[0].separator = separator_between(tokens[-1].text, fresh[0].text)
        tokens += fresh
    return tokens


def joined(tokens: Sequence[Token]) -> str:
    """The text of at least one token."""
    return tokens[0].text + "".join(token.separator + token.text for token in tokens[1:])


def silences(tokens: Sequence[Token], shortest: float) -> list[int]:
    """Indices of the tokens after a silence of at least `shortest` seconds."""
    return [i for i, (a, b) in enumerate(pairwise(tokens), 1) if b.start - a.end >= shortest]


def strictly(times: Iterable[float], step: float) -> list[float]:
    """Times, each delayed if necessary to be at least `step` after the one before."""
    return list(accumulate(times, lambda before, time: max(time, before + step)))


def separator_between(before: str, after: str) -> str:
    """The separator of two texts: a space, but nothing between Han characters."""
    return "" if _HAN.match(before[-1]) and _HAN.match(after[0]) else " "


def _shares(cues: Sequence[Cue]) -> Iterator[tuple[Cue, float, float]]:
    """Yield (cue, start, end) with times that do not overlap, since two speakers may."""
    position = 0
    while position < len(cues):
        stop = position + 1
        while stop < len(cues) and cues[stop].start <= cues[position].start:
            stop += 1
        group = cues[position:stop]
        start, end = group[0].start, max(cue.end for cue in group)
        if stop < len(cues):
            end = min(end, max(cues[stop].start, start))
        rate = max(0.0, end - start) / max(1, sum(len(cue.text) for cue in group))
        for cue in group:
            end = start + rate * len(cue.text)
            yield cue, start, end
            start = end
        position = stop


def _word_tokens(cue: Cue) -> list[Token]:
    """Tokens with the times of the cue's words; empty if these do not match its text."""
    tokens: list[Token] = []
    position = 0
    for word in cue.words:
        at = cue.text.find(word.text, position)
        if at < 0 or not word.text or cue.text[position:at].strip():
            return []
        separator = " " if at > position else ""
        position = at + len(word.text)
        if word.text.isascii() and not _SPACE.search(word.text):
            tokens.append(Token(word.start, word.end, word.text, 1.0, True, separator))
        elif fresh := _spread_tokens(word.text, word.start, word.end):
            fresh[0].separator = separator
            tokens += fresh
    return [] if cue.text[position:].strip() else tokens


def _spread_tokens(text: str, start: float, end: float) -> list[Token]:
    """Tokens of `text` with times interpolated by characters; only the first is timed."""
    rate = (end - start) / max(1, len(text))
    tokens: list[Token] = []
    position = 0
    for at, piece, words in _pieces(text):
        stop = at + len(piece)
        separator = " " if at > position else ""
        tokens.append(
            Token(start + rate * at, start + rate * stop, piece, words, not tokens, separator)
        )
        position = stop
    return tokens


def _pieces(text: str) -> Iterator[tuple[int, str, float]]:
    """Yield (position, text, length in words) of each token."""
    for match in (_TOKEN if _UNSPACED.search(text) else _SPACED_TOKEN).finditer(text):
        token, at = match[0], match.start()
        n_han, n_thai = len(_HAN.findall(token)), len(_THAI.findall(token))
        words = max(1.0, n_han / _HAN_PER_WORD + n_thai / _THAI_PER_WORD)
        # A line without spaces is one run: divide it, so that it can be cut if necessary.
        size = _PIECE_CHARACTERS if words > _PIECE_WORDS else len(token)
        for offset in range(0, len(token), size):
            part = token[offset : offset + size]
            yield at + offset, part, words * len(part) / len(token)
