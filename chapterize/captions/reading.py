"""Read a caption file of any supported format and encoding into a Transcript."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import Path

from chapterize.captions.cues import Fault, Parsed, is_chapter_list, keep_inside, put_in_order
from chapterize.captions.json_transcripts import parse_json
from chapterize.captions.markup import join_lines, strip_labels, strip_markup
from chapterize.captions.rolling import merge_rolling, trim_overlaps
from chapterize.captions.subtitles import TIMING, parse_ass, parse_srt, parse_webvtt
from chapterize.captions.words import align_words
from chapterize.data import Cue, Transcript
from chapterize.decoding import decode_text
from chapterize.errors import FormatError, InputError
from chapterize.files import explaining
from chapterize.language import language_code

__all__ = ["is_caption_file", "parse", "read_captions", "spoken_cues", "to_transcript"]

logger = logging.getLogger(__name__)

_SUBTITLE_SUFFIXES = (".srt", ".vtt", ".ass", ".ssa", ".json3")
_TRANSCRIPT_KEYS = re.compile(
    r'"(?:segments|transcription|tStartMs|wireMagic)"\s*:|"chapterize\.transcript/\d'
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
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        if not head:
            return path.suffix.lower() in _SUBTITLE_SUFFIXES
        text, _ = decode_text(_whole_characters(head), path.name)
        kind = _sniff(text)
        if kind == "JSON" and path.suffix.lower() != ".json3":
            # openai-whisper writes the whole text before its segments.
            text, _ = decode_text(_load(path), path.name)
            return bool(_TRANSCRIPT_KEYS.search(text))
    except (FormatError, InputError, OSError):
        return False
    return kind != "" or path.suffix.lower() in _SUBTITLE_SUFFIXES


def read_captions(
    path: Path,
    *,
    source: str = "captions:file",
    duration: float | None = None,
    language: str | None = None,
) -> Transcript:
    """Transcript from a caption file: SRT, WebVTT, ASS/SSA, Whisper JSON, json3 or our own JSON.

    The content decides the format, not the suffix. Cues ascend by start. Their text is what is
    spoken, without markup, sound descriptions and speaker labels; repetitions of rolling captions
    are merged. Words have times if the file has them. Notes report a guessed encoding and lost
    cues.

    Parameters
    ----------
    duration : of the media in seconds; cues that start later are dropped.
    language : any language tag; overrides the one in the file.

    Raises
    ------
    InputError : the file cannot be opened.
    FormatError : it is not text, has an unsupported format, is a list of chapters, or has no valid
        cue (names the line of the first fault).
    """
    code = language_code(language) or language
    text, notes = decode_text(_load(path), str(path), language=code)
    return to_transcript(
        parse(text, str(path), path.suffix.lower()),
        name=str(path),
        source=source,
        duration=duration,
        language=code,
        notes=notes,
    )


def _load(path: Path) -> bytes:
    what, hint = f"cannot read {path}", "check the name and the permissions of the caption file"
    with explaining(InputError, what, hint):
        if path.is_char_device():
            raise InputError(what, why="it is a device, not a file", hint="check the name")
        if path.stat().st_size > _LIMIT_BYTES:
            why = "it is too large for a caption file"
            raise FormatError(what, why=why, hint="use the caption file instead of the media file")
        return path.read_bytes()


def _whole_characters(head: bytes) -> bytes:
    # A head that ends inside a character would look like a wrong encoding: end it at a line.
    return head if len(head) < _HEAD_BYTES else head[: head.rfind(b"\n") + 1] or head


def _sniff(text: str) -> str:
    start = text.lstrip()[:200]
    if start.startswith("WEBVTT"):
        return "WebVTT"
    if start.startswith(("[Script Info]", "[V4", "[Events]")) or "\nDialogue:" in text:
        return "ASS"
    if start.startswith(("{", "[")) and re.match(r'\{\s*("|\})|\[\s*[\{\]]', start):
        return "JSON"
    if any("->" in line and TIMING.match(line) for line in text.split("\n", 5000)[:5000]):
        return "SRT"
    return ""


def parse(text: str, name: str, suffix: str = "") -> Parsed:
    """Cues of `text`; its content decides the format, or else its `suffix`.

    Raises
    ------
    FormatError : the text is empty, invalid JSON or JSON of something else.
    """
    if not text.strip():
        hint = "export the captions again"
        raise FormatError(f"cannot read {name}", why="the file is empty", hint=hint)
    kind = _sniff(text)
    if kind == "JSON" or (not kind and suffix in (".json", ".json3")):
        return parse_json(text, name)
    if kind == "ASS" or (not kind and suffix in (".ass", ".ssa")):
        return parse_ass(text)
    return parse_webvtt(text) if kind == "WebVTT" else parse_srt(text)


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
    all_notes = list(notes)
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
    hint = "use an SRT, WebVTT, ASS, Whisper JSON or json3 file"
    return FormatError(f"no captions in {name}", why=first.why, hint=hint, line=first.line)


def _chapters(name: str) -> FormatError:
    return FormatError(
        f"no captions in {name}",
        why="it is a list of chapters, not captions",
        hint="to convert chapters to another format, use: chapterize convert",
    )
