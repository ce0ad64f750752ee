"""The same result made here: the list of chapters, and a copy of the video with them inside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chapterize import formats
from chapterize.data import Chapters, Media, OnProgress
from chapterize.errors import FormatError, InputError
from chapterize.files import refuse_overwrite, write_text
from chapterize.render.embed import default_target, embed_chapters

__all__ = ["MadeHere", "list_beside", "local_target", "make_here"]


@dataclass(frozen=True)
class MadeHere:
    """`video` with the chapters inside, `listing` to paste under it, and notes on both.

    `listing` is None where the chapters make no list for YouTube, which a note explains.
    """

    video: Path
    listing: Path | None
    notes: tuple[str, ...]


def local_target(media: Media, wanted: Path) -> Path:
    """Where the copy goes: `wanted`, with the suffix of what a copy of the streams needs."""
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
    *,
    force: bool = False,
    on_progress: OnProgress | None = None,
) -> MadeHere:
    """Embed `chapters` into a copy of the media at `target`, and write them as a list beside it.

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
    notes = embed_chapters(media.path, chapters, target, force=force, on_progress=on_progress)
    if not text:
        return MadeHere(target, None, (*notes, *why))
    write_text(listing, text, force=force)
    return MadeHere(target, listing, notes)
