"""Where the words come from: captions, an earlier run, recognition, or nowhere."""

from __future__ import annotations

from pathlib import Path

from chapterize import hub
from chapterize.captions import (
    embedded_captions,
    find_sidecar,
    is_caption_file,
    read_captions,
)
from chapterize.data import Media, Transcript
from chapterize.errors import EngineError, InputError
from chapterize.fingerprint import file_fingerprint
from chapterize.language import language_name, whisper_knows
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
            f"{media.path.name} has no audio track and no captions: the chapters come from slide "
            f"changes alone. Real titles need captions: put {media.path.stem}.srt beside it."
        )
        return none
    with run.stage("recognition"):
        return _listen(media, options, engines, run) or none


def _listen(media: Media, options: Options, engines: Engines, run: Run) -> Transcript | None:
    """What is said; None, with a note, when only the default model is not to be had."""
    fingerprint = file_fingerprint(media.path)
    transcriber = engines.transcriber or transcriber_of(options)
    if isinstance(transcriber, WhisperTranscriber):
        _require_known(options.language)
        kept = _recall(transcriber, fingerprint, options, run)
        if kept is not None:
            return kept
        if not _fetch_model(transcriber, media, options, run):
            return None
    return transcriber.transcribe(
        decode_audio(media, on_note=run.note),
        duration=media.duration,
        language=options.language,
        media_fingerprint=fingerprint,
        on_progress=run.on_progress,
        on_note=run.note,
    )


def _require_known(language: str | None) -> None:
    if language is not None and not whisper_knows(language):
        raise InputError(
            f"no speech model knows {language_name(language)}",
            why="there are no captions, and Whisper was not trained on this language",
            hint="give captions with --captions, or leave --language out",
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


def _fetch_model(whisper: WhisperTranscriber, media: Media, options: Options, run: Run) -> bool:
    """Whether the model is on disk in the end; if not, a note says what that means."""
    if model_on_disk(whisper.model) is not None:
        return True
    signs = "pauses and slide changes" if media.has_video else "pauses"
    needed = (
        f"Real titles need captions or a speech model. Put {media.path.stem}.srt beside "
        f"{media.path.name}, or {hub.how_to_get(whisper.model)}; until then the chapters come from "
        f"{signs}."
    )
    try:
        if not options.offline:
            wanted = planned_download(whisper.model)
            if run.on_download is not None and not run.on_download(wanted):
                run.note(needed)
                return False
            run.note(f"Downloading the speech model {wanted.name} once, {wanted.size}.")
        whisper.fetch(on_progress=run.on_progress)
    except EngineError as error:
        if options.model is not None:
            raise
        run.note(needed)
        if not options.offline:
            run.note(f"No speech model: {error}; {error.hint}.")
        return False
    return True
