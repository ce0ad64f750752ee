#!/usr/bin/env python3
"""Train models/boundary.npz: where chapters begin, how many there are, and confidence.

With --minilm, train models/boundary_minilm.npz too: further networks, which read MiniLM's vectors.

1. For each source, networks (boundary_net.py) with different seeds and features are trained on all
   other sources, and their mean scores that source.
2. From these scores of unseen sources, confidence is fitted by logistic regression; from all
   lengths, the law of the count. Sources have equal weight.
3. The shipped networks are trained on all sources.
4. The networks that read MiniLM's vectors are trained likewise. The mean of all networks scores a
   source, and confidence is fitted to that.

Corpora are those that `chapterize evaluate` reads; only the ``train`` split is used.
models/boundary.md says when a second run gives the same bytes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from artefacts import add_corpora, check_output, write_manifest, write_npz
from boundary_net import CROP, EPOCHS, Example, train_net
from numpy.typing import NDArray

from chapterize.data import Vectors
from chapterize.errors import ChapterizeError
from chapterize.evaluate import Document, paired_starts, read_corpora
from chapterize.language import find_cue_words
from chapterize.segment import SegmentOptions
from chapterize.segment.boundaries import Talk, divide
from chapterize.segment.contrast import running_sums, window_contrasts
from chapterize.segment.estimates import LENGTH_POWER, N_CLUES, confidence_clues
from chapterize.segment.evidence import has_cue
from chapterize.segment.features import N_FEATURES, N_PLAIN, gap_features, opening_grams
from chapterize.segment.model import BoundaryModel
from chapterize.vectors import Embedder, MiniLMEmbedder, StaticEmbedder, embed_sentences

LANGUAGE = "en"
HIT_SECONDS = 10.0
MAX_BYTES = 1_000_000
DECIMALS = 3
"""Decimal places of the coefficients of count and confidence."""
LONGEST_ROWS = 512
"""Weights with more rows have one scale per column."""
ALL = "all"

Arrays = dict[str, NDArray[Any]]
Network = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Kind:
    """Networks that read the same vectors.

    `prefix` : of the names of their arrays; `recipes` : seed and number of features of each
    network, because different features make different errors.
    """

    prefix: str
    embedder: Callable[[], Embedder]
    recipes: Sequence[tuple[int, int]]


TABLE = Kind("network", StaticEmbedder, ((0, N_PLAIN), (1, N_PLAIN), (0, N_FEATURES)))
MINILM = Kind("minilm", MiniLMEmbedder, ((0, N_FEATURES), (1, N_FEATURES)))

NOTHING_FITTED: Arrays = {
    "count": np.zeros(2, dtype=np.float32),
    "confidence.scored": np.zeros(N_CLUES, dtype=np.float32),
    "confidence.unscored": np.zeros(N_CLUES, dtype=np.float32),
}
"""Coefficients before they are known; the networks are read first."""


@dataclass(frozen=True)
class Reading:
    """The inputs for count and confidence from one document, and the true values.

    `clues` and `hits` : with and without the scorer, one row for each boundary.
    """

    source: str
    is_timed: bool
    duration: float
    count: int
    clues: Mapping[bool, NDArray[np.float64]]
    hits: Mapping[bool, NDArray[np.bool_]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the model; returns exit code 0, or 1 after an error message of one line."""
    options = _parse(arguments)
    outputs = {TABLE: options.output}
    folders = {TABLE: options.left_out}
    if options.minilm is not None:
        outputs[MINILM] = options.minilm
        folders[MINILM] = options.left_out and options.left_out / MINILM.prefix
    try:
        for output in outputs.values():
            check_output(output)
        documents = read_corpora(options.corpus, split="train").documents
        models = train(documents, list(outputs), epochs=options.epochs, crop=options.crop, say=_say)
        for kind, output in outputs.items():
            _write(models[kind], output, folders[kind])
    except (OSError, ValueError, ChapterizeError) as error:
        _say(f"train: {error}")
        return 1
    return 0


