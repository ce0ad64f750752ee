"""One file through one session: upload, plan, check, render, download.

Every step asks the journal whether it was done, and writes there before it acts, so that a run
that was killed goes on where it was: nothing is uploaded, said or rendered twice.
"""

from __future__ import annotations

import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chapterize.errors import (
    InputError,
    RemoteError,
    RemoteProtocolError,
    RemoteRefused,
    RemoteUnreachable,
    RunInterrupted,
    SessionExpired,
)
from chapterize.files import replacing
from chapterize.fingerprint import file_fingerprint
from chapterize.remote.answers import Credits, Render
from chapterize.remote.brief import (
    BriefOptions,
    PlanCheck,
    check_plan,
    write_brief,
    write_correction,
)
from chapterize.remote.client import Client
from chapterize.remote.download import download_render
from chapterize.remote.journal import Job
from chapterize.remote.link import Link
from chapterize.remote.messages import message
from chapterize.remote.renders import is_paid, known_render, rendered
from chapterize.remote.session import read_state
from chapterize.remote.timeline import Change, Timeline, changes, uploaded

__all__ = ["Carried", "balance", "carry", "fetch", "open_session", "upload_file"]

_N_LOOKS = 3
"""Readings of the state in which an upload whose answer was lost is looked for."""


@dataclass(frozen=True)
class Carried:
    """What came of a job. `changes` : in plain words; `notes` : on the video."""

    path: Path
    changes: tuple[str, ...]
    notes: tuple[str, ...]


def carry(link: Link, job: Job, *, send_again: bool = False) -> Carried:
    """From wherever the journal says it is to the finished video.

    `send_again` : a message of which nobody knows whether it arrived is sent once more.

    Raises
    ------
    RemoteError : the service cannot or will not; `RunInterrupted` if nobody knows.
    InputError : the source has changed since.
    OutputError : the journal or the video cannot be written.
    """
    link.journal.add_job(job)
    try:
        return _through(link, job, send_again)
    except SessionExpired as error:
        # Uploads and edits are gone with the session; what was made in it is made anew, once a run.
        # But a render is asked for by its own name, and would be charged once more.
        if is_paid(link, job):
            raise
        link.journal.note("session", step="lost", session_id=None, why=error.what)
        link.talk.tell("The service has lost the session; a new one is begun.")
        return _through(link, job, send_again)


def _through(link: Link, job: Job, send_again: bool) -> Carried:
    finished = _finished(link, job)
    if finished is None:
        session_id = open_session(link, job.language)
        _note_credits(link, job)
        _upload(link, session_id, job)
        begun = known_render(link, job)
        is_planned = begun is not None and begun["step"] != "wanted"
        told = () if is_planned else _plan(link, session_id, job, send_again)
        render = rendered(link, session_id, job)
        finished = Carried(job.target, told, fetch(link, render, job))
        _note_credits(link, job)
    if link.journal.ended(job) is None:
        link.journal.note("end", job=job, where="remote", path=str(finished.path))
    return finished


def _finished(link: Link, job: Job) -> Carried | None:
    """The video, when an earlier run has brought it whole under its name."""
    ready = [e for e in link.journal.all_of("download", job) if e["step"] == "ready"]
    is_there = bool(ready) and job.target.is_file()
    if is_there and file_fingerprint(job.target) == ready[-1]["fingerprint"]:
        return Carried(job.target, (), tuple(ready[-1]["notes"]))
    return None


def open_session(link: Link, language: str) -> str:
    """The session's id at the service, made if need be."""
    if link.journal.session_id is None:
        link.talk.tell("Connecting…")
        made = link.client.create_session(language)
        link.journal.note("session", step="made", session_id=made.session_id, task_id=made.task_id)
        link.talk.tell("Ready.")
    assert link.journal.session_id is not None
    return link.journal.session_id


def balance(client: Client) -> Credits | None:
    """The balance; None where it cannot be had, which stops nothing."""
    try:
        return client.credits()
    except RemoteError:
        return None


def _note_credits(link: Link, job: Job) -> None:
    if (now := balance(link.client)) is not None:
        link.journal.note("credits", job=job, available=now.available)


def _upload(link: Link, session_id: str, job: Job) -> None:
    if file_fingerprint(job.upload) != job.fingerprint:
        raise InputError(
            f"{job.upload} is not what it was when this began",
            why="its content has changed",
            hint="begin anew: chapterize deliver",
        )
    known = link.journal.since_session("upload", job)
    if any(entry["step"] == "done" for entry in known):
        return
    n_before = sum(
        entry.get("n_files", 1)
        for other in (None, *link.journal.jobs)
        for entry in link.journal.since_session("upload", other)
        if entry["step"] == "done"
    )
    if known and _has_uploads(link, session_id, n_before):
        link.journal.note("upload", job=job, step="done")
        return
    size = job.upload.stat().st_size
    for is_last in (False, True):
        link.journal.note("upload", job=job, step="wanted", size=size)
        try:
            upload_file(link, session_id, job.upload, job.name)
        except (RemoteUnreachable, RemoteProtocolError) as error:
            # It may have come whole, and only the answer was lost.
            was_sent = not isinstance(error, RemoteUnreachable) or error.was_sent
            if was_sent and _has_uploads(link, session_id, n_before):
                break
            if is_last:
                raise
            link.talk.tell("The upload broke off; it is begun once more.")
        else:
            break
    link.journal.note("upload", job=job, step="done")


