"""What was said to text: SubRip, WebVTT, JSON with word times, and plain text by chapters."""

from __future__ import annotations

import json
from collections.abc import Sequence

from chapterize.captions.own_json import SCHEMA
from chapterize.data import Chapter, Cue, Transcript
from chapterize.timecode import format_clock, format_timestamp, to_ms

__all__ = ["to_json", "to_srt", "to_text", "to_webvtt"]


def to_srt(cues: Sequence[Cue]) -> str:
    """SubRip; the text of each cue may have several lines. Empty when there is no cue."""
    blocks = [f"{n}\n{_times(cue, ',')}\n{cue.text}\n" for n, cue in enumerate(cues, 1)]
    return "\n".join(blocks)


def to_webvtt(cues: Sequence[Cue], language: str | None = None) -> str:
    """WebVTT; it names the language if that is known. A mere header when there is no cue."""
    head = "WEBVTT\nKind: captions\n" + (f"Language: {language}\n" if language else "")
    blocks = [f"{_times(cue, '.')}\n{_escaped(cue.text)}\n" for cue in cues]
    return "\n".join([head, *blocks])


def to_json(transcript: Transcript, duration: float) -> str:
    """``chapterize.transcript/1``: the cues as their source gave them, with the times of words.

    Times are seconds, rounded to the millisecond. `duration` : of the media, seconds.
    """
    value = {
        "schema": SCHEMA,
        "source": transcript.source,
        "language": transcript.language,
        "duration": round(duration, 3),
        "cues": [
            {
                **_span(cue.start, cue.end),
                "text": cue.text,
                "words": [{**_span(w.start, w.end), "text": w.text} for w in cue.words],
            }
            for cue in transcript.cues
        ],
        "notes": list(transcript.notes),
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def to_text(chapters: Sequence[tuple[Chapter, Sequence[str]]]) -> str:
    """Each chapter's start and title on a line, then its paragraphs; a blank line between all."""
    blocks: list[str] = []
    for chapter, paragraphs in chapters:
        blocks += [f"{format_clock(chapter.start)} {chapter.title}", *paragraphs]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _times(cue: Cue, separator: str) -> str:
    # A cue without a length is shown by no player, and skipped by some readers.
    end = max(cue.end, (to_ms(cue.start) + 1) / 1000)
    first, last = (format_timestamp(time, separator=separator) for time in (cue.start, end))
    return f"{first} --> {last}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _span(start: float, end: float) -> dict[str, float]:
    return {"start": round(start, 3), "end": round(end, 3)}
