"""`Delivery`: one or several files, through one session at the service or made here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from chapterize.cache import cache_folder
from chapterize.data import Chapters, Media, OnProgress
from chapterize.deliver.local import list_beside, local_target, make_here
from chapterize.deliver.offer import Choice, Offer, make_offer, upload_name
from chapterize.deliver.targets import check_target
from chapterize.deliver.way_back import way_back
from chapterize.errors import (
    ChapterizeError,
    Declined,
    ExportBlocked,
    FileTooLarge,
    InputError,
    OutOfCredits,
    RemoteError,
    TokenRefused,
    ToolError,
    UnsupportedFile,
)
from chapterize.files import refuse_overwrite, refuse_sources, refuse_unwritable, replacing
from chapterize.fingerprint import file_fingerprint
from chapterize.media import open_media
from chapterize.remote.brief import BriefOptions, PlanCheck
from chapterize.remote.client import Client
from chapterize.remote.identity import Identity
from chapterize.remote.journal import Job, SessionJournal
from chapterize.remote.link import Link, Talk
from chapterize.remote.workflow import balance, carry
from chapterize.rendering import RenderOptions
from chapterize.rendering.containers import embed_chapters
from chapterize.rendering.proxy import make_proxy

__all__ = ["DeliverOptions", "Delivered", "Delivery", "User", "finish_video"]

_SAME_LENGTH = 1.0
"""Seconds by which a rendered video may differ in length and still take the chapters."""


@dataclass(frozen=True)
class DeliverOptions:
    """`where` is ``auto``, or ``remote`` or ``local`` for that alone; `looks` : of titles over the
    picture of what is made here, None for none."""

    brief: BriefOptions
    where: str = "auto"
    force: bool = False
    looks: RenderOptions | None = None


@dataclass(frozen=True)
class User:
    """How the user is asked and told. `consent` : before the first byte leaves; `decide` : whether
    to render a plan that was not carried out as asked."""

    consent: Callable[[Offer], Choice]
    decide: Callable[[PlanCheck, str | None], bool]
    tell: Callable[[str], None]
    on_progress: OnProgress
    on_detail: Callable[[str], None] | None = None


@dataclass(frozen=True)
class Delivered:
    """What came of a file.

    `where` is ``remote`` or ``local``; `reason` says why, where it is local; `way_back` how to
    get the remote result after all. `changes` : what the service did, in plain words. `credits` :
    before and after, None where nobody asked. `session` : our name of it.
    """

    where: str
    reason: str
    path: Path
    chapters: Chapters
    changes: tuple[str, ...] = ()
    credits: tuple[float, float] | None = None
    listing: Path | None = None
    notes: tuple[str, ...] = ()
    way_back: str = ""
    session: str | None = None


class Delivery:
    """Files of one command: they share a session, and each has its own render.

    Parameters
    ----------
    identity : also says where the service lies; asked only when something is to be sent.
    """

    def __init__(self, identity: Identity, options: DeliverOptions, user: User) -> None:
        self.identity = identity
        self.options = options
        self.user = user
        self.journal: SessionJournal | None = None
        self._hopeless: RemoteError | None = None

    def deliver(
        self,
        source: Path,
        chapters: Chapters,
        target: Path | None = None,
        *,
        language: str | None = None,
    ) -> Delivered:
        """Send `source` with its chapters, or make the result here; never without consent.

        `language` : in which the service is spoken to.

        Raises
        ------
        Declined : the user said no.
        RemoteError : the service failed, and only it was to be used.
        InputError, OutputError, ToolError : as the local path.
        """
        media = open_media(source)
        wanted, here = self.places(media, target)
        if self.options.where == "local":
            if target is not None and here != target:
                self.user.tell(f"{target.name} is called {here.name}, after what it will be.")
            return self._here(media, chapters, here, "you asked for it with an option")
        brief = replace(self.options.brief, language=language or self.options.brief.language)
        offer = make_offer(media, chapters, brief, self.identity)
        if offer.can_be_sent:
            check_target(wanted, media)
        if self._hopeless is not None and self.options.where != "remote":
            return self._here_too(media, chapters, here, self._hopeless)
        upload = self._agreed(offer, media)
        if upload is None:
            return self._kept_here(media, chapters, here, offer)
        try:
            return self._remote(self._job(media, upload, chapters, wanted, brief))
        except RemoteError as error:
            if self.options.where == "remote":
                raise
            return self._fallen_back(media, chapters, here, error)

    def places(self, media: Media, target: Path | None = None) -> tuple[Path, Path]:
        """Where the service's video of `media` would go, and where one that is made here.

        To be asked before chapters are drafted, which may take minutes.

        Raises
        ------
        OutputError : a result is there (without `force`), is a source, or cannot be written.
        """
        wanted = target or media.path.with_name(f"{media.path.stem}-chapters.mp4")
        here = local_target(media, wanted, self.options.looks)
        for path in (wanted, here, list_beside(here)):
            refuse_overwrite(path, force=self.options.force)
        refuse_unwritable(here)
        if self.options.looks is not None and media.has_video:
            refuse_sources(here, media.path)
        return wanted, here

    def _agreed(self, offer: Offer, media: Media) -> Path | None:
        """The file to send: the source, or a stand-in for it; None to make the result here."""
        choice = self.user.consent(offer) if offer.can_be_sent else Choice.LOCAL
        if choice is Choice.STOP:
            raise Declined(
                "nothing was sent",
                why="you said no",
                hint="chapterize deliver --local-only makes the result here",
            )
        if choice is Choice.LOCAL and self.options.where == "remote":
            kind = UnsupportedFile if upload_name(media) is None else FileTooLarge
            if offer.is_accepted:
                raise Declined("nothing was sent", why="--remote-only leaves nothing to do here")
            raise kind(f"{media.path} was not sent", why=offer.obstacle, hint=offer.remedy)
        if choice is Choice.LOCAL:
            return None
        return media.path if offer.is_accepted else self._stand_in(media, offer)

    def _here_too(
        self, media: Media, chapters: Chapters, target: Path, error: RemoteError
    ) -> Delivered:
        """Made here because of what stopped an earlier file."""
        self.user.tell(f"{media.path.name} is made here too: {error.what}.")
        made = self._here(media, chapters, target, error.what)
        return replace(made, way_back=way_back(error, self.identity.token()))

    def _kept_here(self, media: Media, chapters: Chapters, target: Path, offer: Offer) -> Delivered:
        """Made here because it cannot be sent, which is told, or because the user wants that."""
        if offer.obstacle:
            self.user.tell(f"{media.path.name} is not sent: {offer.obstacle}. It is made here.")
        made = self._here(media, chapters, target, offer.obstacle or "you chose so")
        return replace(made, way_back=offer.remedy)

    def _stand_in(self, media: Media, offer: Offer) -> Path:
        assert offer.proxy is not None
        folder = cache_folder() / "proxies"
        folder.mkdir(0o700, parents=True, exist_ok=True)
        target = folder / f"{file_fingerprint(media.path)}.mp4"
        if not target.is_file():
            with replacing(target) as temporary:
                make_proxy(media, offer.proxy, temporary, self.user.on_progress)
        self.user.tell(
            f"A stand-in of {target.stat().st_size / 1e6:.0f} MB is sent: the service's picture "
            f"will have no more detail than its {offer.proxy.height} lines."
        )
        return target

    def _job(
        self, media: Media, upload: Path, chapters: Chapters, target: Path, brief: BriefOptions
    ) -> Job:
        name = upload_name(media) if upload == media.path else f"{media.path.stem}.mp4"
        name = self._own_name(name or media.path.name)
        return Job(
            source=media.path.absolute(),
            upload=upload.absolute(),
            name=name,
            fingerprint=file_fingerprint(upload),
            chapters=chapters,
            target=target.absolute(),
            force=self.options.force,
            style=brief.style,
            seconds=brief.seconds,
            aspect=brief.aspect,
            language=brief.language,
        )

    def _own_name(self, name: str) -> str:
        """`name`, or another one where a file of this session is called so already."""
        taken = {job.name for job in self.journal.jobs} if self.journal is not None else set()
        path, n = Path(name), 1
        while name in taken:
            n += 1
            name = f"{path.stem} ({n}){path.suffix}"
        return name

    def _remote(self, job: Job) -> Delivered:
        if self.journal is None:
            self.journal = SessionJournal.begin(self.identity.address, self.identity.folder)
        return carry_job(self.identity, self.journal, job, self.user)

    def _fallen_back(
        self, media: Media, chapters: Chapters, target: Path, error: RemoteError
    ) -> Delivered:
        """Made here, with the reason, what was already spent, and how to come back."""
        reason = f"{error.what}: {error.why}" if error.why else error.what
        journal = self.journal
        spent = None
        if journal is not None and journal.jobs:
            spent = spent_on(self.identity, journal, journal.jobs[-1])
        if isinstance(error, OutOfCredits | ExportBlocked | TokenRefused):
            # Another file would fare no better, and be uploaded for nothing.
            self._hopeless = error
        self.user.tell(f"The service could not do it ({reason}); the result is made here.")
        made = self._here(media, chapters, target, reason)
        taken = journal is not None and any(job.target == target.absolute() for job in journal.jobs)
        if journal is not None and journal.jobs:
            # It stays open: the session can be gone on with when the obstacle is gone.
            with suppress(ChapterizeError):
                journal.note("local", job=journal.jobs[-1], reason=error.what)
        return replace(
            made,
            credits=spent,
            session=journal.name if journal is not None else None,
            way_back=way_back(error, self.identity.token(), journal, is_taken=taken),
        )

    def _here(self, media: Media, chapters: Chapters, target: Path, reason: str) -> Delivered:
        made = make_here(
            media,
            chapters,
            target,
            self.options.looks,
            force=self.options.force,
            on_progress=self.user.on_progress,
        )
        return Delivered(
            "local", reason, made.video, chapters, listing=made.listing, notes=made.notes
        )


def carry_job(
    identity: Identity,
    journal: SessionJournal,
    job: Job,
    user: User,
    *,
    send_again: bool = False,
) -> Delivered:
    """Carry a job of `journal` to its end, from wherever it is.

    Raises
    ------
    RemoteError : the service failed.
    """
    talk = Talk(user.tell, user.on_progress, user.decide, finish_video)
    with Client.opened(identity, on_detail=user.on_detail) as client:
        carried = carry(Link(client, journal, talk), job, send_again=send_again)
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
    """Put the chapters into what came, where it is as long as what went; notes where it is not."""
    media = open_media(video)
    if not media.has_video and open_media(job.source).has_video:
        return ("the service's file has sound but no picture",)
    if abs(media.duration - job.chapters.duration) > _SAME_LENGTH:
        return (
            f"the service's video lasts {media.duration:.1f} s, yours "
            f"{job.chapters.duration:.1f} s: the chapters were not put into it",
        )
    try:
        return embed_chapters(video, job.chapters, video, force=True)
    except (InputError, ToolError) as error:
        # It is paid for, and worth having without them.
        return (f"the chapters were not put into the service's video: {error.why or error.what}",)


def spent_on(identity: Identity, journal: SessionJournal, job: Job) -> tuple[float, float] | None:
    """Credits before a job and now; None where the service does not say."""
    if journal.session_id is None:
        return None
    with suppress(ChapterizeError), Client.opened(identity) as client:
        now = balance(client)
        if now is not None:
            journal.note("credits", job=job, available=now.available)
    return _read_credits(journal, job)


def _read_credits(journal: SessionJournal, job: Job) -> tuple[float, float] | None:
    read = [float(entry["available"]) for entry in journal.all_of("credits", job)]
    return (read[0], read[-1]) if read else None
