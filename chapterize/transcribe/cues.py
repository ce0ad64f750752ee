"""What the recogniser said, made into cues: clean, on the file's clock, without its inventions."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from chapterize.data import Cue, Word

__all__ = ["cue_from_segment", "describe_dropped", "drop_loops", "is_repetitive"]

# Thresholds of Radford et al. (2022), section 4.5; the batched pipeline does not apply them.
_MAX_COMPRESSION = 2.4
_MIN_SPEECH_LOGPROB = -1.0
_MAX_NO_SPEECH = 0.6
_LONGEST_LOOP = 4
_REASONS = {
    "late": "after the end of the sound",
    "silent": "where nobody seems to speak",
    "repeated": "that only repeated what came before",
}


def cue_from_segment(
    segment: Any, *, offset: float, end: float, dropped: Counter[str]
) -> Cue | None:
    """A cue from a segment of faster-whisper, or None; what is dropped is counted by reason.

    `offset` is added to its times; nothing of the cue lies after `end`, both in seconds on the
    player's clock. Times are plain floats, the words ascend.
    """
    text = _clean(segment.text)
    start = offset + max(0.0, float(segment.start))
    if not text:
        return None
    if start >= end:
        dropped["late"] += 1
        return None
    if is_repetitive(text):
        dropped["repeated"] += 1
        return None
    if segment.no_speech_prob > _MAX_NO_SPEECH and segment.avg_logprob < _MIN_SPEECH_LOGPROB:
        dropped["silent"] += 1
        return None
    words = _words(segment.words or (), start, offset, end)
    last = max([start, offset + float(segment.end), *(word.end for word in words[-1:])])
    return Cue(start, min(last, end), text, words)


def _words(words: Sequence[Any], start: float, offset: float, end: float) -> tuple[Word, ...]:
    found: list[Word] = []
    for word in words:
        text = _clean(word.word)
        if not text:
            continue
        start = min(max(start, offset + float(word.start)), end)
        found.append(Word(start, min(max(start, offset + float(word.end)), end), text))
    return tuple(found)


def _clean(text: str) -> str:
    """`text` without surrounding space and the signs of characters cut in half."""
    return text.replace("\ufffd", "").strip()


def is_repetitive(text: str) -> bool:
    """Whether `text` compresses more than speech does, as a recogniser's loop would.

    Whisper measures UTF-8, which judges scripts of three bytes a letter too harshly. Here every
    letter is one byte, so that the measure is the same for all.
    """
    letters = {letter: min(i, 255) for i, letter in enumerate(dict.fromkeys(text))}
    content = bytes(letters[letter] for letter in text)
    return len(content) > _MAX_COMPRESSION * len(zlib.compress(content))


def drop_loops(cues: Sequence[Cue]) -> tuple[tuple[Cue, ...], int]:
    """The cues without loops, and how many were dropped.

    A loop is one to four cues whose texts come three times or more in a row; the first time stays.
    Case and punctuation do not count.
    """
    texts = ["".join(filter(str.isalnum, cue.text.casefold())) or cue.text for cue in cues]
    looping: set[int] = set()
    for period in range(1, _LONGEST_LOOP + 1):
        run: list[int] = []
        for i in range(period, len(texts) + 1):
            if i < len(texts) and texts[i] == texts[i - period]:
                run.append(i)
                continue
            if len(run) >= 2 * period:
                looping.update(run)
            run = []
    return tuple(cue for i, cue in enumerate(cues) if i not in looping), len(looping)


def describe_dropped(dropped: Counter[str]) -> tuple[str, ...]:
    """One plain sentence for each reason in `dropped`."""
    return tuple(
        f"Dropped {dropped[reason]} recognised {'line' if dropped[reason] == 1 else 'lines'} {why}."
        for reason, why in _REASONS.items()
        if dropped[reason]
    )
