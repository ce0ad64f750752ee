"""Read transcripts from caption files and media files, and write them."""

from chapterize.captions.embedded import embedded_captions
from chapterize.captions.reading import is_caption_file, read_captions
from chapterize.captions.sidecar import find_sidecar
from chapterize.captions.writing import (
    Section,
    to_json,
    to_markdown,
    to_srt,
    to_text,
    to_webvtt,
)

__all__ = [
    "Section",
    "embedded_captions",
    "find_sidecar",
    "is_caption_file",
    "read_captions",
    "to_json",
    "to_markdown",
    "to_srt",
    "to_text",
    "to_webvtt",
]
