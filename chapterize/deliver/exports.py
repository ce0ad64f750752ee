"""Exports by hand: the session as it is now is rendered and downloaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from chapterize.data import Chapters
from chapterize.deliver.results import Delivered
from chapterize.deliver.sessions import export_command, files_in
from chapterize.errors import ChapterizeError, OutputError, RemoteError, RemoteRefused
from chapterize.files import refuse_overwrite, refuse_sources, refuse_unwritable
from chapterize.fingerprint import file_fingerprint
from chapterize.remote.journal import Job, Link, SessionJournal
from chapterize.remote.renders import known_render, rendered
from chapterize.remote.spending import note_credits, spending
from chapterize.remote.workflow import fetch

__all__ = ["Export", "check_open_export", "export_in", "export_job", "refuse_target"]


@dataclass(frozen=True)
class Export:
    """An export that the user wants after a message.

    It follows in any case if it `is_asked` for, else if the agent suggests it.
    """

    target: Path
    force: bool = False
    is_asked: bool = True

    def to_entry(self) -> dict[str, Any]:
        """Return the export as JSON, for the journal."""
        return asdict(self) | {"target": str(self.target)}


def export_in(link: Link, session_id: str, target: Path | None, *, force: bool) -> Delivered:
    """Render the session as it is now, and download the video; raises as `Conversation.export`."""
    journal = link.journal
    job = export_job(journal, target, force)
    what: dict[str, Any] = {"target": str(job.target), "force": force}
    n_before = _opened_at(journal)
    if n_before < len(journal.entries):
        # An earlier run may have been charged, and may have ended after the download.
        note_credits(link, None)
    notes = _fetched(journal, job, n_before)
    if notes is None:
        refuse_target(job.target, *files_in(journal), force=force)
        journal.note("export", step="wanted", **what)
        notes = _rendered_to(link, session_id, job, what)
    journal.note("export", step="done", **what)
    cost = spending(journal, None, n_before)
    made = Delivered("remote", job.target, job.chapters, credits=cost, notes=notes)
    return replace(made, session=journal.name)


def check_open_export(journal: SessionJournal, target: Path | None, *, force: bool) -> None:
    """Raise as `refuse_target` if the export that is left to do cannot be written.

    `target` : of the video, in place of the recorded one.
    """
    wish = journal.open_export()
    if wish is not None:
        job = export_job(journal, target or Path(wish["target"]), force or wish["force"])
        if _fetched(journal, job, _opened_at(journal)) is None:
            refuse_target(job.target, *files_in(journal), force=job.force)


def _opened_at(journal: SessionJournal) -> int:
    """The number of entries before the export that an earlier run has started, or of all."""
    opened, n_all = journal.open_export(), len(journal.entries)
    return next((n for n, each in enumerate(journal.entries) if each is opened), n_all)


def _fetched(journal: SessionJournal, job: Job, since: int) -> tuple[str, ...] | None:
    """The notes on the video that an earlier run has downloaded completely; None if it has not."""
    entries = journal.entries[since:]
    ready = [e for e in entries if e["act"] == "download" and e["step"] == "ready"]
    exists = bool(ready) and job.target.is_file()
    if exists and file_fingerprint(job.target) == ready[-1]["fingerprint"]:
        return tuple(ready[-1]["notes"])
    return None


def _rendered_to(link: Link, session_id: str, job: Job, what: Mapping[str, Any]) -> tuple[str, ...]:
    journal = link.journal
    try:
        render = rendered(link, session_id, None)
        notes = fetch(link, render, job)
    except (RemoteError, OutputError) as error:
        if isinstance(error, RemoteRefused) and known_render(link, None) is None:
            journal.note("export", step="refused", why=error.what, **what)
            if "chapterize remote resume" not in error.hint:
                raise
        _name_next(error, export_command(journal, what))
        raise
    journal.note("render", step="fetched", render_id=render.id)
    return notes


def _name_next(error: ChapterizeError, command: str) -> None:
    """Name `command`, which completes an export, in the hint of an error."""
    resume = "chapterize remote resume"
    if resume in error.hint:
        error.hint = error.hint.replace(resume, command)
    else:
        error.hint = f"{error.hint}, then: {command}" if error.hint else f"continue with: {command}"


def export_job(journal: SessionJournal, target: Path | None, force: bool) -> Job:
    """The latest job of the session, or one without a source."""
    if journal.jobs:
        last = journal.jobs[-1]
        return replace(last, target=(target or last.target).absolute(), force=force)
    path = (target or Path(f"{journal.name}.mp4")).absolute()
    # Without chapters from here the video is kept as it comes.
    nothing = Chapters.from_starts([0.0], [path.stem], 1.0)
    return Job(path, path, path.name, "", nothing, path, force)


def refuse_target(target: Path, *sources: str | Path, force: bool) -> None:
    """Raise OutputError if a video cannot be written to `target`, before anything is paid for.

    The `sources` are never overwritten; those without an absolute path are not files of the user.
    """
    refuse_overwrite(target, force=force)
    refuse_sources(target, *(Path(each) for each in sources if Path(each).is_absolute()))
    refuse_unwritable(target)
