"""Where the words come from: captions, an earlier run, recognition, or nowhere."""

from __future__ import annotations

from pathlib import Path

from chapterize import cache, hub
from chapterize.captions import (
    embedded_captions,
    find_sidecar,
    is_caption_file,
    read_captions,
)
from chapterize.data import Media, Transcript
from chapterize.errors import EngineError
from chapterize.media import captions_alone, decode_audio, open_media
from chapterize.pipeline.options import Engines, Options, transcriber_of
from chapterize.pipeline.run import Run
from chapterize.transcribe import WhisperTranscriber, model_on_disk, planned_download

__all__ = ["read"]

_SOURCES = ("auto", "none")


def read(path: Path, options: Options, engines: Engines, run: Run) -> tuple[Media, Transcript]:
    """The opened file and the best transcript of it; without cues where there is none."""
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


def _transcript(media: Media, options: Options, engines: Engines, run: Run) -> Transcript:
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


def _listen(media: Media, options: Options, engines: Engines, run: Run) -> Transcript | None:
    """What is said; None, with a note, when only the default model is not to be had."""
    fingerprint = cache.file_fingerprint(media.path)
    transcriber = engines.transcriber or transcriber_of(options)
    if isinstance(transcriber, WhisperTranscriber):
        kept = _recall(transcriber, fingerprint, options, run)
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
        on_note=run.note,
    )


def _recall(
    whisper: WhisperTranscriber, fingerprint: str, options: Options, run: Run
) -> Transcript | None:
    """The transcript of an earlier run; of another model only where none is at hand."""
    if kept := whisper.recall(fingerprint, language=options.language):
        return kept
    if options.model is not None or model_on_disk(whisper.model) is not None:
        return None
    if kept := whisper.recall_any(fingerprint, language=options.language):
        run.note(
            f"The speech model {whisper.model} is not on this disk; the transcript that an earlier "
            f"run made with {kept.source.removeprefix('whisper:')} is used."
        )
    return kept


def _fetch_model(whisper: WhisperTranscriber, options: Options, run: Run) -> bool:
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
