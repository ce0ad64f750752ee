"""The two ways to a result: `carry_job` by the service, `make_local` on this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chapterize import formats
from chapterize.data import Chapters, Media, OnProgress
from chapterize.errors import FormatError, InputError, OutputError, RemoteError, ToolError
from chapterize.files import next_to, refuse_unwritable, write_text
from chapterize.media import open_media
from chapterize.remote.identity import Identity
from chapterize.remote.journal import Job, Link, SessionJournal, User
from chapterize.remote.spending import Spending, spending
from chapterize.remote.targets import resume_command
from chapterize.remote.workflow import carry
from chapterize.rendering import RenderOptions, render
from chapterize.rendering.containers import default_target, embed_chapters

__all__ = [
    "Delivered",
    "carry_job",
    "check_target",
    "delivered_json",
    "finish_video",
    "listing_path",
    "local_target",
    "make_local",
    "write_list",
]

_HOLDS_MP4 = (".mp4", ".m4v", ".mov", ".mkv")
_SAME_LENGTH = 1.0
"""Seconds by which a rendered video may differ in length and still get the chapters."""


@dataclass(frozen=True)
class Delivered:
    """The result of a delivery: the video at `path`, with chapters inside.

    `where` is ``remote`` or ``local``; `reason` says why it is local, and `next_steps` how to get
    the service's result instead. `changes` describes what the service did. `credits` are those that
    the service charged, None if unknown. `session` is the local name of the session. `listing` is
    the list to paste into a description, unless the chapters make none for YouTube.
    """

    where: str
    path: Path
    chapters: Chapters
    reason: str = ""
    changes: tuple[str, ...] = ()
    credits: Spending | None = None
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
    with _naming(journal, job), Link.opened(identity, journal, user, finish_video) as link:
        carried = carry(link, job, send_again=send_again)
    if job.upload != job.source:
        job.upload.unlink(missing_ok=True)
    listing: Path | None = None
    notes: tuple[str, ...] = ()
    # The times of another video would mislead; `finish_video` has noted its length.
    if _is_as_long(open_media(carried.path), job.chapters):
        listing, notes = write_list(job.chapters, job.target, force=job.force)
    return Delivered(
        where="remote",
        path=carried.path,
        chapters=job.chapters,
        changes=carried.changes,
        credits=spending(journal, job),
        listing=listing,
        notes=(*carried.notes, *notes),
        session=journal.name,
    )


@contextmanager
def _naming(journal: SessionJournal, job: Job) -> Iterator[None]:
    """Inside, hints name the session: without a name, ``resume`` takes the newest one."""
    try:
        yield
    except RemoteError as error:
        resume = rf"chapterize remote resume(?: {journal.name})?"
        hint = re.sub(resume, resume_command(journal, job), error.hint)
        status = f"remote status --session {journal.name}"
        error.hint = re.sub(r"remote status$", status, hint)
        raise


def write_list(
    chapters: Chapters, video: Path, *, force: bool = False
) -> tuple[Path | None, tuple[str, ...]]:
    """Write the list for YouTube next to `video`; return its path, or why there is none.

    A file in its place that differs is kept, unless `force` is set.
    """
    listing = listing_path(video)
    try:
        text = formats.dumps(chapters, "youtube")
        if not (listing.is_file() and listing.read_bytes() == text.encode()):
            write_text(listing, text, force=force)
    except (FormatError, OutputError, OSError) as error:
        return None, (f"no list was written: {error}",)
    return listing, ()


def finish_video(video: Path, job: Job) -> Sequence[str]:
    """Embed the chapters in the service's video if it is as long as the source; return notes."""
    if not job.fingerprint:
        return ()
    media = open_media(video)
    if not media.has_video and open_media(job.source).has_video:
        return ("the service's file has audio but no video",)
    if not _is_as_long(media, job.chapters):
        return (
            f"the service's video lasts {media.duration:.1f} s, yours "
            f"{job.chapters.duration:.1f} s: the chapters were not embedded, no list was written",
        )
    try:
        return embed_chapters(video, job.chapters, video, force=True)
    except (InputError, OutputError, ToolError) as error:
        # The video is paid for, and useful without them.
        return (f"the chapters were not embedded: {error.why or error.what}",)


def _is_as_long(media: Media, chapters: Chapters) -> bool:
    return abs(media.duration - chapters.duration) <= _SAME_LENGTH


def local_target(media: Media, wanted: Path, looks: RenderOptions | None = None) -> Path:
    """Return where the local video goes: `wanted`, with the suffix of its format."""
    if looks is not None and media.has_video:
        return next_to(wanted, ".mp4")
    try:
        own = default_target(media.path, media)
    except InputError:
        # AVI and WAV cannot store chapters; Matroska stores anything.
        return next_to(wanted, ".mkv")
    return wanted if wanted.suffix.lower() == ".mkv" else next_to(wanted, own.suffix)


def listing_path(video: Path) -> Path:
    """Return ``talk-chapters.youtube.txt`` for ``talk-chapters.mp4``."""
    return next_to(video, formats.SUFFIXES["youtube"])


def make_local(
    media: Media,
    chapters: Chapters,
    target: Path,
    looks: RenderOptions | None = None,
    *,
    force: bool = False,
    on_progress: OnProgress | None = None,
) -> Delivered:
    """Make the video at `target`, with titles if there are `looks`, and a list next to it.

    If the titles cannot be drawn, the chapters are embedded in a copy, and a note says why.

    Raises
    ------
    InputError, OutputError, ToolError : as `embed_chapters`.
    """
    notes: list[str] = []
    video, copy = None, target
    if looks is not None and media.has_video:
        try:
            made = render(
                media,
                chapters,
                target,
                looks,
                force=force,
                on_progress=on_progress,
                on_note=notes.append,
            )
            video = made.path
        except (InputError, ToolError) as error:
            notes.append(f"the video has no titles: {error}")
            copy = local_target(media, target)
    if video is None:
        notes += embed_chapters(media, chapters, copy, force=force, on_progress=on_progress)
        video = copy
    listing, why_none = write_list(chapters, target, force=force)
    return Delivered("local", video, chapters, listing=listing, notes=(*notes, *why_none))


def delivered_json(made: Delivered) -> dict[str, Any]:
    """Return a delivery as JSON."""
    return {
        "where": made.where,
        "reason": made.reason or None,
        "path": str(made.path),
        "listing": None if made.listing is None else str(made.listing),
        "chapters": [asdict(chapter) for chapter in made.chapters.chapters],
        "changes": list(made.changes),
        "credits": None if made.credits is None else asdict(made.credits),
        "notes": list(made.notes),
        "way_back": made.next_steps or None,
        "session": made.session,
    }
