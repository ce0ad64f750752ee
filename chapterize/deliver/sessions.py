"""The sessions started here: which one a file belongs to, and what is left to do in it."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from chapterize.errors import InputError
from chapterize.fingerprint import file_fingerprint
from chapterize.remote.identity import Identity
from chapterize.remote.journal import Job, SessionJournal
from chapterize.remote.journals import find_journal, journals
from chapterize.remote.targets import resume_command

__all__ = [
    "Source",
    "export_command",
    "files_in",
    "has_costs_left",
    "next_command",
    "require_session_about",
    "require_shown",
    "session_about",
    "state_of",
]


@dataclass(frozen=True)
class Source:
    """A file or a web address of the user, as journals record it.

    `path` is absolute, and empty for an address. `fingerprint` is that of the content of a file, or
    of an address, and empty if the file cannot be read.
    """

    name: str
    path: str
    fingerprint: str

    @classmethod
    def of_file(cls, path: Path) -> Source:
        """Describe a file, which need not exist any more."""
        try:
            fingerprint = file_fingerprint(path)
        except InputError:
            fingerprint = ""
        return cls(path.name, str(path.absolute()), fingerprint)

    @classmethod
    def of_address(cls, url: str) -> Source:
        """Describe an address by the last part of its path; its query may hold a key."""
        try:
            parts = urlsplit(url)
            name = PurePosixPath(parts.path).name or parts.hostname or ""
        except ValueError:
            name = ""
        digest = hashlib.blake2b(url.encode("utf-8", "surrogatepass"), digest_size=16)
        return cls(name or "a web address", "", f"address {digest.hexdigest()}")


def session_about(
    identity: Identity, sources: Sequence[Source], name: str | None = None
) -> SessionJournal | None:
    """Return the newest session that holds all of `sources`; None if there is none.

    `name` : look in this session only; the beginning of the name is enough.

    Raises
    ------
    InputError : there is no session with this name.
    """
    if name is not None:
        known = [find_journal(name, identity.address, folder=identity.folder)]
    else:
        found = journals(identity.folder)
        known = [e for e in found if e.address == identity.address and not e.is_given_up]
    return next((each for each in known if all(_holds(each, s) for s in sources)), None)


def require_session_about(
    identity: Identity, sources: Sequence[Source], name: str | None = None
) -> SessionJournal:
    """Return the session that an export or a question about `sources` means.

    Raises
    ------
    InputError : there is none, or its timeline holds another file.
    """
    journal = session_about(identity, sources, name)
    names = ", ".join(source.name for source in sources)
    if journal is None:
        where = "to that session" if name is not None else "from here"
        why = f"it was not uploaded {where}"
        for source in sources:
            if source.path and not source.fingerprint:
                why = f"{source.name} cannot be read, and was not uploaded {where} by this path"
            elif source.path and _knows_path(identity, source.path):
                why = f"{source.name} has changed since it was uploaded"
        raise InputError(
            f"there is no session with {names}",
            why=why,
            hint="make its chapters with: chapterize deliver FILE; or edit it with: "
            'chapterize ask "what you want" FILE',
        )
    return journal


def require_shown(journal: SessionJournal, sources: Sequence[Source]) -> None:
    """Raise InputError if the timeline now holds another file of ours than `sources`."""
    shown = next((job for job in journal.jobs if job.key in journal.turns()[-1:]), None)
    if len(journal.jobs) > 1 and shown is not None:
        others = [s for s in sources if not _is_source(shown, s)]
        if others:
            raise InputError(
                f"the session {journal.name} cannot export {others[0].name}",
                why=f"its timeline now holds {shown.source.name}",
                hint=f"deliver it on its own: chapterize deliver {shlex.quote(others[0].path)}",
            )


def files_in(journal: SessionJournal) -> tuple[str, ...]:
    """Return the files of a session: paths on this machine, and names of web addresses."""
    found = [str(job.source) for job in journal.jobs]
    found += [entry["path"] or entry["name"] for entry in _by_hand(journal)]
    return tuple(dict.fromkeys(found))


def state_of(journal: SessionJournal) -> str:
    """Return in a word or two what is left to do in a session."""
    if journal.is_given_up:
        return "given up"
    if journal.open_export() is not None:
        return "export not finished"
    if not journal.is_ended:
        return "unfinished"
    return "ended" if journal.jobs else "open"


def next_command(journal: SessionJournal) -> str:
    """Return the command that completes what is unfinished; empty if nothing is."""
    left = [job for job in journal.jobs if journal.ended(job) is None]
    if not journal.is_given_up and (left or journal.pending_message() is not None):
        # One of them needs --force, if a local video has its name.
        commands = [resume_command(journal, job) for job in left]
        return max(commands, key=len, default=f"chapterize remote resume {journal.name}")
    export = journal.open_export()
    return "" if export is None else export_command(journal, export)


def export_command(journal: SessionJournal, export: Mapping[str, Any]) -> str:
    """Return the command that completes the export by hand whose entry is `export`."""
    force = " --force" if export["force"] else ""
    target = shlex.quote(export["target"])
    return f"chapterize remote export --session {journal.name} -o {target}{force}"


def has_costs_left(journal: SessionJournal, *, send_again: bool = False) -> bool:
    """Whether to complete the session may send a message or start a render."""
    pending = journal.pending_message()
    if pending is not None:
        sent = journal.since_session("message", None)
        if send_again or all(entry["kind"] != pending["kind"] for entry in sent):
            return True
    left: list[Job | None] = [job for job in journal.jobs if journal.ended(job) is None]
    if journal.open_export() is not None:
        left.append(None)
    return any(not _is_rendering(journal, job) for job in left)


def _is_rendering(journal: SessionJournal, job: Job | None) -> bool:
    """Whether the service has accepted a render of the job, or by hand, as it is now."""
    if job and any(entry["step"] == "ready" for entry in journal.all_of("download", job)):
        return True
    renders = journal.since_session("render", job)
    if not renders or renders[-1]["step"] not in ("begun", "done"):
        return False
    # A later message has changed what must be rendered.
    later = journal.entries[journal.entries.index(renders[-1]) :]
    own = job.key if job is not None else None
    return all(e["act"] != "message" or e.get("job") != own for e in later)


def _by_hand(journal: SessionJournal) -> list[Mapping[str, Any]]:
    """The files uploaded by hand to the current session at the service."""
    return [
        each
        for entry in journal.since_session("upload", None)
        if entry["step"] == "done"
        for each in entry.get("files", ())
    ]


def _holds(journal: SessionJournal, source: Source) -> bool:
    if any(_is_source(job, source) for job in journal.jobs):
        return True
    return any(
        each["fingerprint"] == source.fingerprint
        if source.fingerprint
        else each["path"] == source.path
        for each in _by_hand(journal)
    )


def _is_source(job: Job, source: Source) -> bool:
    """Whether the job is about the source; the content counts, and the path where it is unknown."""
    if source.fingerprint and job.fingerprint == source.fingerprint:
        return True
    has_content = bool(source.fingerprint) and job.upload == job.source
    return not has_content and str(job.source) == source.path


def _knows_path(identity: Identity, path: str) -> bool:
    return any(path in files_in(each) for each in journals(identity.folder))
