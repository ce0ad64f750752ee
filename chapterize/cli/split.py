"""`chapterize split`: one file per chapter."""

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
        help="Folder for the files; NAME-chapters next to FILE by default.",
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
    """Copy each chapter into a file of its own, named after its number and title.

    Reads FILE, and the chapters from --chapters or from a draft of FILE. Nothing is re-encoded.

    \b
    Examples:
      chapterize split talk.mp4
      chapterize split talk.mp4 --chapters chapters.txt --out-dir parts
      chapterize split talk.mp3 --count 8
    """
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
        raise InputError(f"{there} is not a folder", hint="choose another folder with --out-dir")
    try:
        refuse_unwritable(there / folder.name)
    except OutputError as error:
        raise OutputError(f"cannot write into {folder}", why=error.why, hint=error.hint) from error
