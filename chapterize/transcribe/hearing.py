"""What one batch of windows says: every window in its language, and no part of it skipped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from chapterize.transcribe.engine import Heard, Recogniser
from chapterize.transcribe.windows import Window

__all__ = ["hear_windows", "other_language"]

_CLEARLY = 0.8
_HARDLY = 0.1
_FEWEST_SECONDS = 4.0
"""A window is in another language if it clearly sounds like that one and hardly like the one it
was recognised in: probabilities, and the seconds of speech below which they are a guess."""

_SKIPPED = 3.0
"""Seconds of speech without a word that are heard again by themselves."""
_LONGEST_WORD = 1.4
"""Seconds; twice that is less than `_SKIPPED`, so that no word is heard again."""
_MOST_NO_SPEECH = 0.5
_LEAST_CONFIDENCE = -0.7
"""What is heard the second time must sound like speech: elsewhere Whisper invents."""


def hear_windows(
    recogniser: Recogniser,
    windows: Sequence[Window],
    *,
    asked: str | None,
    likely: str | None,
    beam_size: int,
) -> list[tuple[Window, Heard]]:
    """What was heard in `windows`, in order, and in parts of them that had been skipped.

    `asked` is the language that the user named, as a code of Whisper. Without one all windows are
    tried in the `likely` one first, then those that are clearly in another are heard in that.
    """
    sounds = [window.sound for window in windows]
    answers = recogniser.hear(sounds, language=asked or likely, beam_size=beam_size)
    found = []
    for window, heard in zip(windows, answers, strict=True):
        if asked is None and (other := other_language(heard, window)):
            (heard,) = recogniser.hear([window.sound], language=other, beam_size=beam_size)
        found.append((window, heard))
        for start, stop in _skipped(heard, window.seconds):
            part = window.part(start, stop)
            (again,) = recogniser.hear([part.sound], language=asked, beam_size=beam_size)
            if again.no_speech < _MOST_NO_SPEECH and again.confidence > _LEAST_CONFIDENCE:
                found.append((part, again))
    return found


def other_language(heard: Heard, window: Window) -> str | None:
    """The language that the window is in, when that is clearly not the one it was heard in."""
    if not heard.languages or window.seconds < _FEWEST_SECONDS:
        return None
    best = max(heard.languages, key=lambda code: heard.languages[code])
    is_other = (
        best != heard.language
        and heard.languages[best] >= _CLEARLY
        and heard.languages.get(heard.language, 0.0) <= _HARDLY
    )
    return best if is_other else None


def _skipped(heard: Heard, seconds: float) -> Iterator[tuple[float, float]]:
    """Stretches of a window for which Whisper gave no word, in seconds.

    A window holds speech and short pauses only, so that it skipped something: where the language
    changes, or a voice is softer than the one before it.
    """
    marks = [0.0]
    for word in heard.words:
        # A word that is stretched over what was skipped lies at one end of it.
        if word.end - word.start > 2 * _LONGEST_WORD:
            marks += [word.start, word.start + _LONGEST_WORD, word.end - _LONGEST_WORD, word.end]
        else:
            marks += [word.start, word.end]
    marks.append(seconds)
    for start, stop in pairwise(marks):
        if stop - start >= _SKIPPED:
            yield start, stop
