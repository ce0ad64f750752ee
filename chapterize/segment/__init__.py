"""Divide by topic: sentence vectors and signals in, boundaries for every count out."""

from chapterize.segment.boundaries import SegmentOptions, segment
from chapterize.segment.count import other_divisions
from chapterize.segment.model import BoundaryModel
from chapterize.segment.no_text import stretches
from chapterize.segment.recount import recount

__all__ = ["BoundaryModel", "SegmentOptions", "other_divisions", "recount", "segment", "stretches"]
