"""Ask a language model for every title, check the answers, and ask once more where one fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from chapterize.data import OnProgress
from chapterize.title.llm.answers import first_title, fold
from chapterize.title.llm.check import Talk
from chapterize.title.llm.prompt import Prompt
from chapterize.title.llm.server import Failure

__all__ = ["STAGE", "UNANSWERED", "Answers", "Writing"]

STAGE = "titles"
"""The stage name in progress reports."""

UNANSWERED = "not answered"
"""How the reason starts where there is no answer that could be refused."""

_MOST_FAILURES = 3
"""Failures in a row after which the model is not asked again."""
_SAME = "the same as another"


class Answers(Protocol):
    """Gives the answers of a model to a prompt: one, or several in a second attempt."""

    def __call__(self, prompt: Prompt, *, is_second: bool) -> list[str]:
        """The answers; Failure if there are none."""


class Writing:
    """The titles of one video so far, and why others were refused.

    `drafts` are the titles that stay where the model gives none; `n_wanted` of them, by default
    all, are to be from the model. `n_written` counts those of the model, `refused` the reasons for
    the others; `n_retried` titles were asked for twice.
    """

    def __init__(self, talk: Talk, drafts: Sequence[str], n_wanted: int | None = None) -> None:
        self.titles = list(drafts)
        self.n_wanted = len(drafts) if n_wanted is None else n_wanted
        self.n_written = 0
        self.n_retried = 0
        self.refused: Counter[str] = Counter()
        self._talk = talk
        self._drafts = tuple(drafts)

    def ask(
        self, prompts: Sequence[Prompt], answers: Answers, on_progress: OnProgress | None = None
    ) -> None:
        """Ask about all `prompts`, one by one; a failure costs one title."""
        report = on_progress or (lambda stage, fraction: None)
        report(STAGE, 0.0)
        n_failures = 0
        for done, prompt in enumerate(prompts):
            try:
                self._ask(prompt, answers)
                n_failures = 0
            except Failure as failure:
                n_failures += 1
                is_over = failure.is_final or n_failures == _MOST_FAILURES
                lost = len(prompts) - done if is_over else 1
                self.refused[f"{UNANSWERED} ({failure.why})"] += lost
                if is_over:
                    break
            report(STAGE, (done + 1) / len(prompts))
        report(STAGE, 1.0)

    def _ask(self, prompt: Prompt, answers: Answers) -> None:
        title, why = self._best(prompt.chapter, answers(prompt, is_second=False))
        if why is not None:
            self.n_retried += 1
            again = replace(prompt, unwanted=title) if why == _SAME else prompt
            title, why = self._best(prompt.chapter, answers(again, is_second=True))
        if why is None:
            self._take(prompt.chapter, title)
        else:
            self.refused[why] += 1

    def _best(self, chapter: int, answers: Sequence[str]) -> tuple[str, str | None]:
        """The first title that passes the check; else the first one, and why it was refused."""
        titles = [first_title(answer) for answer in answers] or [""]
        taken = {fold(title) for at, title in enumerate(self.titles) if at != chapter}
        reasons = [self._talk.why_refused(title, chapter, taken) for title in titles]
        best = reasons.index(None) if None in reasons else 0
        return titles[best], reasons[best]

    def _take(self, chapter: int, title: str) -> None:
        # The model's title is shown even where it differs from the draft only in its capitals.
        self.titles[chapter] = title
        self.n_written += fold(title) != fold(self._drafts[chapter])

    def summary(self, whose: str) -> str:
        """How many titles are from `whose`, and why the others are not."""
        text = f"{self.n_written} of {self.n_wanted} titles are from {whose}"
        if self.n_written == self.n_wanted:
            return f"{text}."
        reasons = ", ".join(f"{n} {why}" for why, n in self.refused.most_common())
        return f"{text}, the others are phrases{f': {reasons}' if reasons else ''}."
