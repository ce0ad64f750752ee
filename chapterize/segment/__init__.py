"""Divide by topic: from sentence vectors and signals to boundaries for every count."""

from chapterize.segment.boundaries import segment
from chapterize.segment.counts import SegmentOptions, choose_count
from chapterize.segment.estimates import (
    GRANULARITIES,
    expected_count,
    other_divisions,
    require_granularity,
)
from chapterize.segment.evidence import with_words, word_counts
from chapterize.segment.fixed import REMOVED_REACH, divide_around
from chapterize.segment.model import BoundaryModel, shipped_model
from chapterize.segment.pauses import textless_sentences
from chapterize.segment.recount import recount

__all__ = [
    "GRANULARITIES",
    "REMOVED_REACH",
    "BoundaryModel",
    "SegmentOptions",
    "choose_count",
    "divide_around",
    "expected_count",
    "other_divisions",
    "recount",
    "require_granularity",
    "segment",
    "shipped_model",
    "textless_sentences",
    "with_words",
    "word_counts",
]
