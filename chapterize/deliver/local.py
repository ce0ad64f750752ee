"""The same result made here: the list, and the video with chapters inside and titles over it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chapterize import formats
from chapterize.data import Chapters, Media, OnProgress
from chapterize.errors import FormatError, InputError, ToolError
from chapterize.files import refuse_overwrite, write_text
from chapterize.rendering import RenderOptions, render
from chapterize.rendering.containers import default_target, embed_chapters

__all__ = ["MadeHere", "list_beside", "local_target", "make_here"]


@dataclass(frozen=True)
class MadeHere:
    """`video` with the chapters inside, `listing` to paste under it, and notes on both.

    `listing` is None where the chapters make no list for YouTube, which a note explains.
    """

    video: Path
    listing: Path | None
    notes: tuple[str, ...]


def local_target(media: Media, wanted: Path, looks: RenderOptions | None = None) -> Path:
    """Where the video goes: `wanted`, with the suffix of what it will be."""
    if looks is not None and media.has_video:
        return wanted.with_suffix(".mp4")
    try:
        own = default_target(media.path, media)
    except InputError:
        # AVI and WAV have no place for chapters; Matroska holds everything.
        return wanted.with_suffix(".mkv")
    return wanted if wanted.suffix.lower() == ".mkv" else wanted.with_suffix(own.suffix)


def list_beside(video: Path) -> Path:
    """``talk-chapters.youtube.txt`` beside ``talk-chapters.mp4``."""
    return video.with_suffix(formats.SUFFIXES["youtube"])


def make_here(
    media: Media,
    chapters: Chapters,
    target: Path,
    looks: RenderOptions | None = None,
    *,
    force: bool = False,
    on_progress: OnProgress | None = None,
) -> MadeHere:
    """Make the video at `target`, with titles where there are `looks`, and a list beside it.

    Where the titles cannot be drawn, the chapters are put into a copy, and a note says why.

    Raises
    ------
    InputError, OutputError, ToolError : as `embed_chapters`.
    """
    listing = list_beside(target)
    refuse_overwrite(target, force=force)
    refuse_overwrite(listing, force=force)
    try:
        text = formats.dumps(chapters, "youtube")
    except FormatError as error:
        text, why = "", (f"no list was written: {error}",)
    video, notes = _video(media, chapters, target, looks, force=force, on_progress=on_progress)
    if not text:
        return MadeHere(video, None, (*notes, *why))
    write_text(listing, text, force=force)
    return MadeHere(video, listing, notes)


def _video(
    media: Media,
    chapters: Chapters,
    target: Path,
    looks: RenderOptions | None,
    *,
    force: bool,
    on_progress: OnProgress | None,
) -> tuple[Path, tuple[str, ...]]:
    notes: list[str] = []
    if looks is not None and media.has_video:
        try:
            made = render(
                media,
                chapters,
                target,
                looks,
                force=force,
                on_progress=on_progress,
                on_note=notes.append,
            )
        except (InputError, ToolError) as error:
            notes.append(f"no titles lie over the picture: {error}")
            target = local_target(media, target)
        else:
            return made.path, tuple(notes)
    made_notes = embed_chapters(media, chapters, target, force=force, on_progress=on_progress)
    return target, (*notes, *made_notes)
