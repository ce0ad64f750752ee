"""`chapterize draft`: media or captions in, chapters out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chapterize.cli.drafting import draft_options
from chapterize.cli.fetching import Consent
from chapterize.cli.options import (
    AsJson,
    Captions,
    Count,
    Device,
    EmbedderName,
    Force,
    FrameRate,
    Language,
    MinLength,
    Model,
    Offline,
    PerHour,
    frame_rate_of,
)
from chapterize.cli.terminal import Terminal, for_each
from chapterize.errors import InputError
from chapterize.settings import variable

if TYPE_CHECKING:
    from chapterize.pipeline import Draft, Engines, Options

__all__ = ["draft"]

Inputs = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE…", help="Videos, recordings or caption files.", show_default=False
    ),
]
TitlesFrom = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar=variable("titles_from"),
        help="Titles by a language model on this machine: http://127.0.0.1:11434/v1.",
        show_default=False,
    ),
]
TitlesModel = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        envvar=variable("titles_model"),
        help="The model to ask there; by default the server's first.",
        show_default=False,
    ),
]
ShowPrompt = Annotated[
    bool, typer.Option("--show-prompt", help="Print all that --titles-from is sent.")
]
FormatNames = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="F,F…",
        envvar=variable("format"),
        help="json, youtube, webvtt, ffmetadata, podcast, matroska, ogm, podlove, cue, "
        "audacity, losslesscut, vorbis, edl, fcpxml, otio.",
        show_default=False,
    ),
]
OutFile = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", help="Write here; the suffix tells the format.", show_default=False
    ),
]
OutFolder = Annotated[
    Path | None,
    typer.Option(help="Write NAME.<suffix of each format> into this folder.", show_default=False),
]
Transcript = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|.SUFFIX|-",
        help="Also write what was said: .srt, .vtt, .txt or .json with word times. A suffix alone "
        "writes NAME.srt and so on into --out-dir; - prints text, with the chapters in a file.",
        show_default=False,
    ),
]


def draft(
    inputs: Inputs,
    captions: Captions = "auto",
    count: Count = None,
    per_hour: PerHour = None,
    min_length: MinLength = None,
    language: Language = None,
    model: Model = None,
    device: Device = "auto",
    embedder: EmbedderName = "static",
    titles_from: TitlesFrom = None,
    titles_model: TitlesModel = None,
    show_prompt: ShowPrompt = False,
    formats: FormatNames = None,
    output: OutFile = None,
    out_dir: OutFolder = None,
    transcript: Transcript = None,
    frame_rate: FrameRate = None,
    as_json: AsJson = False,
    force: Force = False,
    offline: Offline = False,
) -> None:
    """Find chapters and print the list to paste under the video."""
    from chapterize.cli.outputs import plan_outputs
    from chapterize.cli.transcripts import plan_transcripts

    options = draft_options(
        captions,
        len(inputs),
        count=count,
        per_hour=per_hour,
        min_length=min_length,
        language=language,
        model=model,
        device=device,
        embedder=embedder,
        offline=offline,
    )
    options = replace(
        options,
        titles_from=_title_server(titles_from, titles_model, show_prompt),
        titles_model=titles_model,
        show_prompt=show_prompt,
    )
    outputs = plan_outputs(inputs, formats, output, out_dir, force=force)
    outputs = replace(outputs, frame_rate=frame_rate_of(frame_rate))
    transcripts = plan_transcripts(
        inputs, transcript, out_dir, outputs, options, as_json=as_json, force=force
    )
    engines = _shared_engines(options) if len(inputs) > 1 else None
    consent = Consent()

    def draft_one(path: Path) -> None:
        made = _draft_one(path, options, engines, consent)
        outputs.deliver(path, made, as_json=as_json)
        transcripts.deliver(path, made)

    for_each(inputs, draft_one)


def _draft_one(path: Path, options: Options, engines: Engines | None, consent: Consent) -> Draft:
    from chapterize.pipeline import make_draft

    with Terminal(path.name) as terminal:
        return make_draft(
            path,
            replace(options, on_download=consent.at(terminal)),
            engines=engines,
            on_progress=terminal.progress,
            on_note=terminal.note,
        )


def _shared_engines(options: Options) -> Engines:
    """One set for all files, so that no model is loaded twice."""
    from chapterize.pipeline import load_engines

    with Terminal("models") as terminal:
        return load_engines(options, on_note=terminal.note, on_progress=terminal.progress)


def _title_server(url: str | None, model: str | None, show_prompt: bool) -> str | None:
    if url is None and (model is not None or show_prompt):
        raise InputError(
            "--titles-model and --show-prompt go with --titles-from",
            why="without a server nobody is asked for titles",
            hint="add --titles-from http://127.0.0.1:11434/v1",
        )
    return url
