"""Divide by topic: sentence vectors and signals in, boundaries for every count out."""

from chapterize.segment.boundaries import SegmentOptions, segment
from chapterize.segment.stretches import stretches

__all__ = ["SegmentOptions", "segment", "stretches"]
