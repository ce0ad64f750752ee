"""One delivery to one file: a second one would be paid for, and one of the videos lost."""

from __future__ import annotations

from pathlib import Path

from chapterize.errors import OutputError
from chapterize.remote.journal import Job, Link, SessionJournal, journals

__all__ = ["refuse_older", "refuse_second"]


def refuse_second(target: Path, folder: Path | None, own: SessionJournal | None = None) -> None:
    """Check that no unfinished delivery has the same `target`, and has been uploaded already.

    `own` : the journal of this command, if there is one.

    Raises
    ------
    OutputError : there is one; the error names the commands that continue it, or give it up.
    """
    for journal in journals(folder):
        if own is not None and journal.name == own.name:
            continue
        for job in _open_jobs(journal, target):
            raise _refusal(journal, job)


def refuse_older(link: Link, job: Job) -> None:
    """Check the same during a run: of two deliveries that started at once, the older one goes on.

    The other job ends here.
    """
    begun = _begun(link.journal, job)
    for journal in journals(link.client.identity.folder):
        if journal.name == link.journal.name:
            continue
        for other in _open_jobs(journal, job.target):
            if (_begun(journal, other), journal.name) < (begun, link.journal.name):
                link.journal.note("end", job=job, where="nowhere", why=f"second to {journal.name}")
                raise _refusal(journal, other)


def _open_jobs(journal: SessionJournal, target: Path) -> list[Job]:
    """The unfinished jobs with this target that the service has a file of."""
    if journal.is_ended:
        return []
    wanted = target.resolve()
    return [
        job
        for job in journal.jobs
        if job.target.resolve() == wanted
        and journal.ended(job) is None
        and any(entry["step"] == "done" for entry in journal.all_of("upload", job))
    ]


def _begun(journal: SessionJournal, job: Job) -> float:
    return float(journal.all_of("job", job)[0]["at"])


def _refusal(journal: SessionJournal, job: Job) -> OutputError:
    force = " --force" if job.target.exists() else ""
    return OutputError(
        f"an unfinished delivery has the same target, {job.target}",
        why=f"{job.source.name} was uploaded for it in the session {journal.name}",
        hint=f"continue it: chapterize remote resume {journal.name}{force}; or give it up: "
        f"chapterize remote cancel {journal.name}; or choose another name with -o",
    )
