"""Lay out sentences as readable subtitles and paragraphs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from math import ceil, inf

from chapterize.data import Cue, Sentence, Transcript
from chapterize.sentences.splitting import BREAKS_OFF, OPEN_ENDED, sentence_tokens
from chapterize.sentences.tokens import Token, joined, separator_between, silences, strictly

__all__ = ["LINE_COLUMNS", "LONGEST", "columns", "paragraphs", "readable_cues"]

LINE_COLUMNS = 42
"""Columns per line; a Chinese or Japanese character takes two."""

LONGEST = 7.0
"""Maximum duration of a subtitle in seconds."""

_LINES = 2
_SHORTEST = 1.0
"""Minimum duration of a subtitle in seconds, unless the next one starts sooner."""
_STEP = 0.001
_PARAGRAPH_PAUSE = 2.0
"""Seconds of silence that end a paragraph of sufficient length."""
_FEWEST_COLUMNS = 200
_MOST_COLUMNS = 600
_SILENCE = 1.0
"""Seconds of silence within a sentence that always end a subtitle."""
_SPREAD = 16.0
"""Deviation in columns from the wanted width that costs as much as a comma gains."""
_STOPS = (*BREAKS_OFF, ".", "!", "?", "。", "！", "？")
# In Japanese, a particle ends here and a noun starts.
_LOOSE = re.compile(r"(?<=[ぁ-ん、，；：])(?=[^ぁ-ん、，；：。！？」』）])")
# Within a foreign word, or between a letter and its vowel or length mark.
_BOUND = re.compile(
    r"[ァ-ヺー]{2}|[A-Za-z0-9]{2}|.[\u0e30-\u0e3a\u0e45-\u0e4e\u0eb0-\u0ebc]|.[ー」』）]"
)
# What a subtitle or line must not start with: marks, dashes, and a name before a colon.
_DEPENDENT = re.compile(r"[\W_]+|[-–—>].*|\S+[:：]")


def readable_cues(transcript: Transcript) -> tuple[Cue, ...]:
    """Subtitles of at most two lines of 42 columns and 7 s, in order and without overlap.

    Every subtitle is a sentence or a part of one; parts end at pauses and commas where possible.
    Together they contain all the text of the transcript, spaces aside. A word wider than a line
    gets its own line.
    """
    parts = [part for tokens in sentence_tokens(transcript) for part in _Pieces(tokens).parts()]
    starts = strictly((start for start, _, _ in parts), _STEP)
    cues = []
    for (_, end, text), (start, following) in zip(parts, pairwise([*starts, inf]), strict=True):
        shown = min(max(end, start + _SHORTEST), start + LONGEST)
        cues.append(Cue(start, min(shown, following), text))
    return tuple(cues)


class _Pieces:
    """Divides the tokens of one sentence into subtitles, and these into lines.

    Pieces are half-open ranges of token indices.
    """

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = [piece for token in tokens for piece in _finer(token)]
        widths = [len(token.separator) + columns(token.text) for token in self._tokens]
        self._columns = [0, *accumulate(widths)]

    def parts(self) -> Iterator[tuple[float, float, str]]:
        """Start, end and text of each subtitle."""
        tokens = self._tokens
        for first, stop in pairwise([0, *silences(tokens, _SILENCE), len(tokens)]):
            for a, b in self._fitting(first, stop):
                text = "\n".join(joined(tokens[c:d]) for c, d in self._lines(a, b))
                yield tokens[a].start, max(token.end for token in tokens[a:b]), text

    def _fitting(self, first: int, stop: int) -> Iterator[tuple[int, int]]:
        """As few parts that fit as possible, of about equal width."""
        while not self._fits(first, stop):
            most = first + 1
            while most + 1 < stop and self._fits(first, most + 1):
                most += 1
            width = self._width(first, stop)
            length = self._tokens[stop - 1].end - self._tokens[first].start
            n_parts = max(2, ceil(width / (_LINES * LINE_COLUMNS)), ceil(length / LONGEST))
            at = self._best_break(first, range(first + 1, most + 1), width / n_parts)
            yield first, at
            first = at
        yield first, stop

    def _fits(self, first: int, stop: int) -> bool:
        if stop - first == 1:
            return True
        is_short = self._tokens[stop - 1].end - self._tokens[first].start <= LONGEST
        if not is_short or self._width(first, stop) > _LINES * LINE_COLUMNS + 1:
            return False
        return all(self._width(*line) <= LINE_COLUMNS for line in self._lines(first, stop))

    def _lines(self, first: int, stop: int) -> list[tuple[int, int]]:
        """One line, or two of about equal width with a good break."""
        width = self._width(first, stop)
        if stop - first == 1 or width <= LINE_COLUMNS:
            return [(first, stop)]
        places = range(first + 1, stop)
        fitting = [
            i for i in places if max(self._width(first, i), self._width(i, stop)) <= LINE_COLUMNS
        ]
        at = self._best_break(first, fitting or places, width / 2)
        return [(first, at), (at, stop)]

    def _best_break(self, first: int, places: Sequence[int], aim: float) -> int:
        """The best of `places` to end a piece that starts at `first`, for a width of `aim`."""

        def score(at: int) -> float:
            before, after = self._tokens[at - 1], self._tokens[at]
            found = -(((self._width(first, at) - aim) / _SPREAD) ** 2)
            found += 2.0 * min(max(after.start - before.end, 0.0), 1.0)
            found += before.text.endswith(_STOPS) - (before.text.casefold() in OPEN_ENDED)
            if not after.separator:
                found -= _tie(before.text[-1], after.text[0])
            return found - 20.0 * bool(_DEPENDENT.fullmatch(after.text))

        return max(places, key=score)

    def _width(self, first: int, stop: int) -> int:
        return self._columns[stop] - self._columns[first] - len(self._tokens[first].separator)


def _finer(token: Token) -> Iterator[Token]:
    """`token` divided after Japanese particles and Chinese and Japanese commas."""
    texts = [token.text] if token.text.isascii() else _LOOSE.split(token.text)
    rate = (token.end - token.start) / len(token.text)
    at, separator = token.start, token.separator
    for text in texts:
        end = at + rate * len(text)
        yield replace(token, start=at, end=end, text=text, separator=separator)
        at, separator = end, ""


def _tie(before: str, after: str) -> float:
    """Cost of a break between two characters that no space separates."""
    if before in "、，；：。！？":
        return 0.0
    if _LOOSE.search(before + after):
        return 0.5
    return 4.0 if _BOUND.fullmatch(before + after) else 2.0


def columns(text: str) -> int:
    """Display width of `text`: two columns for each Chinese or Japanese character."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)


def paragraphs(sentences: Sequence[Sentence]) -> list[str]:
    """The text of `sentences` in paragraphs of readable length that end at pauses."""
    found: list[str] = []
    end = 0.0
    for sentence in sentences:
        size = columns(found[-1]) if found else _MOST_COLUMNS
        is_pause = size >= _FEWEST_COLUMNS and sentence.start - end >= _PARAGRAPH_PAUSE
        if size >= _MOST_COLUMNS or is_pause:
            found.append(sentence.text)
        else:
            found[-1] += separator_between(found[-1], sentence.text) + sentence.text
        end = sentence.end
    return found
