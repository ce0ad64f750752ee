"""Read transcripts from caption files and media files, and write them."""

from chapterize.captions.embedded import embedded_captions
from chapterize.captions.kinds import SHARED_SUFFIXES, SUFFIXES
from chapterize.captions.reading import (
    is_caption_file,
    is_text,
    read_captions,
    read_stream,
    transcript_from,
)
from chapterize.captions.sidecar import find_sidecar, is_sidecar
from chapterize.captions.writing import (
    Section,
    to_json,
    to_markdown,
    to_srt,
    to_text,
    to_webvtt,
)

__all__ = [
    "SHARED_SUFFIXES",
    "SUFFIXES",
    "Section",
    "embedded_captions",
    "find_sidecar",
    "is_caption_file",
    "is_sidecar",
    "is_text",
    "read_captions",
    "read_stream",
    "to_json",
    "to_markdown",
    "to_srt",
    "to_text",
    "to_webvtt",
    "transcript_from",
]
