"""Write transcripts as SubRip, WebVTT, JSON with word times, or text with chapters."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence

from chapterize.captions.json_transcripts import SCHEMA
from chapterize.data import Chapter, Cue, Transcript
from chapterize.markdown import literal, timed_heading
from chapterize.timecode import format_clock, format_timestamp, to_ms

__all__ = ["Section", "to_json", "to_markdown", "to_srt", "to_text", "to_webvtt"]

Section = tuple[str | None, Sequence[str]]
"""The heading of a slide, if there is one, and the paragraphs spoken to it."""


def to_srt(cues: Sequence[Cue]) -> str:
    """SubRip text; cues may have several lines. Empty without cues."""
    blocks = [f"{n}\n{_times(cue, ',')}\n{cue.text}\n" for n, cue in enumerate(cues, 1)]
    return "\n".join(blocks)


def to_webvtt(cues: Sequence[Cue], language: str | None = None) -> str:
    """WebVTT text, with its language if known. Only the header without cues."""
    head = "WEBVTT\nKind: captions\n" + (f"Language: {language}\n" if language else "")
    blocks = [f"{_times(cue, '.')}\n{html.escape(cue.text, quote=False)}\n" for cue in cues]
    return "\n".join([head, *blocks])


def to_json(transcript: Transcript, duration: float) -> str:
    """JSON with schema ``chapterize.transcript/1``: the cues unchanged, with word times.

    Times are seconds, rounded to the millisecond. `duration` is that of the media, in seconds.
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
    """Start and title of each chapter, then its paragraphs, separated by blank lines."""
    blocks: list[str] = []
    for chapter, paragraphs in chapters:
        blocks += [f"{format_clock(chapter.start)} {chapter.title}", *paragraphs]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def to_markdown(
    name: str, chapters: Sequence[tuple[Chapter, Sequence[Section]]], address: str | None = None
) -> str:
    """Markdown: chapter titles and slide headings above what is said. Empty without chapters.

    `name` is that of the media, `address` its percent-encoded path or URL, to which times are
    linked. No character of the texts acts as markup.
    """
    blocks = [f"# {literal(name)}"] if chapters else []
    for chapter, sections in chapters:
        link = f"{address}#t={to_ms(chapter.start) / 1000:.10g}" if address is not None else None
        blocks.append(timed_heading(chapter.start, chapter.title, link))
        for heading, paragraphs in sections:
            blocks += [f"### {literal(heading)}"] if heading is not None else []
            blocks += map(literal, paragraphs)
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _times(cue: Cue, separator: str) -> str:
    # Players do not show a cue of zero length, and some readers skip it.
    end = max(cue.end, (to_ms(cue.start) + 1) / 1000)
    first, last = (format_timestamp(time, separator=separator) for time in (cue.start, end))
    return f"{first} --> {last}"


def _span(start: float, end: float) -> dict[str, float]:
    return {"start": round(start, 3), "end": round(end, 3)}
