"""`chapterize draft`: chapters for media or caption files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chapterize.cli.drafting import draft_at, offered, require_own_captions, with_draft_options
from chapterize.cli.fetching import Consent
from chapterize.cli.options import (
    Address,
    AsJson,
    Force,
    FrameRate,
    Learn,
    StartTimecode,
    frame_rate_of,
)
from chapterize.cli.settled import is_typed
from chapterize.cli.terminal import Terminal, for_each
from chapterize.errors import InputError, OptionError
from chapterize.inputs import STDIN, file_or_stdin, result_file
from chapterize.settings import variable

if TYPE_CHECKING:
    from chapterize.pipeline import Draft, Options

__all__ = ["draft"]

_STDIN_NAME = "standard input"

Inputs = Annotated[
    list[Path],
    typer.Argument(
        parser=file_or_stdin,
        metavar="FILE",
        help="Video, audio or caption files; - reads captions from standard input.",
    ),
]
FormatNames = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT,…",
        envvar=variable("format"),
        show_envvar=False,
        help="One or more of json, youtube, webvtt, ffmetadata, podcast, matroska, ogm, podlove, "
        "cue, audacity, losslesscut, vorbis, mp4chaps, show-notes, markdown, handbrake, edl, "
        "fcpxml, premiere, otio.",
    ),
]
OutFile = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        parser=result_file,
        metavar="FILE",
        help="Write to this file; its suffix sets the format.",
    ),
]
OutFolder = Annotated[
    Path | None,
    typer.Option(
        parser=result_file, metavar="FOLDER", help="Write one file per format into this folder."
    ),
]
Transcript = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|.SUFFIX|-",
        help="Also write the transcript: .srt, .vtt, .txt, .md with slide headings, or .json with "
        "word times. A suffix alone writes a file per input to --out-dir; - prints text, and needs "
        "-o for the chapters.",
    ),
]


@with_draft_options
def draft(
    ctx: typer.Context,
    inputs: Inputs,
    *,
    drafting: Options,
    formats: FormatNames = None,
    output: OutFile = None,
    out_dir: OutFolder = None,
    transcript: Transcript = None,
    frame_rate: FrameRate = None,
    start_timecode: StartTimecode = None,
    address: Address = None,
    learn: Learn = True,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """Find chapters and print a list to paste under the video.

    Reads video, audio and caption files. Words come from captions next to the video or inside it,
    or from speech recognition. With -, captions of any format come from standard input.
    """
    from chapterize.cli.outputs import Writing, plan_outputs
    from chapterize.cli.transcripts import plan_transcripts
    from chapterize.pipeline import load_engines

    require_own_captions(drafting, inputs)
    _require_alone(inputs, drafting, out_dir)
    writing = Writing(frame_rate_of(frame_rate), start_timecode, address)
    outputs = plan_outputs(inputs, formats, output, out_dir, writing=writing, force=force)
    transcripts = plan_transcripts(inputs, transcript, out_dir, outputs, drafting, as_json=as_json)
    engines = None
    if len(inputs) > 1:
        # Each model is loaded once.
        with Terminal("models") as terminal:
            engines = load_engines(drafting, on_note=terminal.note, on_progress=terminal.progress)
    consent = Consent()
    drafting = replace(drafting, needs_words=transcript is not None)

    def draft_one(path: Path) -> None:
        is_stdin = path == STDIN
        with Terminal(_STDIN_NAME if is_stdin else path.name) as terminal:
            if is_stdin:
                made = _draft_stdin(terminal, drafting, consent)
            else:
                made = draft_at(terminal, path, drafting, consent, engines)
                made = offered(made, drafting, terminal)
                if learn:
                    _remember(ctx, path, drafting, terminal)
        outputs.write(path, made, as_json=as_json)
        transcripts.write(path, made)

    for_each(inputs, draft_one)


def _require_alone(inputs: Sequence[Path], options: Options, out_dir: Path | None) -> None:
    """Raise OptionError if standard input is one of several inputs, or has to name files."""
    if STDIN not in inputs:
        return
    hint = "pipe captions into chapterize draft - and name the result with -o FILE"
    if len(inputs) > 1:
        raise OptionError(f"{STDIN} with other inputs", why="it is standard input", hint=hint)
    if out_dir is not None:
        why = f"{_STDIN_NAME} has no name that the files could get"
        raise OptionError("--out-dir with -", why=why, hint=hint)
    if isinstance(options.captions, Path):
        why = f"the captions come from {_STDIN_NAME}"
        raise OptionError("--captions FILE with -", why=why, hint="leave one of them out")


def _draft_stdin(terminal: Terminal, options: Options, consent: Consent) -> Draft:
    """The draft of the captions on standard input; its media has the path ``-``."""
    from tempfile import TemporaryDirectory

    from chapterize.captions import read_stream, transcript_from
    from chapterize.media import captions_alone

    hint = "pipe captions into it: chapterize draft - < talk.srt"
    if sys.stdin is None or sys.stdin.isatty():
        raise InputError(f"no captions on {_STDIN_NAME}", why="it is a terminal", hint=hint)
    data = read_stream(sys.stdin.buffer, _STDIN_NAME)
    if not data.strip():
        raise InputError(f"no captions on {_STDIN_NAME}", why="it is empty", hint=hint)
    transcript = transcript_from(data, _STDIN_NAME, language=options.language)
    with TemporaryDirectory() as folder:
        # What a person changed is found by the content of a file.
        copy = Path(folder, "captions")
        copy.write_bytes(data)
        media = captions_alone(copy, transcript)
        made = draft_at(terminal, media, options, consent, transcript=transcript)
    return replace(made, media=replace(made.media, path=STDIN))


def _remember(ctx: typer.Context, path: Path, options: Options, terminal: Terminal) -> None:
    """Keep a typed granularity in the profile of `path`, if that has one."""
    from chapterize.pipeline.habits import remember

    granularity = options.segment.granularity
    if granularity is not None and is_typed(ctx, "granularity"):
        remember(path, granularity, options, terminal.note)
