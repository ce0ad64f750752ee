"""Read a caption file of any supported format and encoding into a Transcript."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from chapterize.captions.cues import Fault, Parsed, is_chapter_list, keep_inside, put_in_order
from chapterize.captions.kinds import NAMES, SUFFIXES, kind_of, parse
from chapterize.captions.markup import join_lines, strip_labels, strip_markup
from chapterize.captions.rolling import merge_rolling, trim_overlaps
from chapterize.captions.words import align_words
from chapterize.data import Cue, Transcript
from chapterize.decoding import decode_text
from chapterize.errors import FormatError, InputError
from chapterize.files import explaining
from chapterize.language import language_code

__all__ = [
    "is_caption_file",
    "is_text",
    "read_captions",
    "read_stream",
    "spoken_cues",
    "to_transcript",
    "transcript_from",
]

logger = logging.getLogger(__name__)

_TRANSCRIPT_KEYS = re.compile(
    r'"(?:segments|transcription|tStartMs|wireMagic|chunks)"\s*:|"chapterize\.transcript/\d'
    r'|^\s*\[\s*\{(?=[^{}]*"(?:start|timestamp)"\s*:)(?=[^{}]*"text"\s*:)'
)
_HEAD_BYTES = 65_536
# Word-level JSON of a whole day is smaller than this; most media files are larger.
_LIMIT_BYTES = 512 * 1024 * 1024


def is_caption_file(path: Path) -> bool:
    """Whether `path` contains captions, judged by its content; never raises.

    A damaged file with a caption suffix counts, so that `read_captions` can report the fault, but
    not if it is binary. A WebVTT file of chapters counts too.
    """
    try:
        if not path.is_file():
            return False
        text = _head(path)
        kind = kind_of(text)
        if kind == "JSON" and path.suffix.lower() != ".json3":
            # openai-whisper writes the whole text before its segments.
            text, _ = decode_text(_load(path), path.name)
            return bool(_TRANSCRIPT_KEYS.search(text))
    except (FormatError, InputError, OSError):
        return False
    return kind != "" or path.suffix.lower() in SUFFIXES


def is_text(path: Path) -> bool:
    """Whether `path` is text in any encoding, by its first bytes; never raises."""
    try:
        return path.is_file() and bool(_head(path))
    except (FormatError, OSError):
        return False


def _head(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(_HEAD_BYTES)
    return decode_text(data, path.name, is_head=len(data) == _HEAD_BYTES)[0]


def read_captions(
    path: Path,
    *,
    source: str = "captions:file",
    duration: float | None = None,
    language: str | None = None,
    frame_rate: float | None = None,
) -> Transcript:
    """Transcript from a caption file of any kind, our own JSON included.

    The content decides the format, not the suffix. Cues ascend by start. Their text is what is
    spoken, without markup, sound descriptions and speaker labels; repetitions of rolling captions
    are merged. Words have times if the file has them. Notes report a guessed encoding and lost
    cues.

    Parameters
    ----------
    duration : of the media in seconds; cues that start later are dropped.
    language : any language tag; overrides the one in the file.
    frame_rate : of the media; MicroDVD captions count frames, often without stating their rate.

    Raises
    ------
    InputError : the file cannot be opened.
    FormatError : it is not text, has an unsupported format, is a list of chapters, or has no valid
        cue (names the line of the first fault).
    """
    code, name = language_code(language) or language, str(path)
    text, notes = decode_text(_load(path), name, language=code)
    parsed = parse(text, name, path.suffix.lower(), frame_rate=frame_rate)
    return to_transcript(
        parsed, name=name, source=source, duration=duration, language=code, notes=notes
    )


def transcript_from(data: bytes, name: str, *, language: str | None = None) -> Transcript:
    """Transcript from bytes that messages call `name`; errors and the rest as `read_captions`."""
    code = language_code(language) or language
    text, notes = decode_text(data, name, language=code)
    parsed = parse(text, name)
    return to_transcript(parsed, name=name, source="captions:file", language=code, notes=notes)


def read_stream(stream: BinaryIO, name: str) -> bytes:
    """The bytes of `stream`, which messages call `name`, if its first ones are text.

    Raises
    ------
    FormatError : it is not text, or is too large for captions.
    """
    data = stream.read(_HEAD_BYTES)
    # A video is refused before it is read to its end.
    decode_text(data, name, is_head=len(data) == _HEAD_BYTES)
    data += stream.read(_LIMIT_BYTES)
    if len(data) > _LIMIT_BYTES:
        raise FormatError(f"cannot read {name}", why="it is too large for captions")
    return data


def _load(path: Path) -> bytes:
    what, hint = f"cannot read {path}", "check the name and the permissions of the caption file"
    with explaining(InputError, what, hint):
        if path.is_char_device():
            raise InputError(what, why="it is a device, not a file", hint="check the name")
        if path.stat().st_size > _LIMIT_BYTES:
            why = "it is too large for a caption file"
            raise FormatError(what, why=why, hint="use the caption file instead of the media file")
        return path.read_bytes()


def to_transcript(
    parsed: Parsed,
    *,
    name: str,
    source: str,
    duration: float | None = None,
    language: str | None = None,
    notes: Sequence[str] = (),
) -> Transcript:
    """Clean and repair the cues of one file.

    Raises
    ------
    FormatError : see `read_captions`.
    """
    if parsed.is_chapters:
        raise _chapters(name)
    if len(parsed.faults) > len(parsed.cues):
        raise _unreadable(parsed, name)
    all_notes = [*notes, *parsed.notes]
    if parsed.faults:
        first = parsed.faults[0]
        place = f"first on line {first.line}" if first.line else first.why
        all_notes.append(f"Cues that cannot be read are ignored: {len(parsed.faults)} ({place}).")
    cues, repairs = put_in_order(spoken_cues(parsed), keeps_order=parsed.keeps_order)
    all_notes += repairs
    if not cues:
        raise _unreadable(parsed, name)
    if not parsed.is_clean:
        if is_chapter_list(cues):
            raise _chapters(name)
        cues = _merged(cues)
    if duration is not None:
        cues, lost = keep_inside(cues, duration)
        all_notes += lost
        if not cues:
            raise FormatError(
                f"no captions for this media in {name}",
                why="all cues start after the end of the media",
                hint="these captions seem to belong to another video",
            )
    final = tuple(_finished(cue) for cue in cues)
    return Transcript(final, source, language or language_code(parsed.language), tuple(all_notes))


def spoken_cues(parsed: Parsed) -> list[Cue]:
    """The cues with spoken text, without markup and speaker labels."""
    if parsed.is_clean:
        return [cue for cue in parsed.cues if cue.text]
    texts = strip_labels([strip_markup(cue.text) for cue in parsed.cues])
    return [
        Cue(cue.start, cue.end, text, cue.words)
        for cue, text in zip(parsed.cues, texts, strict=True)
        if text
    ]


def _merged(cues: Sequence[Cue]) -> list[Cue]:
    merged = merge_rolling(cues)
    if len(merged) < len(cues):
        logger.debug("merged rolling captions: %d cues became %d", len(cues), len(merged))
    return trim_overlaps(merged)


def _finished(cue: Cue) -> Cue:
    text = join_lines(cue.text)
    words = align_words(text, cue.words, cue.start) if cue.words else ()
    return Cue(cue.start, cue.end, text, words)


def _unreadable(parsed: Parsed, name: str) -> FormatError:
    empty = Fault(None, f"this {parsed.kind} file has no cue with text")
    first = parsed.faults[0] if parsed.faults else empty
    hint = f"export the captions again; they can be {NAMES}"
    return FormatError(f"no captions in {name}", why=first.why, hint=hint, line=first.line)


def _chapters(name: str) -> FormatError:
    return FormatError(
        f"no captions in {name}",
        why="it is a list of chapters, not captions",
        hint="to convert chapters to another format, use: chapterize convert",
    )
