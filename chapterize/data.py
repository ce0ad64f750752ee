"""The values that flow through the house, all frozen.

Time is a float number of seconds on the player's clock: 0.0 is the first thing a viewer sees or
hears; intervals are half open. Index i always means "a chapter begins at sentence i".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from chapterize.errors import InputError
from chapterize.timecode import to_ms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]

__all__ = [
    "SAMPLE_RATE",
    "Boundaries",
    "Chapter",
    "Chapters",
    "Cue",
    "Draft",
    "Evidence",
    "Mark",
    "Media",
    "OnNote",
    "OnProgress",
    "Pause",
    "Sent",
    "Sentence",
    "Signals",
    "SubtitleStream",
    "Transcript",
    "Vectors",
    "Word",
]

SAMPLE_RATE = 16_000
"""Samples a second of all decoded audio: what the speech models were trained on."""

OnProgress = Callable[[str, float], None]
"""Called as ``on_progress(stage, fraction)`` with a fraction in [0, 1]."""

OnNote = Callable[[str], None]
"""Called with each plain sentence that the user should read, as soon as it is known."""


@dataclass(frozen=True)
class SubtitleStream:
    """A text subtitle stream inside a media file; `index` is its stream index in the container."""

    index: int
    codec: str
    language: str | None = None
    title: str | None = None
    is_default: bool = False
    is_forced: bool = False


@dataclass(frozen=True)
class Media:
    """What a file holds, read from its content and not from its name.

    `duration` > 0. `audio_start` is the second, on the player's clock, at which the audio begins
    (None: no audio); `origin` the container time of the player's 0.0, to be taken off every
    timestamp read from the file.
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
        """Whether there is a sound track."""
        return self.audio_start is not None


@dataclass(frozen=True)
class Word:
    """One spoken word; `text` carries no surrounding space."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Cue:
    """A timed piece of text as its source gave it: a subtitle cue or a recogniser's segment."""

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
    """Timed text in order of start.

    `source` is ``captions:sidecar``, ``captions:embedded``, ``captions:file``,
    ``whisper:<model>`` or ``none``; `language` an ISO 639-1 code or None; `notes` say in plain
    words what was repaired or dropped on the way.
    """

    cues: tuple[Cue, ...]
    source: str
    language: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pause:
    """A stretch without speech."""

    start: float
    end: float


@dataclass(frozen=True)
class Signals:
    """What a file shows besides its words; `slides` are the seconds of picture changes."""

    pauses: tuple[Pause, ...] = ()
    slides: tuple[float, ...] = ()


@dataclass(frozen=True)
class Vectors:
    """What sentences are compared by: arrays of float32 with one row for each, at unit length.

    `meaning` : shape (n, d), of the embedder that was chosen. `wording` : shape (n, e), the words
    and parts of words a sentence shares with others of this text; None where nothing is said.
    `table` : shape (n, f), of the built-in table, which the boundary scorer reads; None where the
    table does not know the language. A row of zeros says that nothing in the sentence is known.
    """

    meaning: FloatArray
    wording: FloatArray | None = None
    table: FloatArray | None = None


@dataclass(frozen=True)
class Evidence:
    """Why a chapter begins where it does.

    `topic_drop` in [0, 1]: how much less alike the text on both sides is than the text around it
    (0.0 without a transcript); `pause` the seconds of silence before the start; `cue_words` the
    announcing words found there; `slide` the second of a picture change beside it, or None;
    `words_gone` and `words_new` the telling words that leave there and that come.
    """

    topic_drop: float = 0.0
    pause: float = 0.0
    cue_words: tuple[str, ...] = ()
    slide: float | None = None
    words_gone: tuple[str, ...] = ()
    words_new: tuple[str, ...] = ()


@dataclass(frozen=True)
class Boundaries:
    """Scores and solutions of one segmentation.

    `starts` : shape (n_sentences,), seconds at which a chapter that begins there would start.
    `scores` : shape (n_sentences,), float32, higher = more likely a boundary, element 0 is 0.0.
    `confidence` : shape (n_sentences,), float32 in [0, 1].
    `evidence` : one for each sentence.
    `solutions` : for a count of chapters, the sentence indices at which they begin, 0 first.
    `chosen` : the count taken; `how` says in words where it came from.
    `granularities` : the counts that divide naturally, by ``coarse``, ``normal`` and ``fine``;
    those that would coincide are left out.
    """

    starts: NDArray[np.float64]
    scores: FloatArray
    confidence: FloatArray
    evidence: tuple[Evidence, ...]
    solutions: Mapping[int, tuple[int, ...]]
    chosen: int
    how: str
    granularities: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Chapter:
    """A titled interval; `confidence` in [0, 1] and `evidence` are None when a person wrote it."""

    start: float
    end: float
    title: str
    confidence: float | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Chapters:
    """Chapters that tile [0, duration) without gap or overlap, at whole milliseconds."""

    chapters: tuple[Chapter, ...]
    duration: float

    @classmethod
    def from_starts(
        cls, starts: Sequence[float], titles: Sequence[str], duration: float
    ) -> Chapters:
        """Tile [0, duration) with chapters at `starts`; the first is moved to 0.0.

        This is where a time is rounded, once, to the millisecond.

        Raises
        ------
        InputError : no start, numbers of starts and titles differ, starts that do not ascend by a
            millisecond or more, or a start at or after the end.
        """
        if not starts or len(starts) != len(titles):
            raise InputError(
                f"{len(starts)} chapter starts and {len(titles)} titles",
                why="every chapter needs one start and one title, and there must be at least one",
            )
        marks = [0, *(to_ms(start) for start in starts[1:]), to_ms(duration)]
        for number, (before, after) in enumerate(pairwise(marks), 1):
            if after <= before:
                raise InputError(
                    f"chapter {number} ({titles[number - 1]!r}) would be empty",
                    why=f"it starts at {before / 1000} s and ends at {after / 1000} s",
                    hint="chapters must ascend and begin before the end of the media",
                )
        return cls(
            tuple(
                Chapter(a / 1000, b / 1000, title)
                for (a, b), title in zip(pairwise(marks), titles, strict=True)
            ),
            marks[-1] / 1000,
        )

    @property
    def starts(self) -> tuple[float, ...]:
        """Seconds at which the chapters begin, 0.0 first."""
        return tuple(chapter.start for chapter in self.chapters)

    @property
    def titles(self) -> tuple[str, ...]:
        """The titles, in order."""
        return tuple(chapter.title for chapter in self.chapters)

    def __len__(self) -> int:
        return len(self.chapters)


@dataclass(frozen=True)
class Mark:
    """A chapter as a file gives it, before it is put in order and tiled.

    `start` may lie anywhere, `end` is None where the format leaves it open; `line` is 1-based.
    """

    start: float
    title: str
    end: float | None = None
    line: int | None = None


@dataclass(frozen=True)
class Sent:
    """What a program beside this one was told: excerpts of `chapters` chapters, `characters` long.

    `server` is its base address, `model` the name of the model asked there.
    """

    server: str
    model: str
    requests: int
    chapters: int
    characters: int


@dataclass(frozen=True)
class Draft:
    """All that one run produced, before a person looked; `timings` are seconds by stage.

    `sent` is None when nothing was sent to a title server.
    """

    media: Media
    transcript: Transcript
    n_sentences: int
    boundaries: Boundaries
    chapters: Chapters
    timings: Mapping[str, float]
    notes: tuple[str, ...] = field(default=())
    sent: Sent | None = None
