"""Recognise windows of speech, and turn the result into cues.

Every window is recognised in its own language, and no part of it is skipped. The result is divided
into short cues on the clock of the file, without loops and invented text.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from chapterize.data import Cue, Word
from chapterize.transcribe.engine import Recognised, RecognisedWord, Recogniser
from chapterize.transcribe.windows import Window

__all__ = [
    "cues_of",
    "describe_dropped",
    "drop_loops",
    "is_repetitive",
    "other_language",
    "recognise_windows",
]

# A window is in another language if the probability of that language is at least _CLEARLY and that
# of the language it was recognised in at most _HARDLY. Shorter windows do not allow a judgement.
_CLEARLY = 0.8
_HARDLY = 0.1
_FEWEST_SECONDS = 4.0

_SKIPPED = 3.0
"""Seconds of speech without a word that are recognised again on their own."""
_LONGEST_WORD = 1.4
"""Seconds; twice that is less than `_SKIPPED`, so no word is recognised twice."""
_MOST_NO_SPEECH = 0.5
_LEAST_CONFIDENCE = -0.7
"""Limits for a second recognition, because Whisper invents text where there is no speech."""

# Thresholds of Radford et al. (2022), section 4.5; the batched pipeline does not apply them.
_MAX_COMPRESSION = 2.4
_MIN_SPEECH_LOGPROB = -1.0
_MAX_NO_SPEECH = 0.6
_LONGEST_LOOP = 4
"""Maximum number of cues in a loop."""
_LONGEST_PHRASE = 12
"""Maximum number of words in the repeated phrase of a loop within a cue."""
_FEWEST_REPEATS = 3
_FEWEST_REPEATED_WORDS = 8

_PAUSE = 0.7
"""Seconds without a word that end a cue."""
_MOST_WORDS = 30
_ENDS = (".", "?", "!", "…", "。", "？", "！", "｡", "؟", "۔", "।")
_CLOSERS = "\"'”’»›)]}」』）】"

_REASONS = {
    "late": "after the end of the audio",
    "silent": "without audible speech",
    "repeated": "that only repeated earlier text",
}


def recognise_windows(
    recogniser: Recogniser,
    windows: Sequence[Window],
    *,
    asked: str | None,
    likely: str | None,
    beam_size: int,
) -> list[tuple[Window, Recognised]]:
    """Return the results for `windows`, in order, and for parts of them that were skipped.

    `asked` : the language that the user set, as Whisper's code. If it is None, all windows are
    recognised in the `likely` language first, then those clearly in another language in that one.
    """
    audio = [window.audio for window in windows]
    results = recogniser.recognise(audio, language=asked or likely, beam_size=beam_size)
    found = []
    for window, result in zip(windows, results, strict=True):
        if asked is None and (other := other_language(result, window)):
            (result,) = recogniser.recognise([window.audio], language=other, beam_size=beam_size)
        found.append((window, result))
        for start, stop in _skipped(result, window.seconds):
            part = window.part(start, stop)
            (again,) = recogniser.recognise([part.audio], language=asked, beam_size=beam_size)
            if again.no_speech < _MOST_NO_SPEECH and again.confidence > _LEAST_CONFIDENCE:
                found.append((part, again))
    return found


def other_language(result: Recognised, window: Window) -> str | None:
    """Return the language of the window if it clearly differs from that of its recognition."""
    if not result.languages or window.seconds < _FEWEST_SECONDS:
        return None
    best = max(result.languages, key=lambda code: result.languages[code])
    is_other = (
        best != result.language
        and result.languages[best] >= _CLEARLY
        and result.languages.get(result.language, 0.0) <= _HARDLY
    )
    return best if is_other else None


def _skipped(result: Recognised, seconds: float) -> Iterator[tuple[float, float]]:
    """Intervals of a window for which Whisper gave no word, in seconds.

    A window contains only speech and short pauses, so Whisper skipped something there: at a change
    of language, or a voice that is quieter than the one before.
    """
    marks = [0.0]
    for word in result.words:
        # A word stretched over a skipped interval lies at one end of it.
        if word.end - word.start > 2 * _LONGEST_WORD:
            marks += [word.start, word.start + _LONGEST_WORD, word.end - _LONGEST_WORD, word.end]
        else:
            marks += [word.start, word.end]
    marks.append(seconds)
    for start, stop in pairwise(marks):
        if stop - start >= _SKIPPED:
            yield start, stop


def cues_of(window: Window, result: Recognised, *, end: float, dropped: Counter[str]) -> list[Cue]:
    """Return the cues of one window; count dropped ones by reason in `dropped`.

    Whisper's answer covers up to 30 s. It is divided at sentence ends and pauses before the filters
    apply, so a bad phrase does not remove its neighbours. Times are seconds on the player's clock,
    at most `end`; words are in ascending order.
    """
    cues = []
    for group in _cut(_without_loops(_clean(result.words), dropped)):
        if _is_silent(group, result):
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


def _clean(words: Sequence[RecognisedWord]) -> list[RecognisedWord]:
    """`words` without empty ones, and without the replacement signs of incomplete characters."""
    cleaned = (replace(word, text=word.text.replace("\ufffd", "")) for word in words)
    return [word for word in cleaned if word.text.strip()]


def _cut(words: Sequence[RecognisedWord]) -> Iterator[list[RecognisedWord]]:
    """`words` in groups that end at a sentence end, before a pause, or at the maximum length."""
    group: list[RecognisedWord] = []
    for word in words:
        if group and (
            word.start - group[-1].end >= _PAUSE or len(group) >= _MOST_WORDS or _is_end(group[-1])
        ):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _is_end(word: RecognisedWord) -> bool:
    return word.text.strip().rstrip(_CLOSERS).endswith(_ENDS)


def _is_silent(words: Sequence[RecognisedWord], result: Recognised) -> bool:
    """Whether the window is probably silent and these words are a guess."""
    if result.no_speech <= _MAX_NO_SPEECH:
        return False
    mean = sum(math.log(max(word.probability, 1e-6)) for word in words) / len(words)
    return mean < _MIN_SPEECH_LOGPROB


def _cue(window: Window, group: Sequence[RecognisedWord], end: float) -> Cue | None:
    words: list[Word] = []
    latest = 0.0
    for each in group:
        start, stop = window.place(each.start, each.end)
        start = max(start, latest)
        if start >= end:
            break
        latest = start
        words.append(Word(start, min(max(start, stop), end), each.text.strip()))
    if not words:
        return None
    text = "".join(each.text for each in group[: len(words)]).strip()
    return Cue(words[0].start, max(word.end for word in words), text, tuple(words))


def _without_loops(words: Sequence[RecognisedWord], dropped: Counter[str]) -> list[RecognisedWord]:
    """`words` with each looping phrase kept once.

    A loop is a phrase that occurs at least three times in a row, with at least eight surplus words.
    Case and punctuation are ignored.
    """
    plain = [_plain(word.text) for word in words]
    kept: list[RecognisedWord] = []
    i = 0
    while i < len(words):
        period, n_repeats = _loop_at(plain, i)
        kept += words[i : i + period]
        if n_repeats:
            dropped["repeated"] += 1
        i += period * (1 + n_repeats)
    return kept


def _loop_at(texts: Sequence[str], i: int) -> tuple[int, int]:
    """Length of the phrase at `i`, and how often it is repeated after that; (1, 0) if not."""
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
    """Return whether `text` compresses better than speech does, which indicates a loop.

    Whisper measures this on UTF-8, which is too strict for scripts with three bytes per letter.
    Here every letter is one byte, so the threshold suits all scripts.
    """
    letters = {letter: min(i, 255) for i, letter in enumerate(dict.fromkeys(text))}
    content = bytes(letters[letter] for letter in text)
    return len(content) > _MAX_COMPRESSION * len(zlib.compress(content))


def drop_loops(cues: Sequence[Cue]) -> tuple[tuple[Cue, ...], int]:
    """Return the cues without loops, and the number of dropped cues.

    A loop is a sequence of one to four cues whose texts occur at least three times in a row; the
    first occurrence is kept. Case and punctuation are ignored.
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
    """Return one sentence for each reason in `dropped`."""
    return tuple(
        f"Dropped {dropped[reason]} recognised {'line' if dropped[reason] == 1 else 'lines'} {why}."
        for reason, why in _REASONS.items()
        if dropped[reason]
    )
