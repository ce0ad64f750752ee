"""From a file to a draft: the package that knows the order of the stages."""

from chapterize.pipeline.draft import Draft, draft_json
from chapterize.pipeline.drafting import make_draft
from chapterize.pipeline.options import Engines, OnDownload, Options, load_engines
from chapterize.pipeline.transcripts import transcript_text

__all__ = [
    "Draft",
    "Engines",
    "OnDownload",
    "Options",
    "draft_json",
    "load_engines",
    "make_draft",
    "transcript_text",
]
