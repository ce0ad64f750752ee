"""Transcripts by faster-whisper: chunk by chunk, journalled, kept in the cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from chapterize.cache import Cache, file_fingerprint, stage_key
from chapterize.data import Cue, OnProgress, Transcript
from chapterize.errors import EngineError
from chapterize.timecode import format_length
from chapterize.transcribe import model as models
from chapterize.transcribe.chunks import RATE, cut_chunks
from chapterize.transcribe.cues import cue_from_segment
from chapterize.transcribe.device import Device, choose_device
from chapterize.transcribe.parts import (
    Part,
    assemble,
    resume,
    transcript_from_json,
    whisper_code,
)

if TYPE_CHECKING:
    from chapterize.data import FloatArray

__all__ = ["Recogniser", "Transcriber", "WhisperOptions", "WhisperTranscriber"]

_FORM = "transcript/1"
_STAGE = "recognising speech"


class Transcriber(Protocol):
    """Turns sound into timed text; `fingerprint` tells results of different engines apart."""

    @property
    def fingerprint(self) -> str:
        """The engine and its weights, in one line."""
        ...

    def transcribe(
        self,
        blocks: Iterable[FloatArray],
        *,
        duration: float,
        language: str | None = None,
        media_fingerprint: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> Transcript:
        """The text of `blocks`: consecutive 16 kHz mono float32, each of shape (n_samples,)."""
        ...


class Recogniser(Protocol):
    """What is used of faster-whisper's BatchedInferencePipeline."""

    def transcribe(self, audio: FloatArray, **options: Any) -> tuple[Iterable[Any], Any]:
        """Segments, made while they are iterated, and information on the whole."""
        ...


@dataclass(frozen=True)
class WhisperOptions:
    """What changes the text or the memory needed.

    `chunk_seconds` of sound are held and journalled at a time; `batch_size` windows of 30 s are
    recognised at once; `beam_size` hypotheses are followed.
    """

    chunk_seconds: float = 600.0
    batch_size: int = 8
    beam_size: int = 5


