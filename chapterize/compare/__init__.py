"""Compare our chapters, and those of simple baselines, with reference chapters."""

from chapterize.compare.comparison import OURS, Comparison, Prediction, Segmenter, compare_documents
from chapterize.compare.pair import pair_document

__all__ = ["OURS", "Comparison", "Prediction", "Segmenter", "compare_documents", "pair_document"]
