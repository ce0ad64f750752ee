"""`chapterize render` and `chapterize split`: videos made here, from chapters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chapterize.cli.deliver import ASPECTS, STYLES, chapters_of
from chapterize.cli.draft import caption_choice
from chapterize.cli.options import (
    AsJson,
    Captions,
    Count,
    Force,
    Language,
    Model,
    Offline,
    Output,
    PerHour,
    Seconds,
)
from chapterize.cli.terminal import Terminal
from chapterize.errors import InputError

if TYPE_CHECKING:
    from chapterize.data import Chapters, Media
    from chapterize.render.overlay import OverlayOptions
    from chapterize.render.video import Rendered, VideoOptions

__all__ = ["render", "split"]

FILLS = ("blur", "bars")

ChapterFile = Annotated[
    Path | None,
    typer.Option(
        "--chapters",
        help="A chapter file, in any format; drafted if not given.",
        show_default=False,
    ),
]


def render(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A video or recording.")],
    chapters: ChapterFile = None,
    output: Output = None,
    style: Annotated[
        str, typer.Option(metavar="|".join(STYLES), help="How the titles look.")
    ] = STYLES[0],
    seconds: Seconds = 4.0,
    size: Annotated[
        str, typer.Option(metavar="480p|720p|1080p|…", help="The most lines; never made larger.")
    ] = "1080p",
    aspect: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(ASPECTS),
            help="Shape of the picture; as the source unless told.",
            show_default=False,
        ),
    ] = None,
    fill: Annotated[
        str,
        typer.Option(
            metavar="|".join(FILLS),
            help="Beside the picture, in another shape: itself out of focus, or black bars.",
        ),
    ] = FILLS[0],
    font: Annotated[
        str | None,
        typer.Option(metavar="FAMILY|FILE", help="Font of the titles.", show_default=False),
    ] = None,
    accent: Annotated[str, typer.Option(metavar="#rrggbb", help="Colour of the accent.")] = (
        "#ffcc00"
    ),
    preview: Annotated[
        Path | None,
        typer.Option(
            metavar="PNG",
            help="Write a contact sheet of all titles there instead of a video.",
            show_default=False,
        ),
    ] = None,
    sound_alone: Annotated[
        str,
        typer.Option(
            "--sound-alone",
            metavar="card|chapters",
            help="Of sound without pictures: a plain card as a video, or a copy with chapters.",
        ),
    ] = "card",
    captions: Captions = "auto",
    count: Count = None,
    per_hour: PerHour = None,
    language: Language = None,
    model: Model = None,
    offline: Offline = False,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """A video with the titles over the picture and the chapters inside; nothing leaves.

    Where the source allows it only the pictures under a title are made anew and all others
    copied; where it does not, you are told why. The source is never touched.
    """
    from chapterize.media import open_media
    from chapterize.pipeline import Options
    from chapterize.render.overlay import OverlayOptions
    from chapterize.render.titled import video_beside
    from chapterize.render.video import VideoOptions
    from chapterize.segment import SegmentOptions

    options = Options(
        captions=caption_choice(captions, 1),
        language=language,
        model=model,
        offline=offline,
        segment=SegmentOptions(count=count, per_hour=per_hour),
    )
    overlay = OverlayOptions(style, seconds, accent, font)
    video = VideoOptions(size=size, aspect=aspect, fill=fill, sound_alone=sound_alone)
    media = open_media(source)
    target = preview or output or video_beside(source)
    _refuse(target, force=force)
    _require_program(media, video, is_preview=preview is not None)
    with Terminal(source.name) as terminal:
        found = chapters_of(source, chapters, options, terminal).chapters
        if preview is not None:
            _preview(media, found, (overlay, video), preview, terminal, force=force)
            _say({"preview": str(preview)}, f"wrote {preview}", as_json=as_json)
            return
        made = _render(media, found, (overlay, video), target, terminal, force=force)
    _show(made, found, as_json=as_json)


def _refuse(target: Path, *, force: bool) -> None:
    from chapterize.files import refuse_overwrite, refuse_unwritable

    # Before the chapters are drafted, which may take minutes.
    refuse_overwrite(target, force=force)
    refuse_unwritable(target)


def _require_program(media: Media, options: VideoOptions, *, is_preview: bool) -> None:
    from chapterize.render.program import DRAWS_TITLES, MAKES_VIDEO, find_program

    if is_preview:
        find_program(DRAWS_TITLES)
    elif media.has_video or options.sound_alone == "card":
        find_program(*MAKES_VIDEO)


def _render(
    media: Media,
    chapters: Chapters,
    options: tuple[OverlayOptions, VideoOptions],
    target: Path,
    terminal: Terminal,
    *,
    force: bool,
) -> Rendered:
    from chapterize.render.titled import render_titled

    return render_titled(
        media,
        chapters,
        target,
        *options,
        force=force,
        on_progress=terminal.progress,
        on_note=terminal.note,
    )


def _preview(
    media: Media,
    chapters: Chapters,
    options: tuple[OverlayOptions, VideoOptions],
    target: Path,
    terminal: Terminal,
    *,
    force: bool,
) -> None:
    from chapterize.render.fonts import plan_fonts
    from chapterize.render.preview import make_preview
    from chapterize.render.video import frame_size

    overlay, video = options
    fonts = plan_fonts(chapters.titles, overlay.font)
    for note in fonts.notes:
        terminal.note(note)
    shape = frame_size(media, video)
    make_preview(
        media, chapters, overlay, target, fonts=fonts, shape=shape, fill=video.fill, force=force
    )


def _show(made: Rendered, chapters: Chapters, *, as_json: bool) -> None:
    report = {
        "path": str(made.path),
        "how": made.how,
        "reason": made.reason or None,
        "share": round(made.share, 4),
        "n_chapters": len(chapters),
        "notes": list(made.notes),
    }
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    how = {
        "splice": f"{made.share:.0%} of the pictures made anew, the rest copied",
        "encode": "all pictures made anew",
        "card": "a card with the titles",
        "copy": "nothing made anew",
    }
    typer.echo(f"{len(chapters)} chapters; {how[made.how]}", err=True)
    typer.echo(made.path)


def _say(report: dict[str, str], text: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        typer.echo(text, err=True)


def split(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A video or recording.")],
    chapters: ChapterFile = None,
    out_dir: Annotated[
        Path | None,
        typer.Option(help="Where the files go; NAME-chapters beside FILE.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """One file for each chapter, numbered and named after its title."""
    from chapterize.media import open_media
    from chapterize.pipeline import Options
    from chapterize.render.split import split_video

    media = open_media(source)
    folder = out_dir or source.with_name(f"{source.stem}-chapters")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is no folder", hint="name another one with --out-dir")
    with Terminal(source.name) as terminal:
        found = chapters_of(source, chapters, Options(), terminal).chapters
        made = split_video(
            media,
            found,
            folder,
            force=force,
            on_progress=terminal.progress,
        )
    if as_json:
        typer.echo(json.dumps([str(path) for path in made], ensure_ascii=False, indent=2))
    else:
        for path in made:
            typer.echo(path)
