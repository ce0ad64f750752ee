"""A user for the tests: answers as configured, and records what was shown and asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from chapterize.remote.brief import PlanCheck


@dataclass
class FakeUser:
    """Implements `User`.

    `answer` is what it says to a plan that was not carried out, `pay_again` to paying twice.
    """

    answer: bool = False
    pay_again: bool = False
    shown: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    checks: list[tuple[PlanCheck, str | None]] = field(default_factory=list)
    stages: list[tuple[str, float]] = field(default_factory=list)
    repeats: list[str] = field(default_factory=list)

    def show(self, text: str) -> None:
        self.shown.append(text)

    def progress(self, stage: str, fraction: float) -> None:
        assert 0.0 <= fraction <= 1.0
        self.stages.append((stage, fraction))

    def detail(self, text: str) -> None:
        self.details.append(text)

    def accepts(self, check: PlanCheck, question: str | None) -> bool:
        self.checks.append((check, question))
        return self.answer

    def pays_again(self, why: str) -> bool:
        self.repeats.append(why)
        return self.pay_again
