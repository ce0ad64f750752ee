"""Sessions at the fake service, for tests of the steps of the workflow."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chapterize.data import Chapters
from chapterize.fingerprint import file_fingerprint
from chapterize.remote.client import Client
from chapterize.remote.identity import Identity
from chapterize.remote.journal import Job, Link, SessionJournal
from chapterize.remote.request import Waits
from chapterize.remote.workflow import Carried, carry
from tests.fake_service import FakeService
from tests.remote.users import FakeUser

# The timeouts of one answer stay long enough for a busy machine.
WAITS = replace(Waits().paced(0.001), answer=10.0, silence=10.0, run=60.0, stall=60.0, render=60.0)
CHAPTERS = Chapters.from_starts([0.0, 1.2, 2.6], ["Opening", "Bees | honey", "“Fin”"], 4.0)


@contextmanager
def opened_client(fake: FakeService, **waits: float) -> Iterator[Client]:
    with Client.opened(Identity(fake.base), replace(WAITS, **waits)) as client:  # type: ignore[arg-type]
        yield client


@contextmanager
def opened_link(
    fake: FakeService, user: FakeUser, journal: SessionJournal | None = None
) -> Iterator[Link]:
    """The link of one run of the program; pass a journal to continue it."""
    with opened_client(fake) as client:
        yield Link(client, journal or SessionJournal.begin(fake.base), user)


def reread(link: Link) -> SessionJournal:
    """The journal as the next run reads it."""
    return SessionJournal.read(link.journal.file.path)


def make_job(source: Path, target: Path, chapters: Chapters = CHAPTERS) -> Job:
    return Job(source, source, source.name, file_fingerprint(source), chapters, target)


def steps(journal: SessionJournal, act: str) -> list[str]:
    """The steps of `act` in the journal, in order."""
    return [str(entry.get("step", "")) for entry in journal.entries if entry["act"] == act]


def stopping(link: Link, act: str, step: str) -> Callable[[], None]:
    """Make the journal raise `Killed` right after that line; call the result to undo it."""
    note = link.journal.note

    def fatal(act_now: str, *, job: Job | None = None, **more: Any) -> None:
        note(act_now, job=job, **more)
        if (act_now, more.get("step", "")) == (act, step):
            raise Killed

    link.journal.note = fatal  # type: ignore[method-assign, assignment]
    return lambda: setattr(link.journal, "note", note)


class Killed(BaseException):
    """The end of a process."""


class Scene:
    """A file, and runs of the program that hand it over."""

    def __init__(self, fake: FakeService, video: Path, folder: Path) -> None:
        self.fake, self.folder = fake, folder
        self.user = FakeUser()
        self.source = Path(shutil.copy(video, folder / "talk.mp4"))
        self.job = make_job(self.source, folder / "talk-chapters.mp4")
        self.journal = SessionJournal.begin(fake.base)

    @contextmanager
    def run(self) -> Iterator[Link]:
        """The link of a new process, which knows only the journal."""
        known = SessionJournal.read(self.journal.file.path)
        with opened_link(self.fake, self.user, known) as link:
            yield link

    def carry(self, *, job: Job | None = None, send_again: bool = False) -> Carried:
        with self.run() as link:
            self.journal = link.journal
            return carry(link, job or self.job, send_again=send_again)

    def stopped(self, act: str, step: str) -> None:
        """A run that is killed right after a line of the journal."""
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

    def has_shown(self, part: str) -> bool:
        return any(part in line for line in self.user.shown)

    @property
    def now(self) -> SessionJournal:
        """The journal on the disk."""
        return SessionJournal.read(self.journal.file.path)


@contextmanager
def opened_scene(fake: FakeService, video: Path, folder: Path) -> Iterator[Scene]:
    """Check at the end that the service has no complaints, and that no partial file is left."""
    folder.mkdir()
    yield Scene(fake, video, folder)
    assert fake.complaints == []
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
