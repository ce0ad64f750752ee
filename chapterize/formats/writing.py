"""Write chapters as text in any format."""

from __future__ import annotations

from typing import Any

from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats.frames import FrameRate
from chapterize.formats.listing import checked_title
from chapterize.formats.table import MAX_BYTES, named

__all__ = ["changes", "dumps"]


def dumps(
    chapters: Chapters,
    format: str = "json",  # noqa: A002
    *,
    frame_rate: FrameRate | None = None,
    media: str | None = None,
) -> str:
    """`chapters` as text in `format`, one of `FORMATS`.

    Parameters
    ----------
    frame_rate : of the video, for formats that count frames; None: 30 a second.
    media : name of the media file, for formats that store it.

    Raises
    ------
    InputError : there is no such format.
    FormatError : the format cannot hold these chapters; the error names the line.
    MissingDependency : the package that writes the format is not installed.

    Examples
    --------
    >>> chapters = Chapters.from_starts([0, 61.5], ["Opening", "Bees"], duration=120)
    >>> dumps(chapters, "youtube")
    '0:00 Opening\\n1:01 Bees\\n'
    >>> dumps(chapters, "cue", media="talk.mp3").splitlines()[0]
    'FILE "talk.mp3" MP3'
    """
    form = named(format)
    for number, title in enumerate(chapters.titles, 1):
        checked_title(title, number)
    arguments: dict[str, Any] = {"frame_rate": frame_rate} if form.counts_frames else {}
    if form.names_media:
        # A file name may hold bytes that are not UTF-8.
        arguments["media"] = media and media.encode("utf-8", "replace").decode("utf-8")
    text = form.dumps(chapters, **arguments)
    encoded = text.encode("utf-8")
    if len(encoded) > MAX_BYTES:
        raise FormatError(
            "the chapter file would exceed 16 MB",
            why="no player reads a chapter file of that size",
            line=1 + encoded[:MAX_BYTES].count(b"\n"),
        )
    return text


def changes(
    chapters: Chapters,
    format: str,  # noqa: A002
    *,
    frame_rate: FrameRate | None = None,
    media: str | None = None,
    stated_rate: float | None = None,
) -> tuple[str, ...]:
    """One sentence for each thing that `dumps`, with the same arguments, rounds or replaces.

    `stated_rate` is the rate that the video states (frames a second), for notes about a rate that
    `known_rate` does not know.
    """
    form = named(format)
    if form.changes is None:
        return ()
    if form.counts_frames:
        return form.changes(chapters, frame_rate, stated_rate)
    return form.changes(chapters, media=media)
