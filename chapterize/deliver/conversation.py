"""What can be done in a session by hand: upload, say, look, export, go on, give up."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chapterize.data import Chapters
from chapterize.deliver.delivery import Delivered, User, carry_job, finish_video
from chapterize.errors import InputError, RemoteRefused
from chapterize.files import refuse_overwrite, refuse_unwritable
from chapterize.remote.answers import Credits
from chapterize.remote.client import Client
from chapterize.remote.identity import Identity
from chapterize.remote.journal import Job, SessionJournal, find_journal
from chapterize.remote.link import Link, Talk
from chapterize.remote.messages import message
from chapterize.remote.renders import rendered
from chapterize.remote.session import Outcome, Reading, read_state
from chapterize.remote.workflow import fetch, open_session, upload_file

__all__ = ["Conversation"]


@dataclass(frozen=True)
class Conversation:
    """A session by its name here; None takes the newest one, or begins one where that helps."""

    identity: Identity
    user: User
    name: str | None = None
    language: str = "en"

    def credits(self) -> Credits:
        """The balance of the account."""
        with Client.opened(self.identity, on_detail=self.user.on_detail) as client:
            return client.credits()

    def state(self) -> tuple[str, Reading]:
        """Our name of the session, and its state."""
        with self._linked() as (link, session_id):
            return link.journal.name, read_state(link.client, session_id)

    def upload(
        self, files: Mapping[str, Path], addresses: Sequence[str] = (), *, is_new: bool = False
    ) -> tuple[str, tuple[Mapping[str, Any], ...]]:
        """Bring files, and addresses that the service fetches, into the session.

        Returns our name of the session, and what the service says of them.
        """
        with self._linked(begin=True, is_new=is_new) as (link, session_id):
            for name, path in files.items():
                link.journal.note("upload", step="wanted", size=path.stat().st_size)
                upload_file(link, session_id, path, name)
                link.journal.note("upload", step="done")
            if addresses:
                link.journal.note("upload", step="wanted", size=None)
                link.client.upload_addresses(session_id, addresses)
                link.journal.note("upload", step="done", n_files=len(addresses))
            infos = read_state(link.client, session_id).state.get("video_infos")
            found = [each for each in infos if isinstance(each, dict)] if infos else []
            return link.journal.name, tuple(found)

    def say(self, text: str) -> tuple[str, Outcome]:
        """Send a message in the user's own words."""
        with self._linked(begin=True) as (link, session_id):
            # The words are kept, so that they can be sent again if the user says so.
            kind = f"say-{time.time_ns() // 1_000_000}"
            link.journal.note("say", kind=kind, text=text)
            return link.journal.name, message(link, session_id, None, kind, text)

    def export(self, target: Path | None, *, force: bool = False) -> Delivered:
        """Render the session as it is now, and fetch the video."""
        with self._linked() as (link, session_id):
            jobs = link.journal.jobs
            job = self._export_job(jobs[-1] if jobs else None, target, force, link.journal)
            _refuse_target(job.target, force=force)
            render = rendered(link, session_id, None)
            notes = fetch(link, render, job)
            link.journal.note("render", step="fetched", render_id=render.id)
        return Delivered(
            "remote", "", job.target, job.chapters, notes=notes, session=link.journal.name
        )

    def _export_job(
        self, last: Job | None, target: Path | None, force: bool, journal: SessionJournal
    ) -> Job:
        if last is not None:
            return replace(last, target=(target or last.target).absolute(), force=force)
        path = (target or Path(f"{journal.name}.mp4")).absolute()
        # Without chapters of ours the video is taken as it comes.
        nothing = Chapters.from_starts([0.0], [path.stem], 1.0)
        return Job(path, path, path.name, "", nothing, path, force)

    def resume(
        self, *, target: Path | None = None, force: bool = False, send_again: bool = False
    ) -> tuple[Delivered, ...]:
        """Go on with what an earlier run left unfinished, each file to its end.

        Raises
        ------
        InputError : there is nothing to go on with.
        """
        journal = find_journal(
            self.name, self.identity.address, unfinished=True, folder=self.identity.folder
        )
        self._look_after_words(journal, send_again)
        found = []
        for job in journal.jobs:
            if journal.ended(job) is None:
                again = replace(job, force=job.force or force)
                if target is not None:
                    again = replace(again, target=target.absolute())
                if journal.all_of("download", job) == []:
                    _refuse_target(again.target, force=again.force)
                user = self.user
                found.append(carry_job(self.identity, journal, again, user, send_again=send_again))
        return tuple(found)

    def _look_after_words(self, journal: SessionJournal, send_again: bool) -> None:
        said = journal.pending_words()
        if journal.session_id is None or said is None:
            return
        with self._client() as client:
            outcome = message(
                Link(client, journal, self._talk()),
                journal.session_id,
                None,
                said["kind"],
                said["text"],
                send_again=send_again,
            )
        for change in outcome.changes:
            self.user.tell(change.text)

    def cancel(self) -> str:
        """Stop a render under way, and give the session up; our name of it."""
        with self._linked() as (link, _):
            renders = [entry for entry in link.journal.entries if entry["act"] == "render"]
            if renders and renders[-1]["step"] in ("wanted", "begun"):
                # It may be over, or never have begun.
                with suppress(RemoteRefused):
                    link.client.cancel_render(renders[-1]["render_id"])
            link.journal.note("end", where="nowhere")
            return link.journal.name

    @contextmanager
    def _linked(self, *, begin: bool = False, is_new: bool = False) -> Iterator[tuple[Link, str]]:
        """The session's link and its id at the service; a new one with `begin`, if need be."""
        journal = None if is_new else self._known(begin=begin)
        with self._client() as client:
            if journal is None:
                journal = SessionJournal.begin(self.identity.address, self.identity.folder)
            link = Link(client, journal, self._talk())
            if journal.session_id is None and not begin:
                raise InputError(
                    f"the session {journal.name} was never made at the service",
                    hint="go on with: chapterize remote resume",
                )
            yield link, open_session(link, self.language)

    def _known(self, *, begin: bool) -> SessionJournal | None:
        try:
            return find_journal(self.name, self.identity.address, folder=self.identity.folder)
        except InputError:
            if self.name is not None or not begin:
                raise
            return None

    @contextmanager
    def _client(self) -> Iterator[Client]:
        with Client.opened(self.identity, on_detail=self.user.on_detail) as client:
            yield client

    def _talk(self) -> Talk:
        return Talk(self.user.tell, self.user.on_progress, self.user.decide, _finish)


def _refuse_target(target: Path, *, force: bool) -> None:
    """Before anything is paid for."""
    refuse_overwrite(target, force=force)
    refuse_unwritable(target)


def _finish(video: Path, job: Job) -> Sequence[str]:
    return finish_video(video, job) if job.fingerprint else ()
