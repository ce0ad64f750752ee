"""`chapterize split`: one file per chapter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chapterize.cli.drafting import chapters_of, media_of, with_draft_options
from chapterize.cli.options import AsJson, ChapterFile, Force, Redraft, Video
from chapterize.cli.terminal import Terminal, print_json
from chapterize.errors import InputError, OutputError
from chapterize.files import next_to
from chapterize.inputs import result_file

if TYPE_CHECKING:
    from chapterize.pipeline import Options

__all__ = ["split"]

Folder = Annotated[
    Path | None,
    typer.Option(
        "--out-dir",
        parser=result_file,
        metavar="FOLDER",
        help="Folder for the files; NAME-chapters next to FILE by default.",
    ),
]

Exact = Annotated[
    bool,
    typer.Option(
        "--exact",
        help="Encode the frames from the start of a chapter to the next keyframe, so that files "
        "start exactly in every container and player. H.264 in MP4, MOV and MKV.",
    ),
]


@with_draft_options
def split(
    source: Video,
    chapters: ChapterFile = None,
    out_dir: Folder = None,
    exact: Exact = False,
    *,
    drafting: Options,
    redraft: Redraft = False,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """Copy each chapter into a file of its own, named after its number and title.

    Reads FILE. The chapters are those of --chapters, those that FILE has already, or drafted.
    Nothing is re-encoded without --exact, except FLAC, which loses nothing.
    """
    from chapterize.rendering.split import split_video

    media = media_of(source)
    folder = out_dir or next_to(source, "-chapters")
    _refuse_folder(folder)
    with Terminal(source.name) as terminal:
        found = chapters_of(media, chapters, drafting, terminal, redraft=redraft).chapters
        made = split_video(
            media,
            found,
            folder,
            force=force,
            exact=exact,
            on_progress=terminal.progress,
            on_note=terminal.note,
        )
    if as_json:
        print_json([str(path) for path in made])
    else:
        for path in made:
            typer.echo(path)


def _refuse_folder(folder: Path) -> None:
    from chapterize.files import explaining, refuse_unwritable

    with explaining(OutputError, f"cannot write into {folder}", "choose another with --out-dir"):
        there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not there.is_dir():
        raise InputError(
            f"{there} is not a folder",
            why="a file has this name",
            hint="choose another folder with --out-dir",
        )
    try:
        refuse_unwritable(there / folder.name)
    except OutputError as error:
        raise OutputError(f"cannot write into {folder}", why=error.why, hint=error.hint) from error
