"""Compare our chapters and titles, and those of other methods, with those of people."""

from chapterize.compare.comparison import OURS, Comparison, Prediction, compare_documents
from chapterize.compare.counts import EARLIER, ONE_CLICK
from chapterize.compare.judging import dump_key, key_of, read_key, read_verdicts
from chapterize.compare.pair import pair_document
from chapterize.compare.sheet import SUFFIXES, Sheet, dump_sheet, make_sheet
from chapterize.compare.title_files import dump_titles, titles_from, titles_kept
from chapterize.compare.titles import (
    PERSON,
    Drawn,
    Method,
    TitledDocument,
    draw_chapters,
    draw_documents,
    refused_by_method,
    rouge_by_method,
    title_documents,
    titles_by,
)

__all__ = [
    "EARLIER",
    "ONE_CLICK",
    "OURS",
    "PERSON",
    "SUFFIXES",
    "Comparison",
    "Drawn",
    "Method",
    "Prediction",
    "Sheet",
    "TitledDocument",
    "compare_documents",
    "draw_chapters",
    "draw_documents",
    "dump_key",
    "dump_sheet",
    "dump_titles",
    "key_of",
    "make_sheet",
    "pair_document",
    "read_key",
    "read_verdicts",
    "refused_by_method",
    "rouge_by_method",
    "title_documents",
    "titles_by",
    "titles_from",
    "titles_kept",
]
