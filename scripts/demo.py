#!/usr/bin/env python3
"""Draft the sample lecture; print the chapters, the evidence and the true chapters."""

from __future__ import annotations

import sys
from pathlib import Path

from chapterize.data import Chapters, Evidence
from chapterize.errors import ChapterizeError
from chapterize.evaluate import f1, match_starts
from chapterize.formats import read_chapters
from chapterize.pipeline import Draft, Options, make_draft
from chapterize.timecode import format_clock, format_length

SAMPLE = Path(__file__).resolve().parents[1] / "tests" / "data" / "lecture.mp4"
TOLERANCES = (2.0, 5.0, 10.0)  # seconds within which a boundary counts as found


def main() -> int:
    """Run the demo; returns the exit code."""
    try:
        draft = make_draft(SAMPLE, Options())
        gold = read_chapters(SAMPLE.with_suffix(".chapters.json")).chapters
    except ChapterizeError as error:
        print(f"error: {error}\n  {error.hint}".rstrip(), file=sys.stderr)
        return error.exit_code
    print(report(draft, gold))
    return 0


def report(draft: Draft, gold: Chapters) -> str:
    """The output of the demo."""
    media, chapters = draft.media, draft.chapters
    rows = [
        f"{media.path.name}: {format_length(media.duration)}, {draft.n_sentences} sentences "
        f"from {draft.transcript.source}, drafted in {draft.timings['total']:.1f} s",
        "",
        *(f"{format_clock(c.start)} {c.title}" for c in chapters.chapters),
        "",
        "Evidence:",
        *(
            f"  {format_clock(c.start):>5}  {_reasons(c.evidence, c.confidence)}"
            for c in chapters.chapters[1:]
        ),
        "",
        f"Compared with the {len(gold)} true chapters (the draft has {len(chapters)}):",
    ]
    for tolerance in TOLERANCES:
        found = match_starts(gold.starts[1:], chapters.starts[1:], tolerance)
        rows.append(
            f"  within {tolerance:>2.0f} s: {found} of {len(gold) - 1} boundaries found, "
            f"{len(chapters) - 1 - found} false, "
            f"F1 {f1(gold.starts, chapters.starts, tolerance):.2f}"
        )
    rows += ["", "The true chapters:"]
    rows += [f"  {format_clock(c.start):>5}  {c.title}" for c in gold.chapters]
    return "\n".join(rows)


def _reasons(evidence: Evidence | None, confidence: float | None) -> str:
    if evidence is None:
        return "no evidence"
    parts = []
    if evidence.topic_drop > 0:
        parts.append(f"the topic changes ({evidence.topic_drop:.2f})")
    if evidence.pause > 0:
        parts.append(f"a pause of {evidence.pause:.2f} s")
    if evidence.cue_words:
        phrases = ", ".join(f"“{words}”" for words in evidence.cue_words)
        parts.append(f"the phrase{'s' * (len(evidence.cue_words) > 1)} {phrases}")
    if evidence.words_gone and evidence.words_new:
        before, after = (", ".join(words) for words in (evidence.words_gone, evidence.words_new))
        parts.append(f"{before} give way to {after}")
    if evidence.slide is not None:
        named = "a new slide" if evidence.heading is None else f"new slide “{evidence.heading}”"
        parts.append(f"{named} at {format_clock(evidence.slide)}")
    stated = "" if confidence is None else f"; confidence {confidence:.2f}"
    return (", ".join(parts) or "a likely length") + stated


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