def _write(models: Mapping[str, Arrays], output: Path, left_out: Path | None) -> None:
    content = write_npz(models[ALL])
    if len(content) > MAX_BYTES:
        raise ValueError(f"the model takes {len(content)} bytes, more than {MAX_BYTES}")
    output.write_bytes(content)
    write_manifest(output.parent)
    _say(f"{output}: {len(content)} bytes")
    if left_out is not None:
        left_out.mkdir(parents=True, exist_ok=True)
        for source in models.keys() - {ALL}:
            (left_out / f"{source}.npz").write_bytes(write_npz(models[source]))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/train boundaries", description="Train models/boundary.npz."
    )
    add_corpora(parser)
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(%(default)s)")
    parser.add_argument(
        "--crop", type=int, default=CROP, help="sentences per example (%(default)s)"
    )
    parser.add_argument(
        "--left-out", type=Path, help="folder for models that leave out one source each"
    )
    parser.add_argument("-o", "--output", type=Path, default=Path("models/boundary.npz"))
    parser.add_argument(
        "--minilm", type=Path, help="also train networks on MiniLM's vectors, into this file"
    )
    return parser.parse_args(arguments)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def train(
    documents: Sequence[Document], kinds: Sequence[Kind], *, epochs: int, crop: int, say: Any
) -> dict[Kind, dict[str, Arrays]]:
    """By kind, the arrays trained on all sources (`ALL`), and a model without each source.

    A later kind adds its networks to those of the earlier ones: they score together. Under `ALL`
    are only its own arrays.
    """
    sources = sorted({document.source for document in documents})
    if len(sources) < 2:
        raise ValueError("at least two sources are needed: each is scored by models of the others")
    learn = partial(train_net, epochs=epochs, crop=crop)
    models: dict[str, Arrays] = {source: {} for source in (*sources, ALL)}
    made: dict[Kind, dict[str, Arrays]] = {}
    for kind in kinds:
        vectors = _in_parallel(_vectors, [(document, kind) for document in documents])
        examples = [_example(*each) for each in zip(documents, vectors, strict=True)]
        say(f"{len(examples)} documents, {sum(len(each.table) for each in examples)} sentences")
        networks = _learn(examples, list(models), kind, learn)
        for source, each in networks.items():
            models[source] = models[source] | each
        is_first = kind == kinds[0]
        readings = _in_parallel(
            _read,
            [
                (document, each, models[document.source], is_first)
                for document, each in zip(documents, vectors, strict=True)
            ],
        )
        say("every source was scored by the networks of the others")
        for source in models:
            others = [one for one in readings if one.source != source]
            networks[source] |= _fits(others, is_first=is_first)
            models[source] = models[source] | networks[source]
        made[kind] = {**models, ALL: networks[ALL]}
    return made


def _in_parallel(work: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("fork")) as pool:
        return list(pool.map(work, *zip(*arguments, strict=True)))


def _learn(
    examples: Sequence[Example], without: Sequence[str], kind: Kind, learn: Callable[..., Network]
) -> dict[str, Arrays]:
    """By source, the networks trained on all others, in int8; under `ALL`, those trained on all."""
    # Forked processes share the documents; each network uses one core.
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("fork")) as pool:
        jobs = {
            source: [
                pool.submit(
                    learn,
                    [each for each in examples if each.source != source],
                    seed=seed,
                    n_features=n_features,
                )
                for seed, n_features in kind.recipes
            ]
            for source in without
        }
        found: dict[str, Arrays] = {source: {} for source in without}
        for source, each in jobs.items():
            for number, job in enumerate(each):
                found[source] |= _quantised(job.result(), f"{kind.prefix}.{number}.")
        return found


@cache
def _embedder(kind: Kind) -> Embedder:
    return kind.embedder()


def _vectors(document: Document, kind: Kind) -> Vectors:
    found = embed_sentences(_embedder(kind), [unit.text for unit in document.units])
    if found.table is None:
        raise ValueError(f"{document.id}: the static table does not know its language")
    return found


def _example(document: Document, vectors: Vectors) -> Example:
    assert vectors.wording is not None
    cues = np.array([bool(find_cue_words(unit.text, LANGUAGE)) for unit in document.units])
    given = (vectors.meaning, vectors.wording)
    meaning, wording = (window_contrasts(running_sums(each)) for each in given)
    return Example(
        document.source,
        vectors.meaning,
        gap_features(given, (meaning, wording), document.units, cues),
        [opening_grams(unit.text) for unit in document.units],
        document.boundaries,
    )


