#!/usr/bin/env python3
"""Recognise the sample lecture with Whisper base; compare words and chapters with its captions."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from base_model import base_model
from demo import SAMPLE, TOLERANCES
from word_errors import word_errors

from chapterize.cache import Cache
from chapterize.cli.terminal import Terminal
from chapterize.errors import ChapterizeError
from chapterize.evaluate import f1
from chapterize.pipeline import Draft, Engines, Options, make_draft
from chapterize.timecode import format_clock
from chapterize.transcribe import WhisperTranscriber


def main() -> int:
    """Run the demo; returns the exit code."""
    options = Options(offline=True)
    try:
        captioned = make_draft(SAMPLE, options)
        # A separate cache, so that the speech is recognised every time.
        with tempfile.TemporaryDirectory() as folder, Terminal(SAMPLE.name) as terminal:
            whisper = WhisperTranscriber(base_model(), cache=Cache(Path(folder)))
            recognised = make_draft(
                SAMPLE,
                replace(options, captions="none"),
                engines=Engines(transcriber=whisper),
                on_progress=terminal.progress,
                on_note=terminal.note,
            )
    except ChapterizeError as error:
        print(f"error: {error}\n  {error.hint}".rstrip(), file=sys.stderr)
        return error.exit_code
    print(report(captioned, recognised))
    return 0


def report(captioned: Draft, recognised: Draft) -> str:
    """Word errors, time, and the two lists of chapters next to each other."""
    true, found = (" ".join(c.text for c in d.transcript.cues) for d in (captioned, recognised))
    took, length = recognised.timings["recognition"], recognised.media.duration
    source = recognised.transcript.source
    rows = [
        f"{SAMPLE.name}: {format_clock(length)} of a synthetic voice, {source}",
        f"  {word_errors(true, found)}",
        f"  recognised in {took:.1f} s, {length / took:.0f} times faster than it plays",
        "",
        f"{'From captions':<38}  From speech",
    ]
    left, right = (
        [f"{format_clock(c.start):>5} {c.title}" for c in draft.chapters.chapters]
        for draft in (captioned, recognised)
    )
    n_rows = max(len(left), len(right))
    left, right = (side + [""] * (n_rows - len(side)) for side in (left, right))
    rows += [f"{a:<38}  {b}".rstrip() for a, b in zip(left, right, strict=True)]
    rows += ["", "Agreement of the two, as F1 of the chapter starts:"]
    rows += [
        f"  within {tolerance:>2.0f} s: "
        f"{f1(captioned.chapters.starts, recognised.chapters.starts, tolerance):.2f}"
        for tolerance in TOLERANCES
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
