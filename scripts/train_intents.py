#!/usr/bin/env python3
"""Train models/intent.npz, which finds out which of six actions a request asks for.

A multinomial logistic regression over hashed n-grams learns from scripts/intent_phrases.md.
Cross-validation on the same phrases, with the weights quantised as they ship, selects the
regularisation and the lead that an action needs over EDIT. The same phrases, packages and kind of
processor give the same bytes.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from artefacts import check_output, write_manifest, write_npz
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from chapterize.remote.intent import ACTIONS, Action, IntentModel, features
from chapterize.remote.intent_keywords import keyword, normalise

PHRASES = Path(__file__).with_name("intent_phrases.md")
N_FOLDS = 10
STRENGTHS = (10.0, 30.0, 100.0)
"""Candidates for the inverse of the regularisation strength."""
MARGINS = tuple(step / 20 for step in range(19))
LOST_EDIT = 3.0
"""Cost of an edit that never reaches the agent; any other mistake costs 1.0."""

Rows = Any
"""A sparse matrix with one row of features per phrase."""
Targets = NDArray[np.intp]


@dataclass(frozen=True)
class Phrase:
    action: Action
    language: str
    text: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the classifier; return 0, or 1 after one line on stderr."""
    options = _parse(arguments)
    try:
        check_output(options.output)
        phrases = read(options.phrases)
        # Several threads would sum in another order.
        with threadpool_limits(1):
            model = train(phrases)
        options.output.write_bytes(pack(model))
        write_manifest(options.output.parent)
        _say(f"{options.output}: {options.output.stat().st_size} bytes")
    except (OSError, ValueError) as error:
        _say(f"train_intents: {error}")
        return 1
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/train_intents.py", description="Train models/intent.npz on phrases."
    )
    add = parser.add_argument
    add("--phrases", type=Path, default=PHRASES, help="the training phrases")
    add("-o", "--output", type=Path, required=True, help="where to write the classifier")
    return parser.parse_args(arguments)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def read(path: Path) -> list[Phrase]:
    """Return the phrases of a file with sections headed ``## ACTION language``.

    Raises
    ------
    ValueError : a heading names no action, a phrase occurs twice, or an action has too few phrases.
    """
    phrases = list(_phrases(path.read_text(encoding="utf-8")))
    texts = [phrase.text for phrase in phrases]
    repeated = sorted({text for text in texts if texts.count(text) > 1})
    if repeated:
        raise ValueError(f"{path} contains this phrase twice: {repeated[0]}")
    for action in ACTIONS:
        if sum(phrase.action is action for phrase in phrases) < N_FOLDS:
            raise ValueError(f"{path} has fewer than {N_FOLDS} phrases of {action.name}")
    return phrases


def _phrases(text: str) -> Iterator[Phrase]:
    action, language = None, ""
    for line in re.sub(r"<!--.*?-->", "", text, flags=re.S).splitlines():
        heading = re.fullmatch(r"## (\w+) (\w+)", line)
        if heading:
            if Action.__members__.get(heading[1]) not in ACTIONS:
                raise ValueError(f"there is no action {heading[1]}")
            action, language = Action[heading[1]], heading[2]
        elif line.strip():
            if action is None:
                raise ValueError(f"this phrase comes before the first heading: {line}")
            yield Phrase(action, language, line.strip())


