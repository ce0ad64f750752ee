"""Divide by topic: from sentence vectors and signals to boundaries for every count."""

from chapterize.segment.boundaries import SegmentOptions, segment
from chapterize.segment.estimates import GRANULARITIES, other_divisions, require_granularity
from chapterize.segment.evidence import with_words, word_counts
from chapterize.segment.fixed import REMOVED_REACH, divide_around
from chapterize.segment.model import BoundaryModel
from chapterize.segment.pauses import textless_sentences
from chapterize.segment.recount import recount

__all__ = [
    "GRANULARITIES",
    "REMOVED_REACH",
    "BoundaryModel",
    "SegmentOptions",
    "divide_around",
    "other_divisions",
    "recount",
    "require_granularity",
    "segment",
    "textless_sentences",
    "with_words",
    "word_counts",
]
