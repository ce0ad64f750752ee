"""A session at the fake service as the tests hold it: client, journal, and what was told."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from chapterize.data import Chapters
from chapterize.fingerprint import file_fingerprint
from chapterize.remote.brief import PlanCheck
from chapterize.remote.client import Client
from chapterize.remote.identity import Identity
from chapterize.remote.journal import Job, SessionJournal
from chapterize.remote.link import Link, Talk
from chapterize.remote.waits import Waits
from chapterize.remote.workflow import Carried, carry
from tests.fake_service import FakeService

# Waits within one answer stay long enough for a busy machine.
WAITS = replace(Waits().paced(0.001), answer=10.0, silence=10.0, run=60.0, stall=60.0, render=60.0)
CHAPTERS = Chapters.from_starts([0.0, 1.2, 2.6], ["Opening", "Bees | honey", "“Fin”"], 4.0)


@dataclass
class Heard:
    """What the user was told, asked and shown; `answer` is what they decide."""

    answer: bool = False
    words: list[str] = field(default_factory=list)
    checks: list[tuple[PlanCheck, str | None]] = field(default_factory=list)
    stages: list[tuple[str, float]] = field(default_factory=list)

    def tell(self, text: str) -> None:
        self.words.append(text)

    def decide(self, check: PlanCheck, question: str | None) -> bool:
        self.checks.append((check, question))
        return self.answer

    def talk(self) -> Talk:
        return Talk(self.tell, lambda stage, part: self.stages.append((stage, part)), self.decide)


@contextmanager
def opened_client(fake: FakeService, **waits: float) -> Iterator[Client]:
    with Client.opened(Identity(fake.base), replace(WAITS, **waits)) as client:  # type: ignore[arg-type]
        yield client


@contextmanager
def opened_link(
    fake: FakeService, heard: Heard, journal: SessionJournal | None = None
) -> Iterator[Link]:
    """A link as one run of the program has it; give a journal to go on with it."""
    with opened_client(fake) as client:
        yield Link(client, journal or SessionJournal.begin(fake.base), heard.talk())


def reread(link: Link) -> SessionJournal:
    """The journal as the next run finds it."""
    return SessionJournal.read(link.journal.file.path)


def make_job(source: Path, target: Path, chapters: Chapters = CHAPTERS) -> Job:
    return Job(source, source, source.name, file_fingerprint(source), chapters, target)


def steps(journal: SessionJournal, act: str) -> list[str]:
    """What the journal says of `act`, in order."""
    return [str(entry.get("step", "")) for entry in journal.entries if entry["act"] == act]


def stopping(link: Link, act: str, step: str) -> Callable[[], None]:
    """Make the journal fail with `Killed` right after that line; call the result to undo it."""
    note = link.journal.note

    def fatal(act_now: str, *, job: Job | None = None, **more: Any) -> None:
        note(act_now, job=job, **more)
        if (act_now, more.get("step", "")) == (act, step):
            raise Killed

    link.journal.note = fatal  # type: ignore[method-assign, assignment]
    return lambda: setattr(link.journal, "note", note)


class Killed(BaseException):
    """Stands for the end of a process."""


class Scene:
    """A file, and runs of the program that hand it over."""

    def __init__(self, fake: FakeService, video: Path, folder: Path) -> None:
        self.fake, self.folder = fake, folder
        self.heard = Heard()
        self.source = Path(shutil.copy(video, folder / "talk.mp4"))
        self.job = make_job(self.source, folder / "talk-chapters.mp4")
        self.journal = SessionJournal.begin(fake.base)

    @contextmanager
    def run(self) -> Iterator[Link]:
        """A link of a new process, which knows the journal alone."""
        known = SessionJournal.read(self.journal.file.path)
        with opened_link(self.fake, self.heard, known) as link:
            yield link

    def carry(self, *, job: Job | None = None, send_again: bool = False) -> Carried:
        with self.run() as link:
            self.journal = link.journal
            return carry(link, job or self.job, send_again=send_again)

    def stopped(self, act: str, step: str) -> None:
        """A run that ends right after a line of the journal."""
        with self.run() as link:
            stopping(link, act, step)
            with pytest.raises(Killed):
                carry(link, self.job)

    @property
    def n_uploads(self) -> int:
        return sum(len(each.uploads) for each in self.fake.sessions.values())

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.fake.messages]

    @property
    def charges(self) -> Counter[str]:
        return Counter(each.what for each in self.fake.charges)

    def told(self, part: str) -> bool:
        return any(part in word for word in self.heard.words)

    @property
    def now(self) -> SessionJournal:
        """The journal as it is on the disk."""
        return SessionJournal.read(self.journal.file.path)


@contextmanager
def opened_scene(fake: FakeService, video: Path, folder: Path) -> Iterator[Scene]:
    """At its end the service has nothing to complain of, and no half file is left."""
    folder.mkdir()
    yield Scene(fake, video, folder)
    assert fake.complaints == []
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
