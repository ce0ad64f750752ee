"""A session by hand: upload, send a message, read the state, export, resume, cancel."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from chapterize.deliver.exports import (
    Export,
    check_open_export,
    export_in,
    export_job,
    refuse_target,
)
from chapterize.deliver.results import Delivered, carry_job, finish_video
from chapterize.deliver.sessions import (
    Source,
    next_command,
)
from chapterize.errors import (
    InputError,
    RemoteRefused,
    SessionExpired,
)
from chapterize.remote.answers import Credits
from chapterize.remote.client import Client
from chapterize.remote.identity import Identity
from chapterize.remote.journal import Job, Link, SessionJournal, User
from chapterize.remote.journals import find_journal
from chapterize.remote.renders import known_render
from chapterize.remote.session import Message, Outcome, Reading, read_state, send_once
from chapterize.remote.spending import Spending, spending
from chapterize.remote.timeline import uploaded
from chapterize.remote.uploads import upload_file
from chapterize.remote.workflow import open_session

__all__ = ["Conversation", "Said", "unfinished_jobs"]


@dataclass(frozen=True)
class Said:
    """What a message did in the session with the local name `session`, and what it cost."""

    session: str
    outcome: Outcome
    credits: Spending | None


@dataclass(frozen=True)
class Conversation:
    """The session with a local name; None means the newest one, or a new one for an upload.

    `language` is that of a session that is created.
    """

    identity: Identity
    user: User
    name: str | None = None
    language: str = "en"

    def journal(self, *, unfinished: bool = False) -> SessionJournal:
        """Return the journal of the session; asks nothing of the service.

        `unfinished` : the newest session with work left to do, if the session has no name.

        Raises
        ------
        InputError : there is no such session, or the service has never created it.
        """
        identity = self.identity
        journal = find_journal(
            self.name, identity.address, unfinished=unfinished, folder=identity.folder
        )
        if journal.session_id is None and not unfinished:
            raise _never_created(journal)
        return journal

    def credits(self) -> Credits:
        """Return the balance of the account."""
        user = self.user
        with Client.opened(self.identity, on_detail=user.detail, show=user.show) as client:
            return client.credits()

    def state(self) -> tuple[str, Reading]:
        """Return the name and the state of the session."""
        with self._linked(reads_only=True) as (link, session_id):
            return link.journal.name, read_state(link.client, session_id)

    def upload(
        self, files: Mapping[str, Path], addresses: Sequence[str] = (), *, is_new: bool = False
    ) -> tuple[str, tuple[Mapping[str, Any], ...]]:
        """Upload files, by their names there, and let the service download addresses.

        Returns the name of the session, and the service's description of all files in it.
        """
        with self._linked(create=True, is_new=is_new) as (link, session_id):
            for name, path in files.items():
                what: dict[str, Any] = {"files": [asdict(Source.of_file(path))]}
                link.journal.note("upload", step="wanted", size=path.stat().st_size, **what)
                upload_file(link, session_id, path, name)
                link.journal.note("upload", step="done", **what)
            if addresses:
                what = {"files": [asdict(Source.of_address(each)) for each in addresses]}
                link.journal.note("upload", step="wanted", size=None, **what)
                link.client.upload_addresses(session_id, addresses)
                link.journal.note("upload", step="done", n_files=len(addresses), **what)
            return link.journal.name, uploaded(read_state(link.client, session_id).state)

    def say(self, text: str, export: Export | None = None) -> Said:
        """Send a message in the user's own words.

        `export` : recorded with the message, so that `resume` completes it after a crash; call
        `export` or `forgo_export` afterwards.

        Raises
        ------
        InputError : there is no session; a message alone would be paid for in vain.
        """
        with self._linked() as (link, session_id):
            n_before = len(link.journal.entries)
            # The text is recorded, so that it can be sent again if the user says so.
            kind = f"say-{time.time_ns() // 1_000_000}"
            wish = None if export is None else export.to_entry()
            link.journal.note("say", kind=kind, text=text, export=wish)
            outcome = send_once(link, Message(session_id, None, kind, text))
            return Said(link.journal.name, outcome, spending(link.journal, None, n_before))

    def export(self, target: Path | None, *, force: bool = False) -> Delivered:
        """Render the session as it is now, and download the video to `target`.

        Raises
        ------
        OutputError : the target exists (without `force`), or cannot be written.
        RemoteError : it failed; the hint names the command that continues.
        """
        with self._linked() as (link, session_id):
            return export_in(link, session_id, target, force=force)

    def forgo_export(self, why: str) -> None:
        """Record that the export that was asked for with the last message will not follow."""
        with self._linked() as (link, _):
            wish = link.journal.open_export()
            if wish is not None:
                what = {"target": wish["target"], "force": wish["force"]}
                link.journal.note("export", step="refused", why=why, **what)

    def export_target(self, target: Path | None) -> Path:
        """Return where `export` writes the video."""
        return export_job(self.journal(), target, False).target

    def resume(
        self, *, target: Path | None = None, force: bool = False, send_again: bool = False
    ) -> tuple[Delivered, ...]:
        """Complete what an earlier run left unfinished.

        Parameters
        ----------
        target : of the video, in place of the recorded one.
        send_again : send a message again whose outcome is unknown.

        Raises
        ------
        InputError : there is nothing to resume.
        SessionInUse : another process works on the session.
        """
        journal = find_journal(
            self.name, self.identity.address, unfinished=True, folder=self.identity.folder
        )
        with journal.locked():
            if journal.is_ended:
                raise InputError(
                    "there is nothing to resume",
                    why=f"another process has just finished the session {journal.name}",
                    hint="list all sessions with: chapterize remote sessions",
                )
            left = unfinished_jobs(journal, target, force=force)
            self._resume_message(journal, send_again)
            # The export is of the timeline as it is now: a job may replace it.
            exported = self._resume_export(journal, None if left else target, force)
            # The timeline holds the latest file: another one first would replace its paid edit.
            latest = journal.turns()[-1:]
            made: dict[str, Delivered] = {}
            for job in sorted(left, key=lambda job: job.key not in latest):
                if not journal.all_of("download", job):
                    refuse_target(job.target, force=job.force)
                made[job.key] = carry_job(
                    self.identity, journal, job, self.user, send_again=send_again
                )
            return (*exported, *(made[job.key] for job in journal.jobs if job.key in made))

    def _resume_message(self, journal: SessionJournal, send_again: bool) -> None:
        pending = journal.pending_message()
        if journal.session_id is None or pending is None:
            return
        message = Message(journal.session_id, None, pending["kind"], pending["text"])
        with Link.opened(self.identity, journal, self.user) as link:
            outcome = send_once(link, message, send_again=send_again)
        for change in outcome.changes:
            self.user.show(change.text)

    def _resume_export(
        self, journal: SessionJournal, target: Path | None, force: bool
    ) -> tuple[Delivered, ...]:
        wish = journal.open_export()
        if wish is None:
            return ()
        if journal.session_id is None:
            raise _never_created(journal)
        with Link.opened(self.identity, journal, self.user, finish_video) as link:
            path = target or Path(wish["target"])
            return (export_in(link, journal.session_id, path, force=force or wish["force"]),)

    def cancel(self) -> str:
        """Cancel a render in progress and give the session up; return its name."""
        journal = find_journal(self.name, self.identity.address, folder=self.identity.folder)
        with Link.opened(self.identity, journal, self.user) as link:
            renders = [entry for entry in journal.entries if entry["act"] == "render"]
            is_made = journal.session_id is not None
            if is_made and renders and renders[-1]["step"] in ("wanted", "begun"):
                # It may be finished, or may never have started.
                with suppress(RemoteRefused):
                    link.client.cancel_render(renders[-1]["render_id"])
            journal.note("end", where="nowhere")
        return journal.name

    @contextmanager
    def _linked(
        self, *, create: bool = False, is_new: bool = False, reads_only: bool = False
    ) -> Iterator[tuple[Link, str]]:
        """Yield the session's link and its id at the service; `create` it if there is none."""
        address, folder = self.identity.address, self.identity.folder
        journal = None
        if not is_new:
            try:
                journal = find_journal(self.name, address, folder=folder)
            except InputError:
                if self.name is not None or not create:
                    raise
        journal = journal or SessionJournal.begin(address, folder)
        if journal.session_id is None and not create:
            raise _never_created(journal)
        opened = Link.opened(self.identity, journal, self.user, finish_video, reads_only=reads_only)
        with opened as link:
            session_id = open_session(link, self.language)
            try:
                yield link, session_id
            except SessionExpired as error:
                # A delivery decides by itself whether to start over; a render outlives its session.
                if reads_only or journal.jobs or known_render(link, None) is not None:
                    raise
                journal.note("session", step="lost", session_id=None, why=error.what)
                hint = "its uploads are lost; upload them again: chapterize remote upload FILE"
                raise SessionExpired(error.what, why=error.why, hint=hint) from error


def _never_created(journal: SessionJournal) -> InputError:
    way_on = "start with a file: chapterize remote upload FILE"
    if command := next_command(journal):
        way_on = f"continue with: {command}"
    return InputError(
        f"the session {journal.name} has no state to read",
        why="it has expired at the service"
        if journal.all_of("session", None)
        else "it was never created at the service",
        hint=f"{way_on}; or name another with --session",
    )


def unfinished_jobs(journal: SessionJournal, target: Path | None, *, force: bool) -> list[Job]:
    """Return the jobs that `Conversation.resume` completes, with the targets that they get.

    An export that it completes is checked too.

    Raises OutputError if a video cannot be written there: ask nothing before.
    """
    jobs = [
        replace(job, target=(target or job.target).absolute(), force=job.force or force)
        for job in journal.jobs
        if journal.ended(job) is None
    ]
    for job in jobs:
        if not journal.all_of("download", job):
            refuse_target(job.target, force=job.force)
    check_open_export(journal, None if jobs else target, force=force)
    return jobs
