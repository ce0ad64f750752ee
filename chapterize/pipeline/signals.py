"""Slide changes, pauses and embedded captions: found once, then cached by the file's content."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from chapterize.cache import Cache, stage_key
from chapterize.captions import embedded_captions
from chapterize.data import Media, Pause, Signals, Transcript
from chapterize.fingerprint import file_fingerprint
from chapterize.media import decode_audio
from chapterize.pipeline.run import Run
from chapterize.signals import SlideOptions, find_pauses, find_slides
from chapterize.transcribe.parts import transcript_from_json
from chapterize.voice import VoiceOptions

__all__ = ["captions_in", "signals_of"]

# The number is that of the method: a change that finds other times needs a new one.
_SLIDES = "slides/1"
_PAUSES = "pauses/1"
_CAPTIONS = "embedded captions/1"


def signals_of(media: Media, transcript: Transcript, has_text: bool, run: Run) -> Signals:
    """The slide changes of `media`, and its pauses if there is no transcript.

    Raises
    ------
    MediaError : the file can no longer be opened.
    """
    pauses: tuple[Pause, ...] = ()
    slides: tuple[float, ...] = ()
    if media.has_video:
        with run.stage("slides"):
            slides = _slides(media, run)
    # The times of words already show the pauses; reading the audio again would take minutes.
    if not has_text and transcript.source == "none" and media.has_audio:
        with run.stage("pauses"):
            pauses = _pauses(media, run)
    return Signals(pauses, slides)


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


def _slides(media: Media, run: Run) -> tuple[float, ...]:
    options = SlideOptions()
    cache, key = Cache(), _key(_SLIDES, media, options)
    if (stored := _times(cache.get(key))) is not None:
        return stored
    slides = find_slides(media, options=options, on_progress=run.on_progress)
    cache.put(key, slides)
    return slides


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
