"""Copies of media files with chapters inside; nothing is re-encoded."""

from chapterize.rendering.containers.embed import (
    can_hold_chapters,
    default_target,
    embed_chapters,
    refuse_target,
    require_space,
)

__all__ = [
    "can_hold_chapters",
    "default_target",
    "embed_chapters",
    "refuse_target",
    "require_space",
]
