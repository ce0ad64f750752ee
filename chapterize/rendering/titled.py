"""A video with its chapters inside and their titles over the picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from chapterize.data import Chapters, Media, OnProgress
from chapterize.files import refuse_overwrite
from chapterize.rendering.embed import default_target
from chapterize.rendering.overlay import (
    OverlayOptions,
    overlay_notes,
    overlay_spans,
    plan_fonts,
    write_overlay,
)
from chapterize.rendering.video import Rendered, VideoOptions, frame_size, render_video

__all__ = ["render_titled", "video_beside"]


def video_beside(media: Media, options: VideoOptions) -> Path:
    """``talk-chapters.mp4`` beside ``talk.mov``; a copy of sound alone keeps its suffix.

    Raises
    ------
    InputError : sound alone is to be copied, and its container cannot hold chapters.
    """
    if not media.has_video and options.sound_alone == "chapters":
        return default_target(media.path, media)
    return media.path.with_name(f"{media.path.stem}-chapters.mp4")


def render_titled(
    media: Media,
    chapters: Chapters,
    target: Path,
    overlay: OverlayOptions,
    video: VideoOptions,
    *,
    force: bool = False,
    on_progress: OnProgress | None = None,
    on_note: Callable[[str], None] | None = None,
) -> Rendered:
    """Draw the titles of `chapters` over the pictures of `media`, and put the chapters inside.

    Raises
    ------
    InputError : the options, or a title with characters that no font here has.
    MediaError, OutputError, ToolError : as `render_video`.
    """
    refuse_overwrite(target, force=force)
    tell = on_note or (lambda note: None)
    fonts = plan_fonts(chapters.titles, overlay.font)
    width, height = frame_size(media, video)
    text = write_overlay(chapters, overlay, width, height, fonts=fonts)
    for note in (*fonts.notes, *overlay_notes(chapters, overlay, width, height, fonts=fonts)):
        tell(note)
    with TemporaryDirectory(prefix="chapterize-") as folder:
        titles = Path(folder) / "titles.ass"
        titles.write_text(text, encoding="utf-8")
        return render_video(
            media,
            chapters,
            titles,
            overlay_spans(chapters, overlay),
            target,
            video,
            force=force,
            on_progress=on_progress,
            on_note=on_note,
        )
