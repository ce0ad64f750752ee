"""Where the service's video may go: found out before anything is paid for."""

from __future__ import annotations

from pathlib import Path

from chapterize.data import Media
from chapterize.errors import InputError
from chapterize.files import refuse_unwritable

__all__ = ["check_target"]

_HOLDS_MP4 = (".mp4", ".m4v", ".mov", ".mkv")


def check_target(wanted: Path, media: Media) -> None:
    """Refuse a place where the video made of `media` could not go.

    Raises
    ------
    OutputError : no file can be made there.
    InputError : the name is of another container, or that of the user's own video.
    """
    refuse_unwritable(wanted)
    if wanted.suffix.lower() not in ("", *_HOLDS_MP4):
        raise InputError(
            f"the service's video cannot be called {wanted.name}",
            why="it is MP4",
            hint="end the name in .mp4 or .mkv, or stay here with --local-only",
        )
    if wanted.exists() and wanted.samefile(media.path):
        raise InputError(
            f"the service's video would take the place of {wanted}",
            why="it is encoded anew, and yours would be lost",
            hint="choose another name with -o",
        )
