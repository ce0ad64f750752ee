"""JSON of recognisers to cues: openai-whisper, faster-whisper, whisper.cpp, YouTube json3."""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from chapterize.captions.own_json import is_own, parse_own
from chapterize.captions.parsed import Fault, Parsed, seconds
from chapterize.captions.words import words_from_starts
from chapterize.data import Cue, Word
from chapterize.errors import FormatError

__all__ = ["parse_json"]


def parse_json(text: str, name: str) -> Parsed:
    """Cues of a recogniser's JSON, with words where it has times for them.

    Raises
    ------
    FormatError : no JSON (names the line), or JSON of something else.
    """
    try:
        tree = json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(
            f"cannot read {name}",
            why=f"not valid JSON: {error.msg}",
            hint="write it anew, or export SRT or WebVTT instead",
            line=error.lineno,
        ) from error
    except RecursionError as error:
        raise FormatError(f"cannot read {name}", why="its JSON is nested too deeply") from error
    if isinstance(tree, dict):
        if is_own(tree):
            return parse_own(tree)
        if isinstance(tree.get("events"), list):
            return _youtube(tree["events"])
        if isinstance(tree.get("transcription"), list):
            return _whisper_cpp(tree)
        if isinstance(tree.get("segments"), list):
            return _whisper(tree["segments"], tree)
        if "chapters" in tree:
            return Parsed("JSON", is_chapters=True)
    if isinstance(tree, list) and any(isinstance(item, dict) and "start" in item for item in tree):
        return _whisper(tree, {})
    raise FormatError(
        f"cannot read {name}",
        why="this JSON holds no transcript of Whisper or YouTube",
        hint="it needs segments with start, end and text, or events with segs",
    )


def _whisper(segments: Sequence[Any], tree: Mapping[str, Any]) -> Parsed:
    language = tree.get("language")
    parsed = Parsed("Whisper JSON", language=language if isinstance(language, str) else None)
    # The hosted Whisper writes words once, beside the segments.
    loose = _whisper_words(tree.get("words"))
    loose_starts = [word.start for word in loose]
    for number, segment in enumerate(segments, 1):
        fields = segment if isinstance(segment, dict) else {}
        start = seconds(fields.get("start", fields.get("startTime")))
        end = seconds(fields.get("end", fields.get("endTime")))
        text = fields.get("text", fields.get("body"))
        if start is None or end is None or not isinstance(text, str):
            why = f"segment {number} lacks a start, an end or a text"
            parsed.faults.append(Fault(None, why))
            continue
        words = _whisper_words(fields.get("words"))
        if not words and loose:
            words = loose[bisect_left(loose_starts, start) : bisect_left(loose_starts, end)]
        parsed.cues.append(Cue(start, end, text.strip(), tuple(words)))
    return parsed


def _whisper_words(items: object) -> list[Word]:
    words: list[Word] = []
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        start, end = seconds(item.get("start")), seconds(item.get("end"))
        text = item.get("word", item.get("text"))
        # WhisperX leaves numerals without times: they go to the word before them later on.
        if start is not None and isinstance(text, str) and text.strip():
            words.append(Word(start, max(start, end or start), text.strip()))
    return words


def _whisper_cpp(tree: Mapping[str, Any]) -> Parsed:
    result = tree.get("result")
    language = result.get("language") if isinstance(result, dict) else None
    parsed = Parsed("whisper.cpp JSON", language=language if isinstance(language, str) else None)
    for number, segment in enumerate(tree["transcription"], 1):
        fields = segment if isinstance(segment, dict) else {}
        times, text = _offsets(fields), fields.get("text")
        if times is None or not isinstance(text, str):
            why = f"segment {number} lacks its offsets or a text"
            parsed.faults.append(Fault(None, why))
            continue
        tokens = fields.get("tokens")
        words = _join_tokens(tokens) if isinstance(tokens, list) else []
        parsed.cues.append(Cue(*times, text.strip(), tuple(words)))
    return parsed


def _offsets(fields: Mapping[str, Any]) -> tuple[float, float] | None:
    offsets = fields.get("offsets")
    if not isinstance(offsets, dict):
        return None
    start_ms, end_ms = seconds(offsets.get("from")), seconds(offsets.get("to"))
    return None if start_ms is None or end_ms is None else (start_ms / 1000, end_ms / 1000)


def _join_tokens(tokens: Sequence[Any]) -> list[Word]:
    """Words from a tokenizer's pieces: a new one begins with a space, or where no spaces are."""
    words: list[Word] = []
    for token in tokens:
        fields = token if isinstance(token, dict) else {}
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
    spans: list[tuple[float, float, list[tuple[float, str]]]] = []
    for number, event in enumerate(events, 1):
        fields = event if isinstance(event, dict) else {}
        segs = fields.get("segs")
        if not isinstance(segs, list):
            continue  # window and pen definitions carry no text
        start_ms = seconds(fields.get("tStartMs", 0))
        if start_ms is None:
            parsed.faults.append(Fault(None, f"event {number} lacks its start"))
            continue
        pieces = _segments(segs, start_ms)
        if any(text.strip() for _, text in pieces):
            length_ms = seconds(fields.get("dDurationMs", 0)) or 0.0
            spans.append((start_ms / 1000, (start_ms + length_ms) / 1000, pieces))
    stops = [*(start for start, _, _ in spans[1:]), math.inf]
    for (start, end, pieces), stop in zip(spans, stops, strict=False):
        # A line stays on screen while the next one is spoken.
        limit = min(end, stop) if stop > start else end
        words = words_from_starts(pieces, limit) if len(pieces) > 1 else []
        text = "".join(text for _, text in pieces).strip()
        parsed.cues.append(Cue(start, max(start, limit), text, tuple(words)))
    return parsed


def _segments(segs: Sequence[Any], start_ms: float) -> list[tuple[float, str]]:
    pieces: list[tuple[float, str]] = []
    for seg in segs:
        text = seg.get("utf8") if isinstance(seg, dict) else None
        if not isinstance(text, str):
            continue
        offset_ms = seconds(seg.get("tOffsetMs", 0)) or 0.0
        pieces.append(((start_ms + offset_ms) / 1000, text))
    # Times must ascend for a word to end before the next begins.
    ascends = all(before <= after for (before, _), (after, _) in pairwise(pieces))
    return pieces if ascends else [(start_ms / 1000, "".join(text for _, text in pieces))]
