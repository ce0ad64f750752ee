"""A trial of the whole path from sentences to titles, beside its peers, on reference chapters."""

from chapterize.compare.pair import pair_document
from chapterize.compare.run import OURS, Prediction, Segmenter, Trial, run_trial

__all__ = ["OURS", "Prediction", "Segmenter", "Trial", "pair_document", "run_trial"]
