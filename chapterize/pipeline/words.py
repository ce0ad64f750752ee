"""Where the words come from: captions, an earlier run, speech recognition, or nowhere."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from chapterize import hub
from chapterize.captions import find_sidecar, is_caption_file, is_text, read_captions
from chapterize.data import Media, Transcript
from chapterize.errors import EngineError, InputError, MediaError
from chapterize.fingerprint import file_fingerprint
from chapterize.inputs import MEDIA_SUFFIXES
from chapterize.language import WHISPER_LANGUAGES, language_name
from chapterize.media import captions_alone, decode_audio, open_media
from chapterize.pipeline.keeping import find_existing
from chapterize.pipeline.options import Options, titler_of, transcriber_of
from chapterize.pipeline.run import Run
from chapterize.pipeline.signals import captions_in
from chapterize.transcribe import WhisperTranscriber, model_on_disk, planned_download

__all__ = ["given", "read"]

_SOURCES = ("auto", "none")


def read(source: Path | str | Media, run: Run) -> tuple[Media, Transcript]:
    """Open the source and find its best transcript, which has no cues if there is none."""
    if path := _caption_file(source):
        with run.stage("captions"):
            transcript = read_captions(path, language=run.options.language)
            media = captions_alone(path, transcript)
        _prepare(media, run)
    else:
        media = _open(source, run)
        _prepare(media, run)
        transcript = _transcript(media, run)
    return media, transcript


def given(source: Path | str | Media, transcript: Transcript, run: Run) -> tuple[Media, Transcript]:
    """Open the source, and sort and check the cues of the caller's transcript.

    Raises
    ------
    InputError : a cue has impossible times, or all cues start after the end of the media.
    """
    for number, cue in enumerate(transcript.cues, 1):
        if not 0.0 <= cue.start <= cue.end < math.inf:
            raise InputError(
                f"cue {number} of the transcript goes from {cue.start} s to {cue.end} s",
                why="a cue must not end before it starts, and no time is negative",
                hint="correct the times; they are seconds from the start of the media",
            )
    cues = sorted((cue for cue in transcript.cues if cue.text.strip()), key=lambda cue: cue.start)
    path = _caption_file(source)
    if cues and path:
        media = captions_alone(path, replace(transcript, cues=tuple(cues)))
    else:
        media = _open(source, run)
    inside = tuple(cue for cue in cues if cue.start < media.duration)
    if cues and not inside:
        raise InputError(
            f"the transcript does not belong to {media.path}",
            why=f"every cue starts after the end of the media, {media.duration:g} s",
            hint="check that the times are in seconds",
        )
    _prepare(media, run)
    return media, replace(transcript, cues=inside)


def _prepare(media: Media, run: Run) -> None:
    """Find out what the draft needs, before the words are read."""
    options, engines = run.options, run.engines
    find_existing(media, run)
    if options.titles != "phrases" and engines.titler is None and not run.is_titled:
        # Check the address or fetch the model now, not after an hour of speech recognition.
        titler = titler_of(options, run.note, run.on_progress)
        run.engines = replace(engines, titler=titler)


def _caption_file(source: Path | str | Media) -> Path | None:
    if isinstance(source, Media):
        return None
    path = Path(source)
    return path if is_caption_file(path) else None


def _open(source: Path | str | Media, run: Run) -> Media:
    if isinstance(source, Media):
        return source
    with run.stage("media"):
        run.on_progress("opening", 0.0)
        path = Path(source)
        try:
            return open_media(path)
        except MediaError as error:
            is_media = path.suffix.lower() in MEDIA_SUFFIXES or "playlist" in error.why
            if not is_media and is_text(path):
                read_captions(path)  # explains why it is no caption file
            raise


def _transcript(media: Media, run: Run) -> Transcript:
    """The best source: captions given, sidecar, embedded, speech recognition, none."""
    options = run.options
    none = Transcript((), "none", options.language)
    if run.is_titled:
        return none
    with run.stage("captions"):
        if str(options.captions) not in _SOURCES:
            return read_captions(
                Path(options.captions),
                duration=media.duration,
                language=options.language,
                frame_rate=media.frame_rate,
            )
        if options.captions == "auto":
            found = find_sidecar(media.path, language=options.language, on_note=run.note)
            if found is not None:
                return read_captions(
                    found,
                    source="captions:sidecar",
                    duration=media.duration,
                    language=options.language,
                    frame_rate=media.frame_rate,
                )
            embedded = captions_in(media, run)
            if embedded is not None and embedded.cues:
                return embedded
    if not media.has_audio:
        run.note(
            f"{media.path.name} has no audio track and no captions, so the chapters come from "
            f"slide changes. For real titles, put {media.path.stem}.srt next to it."
        )
        return none
    with run.stage("recognition"):
        return _recognise(media, run) or none


def _recognise(media: Media, run: Run) -> Transcript | None:
    """The recognised speech; None, with a note, if only the default model is not available."""
    options = run.options
    fingerprint = file_fingerprint(media.path)
    transcriber = run.engines.transcriber or transcriber_of(options)
    if isinstance(transcriber, WhisperTranscriber):
        _require_known(options.language)
        kept = _recall(transcriber, fingerprint, options, run)
        if kept is not None:
            return kept
        if not _fetch_model(transcriber, media, run):
            return None
    transcript = transcriber.transcribe(
        decode_audio(media, on_note=run.note),
        duration=media.duration,
        language=options.language,
        media_fingerprint=fingerprint,
        on_progress=run.on_progress,
        on_note=run.note,
    )
    if options.titles == "llm" and isinstance(transcriber, WhisperTranscriber):
        # The title model is loaded next: the two need not fit in memory together.
        transcriber.release()
    return transcript


def _require_known(language: str | None) -> None:
    if language is not None and language not in WHISPER_LANGUAGES:
        raise InputError(
            f"no speech model knows {language_name(language)}",
            why="there are no captions, and Whisper was not trained on this language",
            hint="add captions with --captions, or omit --language",
        )


def _recall(
    whisper: WhisperTranscriber, fingerprint: str, options: Options, run: Run
) -> Transcript | None:
    """The transcript of an earlier run; another model's only if the wanted one is not on disk."""
    if kept := whisper.recall(fingerprint, language=options.language):
        return kept
    if options.model is not None or model_on_disk(whisper.model) is not None:
        return None
    if kept := whisper.recall_any(fingerprint, language=options.language):
        run.note(
            f"The speech model {whisper.model} is not on this disk. Using the transcript that an "
            f"earlier run made with {kept.source.removeprefix('whisper:')}."
        )
    return kept


def _fetch_model(whisper: WhisperTranscriber, media: Media, run: Run) -> bool:
    """Whether the model is on disk in the end; if not, a note explains the consequences."""
    if model_on_disk(whisper.model) is not None:
        return True
    options = run.options
    signs = "pauses and slide changes" if media.has_video else "pauses"
    needed = (
        f"The chapters come from {signs} only. For real titles, put {media.path.stem}.srt next to "
        f"{media.path.name}, or {hub.how_to_get(whisper.model)}."
    )
    try:
        if not options.offline:
            wanted = planned_download(whisper.model)
            if options.on_download is not None and not options.on_download(wanted):
                run.note(needed)
                return False
            run.note(
                f"Downloading the speech model {wanted.name}, {wanted.size}; this happens once."
            )
        whisper.fetch(on_progress=run.on_progress)
    except EngineError as error:
        if options.model is not None:
            raise
        run.note(needed)
        if not options.offline:
            run.note(f"No speech model: {error}; {error.hint}.")
        return False
    return True
