#!/usr/bin/env python3
"""Fit the check of a language model's titles on people's titles; prints a Markdown table.

    scripts/title_check.py CORPUS.jsonl.gz ...

Only the train split is read. A title is accepted if its likeness, the margin in the table of word
vectors plus a weight times the share of its words that are said, reaches a limit. For every weight,
the limit is the one that accepts 90 % of people's titles, each source counting the same; the table
says how many titles of another chapter of the same video, and of another video, it lets through.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from chapterize.evaluate.corpus import Document, read_corpora
from chapterize.title.llm.answers import words
from chapterize.title.llm.check import margin, share_said
from chapterize.vectors import StaticEmbedder

KEPT = 0.9
WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
_MOST_DOCUMENTS = 60  # per source
_FEWEST_CHAPTERS = 3
_SEED = 0


class Pair(NamedTuple):
    """A title and a chapter: the margin, the share of words said, and whose title it is."""

    source: str
    whose: str
    margin: float
    share: float


def main(paths: Sequence[Path]) -> None:
    """Measure all pairs of the corpora, and print the table."""
    pairs = measured(read_corpora(paths, split="train").documents)
    print("| weight of the share | limit | own | another chapter | another video |")
    print("|---|---|---|---|---|")
    for weight in WEIGHTS:
        limit = limit_of(pairs, weight, KEPT)
        shares = (accepted(pairs, whose, weight, limit) for whose in ("own", "chapter", "video"))
        print(
            f"| {weight} | {limit:.2f} | {' | '.join(f'{100 * each:.0f} %' for each in shares)} |"
        )


def measured(documents: Sequence[Document]) -> list[Pair]:
    """For every title of a sample: itself, with another chapter, and another video's title."""
    random.seed(_SEED)
    sources: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        if len(document.boundaries) >= _FEWEST_CHAPTERS:
            sources[document.source].append(document)
    table = StaticEmbedder()
    pairs: list[Pair] = []
    for source, own in sources.items():
        chosen = random.sample(own, min(_MOST_DOCUMENTS, len(own)))
        titles = [title for document in chosen for title in document.titles if title]
        for document in chosen:
            pairs += _pairs(source, document, titles, table)
    return pairs


def _pairs(
    source: str, document: Document, titles: Sequence[str], table: StaticEmbedder
) -> list[Pair]:
    ends = (*document.boundaries, len(document.units))
    texts = [" ".join(u.text for u in document.units[a:b]) for a, b in pairwise(ends)]
    rows = table.embed(texts)
    known = [frozenset(words(text)) for text in texts]

    def pair(whose: str, title: str, at: int) -> Pair:
        lead = margin(table.embed([title])[0], rows, at)
        return Pair(source, whose, lead, share_said(title, known[at], "en"))

    pairs: list[Pair] = []
    for at, title in enumerate(document.titles):
        if title and texts[at].strip():
            other = random.choice([each for each in range(len(texts)) if each != at])
            pairs += [
                pair("own", title, at),
                pair("chapter", title, other),
                pair("video", random.choice(titles), at),
            ]
    return pairs


def limit_of(pairs: Sequence[Pair], weight: float, kept: float) -> float:
    """The highest limit, in hundredths, that accepts the share `kept` of people's titles."""
    limits = [limit / 100 for limit in range(100, -101, -1)]
    return next(each for each in limits if accepted(pairs, "own", weight, each) >= kept)


def accepted(pairs: Sequence[Pair], whose: str, weight: float, limit: float) -> float:
    """The share of titles that reach the limit, each source counting the same."""
    found: dict[str, list[bool]] = defaultdict(list)
    for pair in pairs:
        if pair.whose == whose:
            found[pair.source].append(pair.margin + weight * pair.share >= limit)
    return float(np.mean([np.mean(each) for each in found.values()]))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main([Path(each) for each in sys.argv[1:]])