def upload_file(link: Link, session_id: str, path: Path, name: str) -> None:
    """Upload one file under `name`, with progress."""
    size, done = path.stat().st_size, 0

    def on_bytes(n_bytes: int) -> None:
        nonlocal done
        done += n_bytes
        link.talk.on_progress("uploading", min(1.0, done / max(1, size)))

    link.talk.tell(f"Uploading {name} ({size / 1e6:.1f} MB)…")
    link.client.upload_files(session_id, {name: path}, on_bytes)


def _has_uploads(link: Link, session_id: str, n_before: int) -> bool:
    for _ in range(_N_LOOKS):
        if len(uploaded(link.client.state(session_id))) > n_before:
            return True
        # What came may take a moment to show.
        time.sleep(link.client.waits.settle)
    return False


def _plan(link: Link, session_id: str, job: Job, send_again: bool) -> tuple[str, ...]:
    """Have the plan carried out and check that it was; what changed, in plain words."""
    options = BriefOptions(job.style, job.seconds, job.aspect, job.language)
    turn, is_shared = _turn(link, job)
    text = write_brief(job.chapters, options, alone=job.name if is_shared else "")
    outcome = message(link, session_id, job, f"brief{turn}", text, send_again=send_again)
    told = list(outcome.changes)
    check = check_plan(job.chapters, outcome.after.timeline, options)
    is_accepted = bool(link.journal.since_session("accepted", job))
    if not _can_be_read(outcome.after.timeline):
        link.talk.tell("The titles cannot be read off the service's timeline: look at the video.")
        is_accepted = True
    if not (check.is_right or is_accepted or outcome.question is not None):
        link.talk.tell("The plan was not carried out as asked; it is put right once.")
        text = write_correction(check, options)
        kind = f"correction{turn}"
        # One that changes nothing is the user's to judge: what was planned is there, if not right.
        with suppress(RunInterrupted):
            outcome = message(link, session_id, job, kind, text, send_again=send_again)
            told += outcome.changes
            check = check_plan(job.chapters, outcome.after.timeline, options)
    # A second stage may still have added something after that.
    late = changes(outcome.after.timeline, read_state(link.client, session_id).timeline)
    # After a killed run, what the second message did differs from before the first one, too.
    lines = dict.fromkeys(
        _plainly(change, job, is_late=change in late) for change in (*told, *late)
    )
    for line in lines:
        link.talk.tell(line)
    if not (check.is_right or is_accepted):
        _have_accepted(link, job, check, outcome.question)
    return tuple(lines)


def _can_be_read(timeline: Timeline) -> bool:
    """Whether titles that are there have a text; how the service writes them is not public."""
    texts = [
        segment.text
        for track in timeline.tracks
        if track.kind == "text"
        for segment in track.segments
    ]
    return not texts or any(texts)


def _turn(link: Link, job: Job) -> tuple[str, bool]:
    """What tells this turn of a job from an earlier one, before another file had its turn; and
    whether the session holds other files of ours."""
    turns = link.journal.turns()
    n = turns.count(job.key) + (turns[-1:] != (job.key,))
    others = [other for other in link.journal.jobs if other.key != job.key]
    return (
        f"-{n}" if n > 1 else "",
        any(link.journal.since_session("upload", other) for other in others),
    )


def _plainly(change: Change, job: Job, *, is_late: bool) -> str:
    is_ours = change.kind == "text" and any(title in change.text for title in job.chapters.titles)
    is_unasked = change.verb == "added" and (is_late or change.kind in ("audio", "text"))
    is_unasked = is_unasked and not is_ours
    return f"nobody asked for this: {change.text}" if is_unasked else change.text


def _have_accepted(link: Link, job: Job, check: PlanCheck, question: str | None) -> None:
    """Return when the user wants the video all the same, and remember that."""
    if not link.talk.decide(check, question):
        raise RemoteRefused(
            "the service did not carry out the plan",
            why=question or _described(check),
            hint="say more with: chapterize remote say …, then: chapterize remote resume",
        )
    link.journal.note("accepted", job=job)


def fetch(link: Link, render: Render, job: Job) -> tuple[str, ...]:
    """Download the video of `render` to the job's target; what was done to it, in notes."""
    for entry in link.journal.all_of("download", job):
        if entry["step"] == "wanted":
            # Left behind by a run that was killed.
            shutil.rmtree(entry["room"], ignore_errors=True)
    room = job.target.with_name(f".chapterize-{secrets.token_hex(4)}")
    link.journal.note("download", job=job, step="wanted", room=str(room))
    with replacing(job.target, force=job.force, workspace=room) as temporary:
        link.talk.tell("Downloading…")
        download_render(
            link.client,
            render,
            temporary,
            lambda fraction: link.talk.on_progress("downloading", fraction),
        )
        notes = tuple(link.talk.finish(temporary, job))
        link.journal.note(
            "download",
            job=job,
            step="ready",
            fingerprint=file_fingerprint(temporary),
            notes=list(notes),
        )
    return notes


def _described(check: PlanCheck) -> str:
    parts = [
        f"{how}: {len(found)}"
        for found, how in (
            (check.missing, "missing titles"),
            (check.misplaced, "titles at the wrong time"),
            (check.surplus, "titles nobody asked for"),
        )
        if found
    ]
    return ", ".join(parts)
