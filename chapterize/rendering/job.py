"""What to render, and what its source shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from chapterize.data import Chapters, Media, OnNote, OnProgress
from chapterize.rendering.cover import Image, find_cover, is_still
from chapterize.rendering.options import RenderOptions
from chapterize.rendering.streams import CARD, VideoTrack, fit, probe_video

__all__ = ["Overlay", "RenderJob"]


@dataclass(frozen=True)
class RenderJob:
    """What to render: the source, its chapters, and how."""

    media: Media
    chapters: Chapters
    options: RenderOptions
    on_progress: OnProgress | None = None
    on_note: OnNote | None = None

    @cached_property
    def video(self) -> VideoTrack:
        """The video track of the source, probed once; raises as `probe_video`."""
        return probe_video(self.media.path)

    @cached_property
    def is_card(self) -> bool:
        """Whether a card is made, as there is no video, or only one frame of it."""
        return is_still(self.media)

    @cached_property
    def cover(self) -> Image | None:
        """The cover of the source, for a card."""
        return find_cover(self.media.path)

    @property
    def is_copy(self) -> bool:
        """Whether only chapters are written: nothing is drawn then."""
        return not self.media.has_video and self.options.audio_only == "chapters"

    def note(self, *notes: str) -> None:
        """Pass notes on to `on_note`."""
        if self.on_note is not None:
            for text in notes:
                self.on_note(text)

    @property
    def frame_size(self) -> tuple[int, int]:
        """Width and height of the video to be made, for which an overlay is drawn."""
        return fit(CARD if self.is_card else self.video.shown, self.options)


@dataclass(frozen=True)
class Overlay:
    """An ASS file on the player's clock, and the seconds in which it shows something."""

    path: Path
    spans: tuple[tuple[float, float], ...]
