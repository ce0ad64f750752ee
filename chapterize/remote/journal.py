"""The journal of a session, and the link of client, journal and user that every step gets.

A journal is one file of JSON lines in the user's state folder. Each line is on the disk before the
act that it records, so `chapterize remote resume` knows from it alone what has been done and what
has not. It contains no token and no download address; of the video, only titles and times. One
process at a time writes it, under a lock.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from chapterize.data import Chapters
from chapterize.errors import OutputError
from chapterize.files import state_folder
from chapterize.journal import Journal
from chapterize.remote.client import Client
from chapterize.remote.identity import Identity, make_private_folder
from chapterize.remote.writer import one_writer

if TYPE_CHECKING:
    from chapterize.remote.brief import PlanCheck

__all__ = ["FOLDER", "SUFFIX", "Job", "Link", "SessionJournal", "User"]

FOLDER = "sessions"
SUFFIX = ".jsonl"
_PATHS = ("source", "upload", "target")
_PLAIN = ("name", "fingerprint", "force", "style", "seconds", "aspect", "language")


@dataclass(frozen=True)
class Job:
    """One file to be turned into one video.

    `source` is the user's file; `upload` the file that is sent, the same or a smaller proxy;
    `name` its name at the service and `fingerprint` that of its content, empty for a video that
    has no source here. `style`, `seconds` and `aspect` describe the title overlays, `language` the
    messages. The video goes to `target`.
    """

    source: Path
    upload: Path
    name: str
    fingerprint: str
    chapters: Chapters
    target: Path
    force: bool = False
    style: str = "lower-third"
    seconds: float = 4.0
    aspect: str = "16:9"
    language: str = "en"

    @property
    def key(self) -> str:
        """The key of this job in journal entries."""
        return self.fingerprint[:12]

    def to_entry(self) -> dict[str, Any]:
        """Return the job as JSON."""
        chapters = self.chapters
        return {
            **{name: str(getattr(self, name)) for name in _PATHS},
            **{name: getattr(self, name) for name in _PLAIN},
            "starts": list(chapters.starts),
            "titles": list(chapters.titles),
            "duration": chapters.duration,
        }

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Job:
        """Read what `to_entry` wrote."""
        given: dict[str, Any] = {name: Path(entry[name]) for name in _PATHS}
        given |= {name: entry[name] for name in _PLAIN}
        chapters = Chapters.from_starts(entry["starts"], entry["titles"], entry["duration"])
        return cls(**given, chapters=chapters)


@dataclass
class SessionJournal:
    """The entries of one session, oldest first; `name` is local, the service has its own id.

    An entry has an ``act`` and, if it belongs to a file, the ``job``. ``begin``, ``job`` and
    ``end`` stand alone. ``session`` records that one was made or lost; a later one replaces it.
    ``upload``, ``message``, ``render`` and ``download`` come first with the ``step`` ``wanted``,
    then with their outcome.
    """

    name: str
    file: Journal
    entries: list[dict[str, Any]] = field(default_factory=list)
    _is_locked: bool = field(default=False, init=False)

    @classmethod
    def begin(cls, address: str, folder: Path | None = None) -> SessionJournal:
        """Create the journal of a new session at `address`."""
        name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        sessions = (folder or state_folder()) / FOLDER
        make_private_folder(sessions)
        journal = cls(name, Journal(sessions / f"{name}{SUFFIX}"))
        journal.note("begin", address=address)
        return journal

    @classmethod
    def read(cls, path: Path) -> SessionJournal:
        """Read the journal at `path`."""
        journal = cls(path.name.removesuffix(SUFFIX), Journal(path))
        journal._reload()
        return journal

    def _reload(self) -> None:
        self.file = Journal(self.file.path)
        self.entries[:] = [entry for entry in self.file.read() if isinstance(entry, dict)]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only process that writes this journal; what others wrote before is read first.

        The lock ends with the process. It may be taken again inside.

        Raises
        ------
        SessionInUse : another process has the lock; the error names it.
        OutputError : the lock cannot be created.
        """
        if self._is_locked:
            yield
            return
        with one_writer(self.file.path.with_suffix(""), f"the session {self.name}"):
            self._reload()
            self._is_locked = True
            try:
                yield
            finally:
                self._is_locked = False

    def note(self, act: str, *, job: Job | None = None, **what: Any) -> None:
        """Write an entry, and return once it is on the disk.

        Raises
        ------
        OutputError : it cannot be written, so the act that it records must not happen.
        """
        entry = {"act": act, "at": round(time.time(), 3), **what}
        if job is not None:
            entry["job"] = job.key
        if not self.file.append(entry):
            raise OutputError(
                f"cannot write the journal {self.file.path}",
                why="the disk is full, or the folder is not writable",
                hint="free some space, or set CHAPTERIZE_STATE to another folder",
            )
        self.entries.append(entry)

    def add_job(self, job: Job) -> None:
        """Record a job, unless it is already recorded."""
        if all(known.key != job.key for known in self.jobs):
            self.note("job", job=job, **job.to_entry())

    @property
    def address(self) -> str:
        """The base address of the service."""
        return str(self._last("begin").get("address", ""))

    @property
    def session_id(self) -> str | None:
        """The id of the session at the service; None before it exists, or after it was lost."""
        return self._last("session").get("session_id")

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs of this session, in order."""
        return tuple(Job.from_entry(entry) for entry in self.entries if entry["act"] == "job")

    @property
    def is_given_up(self) -> bool:
        """Whether the user gave the session up."""
        return any(entry["act"] == "end" and "job" not in entry for entry in self.entries)

    @property
    def is_ended(self) -> bool:
        """Whether nothing is left to do: all jobs and exports have ended, or it was given up."""
        left = self.pending_message() or self.open_export()
        return self.is_given_up or (left is None and all(map(self.ended, self.jobs)))

    def pending_message(self) -> Mapping[str, Any] | None:
        """Return the latest message in the user's own words whose outcome is unknown."""
        over = {
            entry["kind"]
            for entry in self.since_session("message", None)
            if entry["step"] in ("done", "refused")
        }
        sent = [entry for entry in self.since_session("say", None) if entry["kind"] not in over]
        return sent[-1] if sent else None

    def open_export(self) -> Mapping[str, Any] | None:
        """Return what the user asked to export and has not got, with ``target`` and ``force``."""
        # A message that was refused, or lost with its session, takes its export with it.
        steps = {e["kind"]: e for e in self.since_session("message", None)}
        said = self.since_session("say", None)
        for entry in reversed([] if self.is_given_up else self.entries):
            if entry["act"] == "export":
                return entry if entry["step"] == "wanted" else None
            if entry["act"] == "say" and entry.get("export") and entry in said:
                sent = steps.get(entry["kind"], {})
                is_asked = entry["export"]["is_asked"] or "export" in sent.get("wishes", ())
                if is_asked and sent.get("step") != "refused":
                    return dict(entry["export"])
        return None

    def ended(self, job: Job) -> Mapping[str, Any] | None:
        """Return the entry that ended a job; None while it is unfinished."""
        return next(reversed(self.all_of("end", job)), None)

    def since_session(self, act: str, job: Job | None) -> list[dict[str, Any]]:
        """Return the entries of `act` and `job` in the current session at the service."""
        return [entry for entry in self._current() if entry["act"] == act and _is_of(entry, job)]

    def turns(self) -> tuple[str, ...]:
        """Return the keys of the jobs that messages of the current session were about, in turn."""
        keys = [
            entry["job"]
            for entry in self._current()
            if entry["act"] == "message" and entry["step"] == "wanted" and "job" in entry
        ]
        return tuple(key for key, _ in groupby(keys))

    def all_of(self, act: str, job: Job | None) -> list[dict[str, Any]]:
        """Return the entries of `act` and `job` in all sessions of this journal."""
        return [entry for entry in self.entries if entry["act"] == act and _is_of(entry, job)]

    def _current(self) -> list[dict[str, Any]]:
        """The entries since the session at the service was made or lost."""
        made = [n for n, entry in enumerate(self.entries) if entry["act"] == "session"]
        return self.entries[made[-1] :] if made else []

    def _last(self, act: str) -> Mapping[str, Any]:
        return next((entry for entry in reversed(self.entries) if entry["act"] == act), {})


