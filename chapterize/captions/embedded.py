"""Text subtitle streams inside a media file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chapterize.captions.encoding import decode_text
from chapterize.captions.language import language_code
from chapterize.captions.parsed import Parsed
from chapterize.captions.reading import parse, to_transcript
from chapterize.data import Cue, Media, SubtitleStream, Transcript, Word
from chapterize.errors import FormatError, ToolError
from chapterize.ffmpeg import input_file, read_blocks

__all__ = ["embedded_captions"]

_TEXT_CODECS = frozenset(("mov_text", "subrip", "srt", "text", "ass", "ssa", "webvtt"))
_BITMAP_CODECS = frozenset(
    ("dvd_subtitle", "dvdsub", "hdmv_pgs_subtitle", "pgssub", "dvb_subtitle", "dvbsub", "xsub")
)
_BLOCK_BYTES = 1 << 16


def embedded_captions(media: Media, *, language: str | None = None) -> Transcript | None:
    """The best text subtitle stream of `media`, None when there is none to use.

    A stream in the asked `language` comes first, then the default one, then the order of the
    file; forced-only streams, pictures of text and chapter tracks are passed over. Times are on
    the player's clock: the container's, less `media.origin`.

    Raises
    ------
    ToolError : ffmpeg cannot read the file.
    """
    wanted = language_code(language)
    passed_over: list[str] = []
    for stream in _ranked(media.subtitles, wanted):
        try:
            transcript = _read_stream(media, stream)
        except FormatError as error:
            passed_over.append(f"subtitle stream {stream.index} was passed over: {error.why}")
            continue
        notes = (*_notes_on_bitmaps(media.subtitles), *passed_over, *transcript.notes)
        return replace(transcript, notes=notes)
    return None


def _ranked(streams: Sequence[SubtitleStream], wanted: str | None) -> list[SubtitleStream]:
    def rank(stream: SubtitleStream) -> tuple[int, bool, int]:
        known = language_code(stream.language)
        asked = 0 if wanted is None or known == wanted else 1 if known is None else 2
        return asked, not stream.is_default, stream.index

    usable = [s for s in streams if s.codec in _TEXT_CODECS and not s.is_forced]
    return sorted(usable, key=rank)


def _notes_on_bitmaps(streams: Sequence[SubtitleStream]) -> tuple[str, ...]:
    n_bitmaps = sum(stream.codec in _BITMAP_CODECS for stream in streams)
    if not n_bitmaps:
        return ()
    return (f"subtitle streams of pictures, not text, passed over: {n_bitmaps}",)


def _read_stream(media: Media, stream: SubtitleStream) -> Transcript:
    name = f"subtitle stream {stream.index} of {media.path}"
    # WebVTT is copied, not converted: its word times would be lost on the way.
    is_webvtt = stream.codec == "webvtt"
    node = input_file(media.path).output(
        "pipe:1",
        format="webvtt" if is_webvtt else "srt",
        map=f"0:{stream.index}",
        # The times of the container as they are; the player's zero is taken off below.
        copyts=None,
        **{"c:s": "copy" if is_webvtt else "subrip"},
    )
    try:
        data = b"".join(read_blocks(node, _BLOCK_BYTES, what=f"reading {name}"))
    except ToolError as error:
        error.hint = "leave the embedded captions aside with --captions none"
        raise
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
