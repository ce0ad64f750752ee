"""Second attempts, progress and failures, with scripted answers."""

from __future__ import annotations

from functools import cache

import pytest

from chapterize.title.llm.check import Talk
from chapterize.title.llm.prompt import Prompt, excerpts
from chapterize.title.llm.server import Failure
from chapterize.title.llm.writing import Writing
from chapterize.vectors import StaticEmbedder
from tests.texts import BREAD, STARS, TOPICS

table = cache(StaticEmbedder)
DRAFTS = ("Draft one", "Draft two", "Draft three")


class Script:
    """Answers from a list for each attempt, by the chapter; keeps the prompts it was given."""

    def __init__(self, first: dict[int, str], second: dict[int, list[str]] | None = None) -> None:
        self.first = first
        self.second = second or {}
        self.asked: list[tuple[bool, Prompt]] = []

    def __call__(self, prompt: Prompt, *, is_second: bool) -> list[str]:
        self.asked.append((is_second, prompt))
        if is_second:
            return self.second.get(prompt.chapter, [""])
        return [self.first[prompt.chapter]]


def written(script: Script) -> Writing:
    writing = Writing(Talk(TOPICS, "en", table), DRAFTS)
    writing.ask(excerpts(TOPICS), script)
    return writing


def test_only_the_chapters_that_failed_are_asked_about_again() -> None:
    script = Script({0: "Kneading dough", 1: "Venus in 1800", 2: "Tax return"}, {1: ["Planets"]})
    writing = written(script)
    assert writing.titles == ["Kneading dough", "Planets", "Tax return"]
    asked = [(prompt.chapter, is_second) for is_second, prompt in script.asked]
    assert asked == [(0, False), (1, False), (1, True), (2, False)]
    assert writing.n_retried == 1
    assert writing.summary("the model") == "3 of 3 titles are from the model."


def test_the_summary_counts_the_titles_that_are_wanted() -> None:
    script = Script({1: "Planets and stars"})
    writing = Writing(Talk(TOPICS, "en", table), DRAFTS, n_wanted=1)
    writing.ask(excerpts(TOPICS)[1:2], script)
    assert writing.summary("the model") == "1 of 1 titles are from the model."


def test_the_first_good_title_of_a_second_attempt_is_used() -> None:
    samples = ["Venus in 1800", "Planets and stars", "Telescopes"]
    script = Script({0: "Kneading dough", 1: "", 2: "Tax return"}, {1: samples})
    assert written(script).titles[1] == "Planets and stars"


def test_the_reason_of_the_second_refusal_is_reported() -> None:
    script = Script({0: "Kneading dough", 1: "Tax", 2: "Tax return"}, {1: ["Stars in 1800"]})
    writing = written(script)
    assert writing.titles[1] == "Draft two"
    assert writing.summary("it") == (
        "2 of 3 titles are from it, the others are phrases: 1 with a number that is not said."
    )


def test_two_chapters_do_not_get_the_same_title() -> None:
    talk = (BREAD, STARS, BREAD[::-1])
    script = Script({0: "Kneading dough", 1: "Stars", 2: "Kneading dough"}, {2: ["Baking bread"]})
    writing = Writing(Talk(talk, "en", table), DRAFTS)
    writing.ask(excerpts(talk), script)
    assert writing.titles == ["Kneading dough", "Stars", "Baking bread"]
    assert script.asked[-1][1].unwanted == "Kneading dough"


def test_progress_counts_the_chapters() -> None:
    reported: list[float] = []
    writing = Writing(Talk(TOPICS, "en", table), DRAFTS)
    script = Script(dict.fromkeys(range(3), ""))
    writing.ask(excerpts(TOPICS), script, lambda stage, done: reported.append(done))
    assert reported == pytest.approx([0, 1 / 3, 2 / 3, 1, 1])


def test_a_failure_costs_one_title_and_a_final_one_the_rest() -> None:
    def broken(prompt: Prompt, *, is_second: bool) -> list[str]:
        raise Failure("it is broken", is_final=prompt.chapter == 1)

    writing = Writing(Talk(TOPICS, "en", table), DRAFTS)
    writing.ask(excerpts(TOPICS), broken)
    assert tuple(writing.titles) == DRAFTS
    assert writing.refused == {"not answered (it is broken)": 3}
