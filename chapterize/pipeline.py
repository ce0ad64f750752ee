"""The one place that knows the order of stages: media, transcript, sentences, vectors,
boundaries, titles."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from chapterize import cache, hub
from chapterize.captions import (
    embedded_captions,
    find_sidecar,
    is_caption_file,
    read_captions,
)
from chapterize.data import (
    Boundaries,
    Chapters,
    Draft,
    Media,
    OnProgress,
    Pause,
    Sent,
    Sentence,
    Signals,
    Transcript,
    Vectors,
)
from chapterize.embed import Embedder, embed_sentences, load_embedder, sentence_model_on_disk
from chapterize.errors import EngineError
from chapterize.language import guess_language
from chapterize.media import captions_alone, decode_audio, open_media
from chapterize.segment import SegmentOptions, other_divisions, segment, stretches
from chapterize.sentences import resentence
from chapterize.signals import find_pauses, find_slides
from chapterize.title import Titler, entitle, load_titler, numbered_titles
from chapterize.transcribe import Transcriber, WhisperTranscriber, model_on_disk, planned_download

__all__ = ["Engines", "Options", "load_engines", "make_draft"]

OnNote = Callable[[str], None]
OnDownload = Callable[[hub.Download], bool]

_SOURCES = ("auto", "none")


@dataclass(frozen=True)
class Options:
    """What `make_draft` may be told.

    `captions` is ``auto`` (a sidecar file, then an embedded stream), ``none`` (ignore both), or
    the path of a caption file. `model` names a faster-whisper model or its folder, None takes the
    default of the device. `embedder` is ``static``, a sentence-transformers name or a folder.
    `offline` forbids every download. `titles_from` is the base address of a title server on this
    machine, `titles_model` a model there; `show_prompt` makes notes of all that it is sent.
    """

    captions: str | Path = "auto"
    language: str | None = None
    model: str | None = None
    device: str = "auto"
    embedder: str = "static"
    offline: bool = False
    titles_from: str | None = None
    titles_model: str | None = None
    show_prompt: bool = False
    segment: SegmentOptions = field(default_factory=SegmentOptions)


@dataclass(frozen=True)
class Engines:
    """Engines to use in place of those that `Options` would load; one set serves many files."""

    transcriber: Transcriber | None = None
    embedder: Embedder | None = None
    titler: Titler | None = None


def load_engines(
    options: Options, *, on_note: OnNote | None = None, on_progress: OnProgress | None = None
) -> Engines:
    """The engines of `options`, loaded once to draft many files.

    Only the recogniser waits until a file needs it.
    """
    return Engines(
        transcriber=_transcriber(options),
        embedder=_load_embedder(options, on_note or (lambda text: None), on_progress),
        titler=load_titler(options.titles_from, options.titles_model, options.show_prompt),
    )


def _transcriber(options: Options) -> WhisperTranscriber:
    return WhisperTranscriber(options.model, device=options.device, offline=options.offline)


def _load_embedder(options: Options, note: OnNote, on_progress: OnProgress | None) -> Embedder:
    name = options.embedder
    if not (name == "static" or options.offline or sentence_model_on_disk(name)):
        note(f"Downloading the sentence model {name} once.")
    return load_embedder(
        name, device=options.device, offline=options.offline, on_progress=on_progress
    )


class _Run:
    """Timings, notes and progress of one draft."""

    on_download: OnDownload | None = None

    def __init__(self, on_progress: OnProgress | None, on_note: OnNote | None) -> None:
        self.timings: dict[str, float] = {}
        self.notes: list[str] = []
        self.sent: Sent | None = None
        self.on_progress: OnProgress = on_progress or (lambda stage, fraction: None)
        self._on_note = on_note

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
            if self._on_note is not None:
                self._on_note(text)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            taken = time.perf_counter() - began
            self.timings[name] = round(self.timings.get(name, 0.0) + taken, 4)


def make_draft(
    path: Path,
    options: Options | None = None,
    *,
    engines: Engines | None = None,
    on_progress: OnProgress | None = None,
    on_note: OnNote | None = None,
    on_download: OnDownload | None = None,
) -> Draft:
    """Chapters for one media or caption file.

    `on_note` hears each plain sentence the user should read, at once (before a download begins,
    for one); all of them are in ``Draft.notes`` too. `on_download` is called before a speech model
    is downloaded; if it returns False, the chapters come from pauses. None allows every download.

    Raises
    ------
    InputError : the file, the captions or the options cannot be used.
    EngineError, ToolError, MissingDependency : an engine that was asked for failed.
    """
    options, engines = options or Options(), engines or Engines()
    if options.titles_from is not None and engines.titler is None:
        # At once: a wrong address should not be found after an hour of listening.
        titler = load_titler(options.titles_from, options.titles_model, options.show_prompt)
        engines = replace(engines, titler=titler)
    run = _Run(on_progress, on_note)
    run.on_download = on_download
    began = time.perf_counter()
    media, transcript = _read(path, options, engines, run)
    with run.stage("sentences"):
        sentences = resentence(transcript)
        language = options.language or transcript.language or media.language
        language = language or guess_language(" ".join(s.text for s in sentences[:400]))
        transcript = replace(transcript, language=language)
    signals = _signals(media, transcript, bool(sentences), run)
    if not sentences:
        sentences = stretches(signals, media.duration)
    boundaries = _divide(sentences, transcript, media, signals, options, engines, run)
    if options.segment.is_estimated and (others := other_divisions(boundaries)):
        run.note(others)
    chapters = _entitle(sentences, boundaries, transcript, media, engines, run)
    run.timings["total"] = round(time.perf_counter() - began, 4)
    n_sentences = len(sentences) if transcript.cues else 0
    found = (media, transcript, n_sentences, boundaries, chapters)
    return Draft(*found, run.timings, tuple(run.notes), run.sent)


def _read(path: Path, options: Options, engines: Engines, run: _Run) -> tuple[Media, Transcript]:
    if path.is_file() and is_caption_file(path):
        with run.stage("captions"):
            transcript = read_captions(path, language=options.language)
            media = captions_alone(path, transcript)
    else:
        with run.stage("media"):
            run.on_progress("opening", 0.0)
            media = open_media(path)
        transcript = _transcript(media, options, engines, run)
    for text in (*media.notes, *transcript.notes):
        run.note(text)
    return media, transcript


def _transcript(media: Media, options: Options, engines: Engines, run: _Run) -> Transcript:
    """The best source there is: captions given, sidecar, embedded, recognition, none."""
    with run.stage("captions"):
        if str(options.captions) not in _SOURCES:
            return read_captions(
                Path(options.captions), duration=media.duration, language=options.language
            )
        if options.captions == "auto":
            found = find_sidecar(media.path, language=options.language, on_note=run.note)
            if found is not None:
                return read_captions(
                    found,
                    source="captions:sidecar",
                    duration=media.duration,
                    language=options.language,
                )
            embedded = embedded_captions(media, language=options.language)
            if embedded is not None and embedded.cues:
                return embedded
    none = Transcript((), "none", options.language)
    if not media.has_audio:
        run.note(
            "There is no sound track and no caption file: chapters come from picture changes "
            "alone. Put captions beside the video (.srt or .vtt) for titles."
        )
        return none
    with run.stage("recognition"):
        return _listen(media, options, engines, run) or none


def _listen(media: Media, options: Options, engines: Engines, run: _Run) -> Transcript | None:
    """What is said; None, with a note, when only the default model is not to be had."""
    fingerprint = cache.file_fingerprint(media.path)
    transcriber = engines.transcriber or _transcriber(options)
    if isinstance(transcriber, WhisperTranscriber):
        kept = transcriber.recall(fingerprint, language=options.language)
        if kept is not None:
            return kept
        if not _fetch_model(transcriber, options, run):
            return None
    return transcriber.transcribe(
        decode_audio(media, on_note=run.note),
        duration=media.duration,
        language=options.language,
        media_fingerprint=fingerprint,
        on_progress=run.on_progress,
    )


def _fetch_model(whisper: WhisperTranscriber, options: Options, run: _Run) -> bool:
    """Whether the model is on disk in the end; if not, a note says what that means."""
    if model_on_disk(whisper.model) is not None:
        return True
    instead = f"Chapters come from pauses and slide changes. {hub.how_to_get(whisper.model)}"
    try:
        if not options.offline:
            wanted = planned_download(whisper.model)
            if run.on_download is not None and not run.on_download(wanted):
                run.note(f"The speech model {wanted.name} was not downloaded. {instead}")
                return False
            run.note(f"Downloading the speech model {wanted.name} once, {wanted.size}.")
        whisper.fetch(on_progress=run.on_progress)
    except EngineError as error:
        if options.model is not None:
            raise
        run.note(f"No captions and no speech model: {error}; {error.hint}. {instead}")
        return False
    return True


def _signals(media: Media, transcript: Transcript, has_text: bool, run: _Run) -> Signals:
    pauses: tuple[Pause, ...] = ()
    slides: tuple[float, ...] = ()
    if media.has_video:
        with run.stage("slides"):
            slides = find_slides(media, on_progress=run.on_progress)
    # With words at hand their own times tell the pauses; listening again would cost minutes.
    if not has_text and transcript.source == "none" and media.has_audio:
        with run.stage("pauses"):
            pauses = find_pauses(decode_audio(media, on_progress=run.on_progress, on_note=run.note))
    return Signals(pauses, slides)


def _divide(
    sentences: tuple[Sentence, ...],
    transcript: Transcript,
    media: Media,
    signals: Signals,
    options: Options,
    engines: Engines,
    run: _Run,
) -> Boundaries:
    vectors = Vectors(np.zeros((len(sentences), 1), dtype=np.float32))
    if transcript.cues:
        with run.stage("load"):
            embedder = engines.embedder or _load_embedder(options, run.note, run.on_progress)
        with run.stage("vectors"):
            texts = [sentence.text for sentence in sentences]
            vectors = embed_sentences(embedder, texts, on_progress=run.on_progress)
    with run.stage("segment"):
        run.on_progress("finding boundaries", 0.0)
        return segment(
            sentences,
            vectors,
            media.duration,
            signals=signals,
            language=transcript.language,
            options=options.segment,
        )


def _entitle(
    sentences: tuple[Sentence, ...],
    boundaries: Boundaries,
    transcript: Transcript,
    media: Media,
    engines: Engines,
    run: _Run,
) -> Chapters:
    first = boundaries.solutions[boundaries.chosen]
    starts = [float(boundaries.starts[i]) for i in first]
    if transcript.cues:
        with run.stage("load"):
            titler = engines.titler or load_titler()
        with run.stage("titles"):
            run.on_progress("finding titles", 0.0)
            texts = [
                [sentence.text for sentence in sentences[a:b]]
                for a, b in zip(first, [*first[1:], len(sentences)], strict=True)
            ]
            titles, run.sent = entitle(
                titler, texts, transcript.language, run.on_progress, run.note
            )
    elif len(first) == 1:
        titles = (media.path.stem,)
    else:
        titles = numbered_titles(len(first), transcript.language)
    chapters = Chapters.from_starts(starts, titles, media.duration)
    return replace(
        chapters,
        chapters=tuple(
            replace(
                chapter,
                confidence=round(float(boundaries.confidence[i]), 3),
                evidence=boundaries.evidence[i],
            )
            for chapter, i in zip(chapters.chapters, first, strict=True)
        ),
    )
