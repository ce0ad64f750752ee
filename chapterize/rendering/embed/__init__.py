"""Copies of media files with the chapters inside, nothing encoded."""

from chapterize.rendering.embed.copying import default_target, embed_chapters, require_space

__all__ = ["default_target", "embed_chapters", "require_space"]
