"""Existing transcripts: caption files, files beside a video, subtitle streams inside it."""

from chapterize.captions.embedded import embedded_captions
from chapterize.captions.reading import is_caption_file, read_captions
from chapterize.captions.sidecar import find_sidecar

__all__ = ["embedded_captions", "find_sidecar", "is_caption_file", "read_captions"]
