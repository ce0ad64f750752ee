"""Read transcripts from caption files and media files, and write them."""

from chapterize.captions.embedded import embedded_captions
from chapterize.captions.reading import is_caption_file, read_captions
from chapterize.captions.sidecar import find_sidecar
from chapterize.captions.writing import to_json, to_srt, to_text, to_webvtt

__all__ = [
    "embedded_captions",
    "find_sidecar",
    "is_caption_file",
    "read_captions",
    "to_json",
    "to_srt",
    "to_text",
    "to_webvtt",
]
