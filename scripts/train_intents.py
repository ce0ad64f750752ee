#!/usr/bin/env python3
"""Train models/intent.npz: which of six actions a request asks for.

A multinomial logistic regression over hashed n-grams learns from scripts/intent_phrases.md. How
far it may be regularised, and by how much another action must be likelier than EDIT, is chosen on
the same phrases by cross-validation, with the weights rounded as they ship. The same phrases,
packages and kind of processor give the same bytes.
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
from artefacts import write_manifest, write_npz
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from chapterize.remote.intent_model import ACTIONS, IntentModel, features
from chapterize.remote.intent_words import Action, bare, keyword

PHRASES = Path(__file__).with_name("intent_phrases.md")
N_FOLDS = 10
STRENGTHS = (10.0, 30.0, 100.0)
"""Inverse regularisation to choose from."""
MARGINS = tuple(step / 20 for step in range(19))
LOST_EDIT = 3.0
"""An edit that never reaches the agent is lost; the other mistakes cost 1.0."""

Rows = Any
"""A sparse matrix, one row of features a phrase."""
Goals = NDArray[np.intp]


@dataclass(frozen=True)
class Phrase:
    action: Action
    language: str
    text: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the classifier; the exit code is 0, or 1 with one line on stderr."""
    options = _parse(arguments)
    try:
        phrases = read(options.phrases)
        # More threads would add sums in another order.
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
    add("--phrases", type=Path, default=PHRASES, help="what to learn from")
    add("-o", "--output", type=Path, required=True, help="where to write the classifier")
    return parser.parse_args(arguments)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def read(path: Path) -> list[Phrase]:
    """Return the phrases of a file of sections ``## ACTION language``.

    Raises
    ------
    ValueError : a section names no action, one phrase stands twice, or an action has too few.
    """
    phrases = list(_phrases(path.read_text(encoding="utf-8")))
    texts = [phrase.text for phrase in phrases]
    twice = sorted({text for text in texts if texts.count(text) > 1})
    if twice:
        raise ValueError(f"{path} has this twice: {twice[0]}")
    for action in ACTIONS:
        if sum(phrase.action is action for phrase in phrases) < N_FOLDS:
            raise ValueError(f"{path} has fewer than {N_FOLDS} phrases of {action.name}")
    return phrases


def _phrases(text: str) -> Iterator[Phrase]:
    action, language = None, ""
    for line in re.sub(r"<!--.*?-->", "", text, flags=re.S).splitlines():
        heading = re.fullmatch(r"## (\w+) (\w+)", line)
        if heading:
            if heading[1] not in Action.__members__:
                raise ValueError(f"there is no action {heading[1]}")
            action, language = Action[heading[1]], heading[2]
        elif line.strip():
            if action is None:
                raise ValueError(f"a phrase stands before the first heading: {line}")
            yield Phrase(action, language, line.strip())


def train(phrases: Sequence[Phrase]) -> IntentModel:
    """Return the classifier that the phrases teach, and say how it does on phrases left out."""
    rows = csr_matrix(np.stack([features(phrase.text) for phrase in phrases]), dtype=np.float64)
    goals = np.array([ACTIONS.index(phrase.action) for phrase in phrases])
    chances = {strength: _left_out(rows, goals, strength) for strength in STRENGTHS}
    cost, strength, margin = min(
        (_cost(chances[strength], goals, margin), strength, -margin)
        for strength in STRENGTHS
        for margin in MARGINS
    )
    found = _decided(chances[strength], -margin)
    _report(phrases, found, goals)
    told = [keyword(bare(phrase.text)) for phrase in phrases]
    told_too = np.array([ACTIONS.index(a) if a else f for a, f in zip(told, found, strict=True)])
    n_told = sum(action is not None for action in told)
    _say(f"with the keywords, which decide {n_told}: {(told_too == goals).mean():.3f}")
    _say(f"C {strength:g}, margin {-margin:g}, cost {cost:g}")
    return fitted(rows, goals, strength, -margin)


def fitted(rows: Rows, goals: Goals, strength: float, margin: float) -> IntentModel:
    """Return a classifier of rounded weights."""
    # Balanced, or the many edits would win wherever little is known.
    learned = LogisticRegression(C=strength, class_weight="balanced", max_iter=2000, tol=1e-5)
    learned.fit(rows, goals)
    weights = learned.coef_.T
    scales = (np.abs(weights).max(axis=0) / 127).astype(np.float32)
    return IntentModel(
        np.round(weights / scales).astype(np.int8),
        scales,
        # Rounded, for the last digits are noise.
        np.round(learned.intercept_, 3).astype(np.float32),
        margin,
    )


def _left_out(rows: Rows, goals: Goals, strength: float) -> NDArray[np.float64]:
    """Probabilities of each phrase from a classifier that never saw it, shape (n, 6)."""
    chances = np.zeros((len(goals), len(ACTIONS)))
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=0)
    for seen, unseen in folds.split(rows, goals):
        model = fitted(rows[seen], goals[seen], strength, 0.0)
        scores = rows[unseen] @ (model.weights * model.scales.astype(np.float64)) + model.bias
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances[unseen] = scores / scores.sum(axis=1, keepdims=True)
    return chances


def _decided(chances: NDArray[np.float64], margin: float) -> Goals:
    edit = ACTIONS.index(Action.EDIT)
    best = chances.argmax(axis=1)
    is_sure = chances.max(axis=1) - chances[:, edit] >= margin
    return np.where(is_sure, best, edit)


def _cost(chances: NDArray[np.float64], goals: Goals, margin: float) -> float:
    found = _decided(chances, margin)
    is_lost = (goals == ACTIONS.index(Action.EDIT)) & (found != goals)
    return float((found != goals).sum() + (LOST_EDIT - 1) * is_lost.sum())


def _report(phrases: Sequence[Phrase], found: Goals, goals: Goals) -> None:
    """Say the accuracy by language, the confusion of actions, and what was confused."""
    is_right = found == goals
    _say(f"{len(phrases)} phrases, {N_FOLDS} folds: accuracy {is_right.mean():.3f}")
    for language in sorted({phrase.language for phrase in phrases}):
        of = np.array([phrase.language == language for phrase in phrases])
        _say(f"  {language}: {is_right[of].mean():.3f} of {of.sum()}")
    for goal, action in enumerate(ACTIONS):
        row = [int(((goals == goal) & (found == other)).sum()) for other in range(len(ACTIONS))]
        _say(f"  {action.name:9}" + "".join(f"{number:5d}" for number in row))
    for phrase, place in zip(phrases, found.tolist(), strict=True):
        if ACTIONS[place] is not phrase.action:
            _say(f"    {phrase.action.name} as {ACTIONS[place].name}: {phrase.text}")


def pack(model: IntentModel) -> bytes:
    """Return the .npz, the same bytes for the same classifier."""
    arrays = sorted(model.arrays().items())
    return write_npz({name: np.ascontiguousarray(array) for name, array in arrays})


if __name__ == "__main__":
    sys.exit(main())