def _is_of(entry: Mapping[str, Any], job: Job | None) -> bool:
    return entry.get("job") == (job.key if job is not None else None)


class User(Protocol):
    """The person who runs the program: what they see, and what they are asked."""

    def show(self, text: str) -> None:
        """Show one sentence."""

    def progress(self, stage: str, fraction: float) -> None:
        """Show that `fraction`, in [0, 1], of the named stage is done."""

    def detail(self, text: str) -> None:
        """Show one request, if the user wants to see them; never contains a secret."""

    def accepts(self, check: PlanCheck, question: str | None) -> bool:
        """Whether to render although the plan was not carried out as asked.

        `question` is what the agent asked, if anything.
        """

    def pays_again(self, why: str) -> bool:
        """Whether to repeat, and pay for, an edit that was paid for and is lost; `why` it is."""


Finish = Callable[[Path, Job], Sequence[str]]
"""Applied to a downloaded video, at a temporary path, before it gets its name; returns notes."""


def _no_notes(video: Path, job: Job) -> Sequence[str]:
    return ()


@dataclass(frozen=True)
class Link:
    """One session: the client that talks to it, the journal that records it, and the user."""

    client: Client
    journal: SessionJournal
    user: User
    finish: Finish = _no_notes

    @classmethod
    @contextmanager
    def opened(
        cls,
        identity: Identity,
        journal: SessionJournal,
        user: User,
        finish: Finish = _no_notes,
        *,
        reads_only: bool = False,
    ) -> Iterator[Link]:
        """Yield a link whose connections are closed at the end.

        It has the lock of the journal, unless it `reads_only`.

        Raises
        ------
        SessionInUse : another process has the lock.
        """
        with (
            nullcontext() if reads_only else journal.locked(),
            Client.opened(identity, on_detail=user.detail, show=user.show) as client,
        ):
            yield cls(client, journal, user, finish)
