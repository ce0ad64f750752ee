"""From sentences to paragraphs that can be read."""

from __future__ import annotations

from collections.abc import Sequence

from chapterize.data import Sentence
from chapterize.sentences.subtitles import columns
from chapterize.sentences.tokens import joint

__all__ = ["paragraphs"]

_PAUSE = 2.0
"""Seconds of silence that end a paragraph, if it is long enough to be one."""
_FEWEST_COLUMNS = 200
_MOST_COLUMNS = 600


def paragraphs(sentences: Sequence[Sentence]) -> list[str]:
    """The text of `sentences` in paragraphs, which end at pauses and are of readable length."""
    found: list[str] = []
    end = 0.0
    for sentence in sentences:
        size = columns(found[-1]) if found else _MOST_COLUMNS
        is_parted = size >= _FEWEST_COLUMNS and sentence.start - end >= _PAUSE
        if size >= _MOST_COLUMNS or is_parted:
            found.append(sentence.text)
        else:
            found[-1] += joint(found[-1], sentence.text) + sentence.text
        end = sentence.end
    return found
