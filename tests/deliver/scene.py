"""A user, a video and the fake service, shared by the tests of deliveries."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chapterize.data import Chapters
from chapterize.deliver import Choice, Delivered, DeliverOptions, Delivery, Offer
from chapterize.media import open_media
from chapterize.remote.brief import BriefOptions
from chapterize.remote.identity import Identity
from tests.fake_service import FakeService, running_service
from tests.remote.users import FakeUser

STARTS, TITLES, DURATION = (0.0, 1.5, 3.0), ("Opening", 'Bees & "honey"', "終わり"), 4.0
CHAPTERS = Chapters.from_starts(STARTS, TITLES, DURATION)
LISTING = "0:00 Opening\n0:01.5 Bees\n0:03 End\n"

PROGRAM = (sys.executable, "-m", "chapterize")


@contextmanager
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    """Run the fake service in place of the real one; its complaints fail the test."""
    use_state(tmp_path, monkeypatch)
    with running_service(tmp_path) as fake:
        monkeypatch.setenv("NEMO_API_URL", fake.base)
        yield fake
        assert not fake.complaints


def use_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new user, and short waits."""
    monkeypatch.setenv("CHAPTERIZE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("CHAPTERIZE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("CHAPTERIZE_PACE", "0.001")
    monkeypatch.delenv("NEMO_TOKEN", raising=False)


@dataclass
class Person(FakeUser):
    """A user who also answers offers."""

    choice: Choice = Choice.SEND
    offers: list[Offer] = field(default_factory=list)

    def consent(self, offer: Offer) -> Choice:
        self.offers.append(offer)
        return self.choice


class Sender:
    """A `Delivery` that is given paths."""

    def __init__(self, address: str, person: Person, where: str, force: bool) -> None:
        options = DeliverOptions(BriefOptions(), where=where, force=force)
        self.delivery = Delivery(Identity(address), options, person, person.consent)

    def deliver(
        self,
        source: Path,
        chapters: Chapters,
        target: Path | None = None,
        *,
        language: str | None = None,
    ) -> Delivered:
        targets = self.delivery.targets(open_media(source), target)
        return self.delivery.deliver(targets, chapters, language=language)


def sender(address: str, person: Person, *, where: str = "auto", force: bool = False) -> Sender:
    return Sender(address, person, where, force)


def titles_in(video: Path) -> list[str]:
    """Titles of the embedded chapters."""
    return [chapter.title for chapter in open_media(video).chapters]


def made_of(talk: Path) -> Path:
    """The default path of the result."""
    return talk.with_name(f"{talk.stem}-chapters.mp4")