def train(phrases: Sequence[Phrase]) -> IntentModel:
    """Return the classifier trained on `phrases`; print its cross-validated accuracy."""
    rows = csr_matrix(np.stack([features(phrase.text) for phrase in phrases]), dtype=np.float64)
    targets = np.array([ACTIONS.index(phrase.action) for phrase in phrases])
    probabilities = {strength: _held_out(rows, targets, strength) for strength in STRENGTHS}
    cost, strength, margin = min(
        (_cost(probabilities[strength], targets, margin), strength, -margin)
        for strength in STRENGTHS
        for margin in MARGINS
    )
    found = _decided(probabilities[strength], -margin)
    _report(phrases, found, targets)
    by_keyword = [keyword(normalise(phrase.text)) for phrase in phrases]
    routed = np.array(
        # A phrase that the table calls NOTHING counts as wrong.
        [
            (*ACTIONS, Action.NOTHING).index(a) if a else f
            for a, f in zip(by_keyword, found, strict=True)
        ]
    )
    n_keyword = sum(action is not None for action in by_keyword)
    _say(f"with the keywords, which decide {n_keyword}: {(routed == targets).mean():.3f}")
    _say(f"C {strength:g}, margin {-margin:g}, cost {cost:g}")
    return fitted(rows, targets, strength, -margin)


def fitted(rows: Rows, targets: Targets, strength: float, margin: float) -> IntentModel:
    """Return a classifier with quantised weights."""
    # Balanced, because edits are frequent and would win every doubtful case.
    learned = LogisticRegression(C=strength, class_weight="balanced", max_iter=2000, tol=1e-5)
    learned.fit(rows, targets)
    weights = learned.coef_.T
    scales = (np.abs(weights).max(axis=0) / 127).astype(np.float32)
    return IntentModel(
        np.round(weights / scales).astype(np.int8),
        scales,
        # Rounded, because the last digits are noise.
        np.round(learned.intercept_, 3).astype(np.float32),
        margin,
    )


def _held_out(rows: Rows, targets: Targets, strength: float) -> NDArray[np.float64]:
    """Probabilities of each phrase by a classifier trained without its fold, shape (n, 6)."""
    probabilities = np.zeros((len(targets), len(ACTIONS)))
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=0)
    for seen, unseen in folds.split(rows, targets):
        model = fitted(rows[seen], targets[seen], strength, 0.0)
        scores = rows[unseen] @ (model.weights * model.scales.astype(np.float64)) + model.bias
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities[unseen] = scores / scores.sum(axis=1, keepdims=True)
    return probabilities


def _decided(probabilities: NDArray[np.float64], margin: float) -> Targets:
    edit = ACTIONS.index(Action.EDIT)
    best = probabilities.argmax(axis=1)
    has_margin = probabilities.max(axis=1) - probabilities[:, edit] >= margin
    return np.where(has_margin, best, edit)


def _cost(probabilities: NDArray[np.float64], targets: Targets, margin: float) -> float:
    found = _decided(probabilities, margin)
    is_lost = (targets == ACTIONS.index(Action.EDIT)) & (found != targets)
    return float((found != targets).sum() + (LOST_EDIT - 1) * is_lost.sum())


def _report(phrases: Sequence[Phrase], found: Targets, targets: Targets) -> None:
    """Print the accuracy by language, the confusion matrix, and the phrases that were confused."""
    is_right = found == targets
    _say(f"{len(phrases)} phrases, {N_FOLDS} folds: accuracy {is_right.mean():.3f}")
    for language in sorted({phrase.language for phrase in phrases}):
        of = np.array([phrase.language == language for phrase in phrases])
        _say(f"  {language}: {is_right[of].mean():.3f} of {of.sum()}")
    for target, action in enumerate(ACTIONS):
        row = [int(((targets == target) & (found == other)).sum()) for other in range(len(ACTIONS))]
        _say(f"  {action.name:9}" + "".join(f"{number:5d}" for number in row))
    for phrase, place in zip(phrases, found.tolist(), strict=True):
        if ACTIONS[place] is not phrase.action:
            _say(f"    {phrase.action.name} as {ACTIONS[place].name}: {phrase.text}")


def pack(model: IntentModel) -> bytes:
    """Return the .npz file; the same classifier gives the same bytes."""
    arrays = sorted((vars(model) | {"margin": np.array([model.margin])}).items())
    return write_npz({name: np.ascontiguousarray(array) for name, array in arrays})


if __name__ == "__main__":
    sys.exit(main())
