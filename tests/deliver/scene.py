"""A user, a video, and the fake service: what the tests of deliveries share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chapterize.data import Chapters
from chapterize.deliver import Choice, DeliverOptions, Delivery, Offer, User
from chapterize.media import open_media
from chapterize.remote.brief import BriefOptions, PlanCheck
from chapterize.remote.identity import Identity
from tests.fake_service import FakeService, running_service

STARTS, TITLES, DURATION = (0.0, 1.5, 3.0), ("Opening", 'Bees & "honey"', "終わり"), 4.0
CHAPTERS = Chapters.from_starts(STARTS, TITLES, DURATION)
LISTING = "0:00 Opening\n0:01.5 Bees\n0:03 End\n"

PROGRAM = (sys.executable, "-m", "chapterize")


@contextmanager
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    """The fake service as the one that is spoken to; its complaints fail the test."""
    use_state(tmp_path, monkeypatch)
    with running_service(tmp_path) as fake:
        monkeypatch.setenv("NEMO_API_URL", fake.base)
        yield fake
        assert not fake.complaints


def use_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user of whom nothing is known yet, and no long waits."""
    monkeypatch.setenv("CHAPTERIZE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("CHAPTERIZE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("CHAPTERIZE_PACE", "0.001")
    monkeypatch.delenv("NEMO_TOKEN", raising=False)


@dataclass
class Person:
    """Answers as told, and remembers what was said."""

    choice: Choice = Choice.SEND
    renders_anyway: bool = False
    offers: list[Offer] = field(default_factory=list)
    checks: list[PlanCheck] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    stages: set[str] = field(default_factory=set)

    def user(self) -> User:
        return User(self._consent, self._decide, self.told.append, self._progress)

    def _consent(self, offer: Offer) -> Choice:
        self.offers.append(offer)
        return self.choice

    def _decide(self, check: PlanCheck, question: str | None) -> bool:
        self.checks.append(check)
        return self.renders_anyway

    def _progress(self, stage: str, fraction: float) -> None:
        assert 0.0 <= fraction <= 1.0
        self.stages.add(stage)


def delivery(address: str, person: Person, *, where: str = "auto", force: bool = False) -> Delivery:
    return Delivery(
        Identity(address), DeliverOptions(BriefOptions(), where=where, force=force), person.user()
    )


def titles_in(video: Path) -> list[str]:
    """Of the chapters inside."""
    return [chapter.title for chapter in open_media(video).chapters]


def made_of(talk: Path) -> Path:
    """Where the result goes unless told."""
    return talk.with_name(f"{talk.stem}-chapters.mp4")
