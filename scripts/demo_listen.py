#!/usr/bin/env python3
"""Hear the sample lecture with Whisper base; compare the words and chapters with its captions."""

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
        read = make_draft(SAMPLE, options)
        # A cache of its own: the demo is about listening, not about remembering.
        with tempfile.TemporaryDirectory() as folder, Terminal(SAMPLE.name) as terminal:
            whisper = WhisperTranscriber(base_model(), cache=Cache(Path(folder)))
            heard = make_draft(
                SAMPLE,
                replace(options, captions="none"),
                engines=Engines(transcriber=whisper),
                on_progress=terminal.progress,
                on_note=terminal.note,
            )
    except ChapterizeError as error:
        print(f"error: {error}\n  {error.hint}".rstrip(), file=sys.stderr)
        return error.exit_code
    print(report(read, heard))
    return 0


def report(read: Draft, heard: Draft) -> str:
    """Word errors, time, and the two lists of chapters side by side."""
    spoken, recognised = (" ".join(c.text for c in d.transcript.cues) for d in (read, heard))
    took, length = heard.timings["recognition"], heard.media.duration
    rows = [
        f"{SAMPLE.name}: {format_clock(length)} of a synthetic voice, {heard.transcript.source}",
        f"  {word_errors(spoken, recognised)}",
        f"  recognised in {took:.1f} s, {length / took:.0f} times faster than it plays",
        "",
        f"{'From captions':<38}  From sound alone",
    ]
    left, right = (
        [f"{format_clock(c.start):>5} {c.title}" for c in draft.chapters.chapters]
        for draft in (read, heard)
    )
    n_rows = max(len(left), len(right))
    left, right = (side + [""] * (n_rows - len(side)) for side in (left, right))
    rows += [f"{a:<38}  {b}".rstrip() for a, b in zip(left, right, strict=True)]
    rows += ["", "How alike the two are, as F1 of the chapter starts:"]
    rows += [
        f"  within {tolerance:>2.0f} s: "
        f"{f1(read.chapters.starts, heard.chapters.starts, tolerance):.2f}"
        for tolerance in TOLERANCES
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
