"""Take one file through one session: upload, plan, check, render, download.

Each step first looks in the journal whether it was done, and records itself there before it acts.
A run that was killed therefore resumes where it stopped; nothing is uploaded, sent or rendered
twice.
"""

from __future__ import annotations

import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
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
from chapterize.remote.answers import Render
from chapterize.remote.brief import (
    BriefOptions,
    PlanCheck,
    check_plan,
    write_brief,
    write_correction,
)
from chapterize.remote.downloads import download_render, most_bytes
from chapterize.remote.journal import Job, Link
from chapterize.remote.renders import is_paid, known_render, rendered
from chapterize.remote.session import Message, read_state, send_once
from chapterize.remote.timeline import Change, changes, uploaded

__all__ = ["Carried", "carry", "fetch", "note_credits", "open_session", "upload_file"]

_N_READINGS = 3
"""Number of times the state is read to find an upload whose response was lost."""


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
    OutputError : the journal or the video cannot be written.
    """
    link.journal.add_job(job)
    try:
        return _run_steps(link, job, send_again)
    except SessionExpired as error:
        # Uploads and edits are lost with the session and are repeated, once per run. A render is
        # not: it has an id of its own, and would be charged again.
        if is_paid(link, job):
            raise
        link.journal.note("session", step="lost", session_id=None, why=error.what)
        link.user.show("The session has expired; starting a new one.")
        return _run_steps(link, job, send_again)


def _run_steps(link: Link, job: Job, send_again: bool) -> Carried:
    """The way of one file; each step does only what the journal does not record as done."""
    finished = _finished(link, job)
    if finished is None:
        session_id = open_session(link, job.language)
        note_credits(link, job)
        _upload(link, session_id, job)
        started = known_render(link, job)
        is_planned = started is not None and started["step"] != "wanted"
        made = () if is_planned else _plan(link, session_id, job, send_again)
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


def note_credits(link: Link, job: Job) -> None:
    """Record the credit balance, unless the service does not report it."""
    try:
        available = link.client.credits().available
    except RemoteError:
        return
    link.journal.note("credits", job=job, available=available)


def _upload(link: Link, session_id: str, job: Job) -> None:
    if file_fingerprint(job.upload) != job.fingerprint:
        raise InputError(
            f"{job.upload} has changed since this delivery started",
            why="its content is different",
            hint="start over: chapterize deliver",
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
            # The upload may be complete, with only the response lost.
            was_sent = not isinstance(error, RemoteUnreachable) or error.was_sent
            if was_sent and _has_uploads(link, session_id, n_before):
                break
            if is_last:
                raise
            link.user.show("The upload was interrupted; retrying once.")
        else:
            break
    link.journal.note("upload", job=job, step="done")


def upload_file(link: Link, session_id: str, path: Path, name: str) -> None:
    """Upload one file as `name`, and report progress."""
    size, done = path.stat().st_size, 0

    def on_bytes(n_bytes: int) -> None:
        nonlocal done
        done += n_bytes
        link.user.progress("uploading", min(1.0, done / max(1, size)))

    link.user.show(f"Uploading {name} ({size / 1e6:.1f} MB)…")
    link.client.upload_files(session_id, {name: path}, on_bytes)


def _has_uploads(link: Link, session_id: str, n_before: int) -> bool:
    for _ in range(_N_READINGS):
        if len(uploaded(link.client.state(session_id))) > n_before:
            return True
        # A new upload may take a moment to appear.
        time.sleep(link.client.waits.settle)
    return False


def _plan(link: Link, session_id: str, job: Job, send_again: bool) -> tuple[str, ...]:
    """Have the agent carry out the plan, and check the result; return the changes as sentences."""
    options = BriefOptions(job.style, job.seconds, job.aspect, job.language)
    turn, is_shared = _turn(link, job)
    text = write_brief(job.chapters, options, alone=job.name if is_shared else "")
    outcome = send_once(link, Message(session_id, job, f"brief{turn}", text), send_again=send_again)
    found = list(outcome.changes)
    check = check_plan(job.chapters, outcome.after.timeline)
    is_accepted = bool(link.journal.since_session("accepted", job))
    titles = outcome.after.timeline.titles
    # The service's format is not public.
    if titles and not any(each.text for each in titles):
        link.user.show("The titles cannot be checked: the timeline gives no text. Check the video.")
        is_accepted = True
    if not (check.is_right or is_accepted or outcome.question is not None):
        link.user.show("The titles are not as planned; requesting one correction.")
        text = write_correction(check, options)
        kind = f"correction{turn}"
        # If the correction changes nothing, the user decides about the result of the first message.
        with suppress(RunInterrupted):
            outcome = send_once(link, Message(session_id, job, kind, text), send_again=send_again)
            found += outcome.changes
            check = check_plan(job.chapters, outcome.after.timeline)
    # The agent's second stage may add something later.
    late = changes(outcome.after.timeline, read_state(link.client, session_id).timeline)
    # Unique: after a killed run both comparisons include the effect of the second message.
    lines = dict.fromkeys(
        _sentence(change, job, is_late=change in late) for change in (*found, *late)
    )
    for line in lines:
        link.user.show(line)
    if not (check.is_right or is_accepted):
        _have_accepted(link, job, check, outcome.question)
    return tuple(lines)


def _turn(link: Link, job: Job) -> tuple[str, bool]:
    """The suffix of this turn's messages, and whether the session holds other files of ours.

    A job gets a new turn when another file was worked on since its last one.
    """
    turns = link.journal.turns()
    n = turns.count(job.key) + (turns[-1:] != (job.key,))
    others = [other for other in link.journal.jobs if other.key != job.key]
    is_shared = any(link.journal.since_session("upload", other) for other in others)
    return f"-{n}" if n > 1 else "", is_shared


def _sentence(change: Change, job: Job, *, is_late: bool) -> str:
    is_ours = change.kind == "text" and any(title in change.text for title in job.chapters.titles)
    is_unrequested = change.verb == "added" and (is_late or change.kind in ("audio", "text"))
    return f"not requested: {change.text}" if is_unrequested and not is_ours else change.text


def _have_accepted(link: Link, job: Job, check: PlanCheck, question: str | None) -> None:
    """Record that the user accepts the deviations, or raise RemoteRefused."""
    if not link.user.accepts(check, question):
        counts = {
            "missing titles": len(check.missing),
            "titles at the wrong time": len(check.misplaced),
            "titles not requested": len(check.surplus),
        }
        raise RemoteRefused(
            "the service did not carry out the plan",
            why=question or ", ".join(f"{what}: {n}" for what, n in counts.items() if n),
            hint="send instructions: chapterize remote say …, then: chapterize remote resume",
        )
    link.journal.note("accepted", job=job)


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
