"""Recognise one file batch by batch, and record each finished batch in a journal."""

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
from chapterize.transcribe.engine import Recognised, Recogniser
from chapterize.transcribe.parts import Part, assemble, resume, whisper_code
from chapterize.transcribe.recognition import cues_of, other_language, recognise_windows
from chapterize.transcribe.windows import Window, batches_of, pack_windows
from chapterize.voice import VoiceOptions

if TYPE_CHECKING:
    from chapterize.data import FloatArray

__all__ = ["STAGE", "ResumableRecognition"]

STAGE = "recognising speech"

Results = list[tuple[Window, Recognised]]

_READ_AHEAD = 100.0
"""Seconds of the file that may be read, in addition to a batch, before the first batch is full."""


class ResumableRecognition:
    """The recognition of one file.

    Parameters
    ----------
    recogniser : recognises windows of speech.
    duration : seconds of the file; the transcript does not extend beyond it.
    language : the language that the user set; None recognises each window in its own.
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
        self._finished: list[Part] = []
        self._pace = _Pace()
        self._target: float | None = None  # end of the batch that is being recognised
        self._lag = 0.0

    def resume(self, cache: Cache, key: str) -> None:
        """Record finished parts under `key`, and continue after those already recorded."""
        if problem := cache.problem():
            self._on_note(
                f"The cache folder {cache.folder} is not writable ({problem}): if this run is "
                "interrupted, the next one starts over. Set CHAPTERIZE_CACHE to another folder."
            )
            return
        self._journal = cache.journal(key)
        self._finished = resume(self._journal.read())
        if self._finished:
            reached = format_length(self._position)
            self._on_note(f"The first {reached} were recognised by an earlier run.")

    def forget(self) -> None:
        """Delete the journal once the whole transcript is stored."""
        if self._journal is not None:
            self._journal.remove()

    def run(
        self, blocks: Iterable[FloatArray], voice: VoiceOptions, *, batch_size: int, source: str
    ) -> Transcript:
        """Return the transcript of `blocks`, which start at the player's 0.0.

        While one batch is being recognised, the next one is read and packed.
        """
        skip = self._end
        self._pace = _Pace(self._position)
        self._lag = _READ_AHEAD + 30.0 * batch_size
        windows = pack_windows(self._reading(blocks, skip), voice, skip=skip)
        running: tuple[int, Future[Results]] | None = None
        try:
            for batch in chain(batches_of(windows, batch_size), (None,)):
                if running is not None:
                    self._finish(*running)
                running = None if batch is None else (batch[-1].end, self._start(batch))
        except KeyboardInterrupt:
            self._note_interruption()
            raise
        self._on_progress(STAGE, 1.0)
        return assemble(self._finished, source, self._asked)

    @property
    def _end(self) -> int:
        """The sample that follows the finished parts."""
        return self._finished[-1].end if self._finished else 0

    @property
    def _position(self) -> float:
        """The end of the finished parts in seconds."""
        return self._end / SAMPLE_RATE

    def _reading(self, blocks: Iterable[FloatArray], skip: int) -> Iterator[FloatArray]:
        """`blocks`, with progress reports before the first batch and where there is no speech."""
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

    def _start(self, batch: Sequence[Window]) -> Future[Results]:
        # The language seldom changes, so the latest one is tried first.
        likely = self._finished[-1].language if self._finished else None
        self._target = batch[-1].end / SAMPLE_RATE
        self._pace.start_batch()
        recognise = partial(
            recognise_windows,
            self._recogniser,
            batch,
            asked=whisper_code(self._asked),
            likely=likely,
            beam_size=self._beam_size,
        )
        return in_background(recognise, name="recognise")

    def _finish(self, end: int, running: Future[Results]) -> None:
        """Wait for the batch that ends at sample `end`, and record its result."""
        self._tick()
        results = wait_for(running, self._tick)
        self._target = None
        part = _part(self._end, end, results, self._duration)
        self._finished.append(part)
        if self._journal is not None and not self._journal.append(asdict(part)):
            self._journal = None
            self._on_note("The cache is no longer writable: later results are not kept.")
        self._report(self._position)

    def _tick(self) -> None:
        """Report the estimated position within the current batch."""
        if self._target is not None:
            self._report(self._pace.estimate(self._position, self._target))

    def _report(self, position: float) -> None:
        self._on_progress(STAGE, self._pace.monotonic(min(1.0, position / self._duration)))

    def _note_interruption(self) -> None:
        if self._journal is not None and self._finished:
            reached, whole = format_length(self._position), format_length(self._duration)
            self._on_note(
                f"Recognition was interrupted. {reached} of {whole} are kept; run the same "
                "command again to continue."
            )


class _Pace:
    """The speed of recognition, to estimate progress within a batch."""

    def __init__(self, start: float = 0.0) -> None:
        self._start = start
        self._started = self._batch_started = time.monotonic()
        self._highest = 0.0

    def start_batch(self) -> None:
        """Start the clock of a batch; all earlier ones are finished."""
        self._batch_started = time.monotonic()

    def estimate(self, position: float, target: float) -> float:
        """Estimate the current position between the finished `position` and the batch's end."""
        busy = self._batch_started - self._started
        if position <= self._start or busy <= 0:
            return position
        waited = time.monotonic() - self._batch_started
        return min(target, position + (position - self._start) / busy * waited)

    def monotonic(self, fraction: float) -> float:
        """Return `fraction`, or the highest so far: progress never decreases."""
        self._highest = max(self._highest, fraction)
        return self._highest


def _part(start: int, end: int, results: Results, duration: float) -> Part:
    cues: list[Cue] = []
    dropped: Counter[str] = Counter()
    spoken: defaultdict[str, float] = defaultdict(float)
    sounds: defaultdict[str, float] = defaultdict(float)
    language = None
    for window, result in results:
        found = cues_of(
            window, result, end=min(window.end / SAMPLE_RATE, duration), dropped=dropped
        )
        # Without words, the detected language is a guess about noise.
        if found:
            cues += found
            language = result.language
            spoken[language] += window.seconds
            sounds[other_language(result, window) or language] += window.seconds
    cues.sort(key=lambda cue: cue.start)
    return Part(start, end, language, tuple(cues), dict(spoken), dict(sounds), dict(dropped))
