"""A caption file, of whatever format and encoding, to a Transcript."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chapterize.captions.encoding import decode_text
from chapterize.captions.language import language_code
from chapterize.captions.markup import join_lines, strip_labels, strip_markup
from chapterize.captions.parsed import Parsed
from chapterize.captions.recogniser_json import parse_json
from chapterize.captions.repair import is_chapter_list, keep_inside, put_in_order
from chapterize.captions.rolling import merge_rolling, trim_overlaps
from chapterize.captions.subtitles import TIMING, parse_ass, parse_srt, parse_webvtt
from chapterize.captions.words import align_words
from chapterize.data import Cue, Transcript
from chapterize.errors import FormatError, InputError

__all__ = ["is_caption_file", "parse", "read_captions", "to_transcript"]

_SUBTITLE_SUFFIXES = (".srt", ".vtt", ".ass", ".ssa", ".json3")
_TRANSCRIPT_KEYS = re.compile(
    r'"(?:segments|transcription|tStartMs|wireMagic)"\s*:|"chapterize\.transcript/\d'
)
_HEAD_BYTES = 65_536
# A day of JSON with the times of every token stays below this; media files do not.
_LIMIT_BYTES = 512 * 1024 * 1024


def is_caption_file(path: Path) -> bool:
    """Whether `path` holds captions, by what is in it; never raises.

    A broken file with a suffix of captions counts, so that `read_captions` can name its fault;
    one with such a suffix that is no text at all does not. A WebVTT of chapters counts too.
    """
    try:
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
    """The transcript in a caption file: SRT, WebVTT, ASS/SSA, Whisper's JSON, json3 or ours.

    The content decides, not the suffix. Cues ascend by start; text is what is said, without tags,
    sounds and names of speakers; rolling captions are told once; cues that begin after `duration`
    seconds are left out. Words carry times where the file has them. The notes say what was assumed
    and repaired. `language` (any tag) overrides what the file says of itself.

    Raises
    ------
    InputError : the file cannot be opened.
    FormatError : it is no text, none of these formats, a list of chapters, or holds no cue that
        can be read (names the line of the first fault).
    """
    code = language_code(language) or language
    text, notes = decode_text(_load(path), str(path), language=code)
    with _collector_paused():
        return to_transcript(
            parse(text, str(path), path.suffix.lower()),
            name=str(path),
            source=source,
            duration=duration,
            language=code,
            notes=notes,
        )


@contextmanager
def _collector_paused() -> Iterator[None]:
    # A day of words is half a million small objects without a cycle among them: looking for one
    # again and again takes 40 % of the time.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _load(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LIMIT_BYTES:
            raise FormatError(
                f"cannot read {path}",
                why="it is far too large for captions",
                hint="give the captions, not the media",
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot read {path}",
            why=error.strerror or str(error),
            hint="check the name and the permissions of the caption file",
        ) from error


def _whole_characters(head: bytes) -> bytes:
    # A head cut inside a character would look like a wrong encoding: end it at a line.
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
    """Cues of `text` as its format gives them, which its content tells, else its `suffix`.

    Raises
    ------
    FormatError : the text is empty, of no known format, or broken JSON.
    """
    if not text.strip():
        raise FormatError(
            f"cannot read {name}", why="the file is empty", hint="export the captions again"
        )
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
    """The cleaned and repaired transcript of what a reader of one format found.

    Raises
    ------
    FormatError : see `read_captions`.
    """
    if parsed.is_chapters:
        raise _chapters(name)
    if len(parsed.faults) > len(parsed.cues):
        raise _unreadable(parsed, name)
    told = list(notes)
    if parsed.faults:
        first = parsed.faults[0]
        place = f" (first on line {first.line})" if first.line else f" ({first.why})"
        told.append(f"cues that could not be read, left out: {len(parsed.faults)}{place}")
    texts = [cue.text for cue in parsed.cues]
    if not parsed.is_clean:
        texts = strip_labels([strip_markup(text) for text in texts])
    spoken = [
        Cue(cue.start, cue.end, text, cue.words)
        for cue, text in zip(parsed.cues, texts, strict=True)
        if text
    ]
    ordered, repairs = put_in_order(spoken, keeps_order=parsed.keeps_order)
    if not ordered:
        raise _unreadable(parsed, name)
    cues = ordered
    if not parsed.is_clean:
        if is_chapter_list(ordered):
            raise _chapters(name)
        merged, n_merged = merge_rolling(ordered)
        if n_merged or len(merged) < len(ordered):
            repairs.append("the captions roll, showing lines again; every line was taken once")
        cues = trim_overlaps(merged)
    if duration is not None:
        cues, more = keep_inside(cues, duration)
        repairs += more
        if not cues:
            raise _beyond(name)
    return Transcript(
        tuple(_settle(cue) for cue in cues),
        source,
        language or language_code(parsed.language),
        (*told, *repairs),
    )


def _settle(cue: Cue) -> Cue:
    text = join_lines(cue.text)
    words = align_words(text, cue.words, cue.start) if cue.words else ()
    return Cue(cue.start, cue.end, text, words)


def _unreadable(parsed: Parsed, name: str) -> FormatError:
    first = parsed.faults[0] if parsed.faults else None
    return FormatError(
        f"no captions in {name}",
        why=first.why if first else f"this {parsed.kind} file has no cue with text",
        hint="give an SRT, WebVTT, ASS, Whisper JSON or json3 file",
        line=first.line if first else None,
    )


def _chapters(name: str) -> FormatError:
    return FormatError(
        f"no captions in {name}",
        why="it holds a list of chapters, not what is said",
        hint="to turn chapters into another format, use: chapterize convert",
    )


def _beyond(name: str) -> FormatError:
    return FormatError(
        f"no captions for this media in {name}",
        why="every cue begins after the end of the media",
        hint="these captions seem to belong to another video",
    )
