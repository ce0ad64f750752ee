"""Copies of media files with chapters inside; nothing is re-encoded."""

from chapterize.rendering.containers.embed import default_target, embed_chapters, require_space

__all__ = ["default_target", "embed_chapters", "require_space"]
