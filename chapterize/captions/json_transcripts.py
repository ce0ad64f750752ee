"""Read JSON transcripts: our own, openai-whisper, faster-whisper, whisper.cpp, YouTube json3."""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from chapterize.captions.cues import Fault, Parsed, Span, cues_of_spans
from chapterize.data import Cue, Word
from chapterize.errors import FormatError

__all__ = ["SCHEMA", "parse_json"]

SCHEMA = "chapterize.transcript/1"


def parse_json(text: str, name: str) -> Parsed:
    """Cues of a JSON transcript, with words where it has times for them.

    Raises
    ------
    FormatError : not valid JSON (names the line), or not a transcript.
    """
    try:
        tree = json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(
            f"cannot read {name}",
            why=f"not valid JSON: {error.msg}",
            hint="write the file again, or export SRT or WebVTT instead",
            line=error.lineno,
        ) from error
    except RecursionError as error:
        raise FormatError(f"cannot read {name}", why="its JSON is nested too deeply") from error
    if isinstance(tree, dict):
        if tree.get("schema") == SCHEMA and isinstance(tree.get("cues"), list):
            return _own(tree)
        if isinstance(tree.get("events"), list):
            return _youtube(tree["events"])
        if isinstance(tree.get("transcription"), list):
            return _whisper_cpp(tree)
        if isinstance(tree.get("segments"), list):
            return _whisper(tree["segments"], tree)
        if isinstance(tree.get("chunks"), list):
            return _whisper(tree["chunks"], tree)
        if "chapters" in tree:
            return Parsed("JSON", is_chapters=True)
    if isinstance(tree, list) and any(
        isinstance(item, dict) and not {"start", "timestamp"}.isdisjoint(item) for item in tree
    ):
        return _whisper(tree, {})
    raise FormatError(
        f"cannot read {name}",
        why="this JSON is not a transcript from Whisper or YouTube",
        hint="use JSON with segments that have start, end and text, or with events that have segs",
    )


def _own(tree: Mapping[str, Any]) -> Parsed:
    parsed = Parsed("transcript JSON", language=_string(tree.get("language")), is_clean=True)
    for number, fields in enumerate(_objects(tree["cues"]), 1):
        whole = _own_word(fields)
        if whole is None:
            parsed.faults.append(Fault(None, f"cue {number} lacks a start, an end or a text"))
            continue
        words = tuple(filter(None, map(_own_word, _objects(fields.get("words")))))
        parsed.cues.append(Cue(whole.start, whole.end, whole.text, words))
    return parsed


def _own_word(fields: Mapping[str, Any]) -> Word | None:
    start, end, text = _number(fields.get("start")), _number(fields.get("end")), fields.get("text")
    if start is None or end is None or not isinstance(text, str) or not text.strip():
        return None
    return Word(start, end, text)


def _whisper(segments: Sequence[Any], tree: Mapping[str, Any]) -> Parsed:
    parsed = Parsed("Whisper JSON", language=_string(tree.get("language")))
    # The hosted Whisper API lists words separately from the segments.
    loose = _whisper_words(tree.get("words"))
    loose_starts = [word.start for word in loose]
    for number, fields in enumerate(_objects(segments), 1):
        start, end = _span(fields)
        text = fields.get("text", fields.get("body"))
        if start is None or end is None or not isinstance(text, str):
            parsed.faults.append(Fault(None, f"segment {number} lacks a start, an end or a text"))
            continue
        words = _whisper_words(fields.get("words"))
        if not words and loose:
            words = loose[bisect_left(loose_starts, start) : bisect_left(loose_starts, end)]
        parsed.cues.append(Cue(start, end, text.strip(), tuple(words)))
    return parsed


