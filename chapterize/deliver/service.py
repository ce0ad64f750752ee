"""The result made by the service: where it may go, how it is finished, and how to get it later."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from chapterize.data import Chapters, Media
from chapterize.errors import (
    ChapterizeError,
    ExportBlocked,
    FileTooLarge,
    InputError,
    OutOfCredits,
    RemoteError,
    TokenRefused,
    ToolError,
    UnsupportedFile,
)
from chapterize.files import refuse_unwritable
from chapterize.media import open_media
from chapterize.remote.identity import Identity, Token
from chapterize.remote.journal import Job, Link, SessionJournal, User
from chapterize.remote.workflow import balance, carry
from chapterize.rendering.containers import embed_chapters

__all__ = [
    "Delivered",
    "carry_job",
    "check_target",
    "finish_video",
    "next_steps",
    "record_fallback",
]

_HOLDS_MP4 = (".mp4", ".m4v", ".mov", ".mkv")
_SAME_LENGTH = 1.0
"""Seconds by which a rendered video may differ in length and still get the chapters."""
_REGISTER = "https://nemovideo.com/register?bind="
_TOP_UP = "https://nemovideo.com"


@dataclass(frozen=True)
class Delivered:
    """The result of a delivery.

    `where` is ``remote`` or ``local``; `reason` says why it is local, and `next_steps` how to get
    the service's result instead. `changes` describes what the service did. `credits` are those
    before and after, None if unknown. `session` is the local name of the session.
    """

    where: str
    reason: str
    path: Path
    chapters: Chapters
    changes: tuple[str, ...] = ()
    credits: tuple[float, float] | None = None
    listing: Path | None = None
    notes: tuple[str, ...] = ()
    next_steps: str = ""
    session: str | None = None


def check_target(target: Path, media: Media) -> None:
    """Check that the service's video of `media` can be written to `target`.

    Raises
    ------
    OutputError : no file can be created there.
    InputError : the name is that of another container, or of the user's own video.
    """
    refuse_unwritable(target)
    if target.suffix.lower() not in ("", *_HOLDS_MP4):
        raise InputError(
            f"the service's video cannot be written to {target.name}",
            why="it is an MP4 file",
            hint="choose a name that ends in .mp4 or .mkv, or add --local-only",
        )
    if target.exists() and target.samefile(media.path):
        raise InputError(
            f"the service's video would replace {target}",
            why="it is re-encoded, and your own video would be lost",
            hint="choose another name with -o",
        )


def carry_job(
    identity: Identity, journal: SessionJournal, job: Job, user: User, *, send_again: bool = False
) -> Delivered:
    """Complete a job of `journal`: upload, plan, check, render, download, verify.

    Steps that the journal records as done are not repeated.

    Raises
    ------
    RemoteError : the service failed.
    """
    with Link.opened(identity, journal, user, finish_video) as link:
        carried = carry(link, job, send_again=send_again)
    if job.upload != job.source:
        job.upload.unlink(missing_ok=True)
    return Delivered(
        where="remote",
        reason="",
        path=carried.path,
        chapters=job.chapters,
        changes=carried.changes,
        credits=_read_credits(journal, job),
        notes=carried.notes,
        session=journal.name,
    )


def finish_video(video: Path, job: Job) -> Sequence[str]:
    """Embed the chapters in the service's video if it is as long as the source; return notes."""
    if not job.fingerprint:
        return ()
    media = open_media(video)
    if not media.has_video and open_media(job.source).has_video:
        return ("the service's file has audio but no video",)
    if abs(media.duration - job.chapters.duration) > _SAME_LENGTH:
        return (
            f"the service's video lasts {media.duration:.1f} s, yours "
            f"{job.chapters.duration:.1f} s: the chapters were not embedded",
        )
    try:
        return embed_chapters(video, job.chapters, video, force=True)
    except (InputError, ToolError) as error:
        # The video is paid for, and useful without them.
        return (f"the chapters were not embedded: {error.why or error.what}",)


def record_fallback(
    identity: Identity, journal: SessionJournal, user: User, error: RemoteError
) -> tuple[float, float] | None:
    """Record that the latest job gets a local result; return the credits before it and now.

    The session stays open, to be resumed once the obstacle is gone. None if the service does not
    say how many credits there are.
    """
    if not journal.jobs:
        return None
    job = journal.jobs[-1]
    with suppress(ChapterizeError), Link.opened(identity, journal, user) as link:
        journal.note("local", job=job, reason=error.what)
        now = balance(link.client) if journal.session_id is not None else None
        if now is not None:
            journal.note("credits", job=job, available=now.available)
    return _read_credits(journal, job)


def _read_credits(journal: SessionJournal, job: Job) -> tuple[float, float] | None:
    read = [float(entry["available"]) for entry in journal.all_of("credits", job)]
    return (read[0], read[-1]) if read else None


def next_steps(
    error: RemoteError,
    token: Token | None,
    journal: SessionJournal | None = None,
    *,
    is_taken: bool = False,
) -> str:
    """Return how to get the service's result after `error`.

    `is_taken` : the local result has the name that the service's would get.
    """
    resume = "chapterize deliver"
    if journal is not None:
        resume = f"chapterize remote resume {journal.name}{' --force' if is_taken else ''}"
    if isinstance(error, TokenRefused) and error.hint:
        return f"{error.hint}, then: {resume}"
    if isinstance(error, OutOfCredits):
        where = f"top up at {_TOP_UP}"
        if token is not None and token.is_anonymous and token.user_id:
            where = f"register at {_REGISTER}{quote(token.user_id, safe='')}"
        return f"{where}, then: {resume}"
    if isinstance(error, ExportBlocked):
        return f"change the plan at {_TOP_UP}, then: {resume}"
    if isinstance(error, UnsupportedFile | FileTooLarge):
        return error.hint
    return f"later: {resume}"
