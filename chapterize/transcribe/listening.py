"""The recognition of one file, batch by batch; what is finished is kept."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import asdict
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from chapterize.background import in_background, wait_for
from chapterize.cache import Cache
from chapterize.data import SAMPLE_RATE, Cue, OnNote, OnProgress, Transcript
from chapterize.journal import Journal
from chapterize.timecode import format_length
from chapterize.transcribe.cues import cues_of
from chapterize.transcribe.engine import Heard, Recogniser
from chapterize.transcribe.hearing import hear_windows, other_language
from chapterize.transcribe.parts import Part, assemble, resume, whisper_code
from chapterize.transcribe.windows import Window, batches_of, pack_windows
from chapterize.voice import VoiceOptions

if TYPE_CHECKING:
    from chapterize.data import FloatArray

__all__ = ["STAGE", "Listening"]

STAGE = "recognising speech"

Answers = list[tuple[Window, Heard]]

_READ_AHEAD = 100.0
"""Seconds of the file that may be read before the first batch is full, besides the batch."""


class Listening:
    """The recognition of one file.

    Parameters
    ----------
    recogniser : answers windows of speech.
    duration : seconds of the file; nothing in the transcript lies after it.
    language : the language the user named, None to recognise each window in its own.
    """

    def __init__(
        self,
        recogniser: Recogniser,
        *,
        duration: float,
        language: str | None,
        beam_size: int,
        on_progress: OnProgress,
        on_note: OnNote,
    ) -> None:
        self._recogniser = recogniser
        self._duration = duration
        self._asked = language
        self._beam_size = beam_size
        self._on_progress, self._on_note = on_progress, on_note
        self._journal: Journal | None = None
        self._problem: str | None = None
        self._finished: list[Part] = []
        self._pace = _Pace()
        self._target: float | None = None  # where the batch that is recognised now ends
        self._lag = 0.0

    def resume(self, cache: Cache, key: str) -> None:
        """Keep finished parts under `key`, and continue after those that are there already."""
        self._problem = cache.problem()
        if self._problem is not None:
            self._on_note(
                f"The cache folder {cache.folder} cannot be written ({self._problem}): if this run "
                "is interrupted, the next one starts over. CHAPTERIZE_CACHE names another folder."
            )
            return
        self._journal = cache.journal(key)
        self._finished = resume(self._journal.read())
        if self._finished:
            reached = format_length(self._position)
            self._on_note(f"The first {reached} were recognised by an earlier run.")

    def forget(self) -> None:
        """Remove the journal, when the transcript is kept in its place."""
        if self._journal is not None:
            self._journal.remove()

    def listen(
        self, blocks: Iterable[FloatArray], voice: VoiceOptions, *, batch_size: int, source: str
    ) -> Transcript:
        """The transcript of `blocks`, which begin at the player's 0.0.

        While one batch is recognised, the next is read and packed.
        """
        skip = self._finished[-1].end if self._finished else 0
        self._pace = _Pace(self._position)
        self._lag = _READ_AHEAD + 30.0 * batch_size
        windows = pack_windows(self._reading(blocks, skip), voice, skip=skip)
        running: tuple[int, Future[Answers]] | None = None
        try:
            for batch in chain(batches_of(windows, batch_size), (None,)):
                if running is not None:
                    self._finish(*running)
                running = None if batch is None else (batch[-1].end, self._start(batch))
        except KeyboardInterrupt:
            self._say_what_is_kept()
            raise
        self._on_progress(STAGE, 1.0)
        return assemble(self._finished, source, self._asked)

    @property
    def _position(self) -> float:
        """Seconds of the file that are finished."""
        return self._finished[-1].end / SAMPLE_RATE if self._finished else 0.0

    def _reading(self, blocks: Iterable[FloatArray], skip: int) -> Iterator[FloatArray]:
        """`blocks`, with progress where nothing is recognised yet or nobody speaks."""
        n_read = 0
        for block in blocks:
            yield block
            n_read += len(block)
            if n_read < skip:
                self._on_progress("reading up to where an earlier run stopped", n_read / skip)
            elif self._target is None:
                self._report(max(self._position, n_read / SAMPLE_RATE - self._lag))
            else:
                self._tick()

    def _start(self, batch: Sequence[Window]) -> Future[Answers]:
        # The speaker seldom changes the language: what was spoken last is tried first.
        likely = self._finished[-1].language if self._finished else None
        self._target = batch[-1].end / SAMPLE_RATE
        self._pace.begin_batch()
        hear = partial(
            hear_windows,
            self._recogniser,
            batch,
            asked=whisper_code(self._asked),
            likely=likely,
            beam_size=self._beam_size,
        )
        return in_background(hear, name="recognise")

    def _finish(self, end: int, running: Future[Answers]) -> None:
        """Wait for the batch that ends at sample `end` and keep what it gave."""
        self._tick()
        answers = wait_for(running, self._tick)
        self._target = None
        start = self._finished[-1].end if self._finished else 0
        part = _part(start, end, answers, self._duration)
        self._finished.append(part)
        if self._journal is not None and not self._journal.append(asdict(part)):
            self._journal = None
            self._on_note("The cache can no longer be written: what follows is not kept.")
        self._report(self._position)

    def _tick(self) -> None:
        """Report about where the batch is that is recognised now."""
        if self._target is not None:
            self._report(self._pace.guess(self._position, self._target))

    def _report(self, position: float) -> None:
        self._on_progress(STAGE, self._pace.rise(min(1.0, position / self._duration)))

    def _say_what_is_kept(self) -> None:
        if self._journal is not None and self._finished:
            reached, whole = format_length(self._position), format_length(self._duration)
            self._on_note(
                f"Recognition was interrupted. {reached} of {whole} are kept; run the same "
                "command again to continue there."
            )


class _Pace:
    """How fast recognition is, for progress between two batches."""

    def __init__(self, begin: float = 0.0) -> None:
        self._begin = begin
        self._began = self._batch_began = time.monotonic()
        self._highest = 0.0

    def begin_batch(self) -> None:
        """What lies before the batch that begins now is finished."""
        self._batch_began = time.monotonic()

    def guess(self, position: float, target: float) -> float:
        """About where it is between `position`, which is finished, and the end of the batch."""
        busy = self._batch_began - self._began
        if position <= self._begin or busy <= 0:
            return position
        waited = time.monotonic() - self._batch_began
        return min(target, position + (position - self._begin) / busy * waited)

    def rise(self, fraction: float) -> float:
        """`fraction`, or the highest so far: progress never goes back."""
        self._highest = max(self._highest, fraction)
        return self._highest


def _part(start: int, end: int, answers: Answers, duration: float) -> Part:
    cues: list[Cue] = []
    dropped: Counter[str] = Counter()
    spoken: defaultdict[str, float] = defaultdict(float)
    sounds: defaultdict[str, float] = defaultdict(float)
    language = None
    for window, heard in answers:
        found = cues_of(window, heard, end=min(window.end / SAMPLE_RATE, duration), dropped=dropped)
        # Without words the language found is a guess about noise.
        if found:
            cues += found
            language = heard.language
            spoken[language] += window.seconds
            sounds[other_language(heard, window) or language] += window.seconds
    cues.sort(key=lambda cue: cue.start)
    return Part(start, end, language, tuple(cues), dict(spoken), dict(sounds), dict(dropped))
