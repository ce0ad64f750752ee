"""`chapterize split`: one file for each chapter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chapterize.cli.drafting import chapters_of, draft_options, media_of
from chapterize.cli.options import (
    AsJson,
    Captions,
    ChapterFile,
    Count,
    Device,
    EmbedderName,
    Force,
    Language,
    MinLength,
    Model,
    Offline,
    PerHour,
    Video,
)
from chapterize.cli.terminal import Terminal, print_json
from chapterize.errors import InputError, OutputError

__all__ = ["split"]

Folder = Annotated[
    Path | None,
    typer.Option(
        "--out-dir",
        help="Where the files go; NAME-chapters beside FILE.",
        show_default=False,
    ),
]


def split(
    source: Video,
    chapters: ChapterFile = None,
    out_dir: Folder = None,
    captions: Captions = "auto",
    count: Count = None,
    per_hour: PerHour = None,
    min_length: MinLength = None,
    language: Language = None,
    model: Model = None,
    device: Device = "auto",
    embedder: EmbedderName = "static",
    offline: Offline = False,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """One file for each chapter, numbered and named after its title."""
    from chapterize.rendering.split import split_video

    options = draft_options(
        captions,
        1,
        count=count,
        per_hour=per_hour,
        min_length=min_length,
        language=language,
        model=model,
        device=device,
        embedder=embedder,
        offline=offline,
    )
    media = media_of(source)
    folder = out_dir or source.with_name(f"{source.stem}-chapters")
    _refuse_folder(folder)
    with Terminal(source.name) as terminal:
        found = chapters_of(media, chapters, options, terminal).chapters
        made = split_video(media, found, folder, force=force, on_progress=terminal.progress)
    if as_json:
        print_json([str(path) for path in made])
    else:
        for path in made:
            typer.echo(path)


def _refuse_folder(folder: Path) -> None:
    from chapterize.files import refuse_unwritable

    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not there.is_dir():
        raise InputError(f"{there} is no folder", hint="name another one with --out-dir")
    try:
        refuse_unwritable(there / folder.name)
    except OutputError as error:
        raise OutputError(f"cannot write into {folder}", why=error.why, hint=error.hint) from error
