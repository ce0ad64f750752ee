#!/usr/bin/env python3
"""Train models/title.npz: which candidate a person would choose for a chapter's title.

1. Boosted trees learn, for each word of each chapter, whether the person's title holds it.
2. The candidates of every chapter are made and described as the program will do it. What the first
   trees say of the words comes from trees that never saw the document: each half of the documents
   is judged by trees of the other half.
3. Boosted trees learn the ROUGE-L F of a candidate against the person's title.

Sites weigh alike however many titles they give; files whose names agree up to the first underscore
are of one site. Corpora are gzipped JSON lines with ``units`` = [{"text"}], ``boundaries``,
``titles`` and ``split``; only ``train`` is learned from. The same inputs, packages and processor
give the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from title_trees import Settings, grown, one_thread

from chapterize.title.pool import TYPICAL_TITLES, place_of, pool_of
from chapterize.title.runs import field_of
from chapterize.title.scorer import Scorer, known_words, logistic, read_speech
from chapterize.title.spoken import Floats, Spoken
from chapterize.title.telling import Words
from chapterize.title.titler import KeyphraseTitler, tidy

WORDS = Settings(n_trees=80, n_leaves=15, rate=0.12, least=80)
PHRASES = Settings(n_trees=120, n_leaves=20, rate=0.08, least=80)
MOST_CHAPTERS = 1000
"""Of one site; more of the same adds little."""
N_WRONG = 50
"""Candidates that share no word with the title, of each chapter; the others are all learned."""
SHRINKAGE = 5.0
"""So many chapters without a typical title are added to those of each site."""


@dataclass(frozen=True)
class Example:
    """A document with its features and the people's titles, in words."""

    site: str
    source: str
    texts: list[list[str]]
    heard: Spoken
    told: Words
    titles: list[list[str]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the scorer; the exit code is 0, or 1 with one line on stderr."""
    options = _parse(arguments)
    try:
        examples = read(options.corpus, "train")
        for site in options.leave_out:
            scorer = train([example for example in examples if example.site != site])
            report(scorer, [example for example in examples if example.site == site], options)
        if options.output:
            scorer = train(examples)
            options.output.write_bytes(pack(scorer))
            write_line(options.output)
            _say(f"{options.output}: {options.output.stat().st_size} bytes")
            if options.test:
                report(scorer, read(options.corpus, "test"), options)
    except (OSError, ValueError, KeyError) as error:
        _say(f"train_titles: {error}")
        return 1
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/train_titles.py", description="Train models/title.npz on people's titles."
    )
    add = parser.add_argument
    add("--corpus", type=Path, action="append", required=True, help="a .jsonl.gz to learn from")
    add("--leave-out", action="append", default=[], help="report on a site, learning from the rest")
    add("--test", action="store_true", help="report on the test splits in the end")
    add("--examples", type=int, default=0, help="titles to show of each corpus reported on")
    add("-o", "--output", type=Path, help="where to write the scorer")
    return parser.parse_args(arguments)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def read(corpora: Sequence[Path], split: str) -> list[Example]:
    """Return the documents of a split that have titles, with their features."""
    known = known_words()
    documents: dict[str, list[tuple[str, Any]]] = {}
    for path in sorted(corpora, key=lambda path: path.name):
        source = path.name.split(".")[0]
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for document in map(json.loads, lines):
                if document["split"] == split and any(document["titles"]):
                    documents.setdefault(source.split("_")[0], []).append((source, document))
    if not documents:
        raise ValueError(f"the corpora hold no titles in their {split} split")
    return [
        _example(document, source, known)
        for _, of_site in sorted(documents.items())
        for source, document in (thinned(of_site) if split == "train" else of_site)
    ]


def thinned(documents: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return documents at even distances, with about MOST_CHAPTERS titles or all there are."""
    n_titles = sum(1 for _, document in documents for title in document["titles"] if title)
    n_kept = max(1, round(min(1.0, MOST_CHAPTERS / n_titles) * len(documents)))
    return [documents[i * len(documents) // n_kept] for i in range(n_kept)]


def _example(document: Mapping[str, Any], source: str, known: Mapping[str, int]) -> Example:
    edges = [*document["boundaries"], len(document["units"])]
    texts = [
        [tidy(unit["text"]) for unit in document["units"][start:end]]
        for start, end in pairwise(edges)
    ]
    heard, told = read_speech(texts, known)
    titles = [rouge_words(title or "") for title in document["titles"]]
    return Example(source.split("_")[0], source, texts, heard, told, titles)


def rouge_words(text: str) -> list[str]:
    """Return the words that ROUGE compares: runs of letters and digits in lower case."""
    return "".join(c if c.isalnum() and c.isascii() else " " for c in text.lower()).split()


def rouge_l(reference: Sequence[str], hypothesis: Sequence[str]) -> float:
    """F of the longest common subsequence of words (Lin, 2004), in [0, 1]."""
    if not set(reference) & set(hypothesis):
        return 0.0
    row = [0] * (len(hypothesis) + 1)
    for word in reference:
        diagonal = 0
        for place, other in enumerate(hypothesis, 1):
            above = row[place]
            row[place] = diagonal + 1 if word == other else max(above, row[place - 1])
            diagonal = above
    return 2 * row[-1] / (len(reference) + len(hypothesis))


def train(examples: Sequence[Example]) -> Scorer:
    """Return the scorer that the examples teach."""
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
        return Scorer(_word_trees(examples), phrases, typical)


def _even(parts: Sequence[tuple[str, NDArray[np.float64]]]) -> NDArray[np.float64]:
    """Weights of mean 1.0, in which a site counts by the fourth root of its sum."""
    sums: dict[str, float] = {}
    for site, weight in parts:
        sums[site] = sums.get(site, 0.0) + float(weight.sum())
    weights = np.concatenate([weight * sums[site] ** -0.75 for site, weight in parts])
    return np.asarray(weights / weights.mean())


def _word_trees(examples: Sequence[Example]) -> Any:
    rows, goals, weights = [], [], []
    for example in examples:
        titled = np.array([bool(title) for title in example.titles])[example.told.chapter]
        words = [rouge_words(word) for word in example.heard.vocabulary]
        held = [
            bool(words[w]) and set(words[w]) <= set(example.titles[c])
            for c, w in zip(example.told.chapter.tolist(), example.told.word.tolist(), strict=True)
        ]
        rows.append(example.told.features[titled])
        goals.append(np.array(held, dtype=np.float64)[titled])
        weights.append((example.site, np.ones(int(titled.sum()))))
    return grown(np.concatenate(rows), np.concatenate(goals), _even(weights), WORDS, is_chance=True)


def _candidates(
    example: Example, judge: Any, typical: Floats
) -> tuple[Floats, NDArray[np.float64], NDArray[np.float64]]:
    """Candidates to learn from: all that share a word with the title, N_WRONG of the others."""
    likely = logistic(judge.predict(example.told.features))
    pool = pool_of(field_of(example.heard, example.told, likely), example.told, typical)
    goal = np.array(
        [
            rouge_l(example.titles[chapter], rouge_words(" ".join(words)))
            for words, chapter in zip(pool.words, pool.chapter.tolist(), strict=True)
        ]
    )
    kept, weights = [], []
    for chapter, title in enumerate(example.titles):
        of_chapter = np.flatnonzero(pool.chapter == chapter)
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
    """Return the mean ROUGE-L F of each typical title in first, middle and last chapters.

    Sites count alike; shape (len(TYPICAL_TITLES), 3).
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
                near = sum(rouge_l(title, rouge_words(typical)) for title in there)
                table[row, place] += near / (len(there) + SHRINKAGE) / len(sites)
    return np.round(table, 4).astype(np.float32)


def report(scorer: Scorer, examples: Sequence[Example], options: argparse.Namespace) -> None:
    """Say the mean ROUGE-L of the titles now, of phrases alone, and of the best candidates."""
    now, before = KeyphraseTitler(scorer=scorer), KeyphraseTitler(plain=True)
    for source in sorted({example.source for example in examples}):
        figures: list[tuple[float, float, float]] = []
        shown: list[str] = []
        for example in examples:
            if example.source != source:
                continue
            titles = [titler.title(example.texts, language="en") for titler in (now, before)]
            pool, _ = scorer.pool(example.heard, example.told)
            best = [0.0] * len(example.titles)
            for words, chapter in zip(pool.words, pool.chapter.tolist(), strict=True):
                near = rouge_l(example.titles[chapter], rouge_words(" ".join(words)))
                best[chapter] = max(best[chapter], near)
            for row in zip(example.titles, titles[0], titles[1], best, strict=True):
                if row[0]:
                    pair = [rouge_l(row[0], rouge_words(title)) for title in row[1:3]]
                    figures.append((pair[0], pair[1], row[3]))
                    shown.append(f"    {' '.join(row[0])} | {row[1]} | {row[2]}")
        mean = np.mean(figures, axis=0)
        _say(
            f"{source}: {len(figures)} titles, ROUGE-L {mean[0]:.4f}, "
            f"phrases alone {mean[1]:.4f}, best candidate {mean[2]:.4f}"
        )
        for index in np.random.default_rng(0).permutation(len(shown))[: options.examples]:
            _say(shown[index])


def pack(scorer: Scorer) -> bytes:
    """Return the .npz, the same bytes for the same scorer."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in sorted(scorer.arrays().items()):
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content.getvalue())
    return buffer.getvalue()


def write_line(path: Path) -> None:
    """Put the file's digest into the list of models beside it, the other lines as they are."""
    import hashlib

    from chapterize.weights import MANIFEST

    manifest = path.parent / MANIFEST
    lines = manifest.read_text(encoding="utf-8").splitlines() if manifest.exists() else []
    kept = [line for line in lines if line.partition("  ")[2] != path.name]
    kept.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}")
    kept.sort(key=lambda line: line.partition("  ")[2])
    manifest.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
