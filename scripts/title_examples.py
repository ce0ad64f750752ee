"""Chapters with people's titles, read from corpora."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from chapterize.title.phrases.scorer import known_words
from chapterize.title.phrases.speech import Speech, read_speech
from chapterize.title.phrases.tagger import Tagger
from chapterize.title.phrases.word_features import Words, words_of
from chapterize.title.phrases.words import tidy

MOST_CHAPTERS = 1700
"""Per site; more of the same site adds little."""


@dataclass(frozen=True)
class Example:
    """A document with its words and people's titles; "" if a chapter has none."""

    site: str
    source: str
    texts: list[list[str]]
    speech: Speech
    words: Words
    titles: list[str]


def read(corpora: Sequence[Path], split: str) -> list[Example]:
    """Return the documents of a split that have titles."""
    known, tagger = known_words(), Tagger()
    documents: dict[str, list[tuple[str, Any]]] = {}
    for path in sorted(corpora, key=lambda path: path.name):
        source = path.name.split(".")[0]
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for document in map(json.loads, lines):
                if document["split"] == split and any(document["titles"]):
                    documents.setdefault(source.split("_")[0], []).append((source, document))
    if not documents:
        raise ValueError(f"the corpora have no titles in their {split} split")
    return [
        _example(document, source, tagger, known)
        for _, of_site in sorted(documents.items())
        for source, document in (thinned(of_site) if split == "train" else of_site)
    ]


def thinned(documents: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return evenly spaced documents with about MOST_CHAPTERS titles, or all documents."""
    n_titles = sum(1 for _, document in documents for title in document["titles"] if title)
    n_kept = max(1, round(min(1.0, MOST_CHAPTERS / n_titles) * len(documents)))
    return [documents[i * len(documents) // n_kept] for i in range(n_kept)]


def _example(
    document: Mapping[str, Any], source: str, tagger: Tagger, known: Mapping[str, int]
) -> Example:
    edges = [*document["boundaries"], len(document["units"])]
    texts = [
        [tidy(unit["text"]) for unit in document["units"][start:end]]
        for start, end in pairwise(edges)
    ]
    speech = read_speech(texts, tagger, known)
    titles = [title or "" for title in document["titles"]]
    return Example(source.split("_")[0], source, texts, speech, words_of(speech), titles)


def plain_words(text: str) -> list[str]:
    """Return runs of letters and digits in lower case."""
    return "".join(c if c.isalnum() else " " for c in text.lower()).split()
