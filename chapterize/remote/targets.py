"""One delivery to one file: a second one would be paid for, and one of the videos lost."""

from __future__ import annotations

from pathlib import Path

from chapterize.errors import OutputError
from chapterize.remote.journal import Job, Link, SessionJournal
from chapterize.remote.journals import journals
from chapterize.remote.writer import is_locked, waiting_turn

__all__ = ["claim_target", "refuse_second", "resume_command"]

_LOCK = "targets.lock"


def refuse_second(target: Path, folder: Path | None, own: SessionJournal | None = None) -> None:
    """Check that no unfinished delivery has the same `target`.

    One counts as soon as it has uploaded its file, or if another process works on it.

    Parameters
    ----------
    own : the journal of this command, if there is one; its jobs do not count.

    Raises
    ------
    OutputError : there is one; the error names the commands that continue it, or give it up.
    """
    wanted = target.resolve()
    for journal in journals(folder):
        if journal.is_ended or (own is not None and journal.name == own.name):
            continue
        for job in journal.jobs:
            if job.target.resolve() == wanted and _is_open(journal, job):
                raise OutputError(
                    f"an unfinished delivery has the same target, {job.target}",
                    why=f"the session {journal.name} is about {job.source.name}",
                    hint=f"continue it: {resume_command(journal, job)}; or give it up: "
                    f"chapterize remote cancel {journal.name}; or choose another name with -o",
                )


def claim_target(link: Link, job: Job) -> None:
    """Record `job`, unless it is recorded, if no other unfinished delivery has its target.

    Of two that start at once, one gets it. Raises as `refuse_second`.
    """
    folder = link.client.identity.folder
    with waiting_turn(folder / _LOCK):
        refuse_second(job.target, folder, link.journal)
        link.journal.add_job(job)


def resume_command(journal: SessionJournal, job: Job) -> str:
    """Return the command that continues `job`; it replaces a file that has the target's name."""
    force = " --force" if job.target.exists() and not job.force else ""
    return f"chapterize remote resume {journal.name}{force}"


def _is_open(journal: SessionJournal, job: Job) -> bool:
    if journal.ended(job) is not None:
        return False
    is_uploaded = any(entry["step"] == "done" for entry in journal.all_of("upload", job))
    return is_uploaded or is_locked(journal.file.path.with_suffix(""))
