"""The text of the sample lecture, and its division into captions."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from chapterize.data import Cue, Word

__all__ = ["Lecture", "Line", "Slide", "caption_cues", "read_lecture"]

_SENTENCE_PAUSE = 0.35
_PARAGRAPH_PAUSE = 0.6
_LINE_CHARS = 42
_CUE_LINES = 2
_ATTRIBUTES = re.compile(r"\s*\{(\w+)=([\w.]+)\}$")


@dataclass(frozen=True)
class Slide:
    """The content of a slide."""

    heading: str
    lines: tuple[str, ...]
    figure: str


@dataclass(frozen=True)
class Line:
    """One spoken sentence: the silence before it in seconds, and what starts with it."""

    text: str
    pause: float
    chapter: str | None = None
    slide: Slide | None = None
    is_paragraph: bool = False


@dataclass(frozen=True)
class Lecture:
    """Title and text of the lecture."""

    title: str
    lines: tuple[Line, ...]


def read_lecture(path: Path) -> Lecture:
    """Parse the text; the comment at its top describes the format.

    Raises
    ------
    ValueError : there is no title or no text.
    """
    text = re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    title, lines = "", list[Line]()
    chapter: str | None = None
    heading, bullets, figure = "", list[str](), ""
    pause, is_paragraph = _PARAGRAPH_PAUSE, True
    for row in (row.strip() for row in text.splitlines()):
        attributes = dict(_ATTRIBUTES.findall(row))
        row = _ATTRIBUTES.sub("", row)
        if not row:
            is_paragraph, pause = True, max(pause, _PARAGRAPH_PAUSE)
        elif row.startswith("# "):
            title = row[2:]
        elif row.startswith("## "):
            chapter, pause = row[3:], float(attributes.get("pause", _PARAGRAPH_PAUSE))
        elif row.startswith("### "):
            heading, bullets, figure = row[4:], [], attributes["figure"]
        elif row.startswith("- "):
            bullets.append(row[2:])
        else:
            slide = Slide(heading, tuple(bullets), figure) if heading else None
            lines.append(Line(row, pause, chapter, slide, is_paragraph))
            chapter, heading, pause, is_paragraph = None, "", _SENTENCE_PAUSE, False
    if not title or not lines:
        raise ValueError(f"{path} has no title or no text")
    return Lecture(title, tuple(lines))


def caption_cues(words: Sequence[Word]) -> list[Cue]:
    """Split one paragraph into cues of at most two lines of 42 characters.

    The split has the lowest cost of all: few cues of similar length that end with a sentence, or
    at least at a comma.
    """
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * len(words)
    for start in range(len(words)):
        for stop in range(start + 1, len(words) + 1):
            text = " ".join(word.text for word in words[start:stop])
            if len(_wrap(text, _LINE_CHARS)) > _CUE_LINES:
                break
            cost = best[start][0] + _cue_cost(text)
            if cost < best[stop][0]:
                best[stop] = (cost, start)
    cuts = [len(words)]
    while cuts[-1] > 0:
        cuts.append(best[cuts[-1]][1])
    return [_cue(words[start:stop]) for start, stop in pairwise(reversed(cuts))]


def _cue_cost(text: str) -> float:
    empty = 1.0 - len(text) / (_LINE_CHARS * _CUE_LINES)
    ending = {".": 0.0, "?": 0.0, ",": 0.25, ";": 0.25, ":": 0.25}.get(text[-1], 0.6)
    return 0.5 + 1.5 * empty**2 + ending


def _cue(words: Sequence[Word]) -> Cue:
    """A cue with lines of about the same length."""
    text = " ".join(word.text for word in words)
    for width in range(len(text) // _CUE_LINES, _LINE_CHARS + 1):
        rows = _wrap(text, max(width, 1))
        if len(rows) <= _CUE_LINES and all(len(row) <= _LINE_CHARS for row in rows):
            break
    if len(text) <= _LINE_CHARS:
        rows = [text]
    return Cue(words[0].start, words[-1].end, "\n".join(rows), tuple(words))


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
