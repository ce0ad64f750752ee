"""From a file to a draft: the one room that knows the order of stages."""

from chapterize.pipeline.draft import make_draft
from chapterize.pipeline.options import Engines, OnDownload, Options, load_engines
from chapterize.pipeline.transcripts import transcript_text

__all__ = [
    "Engines",
    "OnDownload",
    "Options",
    "load_engines",
    "make_draft",
    "transcript_text",
]
