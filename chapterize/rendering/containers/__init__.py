"""Copies of media files with chapters inside; nothing is re-encoded."""

from chapterize.rendering.containers.embed import embed_chapters, require_space
from chapterize.rendering.containers.naming import (
    can_hold_chapters,
    default_target,
    refuse_target,
)

__all__ = [
    "can_hold_chapters",
    "default_target",
    "embed_chapters",
    "refuse_target",
    "require_space",
]
