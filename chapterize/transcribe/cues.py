"""What was heard in a window, made into cues: short, on the file's clock, without inventions."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence

from chapterize.data import Cue, Word
from chapterize.transcribe.engine import Heard, HeardWord
from chapterize.transcribe.windows import Window

__all__ = ["cues_of", "describe_dropped", "drop_loops", "is_repetitive"]

# Thresholds of Radford et al. (2022), section 4.5; the batched pipeline does not apply them.
_MAX_COMPRESSION = 2.4
_MIN_SPEECH_LOGPROB = -1.0
_MAX_NO_SPEECH = 0.6
_LONGEST_LOOP = 4
"""Cues in a loop at the most."""
_LONGEST_PHRASE = 12
"""Words in a loop inside a cue at the most."""
_FEWEST_REPEATS = 3
_FEWEST_REPEATED_WORDS = 8

_PAUSE = 0.7
"""Seconds without a word that end a cue."""
_MOST_WORDS = 30
_ENDS = (".", "?", "!", "…", "。", "？", "！", "｡", "؟", "۔", "।")
_CLOSERS = "\"'”’»›)]}」』）】"

_REASONS = {
    "late": "after the end of the audio",
    "silent": "where nobody seems to speak",
    "repeated": "that only repeated what came before",
}


def cues_of(window: Window, heard: Heard, *, end: float, dropped: Counter[str]) -> list[Cue]:
    """The cues of one window; what is dropped is counted by reason in `dropped`.

    Whisper answers with 30 s at once. They are cut at the ends of sentences and at pauses before
    anything is judged, so that one bad phrase costs no more than itself. Times are seconds on the
    player's clock, none lies after `end`; words ascend.
    """
    cues = []
    for group in _cut(_without_loops(_clean(heard.words), dropped)):
        if _is_silent(group, heard):
            dropped["silent"] += 1
            continue
        cue = _cue(window, group, end)
        if cue is None:
            dropped["late"] += 1
        elif is_repetitive(cue.text):
            dropped["repeated"] += 1
        else:
            cues.append(cue)
    return cues


def _clean(words: Sequence[HeardWord]) -> list[HeardWord]:
    """`words` without empty ones and the signs of characters that were cut in half."""
    found = []
    for word in words:
        text = word.text.replace("\ufffd", "")
        if text.strip():
            found.append(HeardWord(word.start, word.end, text, word.probability))
    return found


def _cut(words: Sequence[HeardWord]) -> Iterator[list[HeardWord]]:
    """`words` in groups that end with a sentence, before a pause, or when they grow too long."""
    group: list[HeardWord] = []
    for word in words:
        if group and (
            word.start - group[-1].end >= _PAUSE or len(group) >= _MOST_WORDS or _is_end(group[-1])
        ):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _is_end(word: HeardWord) -> bool:
    return word.text.strip().rstrip(_CLOSERS).endswith(_ENDS)


def _is_silent(words: Sequence[HeardWord], heard: Heard) -> bool:
    """Whether the window sounds like silence and these words were a guess."""
    if heard.no_speech <= _MAX_NO_SPEECH:
        return False
    mean = sum(math.log(max(word.probability, 1e-6)) for word in words) / len(words)
    return mean < _MIN_SPEECH_LOGPROB


def _cue(window: Window, group: Sequence[HeardWord], end: float) -> Cue | None:
    words: list[Word] = []
    reached = 0.0
    for heard in group:
        start, stop = window.place(heard.start, heard.end)
        start = max(start, reached)
        if start >= end:
            break
        reached = start
        words.append(Word(start, min(max(start, stop), end), heard.text.strip()))
    if not words:
        return None
    text = "".join(heard.text for heard in group[: len(words)]).strip()
    return Cue(words[0].start, max(word.end for word in words), text, tuple(words))


def _without_loops(words: Sequence[HeardWord], dropped: Counter[str]) -> list[HeardWord]:
    """`words` with each phrase that is said over and over kept once.

    "Over and over" is three times or more in a row and eight words or more too many. Case and
    punctuation do not count.
    """
    plain = [_plain(word.text) for word in words]
    kept: list[HeardWord] = []
    i = 0
    while i < len(words):
        period, n_repeats = _loop_at(plain, i)
        kept += words[i : i + period]
        if n_repeats:
            dropped["repeated"] += 1
        i += period * (1 + n_repeats)
    return kept


def _loop_at(texts: Sequence[str], i: int) -> tuple[int, int]:
    """Length of the phrase at `i` and how often it follows itself; (1, 0) where it does not."""
    for period in range(1, _LONGEST_PHRASE + 1):
        n = 0
        while i + n + period < len(texts) and texts[i + n] == texts[i + n + period]:
            n += 1
        repeats = n // period
        if repeats + 1 >= _FEWEST_REPEATS and repeats * period >= _FEWEST_REPEATED_WORDS:
            return period, repeats
    return 1, 0


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold())) or text


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
    texts = [_plain(cue.text) for cue in cues]
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
