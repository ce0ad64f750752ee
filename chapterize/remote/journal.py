"""What is done at the service, written down before it is done.

One file a session in the user's state folder: JSON lines, each on the disk before the act that it
tells of. From them alone `chapterize remote resume` knows what has happened and what has not. No
token, no address of a file and nothing that was said in the video is in it but titles and times.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from chapterize.data import Chapters
from chapterize.errors import InputError, OutputError
from chapterize.journal import Journal
from chapterize.remote.identity import make_private_folder, state_folder

__all__ = ["Job", "SessionJournal", "find_journal", "journals"]

_FOLDER = "sessions"
_SUFFIX = ".jsonl"
_PATHS = ("source", "upload", "target")
_PLAIN = ("name", "fingerprint", "force", "style", "seconds", "aspect", "language")


@dataclass(frozen=True)
class Job:
    """One file that is to become one video.

    `source` : the user's file; `upload` : the one that goes out, the same or a smaller stand-in;
    `name` : how it is called there; `fingerprint` : of its content. `style`, `seconds` and
    `aspect` : of the title overlays; `language` : in which the service is spoken to. `target` :
    where the video goes.
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
        """What the entries of this job carry."""
        return self.fingerprint[:12]

    def to_entry(self) -> dict[str, Any]:
        """The job as JSON."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        paths = {name: str(getattr(self, name)) for name in _PATHS}
        chapters = self.chapters
        return {
            **paths,
            **plain,
            "starts": list(chapters.starts),
            "titles": list(chapters.titles),
            "duration": chapters.duration,
        }

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Job:
        """What `to_entry` wrote."""
        given: dict[str, Any] = {name: Path(entry[name]) for name in _PATHS}
        given |= {name: entry[name] for name in _PLAIN}
        return cls(
            **given,
            chapters=Chapters.from_starts(entry["starts"], entry["titles"], entry["duration"]),
        )


@dataclass
class SessionJournal:
    """The entries of one session, oldest first; `name` is ours, the service has its own.

    An entry has an ``act`` and, where it belongs to a file, the ``job``. Acts: ``begin``, ``job``,
    ``session`` (made; another one later on replaces it), ``upload``, ``message``, ``render`` and
    ``download``, each of them first with ``step`` ``wanted`` and then with what became of it;
    ``end``.
    """

    name: str
    file: Journal
    entries: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def begin(cls, address: str, folder: Path | None = None) -> SessionJournal:
        """A new journal, for a session at `address`."""
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        name = f"{stamp}-{secrets.token_hex(2)}"
        where = (folder or state_folder()) / _FOLDER
        make_private_folder(where.parent)
        make_private_folder(where)
        journal = cls(name, Journal(where / f"{name}{_SUFFIX}"))
        journal.note("begin", address=address)
        return journal

    @classmethod
    def read(cls, path: Path) -> SessionJournal:
        """The journal in a file."""
        file = Journal(path)
        entries = [entry for entry in file.read() if isinstance(entry, dict)]
        return cls(path.name.removesuffix(_SUFFIX), file, entries)

    def note(self, act: str, *, job: Job | None = None, **what: Any) -> None:
        """Write an entry, and return when it is on the disk.

        Raises
        ------
        OutputError : it cannot be written; then nothing may be done that nobody would remember.
        """
        entry = {"act": act, "at": round(time.time(), 3), **what}
        if job is not None:
            entry["job"] = job.key
        if not self.file.append(entry):
            raise OutputError(
                f"cannot write the journal {self.file.path}",
                why="the disk is full, or the folder may not be written",
                hint="free some space, or name another folder in CHAPTERIZE_STATE",
            )
        self.entries.append(entry)

    def add_job(self, job: Job) -> None:
        """Write down that a file is to be made into a video, unless that is there already."""
        if all(known.key != job.key for known in self.jobs):
            self.note("job", job=job, **job.to_entry())

    @property
    def address(self) -> str:
        """The service's base address."""
        return str(self._last("begin").get("address", ""))

    @property
    def session_id(self) -> str | None:
        """The service's name of the session; None before there is one, or when it was lost."""
        return self._last("session").get("session_id")

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The files of this session, in order."""
        return tuple(Job.from_entry(entry) for entry in self.entries if entry["act"] == "job")

    @property
    def is_given_up(self) -> bool:
        """Whether the user wants nothing more of it."""
        return any(entry["act"] == "end" and "job" not in entry for entry in self.entries)

    @property
    def is_ended(self) -> bool:
        """Whether nothing is left to be done: all jobs have ended, or the session was given up."""
        if self.is_given_up:
            return True
        return self.pending_words() is None and all(self.ended(job) for job in self.jobs)

    def pending_words(self) -> Mapping[str, Any] | None:
        """The last ``say`` of which it is not known what became."""
        over = {
            entry["kind"]
            for entry in self.since_session("message", None)
            if entry["step"] in ("done", "refused")
        }
        said = [entry for entry in self.since_session("say", None) if entry["kind"] not in over]
        return said[-1] if said else None

    def ended(self, job: Job) -> Mapping[str, Any] | None:
        """How a job ended; None while it has not."""
        found = [entry for entry in self.entries if entry["act"] == "end" and _is_of(entry, job)]
        return found[-1] if found else None

    def since_session(self, act: str, job: Job | None) -> list[dict[str, Any]]:
        """Entries of `act` and `job` that belong to the session as it is now."""
        made = [n for n, entry in enumerate(self.entries) if entry["act"] == "session"]
        part = self.entries[made[-1] :] if made else []
        return [entry for entry in part if entry["act"] == act and _is_of(entry, job)]

    def turns(self) -> tuple[str, ...]:
        """Keys of the jobs that messages were about in the session as it is now, by turns."""
        made = [n for n, entry in enumerate(self.entries) if entry["act"] == "session"]
        keys = [
            entry["job"]
            for entry in (self.entries[made[-1] :] if made else [])
            if entry["act"] == "message" and entry["step"] == "wanted" and "job" in entry
        ]
        return tuple(key for key, _ in groupby(keys))

    def all_of(self, act: str, job: Job | None) -> list[dict[str, Any]]:
        """Entries of `act` and `job`, from whatever session."""
        return [entry for entry in self.entries if entry["act"] == act and _is_of(entry, job)]

    def _last(self, act: str) -> Mapping[str, Any]:
        return next((entry for entry in reversed(self.entries) if entry["act"] == act), {})


def _is_of(entry: Mapping[str, Any], job: Job | None) -> bool:
    return entry.get("job") == (job.key if job is not None else None)


def journals(folder: Path | None = None) -> Iterator[SessionJournal]:
    """All journals, the newest first; what cannot be read is passed over."""
    where = (folder or state_folder()) / _FOLDER
    for path in sorted(where.glob(f"*{_SUFFIX}"), reverse=True):
        found = SessionJournal.read(path)
        if found.entries and found.entries[0].get("act") == "begin":
            yield found


def find_journal(
    name: str | None, address: str, *, unfinished: bool = False, folder: Path | None = None
) -> SessionJournal:
    """The journal called `name` (its beginning is enough), or the newest one at `address`.

    `unfinished` : the newest of those in which something is left to be done.

    Raises
    ------
    InputError : there is none, or several begin like that.
    """
    known = [each for each in journals(folder) if each.address == address]
    found: Sequence[SessionJournal]
    if name is not None:
        found = [each for each in known if each.name == name] or [
            each for each in known if each.name.startswith(name)
        ]
    else:
        over = "is_ended" if unfinished else "is_given_up"
        found = [each for each in known if not getattr(each, over)][:1]
    if len(found) == 1:
        return found[0]
    raise InputError(
        f"several sessions are called {name}…" if found else "there is no such session",
        why="" if found else f"none {'is unfinished' if unfinished else 'was begun'} here",
        hint="chapterize remote sessions lists them" if known else "begin with: chapterize deliver",
    )
