"""The upload of a job's file: once, even if its answer is lost, and checked before a payment."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Any

from chapterize.errors import (
    InputError,
    RemoteProtocolError,
    RemoteRefused,
    RemoteUnreachable,
)
from chapterize.files import format_size
from chapterize.fingerprint import file_fingerprint
from chapterize.remote.journal import Job, Link
from chapterize.remote.timeline import uploaded

__all__ = ["upload_file", "upload_job"]

_N_READINGS = 3
"""Number of times the state is read to find an upload whose response was lost."""
_SAME_LENGTH = 2.0
_SAME_SHARE = 0.02
"""Seconds, or the share of the length, by which the service's duration of a file may differ: the
streams of one file rarely end together, and some containers only estimate their length."""


def upload_job(link: Link, session_id: str, job: Job) -> None:
    """Upload the file of `job`, unless the journal records that as done.

    Raises
    ------
    InputError : the file has changed since the job started.
    RemoteRefused : the service has another length of the file.
    """
    if file_fingerprint(job.upload) != job.fingerprint:
        cancel = f"chapterize remote cancel {link.journal.name}"
        raise InputError(
            f"{job.upload} has changed since this delivery started",
            why="its content is different",
            hint=f"start over: {cancel}; then: chapterize deliver {quote(str(job.source))}",
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
    found = _new_uploads(link, session_id, n_before) if known else ()
    _check(link, job, found or _sent(link, session_id, job, n_before))
    link.journal.note("upload", job=job, step="done")


def _sent(link: Link, session_id: str, job: Job, n_before: int) -> Sequence[Mapping[str, Any]]:
    """Upload the file; return what the service says about it."""
    size = job.upload.stat().st_size
    for is_last in (False, True):
        link.journal.note("upload", job=job, step="wanted", size=size)
        try:
            return upload_file(link, session_id, job.upload, job.name)
        except (RemoteUnreachable, RemoteProtocolError) as error:
            # The upload may be complete, with only the response lost.
            was_sent = not isinstance(error, RemoteUnreachable) or error.was_sent
            found = _new_uploads(link, session_id, n_before) if was_sent else ()
            if found:
                return found
            if is_last:
                raise
            link.user.show("The upload was interrupted; retrying once.")
    raise AssertionError("the second round returns or raises")


def upload_file(
    link: Link, session_id: str, path: Path, name: str
) -> tuple[Mapping[str, Any], ...]:
    """Upload one file as `name` and report progress; return what the service says about it."""
    size, done = path.stat().st_size, 0

    def on_bytes(n_bytes: int) -> None:
        nonlocal done
        done += n_bytes
        link.user.progress("uploading", min(1.0, done / max(1, size)))

    link.user.show(f"Uploading {name} ({format_size(size)})…")
    return link.client.upload_files(session_id, {name: path}, on_bytes)


def _new_uploads(link: Link, session_id: str, n_before: int) -> Sequence[Mapping[str, Any]]:
    for _ in range(_N_READINGS):
        found = uploaded(link.client.state(session_id))
        if len(found) > n_before:
            return found[-1:]
        # A new upload may take a moment to appear.
        time.sleep(link.client.waits.settle)
    return ()


def _check(link: Link, job: Job, rows: Sequence[Mapping[str, Any]]) -> None:
    """Compare the length that the service has found, if it has, with that of the file."""
    why = _wrong_length(job, rows[-1].get("duration"))
    if not why:
        return
    link.journal.note("upload", job=job, step="wrong", why=why)
    # The file there cannot be removed: the next run starts in a new session.
    link.journal.note("session", step="lost", session_id=None, why=why)
    raise RemoteRefused(
        "the service did not receive the file as it is",
        why=why,
        hint=f"upload it again: chapterize remote resume {link.journal.name}",
    )


def _wrong_length(job: Job, seconds: object) -> str:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
        return ""
    own = job.chapters.duration
    if abs(seconds - own) <= max(_SAME_LENGTH, _SAME_SHARE * own):
        return ""
    return f"it lasts {seconds:.1f} s there, and {own:.1f} s here"
