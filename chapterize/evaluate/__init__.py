"""Evaluation of chapters: corpora with reference chapters, measures, peers and intervals."""

from chapterize.evaluate.bootstrap import Figure, macro_figure
from chapterize.evaluate.corpus import Corpus, Document, read_corpora, read_corpus
from chapterize.evaluate.measures import (
    Reliability,
    boundary_similarity,
    chunk_hits,
    f1,
    match_starts,
    paired_starts,
    pk,
    reliability,
    rouge_l,
    tiou_f1,
    title_rouge,
    window_diff,
)
from chapterize.evaluate.peers import PEERS, Text
from chapterize.evaluate.summary import (
    MEASURES,
    Measure,
    Scored,
    Table,
    by_length,
    score,
    summarise,
)
from chapterize.evaluate.verdicts import (
    VERDICTS,
    Judged,
    MethodVerdicts,
    count_verdicts,
    wilson,
)

__all__ = [
    "MEASURES",
    "PEERS",
    "VERDICTS",
    "Corpus",
    "Document",
    "Figure",
    "Judged",
    "Measure",
    "MethodVerdicts",
    "Reliability",
    "Scored",
    "Table",
    "Text",
    "boundary_similarity",
    "by_length",
    "chunk_hits",
    "count_verdicts",
    "f1",
    "macro_figure",
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
    "wilson",
    "window_diff",
]