def _span(fields: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Start and end of a segment, under the names that programs use."""
    pair = fields.get("timestamp")
    if isinstance(pair, list) and len(pair) == 2:
        start, end = map(_number, pair)
        return start, start if end is None else end  # the last one may have no end
    start = _number(fields.get("start", fields.get("startTime")))
    end = _number(fields.get("end", fields.get("endTime")))
    length = _number(fields.get("duration", fields.get("dur")))
    if start is not None and end is None and length is not None:
        end = round(start + length, 3)
    return start, end


def _whisper_words(items: object) -> list[Word]:
    words: list[Word] = []
    for item in _objects(items):
        start, end = _number(item.get("start")), _number(item.get("end"))
        text = item.get("word", item.get("text"))
        # WhisperX gives numerals no times: align_words adds them to the word before.
        if start is not None and isinstance(text, str) and text.strip():
            words.append(Word(start, max(start, end or start), text.strip()))
    return words


def _whisper_cpp(tree: Mapping[str, Any]) -> Parsed:
    language = _object(tree.get("result")).get("language")
    parsed = Parsed("whisper.cpp JSON", language=_string(language))
    for number, fields in enumerate(_objects(tree["transcription"]), 1):
        times, text = _offsets(fields), fields.get("text")
        if times is None or not isinstance(text, str):
            parsed.faults.append(Fault(None, f"segment {number} lacks its offsets or a text"))
            continue
        words = _join_tokens(fields.get("tokens"))
        parsed.cues.append(Cue(*times, text.strip(), tuple(words)))
    return parsed


def _offsets(fields: Mapping[str, Any]) -> tuple[float, float] | None:
    offsets = _object(fields.get("offsets"))
    start_ms, end_ms = _number(offsets.get("from")), _number(offsets.get("to"))
    return None if start_ms is None or end_ms is None else (start_ms / 1000, end_ms / 1000)


def _join_tokens(tokens: object) -> list[Word]:
    """Words from tokens: a new word starts with a space, or with a script that has no spaces."""
    words: list[Word] = []
    for fields in _objects(tokens):
        times, text = _offsets(fields), fields.get("text")
        if times is None or not isinstance(text, str) or not text.strip() or text.startswith("[_"):
            continue
        if words and text[0] != " " and text[0] < "\u2e80":
            before = words.pop()
            words.append(Word(before.start, max(before.end, times[1]), before.text + text.strip()))
        else:
            words.append(Word(times[0], max(times), text.strip()))
    return words


def _youtube(events: Sequence[Any]) -> Parsed:
    parsed = Parsed("json3")
    spans: list[Span] = []
    for number, fields in enumerate(_objects(events), 1):
        segs = fields.get("segs")
        if not isinstance(segs, list):
            continue  # definitions of windows and pens have no text
        start_ms = _number(fields.get("tStartMs", 0))
        if start_ms is None:
            parsed.faults.append(Fault(None, f"event {number} lacks its start"))
            continue
        pieces = _text_parts(segs, start_ms)
        if any(text.strip() for _, text in pieces):
            length_ms = _number(fields.get("dDurationMs", 0)) or 0.0
            spans.append((start_ms / 1000, (start_ms + length_ms) / 1000, pieces))
    parsed.cues += cues_of_spans(spans)
    return parsed


def _text_parts(segs: Sequence[Any], start_ms: float) -> list[tuple[float, str]]:
    pieces: list[tuple[float, str]] = []
    for seg in _objects(segs):
        if isinstance(text := seg.get("utf8"), str):
            offset_ms = _number(seg.get("tOffsetMs", 0)) or 0.0
            pieces.append(((start_ms + offset_ms) / 1000, text))
    # Times must ascend, so that a word ends before the next one starts.
    ascends = all(before <= after for (before, _), (after, _) in pairwise(pieces))
    return pieces if ascends else [(start_ms / 1000, "".join(text for _, text in pieces))]


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Mapping[str, Any]]:
    """The items of a list, each as an object; what is neither counts as empty."""
    return [_object(item) for item in value] if isinstance(value, list) else []


def _string(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> float | None:
    """The number in a JSON field, also as text; None if there is none or it is negative."""
    if type(value) is float and 0.0 <= value < math.inf:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None