class WhisperTranscriber:
    """A Transcriber on faster-whisper; nothing is loaded or downloaded before it is needed.

    Parameters
    ----------
    model : a name such as ``small`` or a folder; None takes the default of the device.
    device : ``auto``, ``cpu`` or ``cuda``.
    offline : never touch the network.
    cache : where transcripts and journals are kept.
    load : makes the recogniser from a model folder and a device; tests put a scripted one here.
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        device: str = "auto",
        offline: bool = False,
        options: WhisperOptions | None = None,
        cache: Cache | None = None,
        load: Callable[[Path, Device], Recogniser] = models.load,
    ) -> None:
        self.device = device
        self.offline = offline
        self.options = options or WhisperOptions()
        self.cache = cache or Cache()
        self._model = model
        self._load = load
        self._loaded: tuple[Recogniser, tuple[str, ...]] | None = None

    @cached_property
    def model(self) -> str:
        """The model as named or as the device's default; a folder as its path."""
        return str(self._model or models.default_model(self.device))

    @cached_property
    def fingerprint(self) -> str:
        """The model's name, for a folder with the fingerprint of its weights.

        The device is not part of it: a transcript made on a GPU serves on a CPU too.
        """
        if not (folder := models.given_folder(self.model)):
            return f"whisper:{self.model}"
        models.check_folder(folder)
        return f"whisper:{self._name}:{file_fingerprint(folder / 'model.bin')}"

    @property
    def _name(self) -> str:
        folder = models.given_folder(self.model)
        return folder.resolve().name if folder else self.model

    def recall(
        self, media_fingerprint: str | None, *, language: str | None = None
    ) -> Transcript | None:
        """The transcript kept from an earlier run over the same sound, if there is one."""
        if media_fingerprint is None:
            return None
        return transcript_from_json(self.cache.get(self._key(media_fingerprint, language)))

    def fetch(self, *, on_progress: OnProgress | None = None) -> Path:
        """Download the model unless it is on the disk; return its folder.

        Raises
        ------
        EngineError : it is not there and cannot, or with `offline` must not, be downloaded.
        """
        if folder := models.model_on_disk(self.model):
            return folder
        if self.offline:
            raise EngineError(
                f"the speech model {self.model} is not on this disk",
                why="it would have to be downloaded, and --offline forbids that",
                hint="run once without --offline, or give captions, or a model folder with --model",
            )
        return models.download(self.model, on_progress=on_progress)

    def transcribe(
        self,
        blocks: Iterable[FloatArray],
        *,
        duration: float,
        language: str | None = None,
        media_fingerprint: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> Transcript:
        """The text of `blocks`; with `media_fingerprint` it is kept, and resumed when broken off.

        `blocks` are consecutive pieces of 16 kHz mono float32 sound from the player's 0.0 on, each
        of shape (n_samples,), of any length; they are not touched when a transcript is kept.
        `duration` is that of the file in seconds; nothing in the transcript lies after it.
        `language` None means that of the first speech.

        Raises
        ------
        EngineError : the model cannot be had, loaded or used, or does not know the language.
        """
        if kept := self.recall(media_fingerprint, language=language):
            return kept
        recogniser, notes = self._recogniser(on_progress)
        key = None if media_fingerprint is None else self._key(media_fingerprint, language)
        journal = self.cache.journal(key) if key else None
        finished = resume(journal)
        if finished:
            resumed_at = format_length(finished[-1].end / RATE)
            notes = (*notes, f"Went on with an earlier run that had stopped at {resumed_at}.")
        spoken = next((part.language for part in finished if part.language), whisper_code(language))
        skip = finished[-1].end if finished else 0
        for start, sound in cut_chunks(blocks, chunk_seconds=self.options.chunk_seconds, skip=skip):
            part = self._recognise(recogniser, start, sound, duration, spoken, on_progress)
            spoken = spoken or part.language
            finished.append(part)
            if journal:
                journal.append(asdict(part))
        transcript = assemble(finished, f"whisper:{self._name}", language)
        if key and journal and self.cache.put(key, asdict(transcript)):
            journal.remove()
        return replace(transcript, notes=(*notes, *transcript.notes))

    def _key(self, media_fingerprint: str, language: str | None) -> str:
        code = whisper_code(language) or "auto"
        return stage_key(_FORM, media_fingerprint, self.fingerprint, code, self.options)

    def _recogniser(self, on_progress: OnProgress | None) -> tuple[Recogniser, tuple[str, ...]]:
        """The loaded model and what the user should know of it."""
        if self._loaded is None:
            folder = self.fetch(on_progress=on_progress)
            device = choose_device(self.device)
            try:
                recogniser = self._load(folder, device)
            except EngineError as error:
                if self.device != "auto" or device.name == "cpu":
                    raise
                device = Device("cpu", f"The GPU is not used: {error.why}.")
                recogniser = self._load(folder, device)
            self._loaded = recogniser, (device.note,) if device.note else ()
        return self._loaded

    def _recognise(
        self,
        recogniser: Recogniser,
        first: int,
        sound: FloatArray,
        duration: float,
        language: str | None,
        on_progress: OnProgress | None,
    ) -> Part:
        """The cues of one chunk that begins at sample `first`."""
        offset = first / RATE
        end = min(offset + len(sound) / RATE, duration)
        cues: list[Cue] = []
        dropped: Counter[str] = Counter()
        spoken: list[str] = []
        for segment in self._listen(recogniser, sound, language, spoken):
            cue = cue_from_segment(segment, offset=offset, end=end, dropped=dropped)
            if cue is not None:
                cues.append(cue)
                if on_progress is not None:
                    on_progress(_STAGE, min(1.0, cue.end / duration))
        if on_progress is not None:
            on_progress(_STAGE, min(1.0, end / duration))
        # Without speech the language found is a guess about silence.
        found = spoken[0] if cues and spoken else None
        return Part(first, first + len(sound), found, tuple(cues), dict(dropped))

    def _listen(
        self, recogniser: Recogniser, sound: FloatArray, language: str | None, spoken: list[str]
    ) -> Iterator[Any]:
        """The segments of `sound`; the language that was recognised is added to `spoken`."""
        models.silence_logs()
        try:
            # Defaults of the pipeline that must be turned over: it leaves time stamps and words
            # out. It never looks at the previous text.
            segments, info = recogniser.transcribe(
                sound,
                language=language,
                beam_size=self.options.beam_size,
                batch_size=self.options.batch_size,
                temperature=0.0,
                condition_on_previous_text=False,
                without_timestamps=False,
                word_timestamps=True,
                vad_filter=True,
                language_detection_segments=4,
            )
            spoken.append(info.language)
            yield from segments
        except Exception as error:
            raise _explain(error, self.model, language) from error


def _explain(error: Exception, model: str, language: str | None) -> EngineError:
    why = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
    if language and "language code" in why:
        return EngineError(
            f"Whisper does not know the language {language!r}",
            hint="give a code such as en, de or ja, or leave --language out",
        )
    hint = "try another model with --model"
    if isinstance(error, MemoryError) or "out of memory" in why or "CUDA" in why:
        hint = "try a smaller model with --model, or --device cpu; finished parts are kept"
    return EngineError(f"recognition with the model {model} failed", why=why, hint=hint)
