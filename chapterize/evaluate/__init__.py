"""How good chapters are: corpora with reference chapters, measures, peers and intervals."""

from chapterize.evaluate.bootstrap import Figure
from chapterize.evaluate.calibration import Reliability, reliability
from chapterize.evaluate.corpus import Corpus, Document, read_corpora, read_corpus
from chapterize.evaluate.peers import PEERS, Text
from chapterize.evaluate.summary import MEASURES, Measure, Scored, Table, score, summarise
from chapterize.evaluate.times import f1, match_starts, paired_starts, tiou_f1
from chapterize.evaluate.titles import rouge_l, title_rouge
from chapterize.evaluate.units import boundary_similarity, pk, window_diff

__all__ = [
    "MEASURES",
    "PEERS",
    "Corpus",
    "Document",
    "Figure",
    "Measure",
    "Reliability",
    "Scored",
    "Table",
    "Text",
    "boundary_similarity",
    "f1",
    "match_starts",
    "paired_starts",
    "pk",
    "read_corpora",
    "read_corpus",
    "reliability",
    "rouge_l",
    "score",
    "summarise",
    "tiou_f1",
    "title_rouge",
    "window_diff",
]
