#!/usr/bin/env python3
"""Train models/title.npz, which chooses among the title candidates of a chapter.

1. Boosted trees learn, for each word of each chapter, whether the person's title contains it.
2. The candidates of every chapter are made and described as in the program. The word probabilities
   come from trees that never saw the document: each half of the documents is scored by the trees
   of the other half. The program uses the mean of both.
3. Boosted trees learn the ROUGE-L F of a candidate with the person's title.

A site is weighted by the square root of its size; files whose names agree up to the first
underscore are one site. Corpora are gzipped JSON lines with ``units`` = [{"text"}],
``boundaries``, ``titles`` and ``split``; only ``train`` is used. The same inputs, packages and
processor give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from artefacts import write_manifest, write_npz
from numpy.typing import NDArray
from title_examples import Example, plain_words, read
from title_trees import Settings, arrays_of, grown, mean_of, one_thread

from chapterize.evaluate import rouge_l
from chapterize.title.phrases.pool import TYPICAL_TITLES, place_of, pool_of
from chapterize.title.phrases.runs import PAIR, field_of
from chapterize.title.phrases.scorer import Scorer, logistic
from chapterize.title.phrases.titler import KeyphraseTitler
from chapterize.title.phrases.tokens import Floats

WORDS = Settings(n_trees=80, n_leaves=15, rate=0.12, least=80)
PHRASES = Settings(n_trees=120, n_leaves=20, rate=0.08, least=80)
N_WRONG = 50
"""Candidates per chapter that share no word with the title; all others are used."""
SITE_POWER = 0.5
"""A site is weighted by its size to this power: 0.0 gives sites, 1.0 titles equal weight."""
SHRINKAGE = 5.0
"""Number of chapters without a generic title that are added to those of each site."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the scorer; returns exit code 0, or 1 after an error message of one line."""
    options = _parse(arguments)
    try:
        examples = read(options.corpus, "train")
        for site in options.leave_out:
            scorer = train([example for example in examples if example.site != site])
            report(scorer, [example for example in examples if example.site == site], options)
        if options.output:
            scorer = train(examples)
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
    add = parser.add_argument
    add(
        "--corpus",
        type=Path,
        action="append",
        required=True,
        help="a .jsonl.gz to train on; repeatable",
    )
    add(
        "--leave-out",
        action="append",
        default=[],
        help="train on all other sites and report on this one; repeatable",
    )
    add("--test", action="store_true", help="report on the test splits at the end")
    add(
        "--examples", type=int, default=0, help="number of titles to print for each reported corpus"
    )
    add("-o", "--output", type=Path, help="where to write the scorer")
    return parser.parse_args(arguments)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def train(examples: Sequence[Example]) -> Scorer:
    """Return a scorer trained on the examples."""
    with one_thread():
        halves = [examples[::2], examples[1::2]]
        word_models = [_word_trees(half) for half in halves]
        typical = typical_table(examples)
        rows, goals, weights = [], [], []
        for half, judge in zip(halves, reversed(word_models), strict=True):
            for example in half:
                table, goal, weight = _candidates(example, judge, typical)
                rows.append(table)
                goals.append(goal)
                weights.append((example.site, weight))
        phrases = grown(
            np.concatenate(rows), np.concatenate(goals), _even(weights), PHRASES, is_chance=False
        )
        return Scorer(mean_of(*word_models), phrases, typical)


def _even(parts: Sequence[tuple[str, NDArray[np.float64]]]) -> NDArray[np.float64]:
    """Weights of mean 1.0, with each site weighted by its sum to the power of SITE_POWER."""
    sums: dict[str, float] = {}
    for site, weight in parts:
        sums[site] = sums.get(site, 0.0) + float(weight.sum())
    weights = np.concatenate([weight * sums[site] ** (SITE_POWER - 1) for site, weight in parts])
    return np.asarray(weights / weights.mean())


def _word_trees(examples: Sequence[Example]) -> Any:
    rows, goals, weights = [], [], []
    for example in examples:
        titled = np.array([bool(title) for title in example.titles])[example.words.chapter]
        words = [set(plain_words(word)) for word in example.tokens.vocabulary]
        in_title = [set(plain_words(title)) for title in example.titles]
        held = [
            bool(words[w]) and words[w] <= in_title[c]
            for c, w in zip(
                example.words.chapter.tolist(), example.words.word.tolist(), strict=True
            )
        ]
        rows.append(example.words.features[titled])
        goals.append(np.array(held, dtype=np.float64)[titled])
        weights.append((example.site, np.ones(int(titled.sum()))))
    return grown(np.concatenate(rows), np.concatenate(goals), _even(weights), WORDS, is_chance=True)


