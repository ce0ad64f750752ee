"""Slides, pauses and embedded captions: found once, then cached by the file's content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple
from typing import Any

from chapterize.cache import Cache, stage_key
from chapterize.captions import embedded_captions
from chapterize.data import Media, Pause, Signals, Slide, TextLine, Transcript
from chapterize.errors import EngineError
from chapterize.fingerprint import file_fingerprint
from chapterize.language import language_name
from chapterize.media import decode_audio
from chapterize.pipeline.options import reader_of
from chapterize.pipeline.run import Run
from chapterize.signals import SlideOptions, find_pauses, find_slides
from chapterize.slides import (
    Looks,
    Reader,
    StretchOptions,
    can_read,
    find_stretches,
    headed,
    read_stretches,
    subtitled,
)
from chapterize.transcribe.parts import transcript_from_json
from chapterize.voice import VoiceOptions

__all__ = ["captions_in", "signals_of"]

# The number is that of the method: a change that finds other times needs a new one.
_SLIDES = "slides/2"
_PAGES = "slides read/1"
_PAUSES = "pauses/1"
_CAPTIONS = "embedded captions/1"


def signals_of(media: Media, transcript: Transcript, has_text: bool, run: Run) -> Signals:
    """The slide changes of `media`, its slides, and its pauses if there is no transcript.

    Raises
    ------
    MediaError : the file can no longer be opened.
    MissingDependency, EngineError : slides must be read, and that is not possible.
    """
    pauses: tuple[Pause, ...] = ()
    slides: tuple[float, ...] = ()
    pages: tuple[Slide, ...] = ()
    if media.has_video:
        with run.stage("slides"):
            slides, pages = _slides_and_pages(media, transcript.language, run)
    # The times of words already show the pauses; reading the audio again would take minutes.
    if not has_text and transcript.source == "none" and media.has_audio:
        with run.stage("pauses"):
            pauses = _pauses(media, run)
    return Signals(pauses, slides, pages=pages)


def captions_in(media: Media, run: Run) -> Transcript | None:
    """The transcript of the best subtitle stream, None if there is none.

    Raises
    ------
    ToolError : ffmpeg cannot read the file.
    """
    if not media.subtitles:
        return None
    language = run.options.language
    cache, key = Cache(), _key(_CAPTIONS, media, language, media.subtitles)
    found = transcript_from_json(cache.get(key))
    if found is None:
        found = embedded_captions(media, language=language)
        if found is not None:
            cache.put(key, asdict(found))
    return found


def _slides_and_pages(
    media: Media, language: str | None, run: Run
) -> tuple[tuple[float, ...], tuple[Slide, ...]]:
    """The times of slide changes, and the slides if they are to be read."""
    reader = None
    if run.options.slides != "off":
        reader = run.engines.reader or reader_of(run.options, language)
    if reader is None:
        return _slides(media, run), ()
    if not can_read(language):
        slides = _slides(media, run)
        if slides and language is not None:
            run.note(
                f"Slides in {language_name(language)} cannot be read; only their times are used."
            )
        return slides, ()
    cache, key = Cache(), _key(_PAGES, media, SlideOptions(), StretchOptions(), reader.fingerprint)
    pages = _pages_from_json(cache.get(key))
    if pages is not None:
        slides = _slides(media, run)
    else:
        looks = Looks(StretchOptions())
        slides = _slides(media, run, looks)
        pages = _read(media, slides, looks, reader, run)
        if pages is None:
            return slides, ()
        cache.put(key, _pages_to_json(pages))
    _note_pages(media, pages, run)
    return slides, headed(pages)


def _slides(media: Media, run: Run, looks: Looks | None = None) -> tuple[float, ...]:
    """The times of slide changes; with `looks`, they are found again, to fill it."""
    options = SlideOptions()
    cache, key = Cache(), _key(_SLIDES, media, options)
    if looks is None and (stored := _times(cache.get(key))) is not None:
        return stored
    on_look = None if looks is None else looks.add
    slides = find_slides(media, options=options, on_progress=run.on_progress, on_look=on_look)
    cache.put(key, slides)
    return slides


def _read(
    media: Media, slides: Sequence[float], looks: Looks, reader: Reader, run: Run
) -> tuple[Slide, ...] | None:
    """The slides with their lines; None, and a note, if no text can be read and none must be."""
    stretches = find_stretches(slides, looks, media.duration)
    try:
        return read_stretches(media, stretches, reader, on_progress=run.on_progress)
    except EngineError as error:
        if run.options.slides == "on":
            raise
        run.note(f"The slides were not read: {error}.")
        return None


def _note_pages(media: Media, pages: Sequence[Slide], run: Run) -> None:
    """Report what limits the use of slides."""
    name, most = media.path.name, StretchOptions().most
    n_slides = len({page.topic for page in pages if page.kind == "slide"})
    if n_slides > most:
        run.note(f"Only the {most} longest of {n_slides} slides in {name} were read.")
    if subtitled(pages):
        run.note(f"{name} has burnt-in subtitles; they are not taken for slides.")
    if run.options.slides == "on" and not any(page.lines for page in pages):
        run.note(f"No text was found on slides in {name}.")


def _pages_to_json(pages: Sequence[Slide]) -> list[Any]:
    return [
        [page.start, page.end, page.kind, page.topic, [astuple(line) for line in page.lines]]
        for page in pages
    ]


def _pages_from_json(stored: Any) -> tuple[Slide, ...] | None:
    """The slides that were stored, or None for anything else."""
    if not isinstance(stored, list):
        return None
    try:
        return tuple(
            Slide(
                float(start),
                float(end),
                kind,
                tuple(TextLine(*line) for line in lines),
                None,
                topic,
            )
            for start, end, kind, topic, lines in stored
        )
    except (TypeError, ValueError):
        return None


def _pauses(media: Media, run: Run) -> tuple[Pause, ...]:
    options = VoiceOptions()
    cache, key = Cache(), _key(_PAUSES, media, options, media.audio_start)
    match cache.get(key):
        case {"starts": starts, "ends": ends, "notes": list(notes)}:
            since, until = _times(starts), _times(ends)
            if since is not None and until is not None and len(since) == len(until):
                for text in notes:
                    run.note(str(text))
                return tuple(map(Pause, since, until))
    notes = []

    def note(text: str) -> None:
        notes.append(text)
        run.note(text)

    blocks = decode_audio(media, on_progress=run.on_progress, on_note=note)
    pauses = find_pauses(blocks, options=options)
    starts, ends = [each.start for each in pauses], [each.end for each in pauses]
    cache.put(key, {"starts": starts, "ends": ends, "notes": notes})
    return pauses


def _key(stage: str, media: Media, *parts: object) -> str:
    fingerprint = file_fingerprint(media.path)
    return stage_key(stage, fingerprint, media.origin, media.duration, *parts)


def _times(stored: Any) -> tuple[float, ...] | None:
    """The times that were stored, or None for anything else."""
    if isinstance(stored, list) and all(isinstance(time, float) for time in stored):
        return tuple(stored)
    return None
