"""What the user wants: one of six actions, four of which never reach the service's agent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from chapterize.remote.intent_model import IntentModel
from chapterize.remote.intent_words import Action, bare, keyword

__all__ = ["Action", "Intent", "route"]


@dataclass(frozen=True)
class Intent:
    """An action, and how it was found: ``keyword`` or ``classifier``.

    `probability` : of the action, as the classifier sees it; 1.0 for a keyword.
    """

    action: Action
    how: str
    probability: float


def route(text: str, *, has_file: bool = False) -> Intent:
    """Return what `text` asks for; English and Chinese best, German, Spanish, French, Japanese too.

    A text without words asks for the state, or with a file for its upload: neither costs anything.

    Raises
    ------
    EngineError : the classifier is needed and missing or damaged.
    """
    found = keyword(bare(text), has_file=has_file)
    if found is not None:
        return Intent(found, "keyword", 1.0)
    model = _model()
    action, probability = model.decide(model.probabilities(text))
    return Intent(action, "classifier", probability)


@cache
def _model() -> IntentModel:
    return IntentModel.load()