def _candidates(
    example: Example, judge: Any, typical: Floats
) -> tuple[Floats, NDArray[np.float64], NDArray[np.float64]]:
    """Training candidates: all that share a word with the title, and N_WRONG of the others.

    Pairs are left out: training on them makes the scores of single phrases worse.
    """
    likely = logistic(judge.predict(example.words.features))
    pool = pool_of(field_of(example.tokens, example.words, likely), example.words, typical)
    goal = np.array(
        [
            rouge_l(example.titles[chapter], " ".join(words))
            for words, chapter in zip(pool.words, pool.chapter.tolist(), strict=True)
        ]
    )
    kept, weights = [], []
    for chapter, title in enumerate(example.titles):
        of_chapter = np.flatnonzero((pool.chapter == chapter) & (pool.kind != PAIR))
        if not title or not len(of_chapter):
            continue
        right = of_chapter[goal[of_chapter] > 0]
        wrong = of_chapter[goal[of_chapter] == 0]
        some = (
            wrong[np.arange(min(N_WRONG, len(wrong))) * len(wrong) // min(N_WRONG, len(wrong))]
            if len(wrong)
            else wrong
        )
        kept += [right, some]
        weights += [
            np.full(len(right), 1 / len(of_chapter)),
            np.full(len(some), len(wrong) / max(len(some), 1) / len(of_chapter)),
        ]
    if not kept:
        return pool.features[:0], goal[:0], goal[:0]
    index = np.concatenate(kept)
    return pool.features[index], goal[index], np.concatenate(weights)


def typical_table(examples: Sequence[Example]) -> Floats:
    """Return the mean ROUGE-L F of each generic title in first, middle and last chapters.

    Sites have equal weight; shape (len(TYPICAL_TITLES), 3).
    """
    sites = sorted({example.site for example in examples})
    table = np.zeros((len(TYPICAL_TITLES), 3))
    for site in sites:
        titles = [
            (place_of(number, len(example.titles)), title)
            for example in examples
            if example.site == site
            for number, title in enumerate(example.titles)
            if title
        ]
        for place in range(3):
            there = [title for where, title in titles if where == place]
            for row, typical in enumerate(TYPICAL_TITLES):
                near = sum(rouge_l(title, typical) for title in there)
                table[row, place] += near / (len(there) + SHRINKAGE) / len(sites)
    return np.round(table, 4).astype(np.float32)


def report(scorer: Scorer, examples: Sequence[Example], options: argparse.Namespace) -> None:
    """Print the mean ROUGE-L of the scorer, of the strongest phrases and of the best candidates."""
    now, before = KeyphraseTitler(scorer=scorer), KeyphraseTitler(plain=True)
    for source in sorted({example.source for example in examples}):
        figures: list[tuple[float, float, float]] = []
        shown: list[str] = []
        for example in examples:
            if example.source != source:
                continue
            titles = [titler.title(example.texts, language="en") for titler in (now, before)]
            pool, _ = scorer.pool(example.tokens, example.words)
            best = [0.0] * len(example.titles)
            for words, chapter in zip(pool.words, pool.chapter.tolist(), strict=True):
                score = rouge_l(example.titles[chapter], " ".join(words))
                best[chapter] = max(best[chapter], score)
            for row in zip(example.titles, titles[0], titles[1], best, strict=True):
                if row[0]:
                    pair = [rouge_l(row[0], title) for title in row[1:3]]
                    figures.append((pair[0], pair[1], row[3]))
                    shown.append(f"    {row[0]} | {row[1]} | {row[2]}")
        mean = np.mean(figures, axis=0)
        _say(
            f"{source}: {len(figures)} titles, ROUGE-L {mean[0]:.4f}, "
            f"strongest phrases {mean[1]:.4f}, best candidate {mean[2]:.4f}"
        )
        for index in np.random.default_rng(0).permutation(len(shown))[: options.examples]:
            _say(shown[index])


def pack(scorer: Scorer) -> bytes:
    """Return the .npz; the same scorer gives the same bytes."""
    arrays = {"typical": scorer.typical}
    arrays |= arrays_of(scorer.words, "words") | arrays_of(scorer.phrases, "phrases")
    return write_npz({name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)})


if __name__ == "__main__":
    sys.exit(main())
