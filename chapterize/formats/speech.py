"""Whether the rows of a file are captions, which hold what is said, and not chapters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from chapterize.data import Mark
from chapterize.errors import FormatError

__all__ = ["refuse_captions", "refuse_speech"]

# Captions have about fifteen characters a second and last a few seconds. A chapter of a minute
# has a title of some forty characters.
_SPEECH_RATE = 6.0
_CUE_SECONDS = 8.0
_LONGEST_CUE = 45.0
_MANY = 30
_FEWEST_STARTS = 10

# Whisper counts milliseconds. The same columns with seconds may be chapters.
_WHISPER_TABLE = re.compile(r"start([,\t])end\1text\n\d+\1\d+\1", re.IGNORECASE)
_CAPTION_FILES = {
    "SubStation Alpha": re.compile(r"\[Script Info\]", re.IGNORECASE),
    "TTML": re.compile(r"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:\w+:)?tt[\s>]", re.DOTALL),
    "YouTube's XML": re.compile(r"(?:<\?xml[^>]*>\s*)?<(?:timedtext|transcript)[\s>]"),
    "SAMI": re.compile(r"<sami[\s>]", re.IGNORECASE),
    "MicroDVD": re.compile(r"\{\d+\}\{\d+\}"),
    "Whisper's table": _WHISPER_TABLE,
    "Whisper's JSON": re.compile(
        r'[\[{](?=[^\0]{0,2000}"(?:segments|text|words)"\s*:)'
        r'(?=[^\0]*"text"\s*:)(?=[^\0]*"(?:start|offsets|timestamp)"\s*:)'
    ),
    "YouTube's json3": re.compile(r'\{(?=[^\0]*"events"\s*:)(?=[^\0]*"segs"\s*:)'),
}


def refuse_captions(text: str, *, is_recognised: bool = False) -> None:
    """Raise FormatError if `text` is in a format that only captions have.

    `is_recognised` : a chapter format looks like it; then only the columns of Whisper are refused.
    """
    for name, looks in _CAPTION_FILES.items():
        if looks.match(text) and (looks is _WHISPER_TABLE or not is_recognised):
            raise _captions(f"the file is in {name} format, which holds what is said")


def refuse_speech(marks: Sequence[Mark]) -> None:
    """Raise FormatError if the rows have as much text, in as little time, as captions have."""
    rows = [(mark, after.start) for mark, after in pairwise(marks)]
    has_ends = bool(marks) and all(mark.end is not None for mark in marks)
    if has_ends:
        rows = [(mark, mark.end or 0.0) for mark in marks]
    elif len(marks) < _FEWEST_STARTS:
        return
    if len(rows) < 2:
        return
    lengths = [max(0.0, end - mark.start) for mark, end in rows]
    typical = median(lengths)
    rate = sum(len(mark.title) for mark, _ in rows) / max(sum(lengths), 0.001)
    is_fast = rate >= _SPEECH_RATE and typical < _LONGEST_CUE
    if typical > 0 and (is_fast or (len(rows) >= _MANY and typical < _CUE_SECONDS)):
        raise _captions(
            f"its {len(marks)} rows last about {typical:.0f} s each and hold what is said"
        )


def _captions(why: str) -> FormatError:
    return FormatError(
        "these are captions, not chapters",
        why=why,
        hint="make chapters from them with chapterize draft FILE",
    )
