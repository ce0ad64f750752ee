"""All candidates of a video: runs of words, pairs of them, and generic titles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chapterize.title.phrases.phrase_features import (
    COLUMN,
    FEATURES,
    add_chapter_features,
    run_features,
)
from chapterize.title.phrases.readable import rough_stems
from chapterize.title.phrases.runs import PAIR, RUN, TYPICAL, Field, Runs, runs_of
from chapterize.title.phrases.tokens import FAR, Floats, Ints
from chapterize.title.phrases.word_features import Words

__all__ = ["PLACED_TITLES", "TYPICAL_TITLES", "Pool", "place_of", "pool_of"]

TYPICAL_TITLES = (
    *("introduction", "conclusion", "q&a", "overview", "summary", "background", "agenda"),
    *("wrap up", "final thoughts", "next steps", "future work", "questions", "demo"),
    *("motivation", "results", "closing", "discussion", "history"),
)
_TYPICAL_WORDS = {"q&a": "question", "wrap up": "wrap", "next steps": "next"}
_OPENINGS = ("introduction",)
_ASKINGS = ("q&a", "questions")
_ASKED = 0.1
"""Fraction of questions among the sentences of a "Q&A" chapter."""
_CLOSINGS = ("conclusion", "wrap up", "final thoughts", "closing", "summary")
PLACED_TITLES = frozenset(tuple(t.split()) for t in (*_OPENINGS, *_CLOSINGS))
"""Generic titles that need a certain position; as ordinary words of a chapter they mislead."""
LEAST_CHAPTERS = 3
"""A video with fewer chapters gets no "Introduction"."""
_PAIRED = 6
_PAIRED_WORDS = 3
_BETWEEN = 2
"""Maximum number of words between two runs that are parts of one phrase."""
_NEAR = 5
"""Sentences at the start of a chapter in which a generic title counts as said."""
# How the features of a pair combine those of its phrases; all others are those of the first.
_ADDED = [COLUMN[name] for name in ("content", "sum", "inside", "small")]
_HIGHER = [COLUMN[name] for name in ("most", "said", "capitals")]
_LOWER = [COLUMN[name] for name in ("least", "closes", "opens", "mean", "glue", "elsewhere")]
_LAST = [COLUMN[name] for name in ("last", "noun_last", "ending", "common_last", "before_break")]


@dataclass(frozen=True)
class Pool:
    """The candidates of all chapters; `words` are lower case, `features` (n, len(FEATURES))."""

    words: list[tuple[str, ...]]
    chapter: Ints
    kind: Ints
    features: Floats


def place_of(chapter: int, n_chapters: int) -> int:
    """0 for the first chapter of a video, 2 for the last, 1 for all others."""
    return 0 if chapter == 0 else 2 if chapter == n_chapters - 1 else 1


def pool_of(field: Field, words: Words, typical: Floats) -> Pool:
    """Return all candidates; `typical` has shape (len(TYPICAL_TITLES), 3), see models/title.md."""
    tokens = field.tokens
    if not field.edge.any():
        nothing = np.zeros(0, np.int64)
        return Pool([], nothing, nothing, np.zeros((0, len(FEATURES)), np.float32))
    runs = runs_of(field)
    table = run_features(field, runs, words)
    ids = tokens.words.tolist()
    names = tokens.vocabulary
    texts = [
        tuple(names[word] for word in ids[start : start + size])
        for start, size in zip(runs.start.tolist(), runs.size.tolist(), strict=True)
    ]
    add_chapter_features(table, runs.chapter, field)
    pairs, origin, pair_table = _pairs(texts, runs, table)
    usual, at, usual_table = _typical(field, typical)
    all_chapters = np.concatenate([runs.chapter, runs.chapter[origin], at])
    kinds = [runs.kind, np.full(len(pairs), PAIR), np.full(len(usual), TYPICAL)]
    return Pool(
        [*texts, *pairs, *usual],
        all_chapters,
        np.concatenate(kinds),
        np.concatenate([table, pair_table, usual_table]).astype(np.float32),
    )


def _pairs(
    texts: list[tuple[str, ...]], runs: Runs, table: NDArray[np.float64]
) -> tuple[list[tuple[str, ...]], Ints, NDArray[np.float64]]:
    """Pairs "X and Y" of the best short phrases of a chapter without a common word."""
    short = np.flatnonzero((runs.kind == RUN) & (runs.size <= _PAIRED_WORDS))
    order = short[
        np.lexsort((runs.start[short], -table[short, COLUMN["share_2"]], runs.chapter[short]))
    ]
    firsts: list[int] = []
    seconds: list[int] = []
    chosen: list[int] = []
    chapter = -1
    for index in order.tolist():
        if runs.chapter[index] != chapter:
            chapter, chosen = int(runs.chapter[index]), []
        if len(chosen) == _PAIRED or "and" in texts[index]:
            continue
        stems = rough_stems(texts[index])
        if all(stems.isdisjoint(rough_stems(texts[earlier])) for earlier in chosen):
            partners = [each for each in chosen if not _are_neighbours(runs, index, each)]
            firsts += partners
            seconds += [index] * len(partners)
            chosen.append(index)
    first, second = np.array(firsts, np.int64), np.array(seconds, np.int64)
    paired, other = table[first], table[second]
    paired[:, _ADDED] += other[:, _ADDED]
    paired[:, _HIGHER] = np.maximum(paired[:, _HIGHER], other[:, _HIGHER])
    paired[:, _LOWER] = np.minimum(paired[:, _LOWER], other[:, _LOWER])
    paired[:, _LAST] = other[:, _LAST]
    size = paired[:, COLUMN["size"]] + other[:, COLUMN["size"]] + 1
    paired[:, COLUMN["size"]] = size
    paired[:, COLUMN["characters"]] += other[:, COLUMN["characters"]] + 5
    paired[:, COLUMN["share_4"]] = 2 * paired[:, COLUMN["sum"]] / (size + 4)
    paired[:, COLUMN["share_2"]] = 2 * paired[:, COLUMN["sum"]] / (size + 2)
    paired[:, COLUMN["kind"]] = PAIR
    words = [(*texts[a], "and", *texts[b]) for a, b in zip(firsts, seconds, strict=True)]
    return words, first, paired


def _are_neighbours(runs: Runs, one: int, other: int) -> bool:
    """Whether two runs are parts of one phrase, such as "history of paper" and "mills"."""
    before, after = sorted((one, other), key=lambda index: int(runs.start[index]))
    gap = int(runs.start[after] - runs.start[before] - runs.size[before])
    return gap <= _BETWEEN


def _typical(
    field: Field, typical: Floats
) -> tuple[list[tuple[str, ...]], Ints, NDArray[np.float64]]:
    """The generic titles that something in the chapter supports, for each chapter."""
    tokens = field.tokens
    n = tokens.n_chapters if tokens.n_chapters >= LEAST_CHAPTERS else 0
    words = [tuple(title.split()) for _ in range(n) for title in TYPICAL_TITLES]
    chapter = np.repeat(np.arange(n), len(TYPICAL_TITLES))
    table = np.zeros((len(words), len(FEATURES)))
    if not words:
        return words, chapter, table
    places = [place_of(number, n) for number in range(n)]
    near = [
        tokens.words[(tokens.chapter == number) & (tokens.sentence < _NEAR)] for number in range(n)
    ]
    has = [
        np.array([w.startswith(_TYPICAL_WORDS.get(t, t)[:7]) for w in tokens.vocabulary])
        for t in TYPICAL_TITLES
    ]
    said = [[min(int(mark[words].sum()), 3) for mark in has] for words in near]
    name = np.tile(np.arange(len(TYPICAL_TITLES)), n)
    columns: dict[str, NDArray[np.generic]] = {
        "size": np.array([len(w) for w in words]),
        "content": np.array([len(w) for w in words]),
        "cue": np.full(len(words), FAR),
        "kind": np.full(len(words), TYPICAL),
        "characters": np.array([len(" ".join(w)) for w in words]),
        "typical": typical[:, places].T.ravel(),
        "typical_best": typical.max(axis=1)[name],
        "typical_said": np.array(said).ravel(),
        "name": name,
    }
    for column, values in columns.items():
        table[:, COLUMN[column]] = values
    add_chapter_features(table, chapter, field)
    fit = np.flatnonzero(_is_supported(table))
    return [words[index] for index in fit.tolist()], chapter[fit], table[fit]


def _is_supported(table: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the transcript supports each generic title; without support it is a guess."""

    def column(name: str) -> NDArray[np.float64]:
        return np.asarray(table[:, COLUMN[name]])

    def names(titles: tuple[str, ...]) -> NDArray[np.bool_]:
        return np.isin(column("name"), [TYPICAL_TITLES.index(title) for title in titles])

    opens, closes, asks = names(_OPENINGS), names(_CLOSINGS), names(_ASKINGS)
    is_said = column("typical_said") > 0
    greeted = (column("is_first") > 0) & (is_said | (column("greeting") > 0))
    left = (column("is_last") > 0) & (is_said | (column("farewell") > 0))
    asked = is_said & (column("question_rate") >= _ASKED)
    other = is_said & ~(opens | closes | asks)
    return np.asarray((opens & greeted) | (closes & left) | (asks & asked) | other)
