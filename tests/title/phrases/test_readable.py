"""Phrases and questions that read like titles."""

from __future__ import annotations

import pytest

from chapterize.title.phrases.readable import asks_well, is_loose


@pytest.mark.parametrize(
    "question",
    [
        "what is a rollup", "how do you test a component", "how often do we see empty blocks",
        "can you explain the carve out", "who uses static types", "what's your favourite editor",
        "which wallet is best", "is it worth it",
    ],
)  # fmt: skip
def test_complete_questions_are_accepted(question: str) -> None:
    assert asks_well(question.split())


@pytest.mark.parametrize(
    "question",
    [
        "is how is your fitness going", "what the attacker", "what", "how is", "what is what",
        "what do do we need", "are so many blocks", "how do you um test", "what is it like",
        "is bitcoin", "what is is it",
    ],
)  # fmt: skip
def test_incomplete_questions_are_rejected(question: str) -> None:
    assert not asks_well(question.split())


def test_adverbs_and_fillers_are_recognised_without_false_positives() -> None:
    assert all(map(is_loose, ["straight", "recently", "mostly", "okay", "easily", "ideally"]))
    assert not any(map(is_loose, ["assembly", "daily", "family", "react", "fly", "reply"]))