def _read(document: Document, vectors: Vectors, arrays: Arrays, is_first: bool) -> Reading:
    model = BoundaryModel({**NOTHING_FITTED, **arrays})
    clues, hits = {}, {}
    for is_scored in (True, False)[: 1 + is_first]:
        talk = Talk(document.units, vectors, document.duration, language=LANGUAGE)
        found = divide(talk, SegmentOptions(), model if is_scored else None)
        wanted = len(document.boundaries)
        count = min(found.solutions, key=lambda each: (abs(each - wanted), each))
        at = list(found.solutions[count][1:])
        every = confidence_clues(found.solutions, count, found.scores, has_cue(found.evidence))
        clues[is_scored] = every[at]
        hits[is_scored] = _hits(document, at, found.starts)
    return Reading(
        document.source,
        document.is_timed,
        document.duration,
        len(document.boundaries),
        clues,
        hits,
    )


def _hits(document: Document, at: Sequence[int], starts: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether people begin a chapter near each boundary, in one-to-one pairs.

    Documents without times use the times of an assumed pace: a tolerance of one sentence would be
    stricter than ten seconds.
    """
    pairs = paired_starts(document.starts[1:], [float(starts[i]) for i in at], HIT_SECONDS)
    found = np.zeros(len(at), dtype=bool)
    found[[place for _, place in pairs]] = True
    return found


def _fits(readings: Sequence[Reading], *, is_first: bool) -> Arrays:
    """The coefficients; only the first kind of networks fits those that need no scorer."""
    fits = {"count": fit_count(readings)} if is_first else {}
    fits["confidence.scored"] = fit_confidence(readings, True)
    if is_first:
        fits["confidence.unscored"] = fit_confidence(readings, False)
    # Digits beyond a solver's tolerance depend on the machine.
    return {name: np.round(fit, DECIMALS).astype(np.float32) for name, fit in fits.items()}


def _quantised(network: Network, prefix: str) -> Arrays:
    arrays: Arrays = {}
    for name, weight in network.items():
        if weight.ndim < 2:
            arrays[prefix + name] = weight
            continue
        axes = tuple(range(1, weight.ndim)) if len(weight) <= LONGEST_ROWS else (0,)
        scale = np.maximum(np.abs(weight).max(axis=axes, keepdims=True), 1e-12) / 127
        arrays[prefix + name] = np.rint(weight / scale).astype(np.int8)
        arrays[f"{prefix}{name}.scale"] = scale.astype(np.float32)
    return arrays


def fit_count(readings: Sequence[Reading]) -> NDArray[np.float64]:
    """The law of `expected_count`, shape (2,).

    Documents without times are a source of their own: their length is that of an assumed pace.
    """
    minutes = np.array([each.duration for each in readings]) / 60
    counts = np.array([each.count for each in readings])
    levels = np.log(counts) - LENGTH_POWER * np.log(minutes)
    sources = [f"{each.source} {each.is_timed}" for each in readings]
    return np.array([_even(sources) @ levels, LENGTH_POWER])


def fit_confidence(readings: Sequence[Reading], is_scored: bool) -> NDArray[np.float64]:
    """Coefficients of `confidence`, shape (N_CLUES,)."""
    from sklearn.linear_model import LogisticRegression

    hits = [each.hits[is_scored] for each in readings]
    if not hits or len(np.unique(np.concatenate(hits))) < 2:
        return np.zeros(N_CLUES)
    clues = np.vstack([each.clues[is_scored] for each in readings])
    sources = [each.source for each in readings for _ in each.hits[is_scored]]
    weights = _even(sources) * len(sources)
    fit = LogisticRegression(fit_intercept=False, tol=1e-8, max_iter=1000)
    return np.asarray(fit.fit(clues, np.concatenate(hits), sample_weight=weights).coef_[0])


def _even(sources: Sequence[str]) -> NDArray[np.float64]:
    """Weights that sum to 1, with the same sum for each source."""
    names, which, counts = np.unique(sources, return_inverse=True, return_counts=True)
    found: NDArray[np.float64] = 1.0 / (counts[which] * len(names))
    return found


if __name__ == "__main__":
    sys.exit(main())
