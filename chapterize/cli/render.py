"""`chapterize render`: a video with chapter titles, made on this machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chapterize.cli.drafting import chapters_of, media_of, with_draft_options
from chapterize.cli.options import (
    ASPECTS,
    AsJson,
    ChapterFile,
    Force,
    Output,
    Redraft,
    Seconds,
    Style,
    Video,
)
from chapterize.cli.terminal import Terminal, print_json
from chapterize.inputs import result_file
from chapterize.rendering.options import AUDIO_ONLY, FILLS, SIZES, RenderOptions

if TYPE_CHECKING:
    from chapterize.data import Chapters
    from chapterize.pipeline import Options
    from chapterize.rendering.options import RenderResult

__all__ = ["render"]

Size = Annotated[
    str,
    typer.Option(
        metavar="|".join(SIZES), help="Largest shorter side of the video; it is never scaled up."
    ),
]
Aspect = Annotated[
    str | None,
    typer.Option(
        metavar="|".join(ASPECTS), help="Aspect ratio of the video; that of the source by default."
    ),
]
Fill = Annotated[
    str,
    typer.Option(
        metavar="|".join(FILLS),
        help="With --aspect, fill the rest of the frame with the blurred video or with black bars.",
    ),
]
Font = Annotated[
    str | None, typer.Option(metavar="FAMILY|FILE", help="Font of the titles; Inter by default.")
]
Accent = Annotated[str, typer.Option(metavar="#rrggbb", help="Accent colour of the titles.")]
Numbers = Annotated[
    bool,
    typer.Option(
        "--numbers", help="Show the number of each chapter below its title, such as 3 / 12."
    ),
]
Preview = Annotated[
    Path | None,
    typer.Option(
        parser=result_file, metavar="PNG", help="Write an image of all titles instead of a video."
    ),
]
AudioOnly = Annotated[
    str,
    typer.Option(
        "--audio-only",
        metavar="|".join(AUDIO_ONLY),
        help="For a file without video: make a video of a card (cover or waveform, titles, "
        "progress), or a copy with chapters.",
    ),
]
FormerAudioOnly = Annotated[
    str | None,
    typer.Option("--sound-alone", hidden=True, help="The former name of --audio-only."),
]


@with_draft_options
def render(
    source: Video,
    chapters: ChapterFile = None,
    output: Output = None,
    style: Style = RenderOptions.style,
    seconds: Seconds = RenderOptions.seconds,
    size: Size = RenderOptions.size,
    aspect: Aspect = None,
    fill: Fill = RenderOptions.fill,
    font: Font = None,
    accent: Accent = RenderOptions.accent,
    numbers: Numbers = RenderOptions.numbers,
    preview: Preview = None,
    audio_only: AudioOnly = RenderOptions.audio_only,
    former_audio_only: FormerAudioOnly = None,
    *,
    drafting: Options,
    redraft: Redraft = False,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """Draw chapter titles over a video and put the chapters inside; nothing leaves this machine.

    Reads FILE. The chapters are those of --chapters, those that FILE has already, or drafted.
    Writes an MP4, by default NAME-chapters.mp4. Where the source allows it, only the frames under
    a title are encoded and all others are copied; otherwise a note says why.
    """
    from chapterize.files import refuse_overwrite, refuse_sources, refuse_unwritable
    from chapterize.rendering.overlay import check_font
    from chapterize.rendering.preview import check_preview, make_preview
    from chapterize.rendering.video import RenderJob, check_target, default_video, render_titled

    options = RenderOptions(
        style=style,
        seconds=seconds,
        accent=accent,
        font=font,
        numbers=numbers,
        size=size,
        aspect=aspect,
        fill=fill,
        audio_only=former_audio_only or audio_only,
    )
    media = media_of(source)
    target = preview or output or default_video(media, options)
    # Drafting takes minutes, so everything that can be refused is refused first.
    refuse_overwrite(target, force=force)
    refuse_sources(target, *filter(None, (source, chapters)))
    refuse_unwritable(target)
    check_font(font)
    if preview is None:
        check_target(media, target, options)
    else:
        check_preview(media, preview)
    with Terminal(source.name) as terminal:
        found, language, _ = chapters_of(media, chapters, drafting, terminal, redraft=redraft)
        options = replace(options, language=language or media.language)
        job = RenderJob(media, found, options, terminal.progress, terminal.note)
        if preview is None:
            made = render_titled(job, target, force=force)
        else:
            make_preview(job, target, force=force)
            if not as_json:
                terminal.say(f"wrote {target}")
    if preview is None:
        _show(made, found, as_json=as_json)
    elif as_json:
        print_json({"preview": str(target)})


def _show(made: RenderResult, chapters: Chapters, *, as_json: bool) -> None:
    if as_json:
        report: dict[str, object] = {
            **{"path": str(made.path), "how": made.how, "reason": made.reason or None},
            **{"share": round(made.share, 4), "n_chapters": len(chapters)},
            **{"notes": list(made.notes)},
        }
        print_json(report)
        return
    how = {
        "splice": f"{100 * made.share:.0f} % of the frames re-encoded, the rest copied",
        "encode": "all frames re-encoded",
        "card": "a video of a card with the titles",
        "copy": "nothing re-encoded",
    }
    noun = "chapter" if len(chapters) == 1 else "chapters"
    typer.echo(f"{len(chapters)} {noun}; {how[made.how]}", err=True)
    typer.echo(made.path)
