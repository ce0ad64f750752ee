"""The values that stages pass to each other, all frozen.

Times are seconds on the player's clock, as floats: 0.0 is the first thing a viewer sees or hears.
Intervals are half open. Index i always means "a chapter begins at sentence i".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from chapterize.characters import without_invisible
from chapterize.errors import InputError
from chapterize.pages import Slide, SlideKind, TextLine
from chapterize.timecode import to_ms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "SAMPLE_RATE",
    "Boundaries",
    "Chapter",
    "Chapters",
    "Cue",
    "Evidence",
    "FloatArray",
    "Mark",
    "Media",
    "OnNote",
    "OnProgress",
    "Pause",
    "Sent",
    "Sentence",
    "Signals",
    "Slide",
    "SlideKind",
    "SubtitleStream",
    "TextLine",
    "Transcript",
    "Vectors",
    "Word",
]

FloatArray: TypeAlias = "NDArray[np.float32]"
"""Quoted, so that this module does not import numpy."""

SAMPLE_RATE = 16_000
"""Samples per second of all decoded audio; the speech models were trained on this rate."""

OnProgress = Callable[[str, float], None]
"""Called as ``on_progress(stage, fraction)`` with a fraction in [0, 1]."""

OnNote = Callable[[str], None]
"""Called with each sentence the user should read, as soon as it is known."""


@dataclass(frozen=True)
class SubtitleStream:
    """A text subtitle stream in a media file; `index` is its stream index in the container."""

    index: int
    codec: str
    language: str | None = None
    title: str | None = None
    is_default: bool = False
    is_forced: bool = False


@dataclass(frozen=True)
class Media:
    """The contents of a media file, read from the file itself and not from its name.

    `duration` is above 0. `audio_start` is the time on the player's clock at which the audio
    starts, or None without audio. `origin` is the container time of the player's 0.0; it is
    subtracted from every timestamp read from the file.
    """

    path: Path
    container: str
    duration: float
    size_bytes: int
    has_video: bool
    audio_start: float | None = None
    origin: float = 0.0
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    language: str | None = None
    title: str | None = None
    subtitles: tuple[SubtitleStream, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def has_audio(self) -> bool:
        """Whether the file has an audio track."""
        return self.audio_start is not None


@dataclass(frozen=True)
class Word:
    """One spoken word; `text` has no surrounding spaces."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Cue:
    """Timed text as its source gave it: a subtitle cue or a segment from speech recognition."""

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """The unit that is embedded and indexed."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Transcript:
    """Cues in order of their start.

    `source` is ``captions:sidecar``, ``captions:embedded``, ``captions:file``, ``given`` (passed
    to `make_draft`), ``whisper:<model>`` or ``none``. `language` is an ISO 639-1 code or None.
    `notes` describe what was repaired or dropped while reading.
    """

    cues: tuple[Cue, ...]
    source: str = "given"
    language: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pause:
    """An interval without speech."""

    start: float
    end: float


@dataclass(frozen=True)
class Signals:
    """Evidence other than the words.

    `slides` are the times of slide changes, `markers` those that a person marked, in seconds;
    `lateness` is by how many seconds markers are usually too late. `pages` are the slides that
    were read, in order.
    """

    pauses: tuple[Pause, ...] = ()
    slides: tuple[float, ...] = ()
    markers: tuple[float, ...] = ()
    lateness: float = 0.0
    pages: tuple[Slide, ...] = ()


@dataclass(frozen=True)
class Vectors:
    """Sentence vectors: float32 arrays with one row of unit length per sentence.

    `meaning` : shape (n, d), from the chosen embedder. `wording` : shape (n, e), words and parts
    of words that a sentence shares with others in this text; None without text.
    `table` : shape (n, f), from the built-in table, the input of the boundary scorer; None if the
    table does not cover the language. A row is zero if nothing in the sentence is known.
    """

    meaning: FloatArray
    wording: FloatArray | None = None
    table: FloatArray | None = None


@dataclass(frozen=True)
class Evidence:
    """Why a chapter begins where it does.

    `topic_drop` in [0, 1] : how much less similar the text on both sides is than the text around
    it; 0.0 without a transcript. `pause` : seconds of silence before the start. `cue_words` :
    phrases there that announce a new topic. `slide` : time of a slide change nearby, or None.
    `words_gone` and `words_new` : characteristic words that stop and that start there. `marker` :
    time of a person's marker nearby, or None. `heading` : of the slide that appears at `slide`, if
    it shows a new topic.
    """

    topic_drop: float = 0.0
    pause: float = 0.0
    cue_words: tuple[str, ...] = ()
    slide: float | None = None
    words_gone: tuple[str, ...] = ()
    words_new: tuple[str, ...] = ()
    marker: float | None = None
    heading: str | None = None


@dataclass(frozen=True)
class Boundaries:
    """Scores and solutions of one segmentation.

    `starts` : shape (n_sentences,), seconds; where a chapter that begins at the sentence starts.
    `scores` : shape (n_sentences,), float32; higher is more likely a boundary, element 0 is 0.0.
    `confidence` : shape (n_sentences,), float32 in [0, 1]; `coefficients`, of the boundary model
    that made the scores, give it for any count.
    `evidence` : one per sentence.
    `solutions` : by count of chapters, the sentence indices at which they begin, 0 first.
    `chosen` : the count in use; `how` says where it came from.
    `granularities` : natural counts, under ``coarse``, ``normal`` and ``fine``; a name is left out
    if there is no such count. `granularity` : which of them is in use; None: the count was asked
    for. `likely` : the range in which people's counts are expected, or None if nobody's is known.
    """

    starts: NDArray[np.float64]
    scores: FloatArray
    confidence: FloatArray
    evidence: tuple[Evidence, ...]
    solutions: Mapping[int, tuple[int, ...]]
    chosen: int
    how: str
    coefficients: Sequence[float] = ()
    granularities: Mapping[str, int] = field(default_factory=dict)
    granularity: str | None = None
    likely: tuple[int, int] | None = None


@dataclass(frozen=True)
class Chapter:
    """A titled interval; `confidence`, in [0, 1], and `evidence` are None if a person wrote it."""

    start: float
    end: float
    title: str
    confidence: float | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Chapters:
    """Chapters that tile [0, duration) without gaps or overlaps, at whole milliseconds."""

    chapters: tuple[Chapter, ...]
    duration: float

    @classmethod
    def from_starts(
        cls, starts: Sequence[float], titles: Sequence[str], duration: float
    ) -> Chapters:
        """Tile [0, duration) with chapters at `starts`; the first is moved to 0.0.

        Times are rounded to the millisecond here, and nowhere else. Characters that nobody sees are
        removed from titles.

        Raises
        ------
        InputError : there is no start, the numbers of starts and titles differ, two starts are
            less than a millisecond apart or out of order, or a start is at or after the end.
        """
        if not starts or len(starts) != len(titles):
            raise InputError(
                f"{len(starts)} chapter starts and {len(titles)} titles",
                why="each chapter needs one start and one title, and there must be at least one",
            )
        marks = [0, *(to_ms(start) for start in starts[1:]), to_ms(duration)]
        for number, (before, after) in enumerate(pairwise(marks), 1):
            if after <= before:
                raise InputError(
                    f"chapter {number} ({titles[number - 1]!r}) would be empty",
                    why=f"it starts at {before / 1000} s and ends at {after / 1000} s",
                    hint="starts must be in ascending order and before the end of the media",
                )
        return cls(
            tuple(
                Chapter(a / 1000, b / 1000, without_invisible(title))
                for (a, b), title in zip(pairwise(marks), titles, strict=True)
            ),
            marks[-1] / 1000,
        )

    @property
    def starts(self) -> tuple[float, ...]:
        """Start times in seconds, 0.0 first."""
        return tuple(chapter.start for chapter in self.chapters)

    @property
    def titles(self) -> tuple[str, ...]:
        """The titles, in order."""
        return tuple(chapter.title for chapter in self.chapters)

    def __len__(self) -> int:
        return len(self.chapters)


@dataclass(frozen=True)
class Mark:
    """A chapter as read from a file, before chapters are sorted and tiled.

    `start` may be any time. `end` is None if the format has no end times; `line` is 1-based.
    """

    start: float
    title: str
    end: float | None = None
    line: int | None = None


@dataclass(frozen=True)
class Sent:
    """What was sent to the local title server.

    Excerpts of `chapters` chapters, `characters` characters in total, in `requests` requests to
    the model `model` at the base address `server`.
    """

    server: str
    model: str
    requests: int
    chapters: int
    characters: int
