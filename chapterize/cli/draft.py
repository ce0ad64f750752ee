"""`chapterize draft`: media or captions in, chapters out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chapterize.cli.options import (
    AsJson,
    Captions,
    Count,
    Device,
    Force,
    FrameRate,
    Language,
    MinLength,
    Model,
    Offline,
    PerHour,
    frame_rate_of,
)
from chapterize.cli.terminal import Terminal, report
from chapterize.errors import ChapterizeError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chapterize.cli.outputs import Outputs
    from chapterize.data import Draft
    from chapterize.pipeline import Engines, Options

__all__ = ["caption_choice", "draft"]


def draft(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…", help="Videos, recordings or caption files.", show_default=False
        ),
    ],
    captions: Captions = "auto",
    count: Count = None,
    per_hour: PerHour = None,
    min_length: MinLength = None,
    language: Language = None,
    model: Model = None,
    device: Device = "auto",
    embedder: Annotated[
        str,
        typer.Option(
            metavar="static|NAME|DIR",
            help="Sentence vectors: the table inside, or a sentence-transformers model.",
        ),
    ] = "static",
    titles_from: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Titles by a language model on this machine: http://127.0.0.1:11434/v1.",
            show_default=False,
        ),
    ] = None,
    titles_model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The model to ask there; its first unless told.",
            show_default=False,
        ),
    ] = None,
    show_prompt: Annotated[
        bool, typer.Option("--show-prompt", help="Print all that --titles-from is sent.")
    ] = False,
    formats: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="F,F…",
            help="json, youtube, webvtt, ffmetadata, podcast, matroska, ogm, podlove, cue, "
            "audacity, losslesscut, vorbis, edl, fcpxml, otio.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="Write here; the suffix tells the format.", show_default=False
        ),
    ] = None,
    out_dir: Annotated[
        Path | None,
        typer.Option(
            help="Write NAME.<suffix of each format> into this folder.", show_default=False
        ),
    ] = None,
    frame_rate: FrameRate = None,
    as_json: AsJson = False,
    force: Force = False,
    offline: Offline = False,
) -> None:
    """Find chapters and print the list to paste under the video."""
    from chapterize.cli.outputs import plan_outputs
    from chapterize.pipeline import Options
    from chapterize.segment import SegmentOptions

    defaults = SegmentOptions()
    options = Options(
        captions=caption_choice(captions, len(inputs)),
        language=language,
        model=model,
        device=_checked_device(device),
        embedder=embedder,
        offline=offline,
        titles_from=_title_server(titles_from, titles_model, show_prompt),
        titles_model=titles_model,
        show_prompt=show_prompt,
        segment=SegmentOptions(
            count=count,
            per_hour=per_hour,
            min_length=defaults.min_length if min_length is None else min_length,
        ),
    )
    outputs = plan_outputs(inputs, formats, output, out_dir, force=force)
    outputs = replace(outputs, frame_rate=frame_rate_of(frame_rate))
    if len(inputs) == 1:
        outputs.deliver(inputs[0], _draft_one(inputs[0], options, None), as_json=as_json)
    else:
        _draft_many(inputs, options, outputs, as_json=as_json)


def _draft_many(
    inputs: Sequence[Path], options: Options, outputs: Outputs, *, as_json: bool
) -> None:
    """One bad file of many must not cost the others; the first fault gives the exit code."""
    failed: ChapterizeError | None = None
    engines = _shared_engines(options)
    for path in inputs:
        try:
            outputs.deliver(path, _draft_one(path, options, engines), as_json=as_json)
        except ChapterizeError as error:
            report(error)
            failed = failed or error
    if failed is not None:
        raise typer.Exit(failed.exit_code)


def _draft_one(path: Path, options: Options, engines: Engines | None) -> Draft:
    from chapterize.pipeline import make_draft

    with Terminal(path.name) as terminal:
        return make_draft(
            path,
            options,
            engines=engines,
            on_progress=terminal.progress,
            on_note=terminal.note,
        )


def _shared_engines(options: Options) -> Engines:
    """One set for all files, so that no model is loaded twice."""
    from chapterize.pipeline import load_engines

    with Terminal("models") as terminal:
        return load_engines(options, on_note=terminal.note)


def caption_choice(captions: str, n_inputs: int) -> str | Path:
    """What --captions says, which with several inputs cannot be a file."""
    if captions in ("auto", "none"):
        return captions
    if n_inputs > 1:
        raise InputError(
            "--captions FILE with several inputs",
            why="one caption file cannot belong to all of them",
            hint="draft them one by one, or put NAME.srt beside each NAME.mp4",
        )
    return Path(captions)


def _title_server(url: str | None, model: str | None, show_prompt: bool) -> str | None:
    if url is None and (model is not None or show_prompt):
        raise InputError(
            "--titles-model and --show-prompt go with --titles-from",
            why="without a server nobody is asked for titles",
            hint="add --titles-from http://127.0.0.1:11434/v1",
        )
    return url


def _checked_device(device: str) -> str:
    if device not in ("auto", "cpu", "cuda"):
        raise typer.BadParameter("auto, cpu or cuda", param_hint="--device")
    return device
