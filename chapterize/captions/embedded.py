"""Read text subtitle streams of a media file."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace

from chapterize.captions.cues import Parsed
from chapterize.captions.kinds import parse
from chapterize.captions.reading import to_transcript
from chapterize.data import Cue, Media, SubtitleStream, Transcript, Word
from chapterize.decoding import decode_text
from chapterize.errors import FormatError, ToolError
from chapterize.ffmpeg import input_file, read_blocks
from chapterize.language import language_code

__all__ = ["embedded_captions"]

_BLOCK_BYTES = 1 << 16


def embedded_captions(media: Media, *, language: str | None = None) -> Transcript | None:
    """Transcript from the best text subtitle stream of `media`, None if there is none.

    Prefers a stream in `language`, then the default stream, then the first one. Ignores forced
    subtitles and chapter tracks. Times are on the player's clock: container
    times minus `media.origin`.

    Raises
    ------
    ToolError : ffmpeg cannot read the file.
    """
    notes: list[str] = []
    for stream in _ranked(media.subtitles, language_code(language)):
        try:
            transcript = _read_stream(media, stream)
        except FormatError as error:
            notes.append(f"Subtitle stream {stream.index} is ignored: {error.why}.")
        else:
            return replace(transcript, notes=(*notes, *transcript.notes))
    return None


def _ranked(streams: Sequence[SubtitleStream], wanted: str | None) -> list[SubtitleStream]:
    def rank(stream: SubtitleStream) -> tuple[int, bool, int]:
        known = language_code(stream.language)
        match = 0 if wanted is None or known == wanted else 1 if known is None else 2
        return match, not stream.is_default, stream.index

    return sorted((stream for stream in streams if not stream.is_forced), key=rank)


def _read_stream(media: Media, stream: SubtitleStream) -> Transcript:
    name = f"subtitle stream {stream.index} of {media.path}"
    # WebVTT is copied: conversion would lose its word times.
    is_webvtt = stream.codec == "webvtt"
    node = input_file(media.path).output(
        "pipe:1",
        format="webvtt" if is_webvtt else "srt",
        map=f"0:{stream.index}",
        # Keep container times; the origin is subtracted below.
        copyts=None,
        **{"c:s": "copy" if is_webvtt else "subrip"},
    )
    try:
        data = b"".join(read_blocks(node, _BLOCK_BYTES, what=f"reading {name}"))
    except ToolError as error:
        hinted = copy(error)
        hinted.hint = "ignore the embedded captions with --captions none"
        raise hinted from error
    text, notes = decode_text(data, name)
    parsed = parse(text, name, ".vtt" if is_webvtt else ".srt")
    return to_transcript(
        _on_players_clock(parsed, media.origin),
        name=name,
        source="captions:embedded",
        duration=media.duration,
        language=language_code(stream.language),
        notes=notes,
    )


def _on_players_clock(parsed: Parsed, origin: float) -> Parsed:
    if origin == 0.0:
        return parsed

    def shifted(time: float) -> float:
        return max(0.0, time - origin)

    cues = [
        Cue(
            shifted(cue.start),
            shifted(cue.end),
            cue.text,
            tuple(Word(shifted(w.start), shifted(w.end), w.text) for w in cue.words),
        )
        for cue in parsed.cues
        if cue.end > origin
    ]
    return replace(parsed, cues=cues)
