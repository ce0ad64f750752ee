"""Videos with titles, and copies of media files with chapters inside.

`render` and `embed` are the public functions; importing this package loads neither PyAV nor fonts.
"""

from __future__ import annotations

from pathlib import Path

from chapterize.data import Chapters, Media, OnNote, OnProgress
from chapterize.rendering.options import RenderOptions, RenderResult

__all__ = ["RenderOptions", "RenderResult", "embed", "render"]


def render(
    source: str | Path | Media,
    chapters: Chapters,
    target: str | Path,
    options: RenderOptions | None = None,
    *,
    force: bool = False,
    on_progress: OnProgress | None = None,
    on_note: OnNote | None = None,
) -> RenderResult:
    """Write an MP4 (H.264, AAC) with the titles over the video and the chapters inside.

    Where the source allows it, only the frames under a title are encoded and all others are
    copied. The result is verified before it replaces `target`.

    Parameters
    ----------
    source : the path of a media file, or what `open_media` returned for it.
    chapters : such as ``draft.chapters``.
    target : ends in .mp4 or .m4v; an existing file is replaced only with `force`.
    options : None takes the defaults of `RenderOptions`.
    on_progress, on_note : called with the progress, and with each note for the user.

    Raises
    ------
    InputError : the font cannot be used, or no font has a character of the titles; `target` is not
        an MP4, or cannot hold these chapters.
    MediaError : the source cannot be read.
    OutputError : `target` exists, is the source, cannot be written, or the disk is full.
    ToolError : ffmpeg failed, or the result failed verification.
    """
    from chapterize.media import open_media
    from chapterize.rendering.video import RenderJob, render_titled

    media = source if isinstance(source, Media) else open_media(Path(source))
    job = RenderJob(media, chapters, options or RenderOptions(), on_progress, on_note)
    return render_titled(job, Path(target), force=force)


def embed(
    source: str | Path | Media,
    chapters: Chapters,
    target: str | Path,
    *,
    force: bool = False,
    on_progress: OnProgress | None = None,
    on_note: OnNote | None = None,
) -> tuple[str, ...]:
    """Write a copy of a media file with the chapters inside; nothing is re-encoded.

    `chapterize.rendering.containers.embed_chapters` says what is kept, and which errors are raised.
    Returns the notes, which are also passed to `on_note`.
    """
    from chapterize.rendering.containers import embed_chapters

    media = source if isinstance(source, Media) else Path(source)
    notes = embed_chapters(media, chapters, Path(target), force=force, on_progress=on_progress)
    if on_note is not None:
        for note in notes:
            on_note(note)
    return notes
