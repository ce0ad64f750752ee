"""Transcribe with faster-whisper; the transcript is cached, and an interrupted run resumes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from chapterize import hub
from chapterize.background import in_background, wait_for
from chapterize.cache import Cache, stage_key
from chapterize.data import OnNote, OnProgress, Transcript
from chapterize.errors import EngineError
from chapterize.fingerprint import file_fingerprint
from chapterize.transcribe import model as models
from chapterize.transcribe.device import choose_device, free_memory
from chapterize.transcribe.fallback import Load, SteadyRecogniser
from chapterize.transcribe.parts import transcript_from_json, whisper_code
from chapterize.transcribe.resumable import STAGE, ResumableRecognition
from chapterize.voice import VoiceOptions

if TYPE_CHECKING:
    from chapterize.data import FloatArray

__all__ = ["Transcriber", "WhisperOptions", "WhisperTranscriber"]

_FORM = "transcript/2"
"""Version of the cached form; version 1 lost the ends of windows."""
_VOICE = VoiceOptions(min_pause=0.16, min_speech=0.0)


class Transcriber(Protocol):
    """Turns audio into timed text; `fingerprint` distinguishes results of different engines."""

    @property
    def fingerprint(self) -> str:
        """The engine and its weights, on one line."""
        ...

    def transcribe(
        self,
        blocks: Iterable[FloatArray],
        *,
        duration: float,
        language: str | None = None,
        media_fingerprint: str | None = None,
        on_progress: OnProgress | None = None,
        on_note: OnNote | None = None,
    ) -> Transcript:
        """Transcribe `blocks`: consecutive 16 kHz mono float32, each of shape (n_samples,)."""
        ...


@dataclass(frozen=True)
class WhisperOptions:
    """Options that affect the text.

    `beam_size` : number of hypotheses in beam search. `batch_size` : number of 30 s windows
    recognised at once, by default two on a CPU and eight on a GPU; an interruption loses at most
    one batch. `voice` : what counts as speech.
    """

    beam_size: int = 5
    batch_size: int | None = None
    voice: VoiceOptions = _VOICE


class WhisperTranscriber:
    """A Transcriber on faster-whisper, which loads and downloads its model only when needed.

    Parameters
    ----------
    model : a name such as ``small``, or a folder; None means the default of the device.
    device : ``auto``, ``cpu`` or ``cuda``.
    offline : never use the network.
    cache : stores transcripts and journals.
    load : creates the recogniser from a model folder and a device; replaced in tests.
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        device: str = "auto",
        offline: bool = False,
        options: WhisperOptions | None = None,
        cache: Cache | None = None,
        load: Load = models.load,
    ) -> None:
        self.device = device
        self.offline = offline
        self.options = options or WhisperOptions()
        self.cache = cache or Cache()
        self._model = model
        self._load = load
        self._loaded: SteadyRecogniser | None = None
        self._is_frugal = False

    @cached_property
    def model(self) -> str:
        """The name or the path of the model; the default of the device if none was given."""
        return str(self._model or models.default_model(self.device))

    @cached_property
    def fingerprint(self) -> str:
        """The name of the model; for a folder, followed by the fingerprint of its weights.

        The device is not included, so a transcript made on a GPU is also used on a CPU.
        """
        if not (folder := hub.folder_of(self.model)):
            return f"whisper:{self.model}"
        models.check_folder(folder)
        return f"whisper:{self._name}:{file_fingerprint(folder / 'model.bin')}"

    @property
    def _name(self) -> str:
        folder = hub.folder_of(self.model)
        return folder.resolve().name if folder else self.model

    def recall(
        self, media_fingerprint: str | None, *, language: str | None = None
    ) -> Transcript | None:
        """Return the cached transcript of the same audio, if there is one."""
        if media_fingerprint is None:
            return None
        return transcript_from_json(self.cache.get(self._key(media_fingerprint, language)))

    def recall_any(
        self, media_fingerprint: str, *, language: str | None = None
    ) -> Transcript | None:
        """Return the latest cached transcript of the same audio, whichever model made it."""
        last = self.cache.get(_last_key(media_fingerprint, language))
        return transcript_from_json(self.cache.get(last)) if isinstance(last, str) else None

    def fetch(self, *, on_progress: OnProgress | None = None) -> Path:
        """Download the model unless it is on disk; return its folder.

        Raises EngineError if it cannot be downloaded, or `offline` forbids it.
        """
        if folder := models.model_on_disk(self.model):
            return folder
        if self.offline:
            raise EngineError(
                f"the speech model {self.model} is not on this disk",
                why="downloading it is not possible with --offline",
                hint="run once without --offline, or use captions, or a model folder with --model",
            )
        return models.download(self.model, on_progress=on_progress)

    def release(self) -> None:
        """Free the memory of the model; it is loaded again when it is needed."""
        self._loaded = None
        free_memory()

    def use_less_memory(self) -> None:
        """Recognise one window at a time from now on; the text is the same."""
        self._is_frugal = True
        self.release()

    def transcribe(
        self,
        blocks: Iterable[FloatArray],
        *,
        duration: float,
        language: str | None = None,
        media_fingerprint: str | None = None,
        on_progress: OnProgress | None = None,
        on_note: OnNote | None = None,
    ) -> Transcript:
        """Return the transcript of `blocks`.

        Parameters
        ----------
        blocks : consecutive pieces of 16 kHz mono float32 audio from the player's 0.0, each of
            shape (n_samples,), of any length; not read if a cached transcript exists.
        duration : length of the file in seconds; the transcript does not extend beyond it.
        language : None recognises each window in its own language.
        media_fingerprint : identifies the audio. With it the transcript is cached, an interrupted
            run resumes, and a second process waits for the first. Without it nothing is stored.
        on_note : called with each note at once; notes on the text are in the transcript too.

        Raises
        ------
        EngineError : the model is not available, cannot be loaded or used, or does not support the
            language.
        """
        report = on_progress or (lambda stage, fraction: None)
        note = on_note or (lambda text: None)
        if media_fingerprint is None:
            return self._recognise(blocks, duration, language, None, report, note)
        key = self._key(media_fingerprint, language)

        note_once = cache(note)

        def note_waiting() -> None:
            note_once("Another process is transcribing this file; waiting for its transcript.")
            report("waiting for another process", 0.0)

        if kept := self.recall(media_fingerprint, language=language):
            return kept
        with self.cache.lock(key, on_wait=note_waiting):
            # Another process may have finished it meanwhile.
            if kept := self.recall(media_fingerprint, language=language):
                return kept
            transcript = self._recognise(blocks, duration, language, key, report, note)
            self.cache.put(_last_key(media_fingerprint, language), key)
        return transcript

    def _recognise(
        self,
        blocks: Iterable[FloatArray],
        duration: float,
        language: str | None,
        key: str | None,
        on_progress: OnProgress,
        on_note: OnNote,
    ) -> Transcript:
        on_progress(STAGE, 0.0)
        recogniser = self._recogniser(on_progress)

        def forward_notes(stage: str, fraction: float) -> None:
            while recogniser.notes:
                on_note(recogniser.notes.pop(0))
            on_progress(stage, fraction)

        recognition = ResumableRecognition(
            recogniser,
            duration=duration,
            language=language,
            beam_size=self.options.beam_size,
            on_progress=forward_notes,
            on_note=on_note,
        )
        if key is not None:
            recognition.resume(self.cache, key)
        transcript = recognition.run(
            blocks,
            self.options.voice,
            batch_size=recogniser.batch_size,
            source=f"whisper:{self._name}",
        )
        if key is not None and self.cache.put(key, asdict(transcript)):
            recognition.forget()
        return transcript

    def _key(self, media_fingerprint: str, language: str | None) -> str:
        code = whisper_code(language) or "auto"
        return stage_key(_FORM, media_fingerprint, self.fingerprint, code, self.options)

    def _recogniser(self, on_progress: OnProgress) -> SteadyRecogniser:
        if self._loaded is None:
            folder = self.fetch(on_progress=on_progress)
            stage = f"loading the speech model {self._name}"

            def load() -> SteadyRecogniser:
                return SteadyRecogniser(
                    self.model,
                    folder,
                    choose_device(self.device),
                    self._load,
                    batch_size=1 if self._is_frugal else self.options.batch_size,
                    may_leave=self.device == "auto",
                )

            on_progress(stage, 0.0)
            self._loaded = wait_for(
                in_background(load, name="load"), lambda: on_progress(stage, 0.0)
            )
        return self._loaded


def _last_key(media_fingerprint: str, language: str | None) -> str:
    return stage_key("last " + _FORM, media_fingerprint, whisper_code(language) or "auto")
