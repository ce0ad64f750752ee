#!/usr/bin/env python3
"""Train models/boundary.npz: where chapters begin, how many there are, and confidence.

1. For each source, networks (boundary_net.py) with different seeds and features are trained on all
   other sources, and their mean scores that source.
2. From these scores of unseen sources, confidence is fitted by logistic regression; from all
   lengths, the law of the count. Sources have equal weight.
3. The shipped networks are trained on all sources.

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
from functools import partial
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
from chapterize.vectors import StaticEmbedder, embed_sentences

LANGUAGE = "en"
HIT_SECONDS = 10.0
RECIPES = ((0, N_PLAIN), (1, N_PLAIN), (0, N_FEATURES))
"""Seed and number of features of each network; different features make different errors."""
MAX_BYTES = 1_000_000
DECIMALS = 3
"""Decimal places of the coefficients of count and confidence."""
LONGEST_ROWS = 512
"""Weights with more rows have one scale per column."""

Arrays = dict[str, NDArray[Any]]
Network = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Reading:
    """The inputs for count and confidence from one document, and the true values."""

    source: str
    is_timed: bool
    duration: float
    count: int
    clues: Mapping[bool, NDArray[np.float64]]
    hits: Mapping[bool, NDArray[np.bool_]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the model; returns exit code 0, or 1 after an error message of one line."""
    options = _parse(arguments)
    try:
        check_output(options.output)
        documents = read_corpora(options.corpus, split="train").documents
        models = train(documents, epochs=options.epochs, crop=options.crop, say=_say)
        content = write_npz(models.pop("all"))
        if len(content) > MAX_BYTES:
            raise ValueError(f"the model takes {len(content)} bytes, more than {MAX_BYTES}")
        options.output.write_bytes(content)
        write_manifest(options.output.parent)
        _say(f"{options.output}: {len(content)} bytes")
        if options.left_out is not None:
            options.left_out.mkdir(parents=True, exist_ok=True)
            for source, arrays in models.items():
                (options.left_out / f"{source}.npz").write_bytes(write_npz(arrays))
    except (OSError, ValueError, ChapterizeError) as error:
        _say(f"train: {error}")
        return 1
    return 0


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
    return parser.parse_args(arguments)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def train(documents: Sequence[Document], *, epochs: int, crop: int, say: Any) -> dict[str, Arrays]:
    """Arrays of the model trained on all sources (``all``), and of one without each source."""
    sources = sorted({document.source for document in documents})
    if len(sources) < 2:
        raise ValueError("at least two sources are needed: each is scored by models of the others")
    embedder = StaticEmbedder()
    vectors = [_vectors(document, embedder) for document in documents]
    examples = [_example(*each) for each in zip(documents, vectors, strict=True)]
    say(f"{len(examples)} documents, {sum(len(each.table) for each in examples)} sentences")
    learn = partial(train_net, epochs=epochs, crop=crop)
    networks = _learn(examples, [*sources, None], learn)
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("fork")) as pool:
        jobs_of = []
        for source in sources:
            mine = [i for i, document in enumerate(documents) if document.source == source]
            known = ([documents[i] for i in mine], [vectors[i] for i in mine])
            model = BoundaryModel(_arrays(networks[source], []))
            jobs_of.append(pool.submit(_read_all, *known, model))
        readings = [reading for job in jobs_of for reading in job.result()]
    say("every source was scored by the networks of the others")
    return {
        source or "all": _arrays(each, [one for one in readings if one.source != source])
        for source, each in networks.items()
    }


def _learn(
    examples: Sequence[Example], without: Sequence[str | None], learn: Callable[..., Network]
) -> dict[str | None, tuple[Network, ...]]:
    """By source, the networks trained on all others; under None, those trained on all."""
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
                for seed, n_features in RECIPES
            ]
            for source in without
        }
        return {source: tuple(job.result() for job in each) for source, each in jobs.items()}


def _vectors(document: Document, embedder: StaticEmbedder) -> Vectors:
    found = embed_sentences(embedder, [unit.text for unit in document.units])
    if found.table is None:
        raise ValueError(f"{document.id}: the static table does not know its language")
    return found


def _example(document: Document, vectors: Vectors) -> Example:
    assert vectors.table is not None
    assert vectors.wording is not None
    cues = np.array([bool(find_cue_words(unit.text, LANGUAGE)) for unit in document.units])
    given = (vectors.table, vectors.wording)
    meaning, wording = (window_contrasts(running_sums(each)) for each in given)
    return Example(
        document.source,
        vectors.table,
        gap_features(given, (meaning, wording), document.units, cues),
        [opening_grams(unit.text) for unit in document.units],
        document.boundaries,
    )


def _read_all(
    documents: Sequence[Document], vectors: Sequence[Vectors], model: BoundaryModel
) -> list[Reading]:
    return [_read(*each, model) for each in zip(documents, vectors, strict=True)]


def _read(document: Document, vectors: Vectors, model: BoundaryModel) -> Reading:
    clues, hits = {}, {}
    for is_scored in (True, False):
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


def _arrays(networks: Sequence[Network], readings: Sequence[Reading]) -> Arrays:
    """The networks in int8, and the coefficients, which are zeros without readings."""
    arrays: Arrays = {}
    for number, network in enumerate(networks):
        arrays |= _quantised(network, f"network.{number}.")
    # Digits beyond a solver's tolerance depend on the machine.
    fits = {"count": fit_count(readings)}
    for is_scored, name in ((True, "scored"), (False, "unscored")):
        fits[f"confidence.{name}"] = fit_confidence(readings, is_scored)
    arrays |= {name: np.round(fit, DECIMALS).astype(np.float32) for name, fit in fits.items()}
    return arrays


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
    if not readings:
        return np.zeros(2)
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
