"""Take one file through one session: upload, plan, check, render, download.

Each step first looks in the journal whether it was done, and records itself there before it acts.
A run that was killed therefore resumes where it stopped; nothing is uploaded, sent or rendered
twice.
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chapterize.errors import SessionExpired
from chapterize.files import replacing
from chapterize.fingerprint import file_fingerprint
from chapterize.remote.answers import Render
from chapterize.remote.downloads import download_render, most_bytes
from chapterize.remote.journal import Job, Link
from chapterize.remote.plan import carry_out_plan
from chapterize.remote.renders import is_paid, rendered
from chapterize.remote.spending import note_credits
from chapterize.remote.targets import claim_target
from chapterize.remote.uploads import upload_job

__all__ = ["Carried", "carry", "fetch", "open_session"]


@dataclass(frozen=True)
class Carried:
    """The result of a job: changes to the timeline, and notes on the video, as sentences."""

    path: Path
    changes: tuple[str, ...]
    notes: tuple[str, ...]


def carry(link: Link, job: Job, *, send_again: bool = False) -> Carried:
    """Complete `job` from the step that the journal has reached; return the finished video.

    `send_again` : resend a message whose outcome is unknown.

    Raises
    ------
    RemoteError : the service failed or refused; `RunInterrupted` if the outcome is unknown.
    InputError : the source has changed since the job started.
    OutputError : the journal or the video cannot be written, or another unfinished delivery has
        the same target.
    """
    claim_target(link, job)
    if _finished(link, job) is None and not is_paid(link, job):
        _agree_to_pay_again(link, job)
    try:
        return _run_steps(link, job, send_again)
    except SessionExpired as error:
        # An upload is lost with the session and is repeated, once per run; an edit only if the user
        # agrees to pay for it again. A render is not: it has an id of its own.
        if is_paid(link, job):
            raise
        _agree_to_pay_again(link, job, is_expired=True)
        link.journal.note("session", step="lost", session_id=None, why=error.what)
        link.user.show("The session has expired; starting a new one.")
        return _run_steps(link, job, send_again)


def _agree_to_pay_again(link: Link, job: Job, *, is_expired: bool = False) -> None:
    """Return if no paid edit of `job` is lost, or if the user agrees to repeat it.

    An edit is lost with its session, or when another file takes its place on the timeline. One
    whose outcome is unknown counts as paid.

    Parameters
    ----------
    is_expired : the current session has just turned out to be lost.

    Raises
    ------
    SessionExpired : the user does not agree; the error names the command that starts over.
    """
    why = _lost_edit(link, job, is_expired=is_expired)
    if not why:
        return
    loss = f"{why}, and its edit, which may have been paid for, is lost"
    if not link.user.pays_again(f"{loss}; starting over sends and pays for it again"):
        raise SessionExpired(
            f"a paid edit of {job.source.name} is lost",
            why=f"{why}, and starting over would pay for it again",
            hint=f"start over with: chapterize remote resume {link.journal.name} --pay-again",
        )
    link.journal.note("again", job=job)


def _lost_edit(link: Link, job: Job, *, is_expired: bool) -> str:
    """Why a paid edit of `job` is lost; "" if none is, or the user has agreed to repeat it."""
    steps: dict[str, str] = {}
    why = ""

    def lose(reason: str) -> None:
        nonlocal why
        if any(step != "refused" for step in steps.values()):
            why = reason
        steps.clear()

    expired = f"the session of {job.source.name} has expired at the service"
    for entry in link.journal.entries:
        is_own = entry.get("job") == job.key
        if entry["act"] == "session":
            lose(expired)
        elif entry["act"] == "again" and is_own:
            steps.clear()
            why = ""
        elif entry["act"] == "message" and is_own:
            steps[entry["kind"]] = entry["step"]
            why = ""
        elif entry["act"] == "message" and "job" in entry and entry["step"] != "refused":
            lose(f"another file has replaced {job.source.name} on the timeline")
    if is_expired:
        lose(expired)
    return why


def _run_steps(link: Link, job: Job, send_again: bool) -> Carried:
    """The way of one file; each step does only what the journal does not record as done."""
    finished = _finished(link, job)
    if finished is None:
        session_id = open_session(link, job.language)
        note_credits(link, job)
        upload_job(link, session_id, job)
        # A render that was started has the plan in it.
        made = () if is_paid(link, job) else carry_out_plan(link, session_id, job, send_again)
        render = rendered(link, session_id, job)
        finished = Carried(job.target, made, fetch(link, render, job))
        note_credits(link, job)
    if link.journal.ended(job) is None:
        link.journal.note("end", job=job, where="remote", path=str(finished.path))
    return finished


def _finished(link: Link, job: Job) -> Carried | None:
    """The result of an earlier run that downloaded the complete video, if there is one."""
    ready = [e for e in link.journal.all_of("download", job) if e["step"] == "ready"]
    exists = bool(ready) and job.target.is_file()
    if exists and file_fingerprint(job.target) == ready[-1]["fingerprint"]:
        return Carried(job.target, (), tuple(ready[-1]["notes"]))
    return None


def open_session(link: Link, language: str) -> str:
    """Return the id of the session at the service, creating the session if necessary."""
    if link.journal.session_id is None:
        link.user.show("Connecting…")
        made = link.client.create_session(language)
        link.journal.note("session", step="made", session_id=made.session_id, task_id=made.task_id)
        link.user.show("Ready.")
    assert link.journal.session_id is not None
    return link.journal.session_id


def fetch(link: Link, render: Render, job: Job) -> tuple[str, ...]:
    """Download the video of `render` to the job's target; return notes on what was done to it."""
    for entry in link.journal.all_of("download", job):
        if entry["step"] == "wanted":
            # The temporary folder of a run that was killed.
            shutil.rmtree(entry["room"], ignore_errors=True)
    folder = job.target.with_name(f".chapterize-{secrets.token_hex(4)}")
    link.journal.note("download", job=job, step="wanted", room=str(folder))
    with replacing(job.target, force=job.force, workspace=folder) as temporary:
        link.user.show("Downloading…")
        on_fraction = partial(link.user.progress, "downloading")
        download_render(link.client, render, temporary, on_fraction, limit=most_bytes(job, render))
        notes = tuple(link.finish(temporary, job))
        made = {"fingerprint": file_fingerprint(temporary), "notes": list(notes)}
        link.journal.note("download", job=job, step="ready", **made)
    return notes
