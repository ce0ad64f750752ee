"""`chapterize render`: a video with titles made here, from chapters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chapterize.cli.drafting import chapters_of, media_of, with_draft_options
from chapterize.cli.options import (
    ASPECTS,
    STYLES,
    AsJson,
    ChapterFile,
    Force,
    Output,
    Seconds,
    Style,
    Video,
)
from chapterize.cli.terminal import Terminal, print_json
from chapterize.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chapterize.data import Chapters, Media
    from chapterize.pipeline import Options
    from chapterize.rendering.overlay import OverlayOptions
    from chapterize.rendering.video import Rendered, VideoOptions

__all__ = ["render"]

FILLS = ("blur", "bars")

Size = Annotated[
    str, typer.Option(metavar="480p|720p|1080p|…", help="The most lines; never made larger.")
]
Aspect = Annotated[
    str | None,
    typer.Option(
        metavar="|".join(ASPECTS),
        help="Shape of the picture; as the source unless told.",
        show_default=False,
    ),
]
Fill = Annotated[
    str,
    typer.Option(
        metavar="|".join(FILLS),
        help="Beside the picture, in another shape: itself out of focus, or black bars.",
    ),
]
Font = Annotated[
    str | None,
    typer.Option(metavar="FAMILY|FILE", help="Font of the titles.", show_default=False),
]
Accent = Annotated[str, typer.Option(metavar="#rrggbb", help="Colour of the accent.")]
Preview = Annotated[
    Path | None,
    typer.Option(
        metavar="PNG",
        help="Write a contact sheet of all titles there instead of a video.",
        show_default=False,
    ),
]
SoundAlone = Annotated[
    str,
    typer.Option(
        metavar="card|chapters",
        help="Of sound without pictures: a plain card as a video, or a copy with chapters.",
    ),
]


@with_draft_options
def render(
    source: Video,
    chapters: ChapterFile = None,
    output: Output = None,
    style: Style = STYLES[0],
    seconds: Seconds = 4.0,
    size: Size = "1080p",
    aspect: Aspect = None,
    fill: Fill = FILLS[0],
    font: Font = None,
    accent: Accent = "#ffcc00",
    preview: Preview = None,
    sound_alone: SoundAlone = "card",
    *,
    drafting: Options,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """A video with the titles over the picture and the chapters inside; nothing leaves.

    Where the source allows it only the pictures under a title are made anew and all others
    copied; where it does not, you are told why. The source is never touched.
    """
    from chapterize.rendering.overlay import OverlayOptions
    from chapterize.rendering.titled import video_beside
    from chapterize.rendering.video import VideoOptions, refuse_target

    overlay = OverlayOptions(style, seconds, accent, font)
    video = VideoOptions(size=size, aspect=aspect, fill=fill, sound_alone=sound_alone)
    media = media_of(source)
    target = preview or output or video_beside(media, video)
    _refuse(target, (source, *([chapters] if chapters else [])), force=force)
    _refuse_looks(overlay)
    if preview is None:
        refuse_target(media, target, video, force=force)
    else:
        _refuse_preview(media, preview)
    with Terminal(source.name) as terminal:
        found = chapters_of(media, chapters, drafting, terminal).chapters
        if preview is not None:
            _preview(media, found, (overlay, video), preview, terminal, force=force)
            if as_json:
                print_json({"preview": str(preview)})
            else:
                terminal.say(f"wrote {preview}")
            return
        made = _render(media, found, (overlay, video), target, terminal, force=force)
    _show(made, found, as_json=as_json)


def _refuse(target: Path, sources: Sequence[Path], *, force: bool) -> None:
    """As all that is refused here: before the chapters are drafted, which may take minutes."""
    from chapterize.files import refuse_overwrite, refuse_sources, refuse_unwritable

    refuse_overwrite(target, force=force)
    refuse_sources(target, *sources)
    refuse_unwritable(target)


def _refuse_looks(overlay: OverlayOptions) -> None:
    from chapterize.data import Chapters
    from chapterize.rendering.overlay import plan_fonts, write_overlay

    fonts = plan_fonts((), overlay.font)
    write_overlay(Chapters.from_starts([0], [""], 1), overlay, 16, 9, fonts=fonts)


def _refuse_preview(media: Media, preview: Path) -> None:
    from chapterize.rendering.program import DRAWS_TITLES, find_program

    if not media.has_video:
        raise InputError(
            "there is nothing to show in a preview", why=f"{media.path.name} has no pictures"
        )
    if preview.suffix.lower() != ".png":
        raise InputError(
            f"{preview.name} would be no PNG",
            why="a preview is a picture",
            hint=f"call it {preview.stem}.png",
        )
    find_program(DRAWS_TITLES)


def _render(
    media: Media,
    chapters: Chapters,
    options: tuple[OverlayOptions, VideoOptions],
    target: Path,
    terminal: Terminal,
    *,
    force: bool,
) -> Rendered:
    from chapterize.rendering.titled import render_titled

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
    from chapterize.rendering.overlay import plan_fonts
    from chapterize.rendering.preview import make_preview
    from chapterize.rendering.video import frame_size

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
        print_json(report)
        return
    how = {
        "splice": f"{made.share:.0%} of the pictures made anew, the rest copied",
        "encode": "all pictures made anew",
        "card": "a card with the titles",
        "copy": "nothing made anew",
    }
    noun = "chapter" if len(chapters) == 1 else "chapters"
    typer.echo(f"{len(chapters)} {noun}; {how[made.how]}", err=True)
    typer.echo(made.path)
