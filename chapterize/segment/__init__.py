"""Divide by topic: from sentence vectors and signals to boundaries for every count."""

from chapterize.segment.boundaries import SegmentOptions, estimate_count, segment
from chapterize.segment.estimates import expected_count, other_divisions
from chapterize.segment.evidence import with_words, word_counts
from chapterize.segment.fixed import REMOVED_REACH, divide_around
from chapterize.segment.model import BoundaryModel, shipped_model
from chapterize.segment.pauses import textless_sentences
from chapterize.segment.recount import recount

__all__ = [
    "REMOVED_REACH",
    "BoundaryModel",
    "SegmentOptions",
    "divide_around",
    "estimate_count",
    "expected_count",
    "other_divisions",
    "recount",
    "segment",
    "shipped_model",
    "textless_sentences",
    "with_words",
    "word_counts",
]
