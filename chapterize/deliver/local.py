"""The result made on this machine: a list of chapters, and a video with chapters and titles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chapterize import formats
from chapterize.data import Chapters, Media, OnProgress
from chapterize.errors import FormatError, InputError, ToolError
from chapterize.files import write_text
from chapterize.rendering import RenderOptions, render
from chapterize.rendering.containers import default_target, embed_chapters

__all__ = ["LocalResult", "listing_path", "local_target", "make_local"]


@dataclass(frozen=True)
class LocalResult:
    """`video` with chapters inside, `listing` to paste into its description, and notes on both.

    `listing` is None if the chapters make no list for YouTube; a note explains why.
    """

    video: Path
    listing: Path | None
    notes: tuple[str, ...]


def local_target(media: Media, wanted: Path, looks: RenderOptions | None = None) -> Path:
    """Return where the video goes: `wanted`, with the suffix of its format."""
    if looks is not None and media.has_video:
        return wanted.with_suffix(".mp4")
    try:
        own = default_target(media.path, media)
    except InputError:
        # AVI and WAV cannot store chapters; Matroska stores anything.
        return wanted.with_suffix(".mkv")
    return wanted if wanted.suffix.lower() == ".mkv" else wanted.with_suffix(own.suffix)


def listing_path(video: Path) -> Path:
    """Return ``talk-chapters.youtube.txt`` for ``talk-chapters.mp4``."""
    return video.with_suffix(formats.SUFFIXES["youtube"])


def make_local(
    media: Media,
    chapters: Chapters,
    target: Path,
    looks: RenderOptions | None = None,
    *,
    force: bool = False,
    on_progress: OnProgress | None = None,
) -> LocalResult:
    """Make the video at `target`, with titles if there are `looks`, and a list next to it.

    If the titles cannot be drawn, the chapters are embedded in a copy, and a note says why.

    Raises
    ------
    InputError, OutputError, ToolError : as `embed_chapters`.
    """
    try:
        text = formats.dumps(chapters, "youtube")
    except FormatError as error:
        text, why = "", (f"no list was written: {error}",)
    video, notes = _video(media, chapters, target, looks, force=force, on_progress=on_progress)
    if not text:
        return LocalResult(video, None, (*notes, *why))
    listing = listing_path(target)
    write_text(listing, text, force=force)
    return LocalResult(video, listing, notes)


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
            notes.append(f"the video has no titles: {error}")
            target = local_target(media, target)
        else:
            return made.path, tuple(notes)
    made_notes = embed_chapters(media, chapters, target, force=force, on_progress=on_progress)
    return target, (*notes, *made_notes)
