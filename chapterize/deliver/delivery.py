"""`Delivery`: one or several files, through one session at the service or made locally."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from chapterize.cache import cache_folder
from chapterize.data import Chapters, Media
from chapterize.deliver.local import listing_path, local_target, make_local
from chapterize.deliver.offer import Choice, Offer, make_offer, upload_name
from chapterize.deliver.service import (
    Delivered,
    carry_job,
    check_target,
    next_steps,
    record_fallback,
)
from chapterize.errors import (
    Declined,
    ExportBlocked,
    FileTooLarge,
    OutOfCredits,
    RemoteError,
    TokenRefused,
    UnsupportedFile,
)
from chapterize.files import refuse_overwrite, refuse_sources, refuse_unwritable, replacing
from chapterize.fingerprint import file_fingerprint
from chapterize.remote.brief import BriefOptions
from chapterize.remote.identity import Identity
from chapterize.remote.journal import Job, SessionJournal, User
from chapterize.rendering import RenderOptions
from chapterize.rendering.proxy import make_proxy

__all__ = ["DeliverOptions", "Delivery", "Targets"]


@dataclass(frozen=True)
class DeliverOptions:
    """`where` is ``auto``, ``remote`` or ``local``; the last two allow nothing else.

    `looks` is the appearance of burned-in titles in a local result; None for no titles.
    """

    brief: BriefOptions
    where: str = "auto"
    force: bool = False
    looks: RenderOptions | None = None


@dataclass(frozen=True)
class Targets:
    """A media file, and where its video goes if the service makes it, or this machine."""

    media: Media
    remote: Path
    local: Path


class Delivery:
    """The files of one command: they share a session, and each has its own render.

    Parameters
    ----------
    identity : used only when something is sent.
    consent : called before the first byte is sent.
    """

    def __init__(
        self,
        identity: Identity,
        options: DeliverOptions,
        user: User,
        consent: Callable[[Offer], Choice],
    ) -> None:
        self.identity = identity
        self.options = options
        self.user = user
        self.consent = consent
        self.journal: SessionJournal | None = None
        self._blocked_by: RemoteError | None = None

    def targets(self, media: Media, target: Path | None = None) -> Targets:
        """Check where the results of `media` go, before a draft that may take minutes.

        Raises
        ------
        OutputError : a result exists (without `force`), is a source, or cannot be written.
        """
        wanted = target or media.path.with_name(f"{media.path.stem}-chapters.mp4")
        local = local_target(media, wanted, self.options.looks)
        for path in dict.fromkeys((wanted, local, listing_path(local))):
            refuse_overwrite(path, force=self.options.force)
        refuse_unwritable(local)
        if self.options.looks is not None and media.has_video:
            refuse_sources(local, media.path)
        if self.options.where == "local" and target is not None and local != target:
            self.user.show(f"writing {local.name} instead of {target.name}, to match its format")
        return Targets(media, wanted, local)

    def deliver(
        self, targets: Targets, chapters: Chapters, *, language: str | None = None
    ) -> Delivered:
        """Have the service make the video, or make it locally; nothing is sent without consent.

        The user consents to an offer. Then the file is uploaded, the plan sent and checked against
        the timeline, and the video rendered, downloaded and verified (`carry_job`). The result is
        local if the options or the user say so, if the service does not accept the file, or if it
        fails.

        Parameters
        ----------
        language : of the messages to the service.

        Raises
        ------
        Declined : the user said no.
        RemoteError : the service failed, and the options allow no local result.
        InputError, OutputError, ToolError : as the local result.
        """
        if self.options.where == "local":
            return self._make_local(targets, chapters, "requested by an option")
        media = targets.media
        brief = replace(self.options.brief, language=language or self.options.brief.language)
        offer = make_offer(media, chapters, brief, self.identity)
        if offer.can_be_sent:
            check_target(targets.remote, media)
        if self._blocked_by is not None and self.options.where != "remote":
            reason = self._blocked_by.what
            self._announce_local(f"{media.path.name} is not sent either ({reason})")
            steps = next_steps(self._blocked_by, self.identity.token())
            return self._make_local(targets, chapters, reason, steps)
        if self._choice(offer) is Choice.LOCAL:
            if offer.obstacle:
                self._announce_local(f"{media.path.name} is not sent ({offer.obstacle})")
            reason = offer.obstacle or "requested by the user"
            return self._make_local(targets, chapters, reason, offer.remedy)
        upload = media.path if offer.is_accepted else self._proxy(offer, media)
        job = self._job(targets, upload, chapters, brief)
        try:
            return carry_job(self.identity, self._opened_journal(), job, self.user)
        except RemoteError as error:
            if self.options.where == "remote":
                raise
            return self._fall_back(targets, chapters, error)

    def _choice(self, offer: Offer) -> Choice:
        """What the user says to an offer that can be sent; ``LOCAL`` for any other.

        Raises
        ------
        Declined, RemoteRefused : there is nothing left to do.
        """
        choice = self.consent(offer) if offer.can_be_sent else Choice.LOCAL
        if choice is Choice.STOP:
            raise Declined(
                "nothing was sent",
                why="you said no",
                hint="make the result on this machine with: chapterize deliver --local-only",
            )
        if choice is Choice.LOCAL and self.options.where == "remote":
            if offer.is_accepted:
                raise Declined("nothing was sent", why="--remote-only excludes a local result")
            kind = UnsupportedFile if offer.name is None else FileTooLarge
            raise kind(f"{offer.source} was not sent", why=offer.obstacle, hint=offer.remedy)
        return choice

    def _proxy(self, offer: Offer, media: Media) -> Path:
        """The smaller copy of `media` that is sent in its place."""
        assert offer.proxy is not None
        folder = cache_folder() / "proxies"
        folder.mkdir(0o700, parents=True, exist_ok=True)
        target = folder / f"{file_fingerprint(media.path)}.mp4"
        if not target.is_file():
            with replacing(target) as temporary:
                make_proxy(media, offer.proxy, temporary, self.user.progress)
        self.user.show(
            f"Sending a proxy of {target.stat().st_size / 1e6:.0f} MB: the service's video will "
            f"have no more detail than its {offer.proxy.height} lines."
        )
        return target

    def _job(self, targets: Targets, upload: Path, chapters: Chapters, brief: BriefOptions) -> Job:
        media = targets.media
        name = upload_name(media) if upload == media.path else f"{media.path.stem}.mp4"
        return Job(
            source=media.path.absolute(),
            upload=upload.absolute(),
            name=self._unused_name(name or media.path.name),
            fingerprint=file_fingerprint(upload),
            chapters=chapters,
            target=targets.remote.absolute(),
            force=self.options.force,
            style=brief.style,
            seconds=brief.seconds,
            aspect=brief.aspect,
            language=brief.language,
        )

    def _unused_name(self, name: str) -> str:
        """`name`, with a number if another file of this session has that name."""
        taken = {job.name for job in self.journal.jobs} if self.journal is not None else set()
        path, n = Path(name), 1
        while name in taken:
            n += 1
            name = f"{path.stem} ({n}){path.suffix}"
        return name

    def _opened_journal(self) -> SessionJournal:
        if self.journal is None:
            self.journal = SessionJournal.begin(self.identity.address, self.identity.folder)
        return self.journal

    def _fall_back(self, targets: Targets, chapters: Chapters, error: RemoteError) -> Delivered:
        """Make the result locally after the service failed; include what was already spent."""
        if isinstance(error, OutOfCredits | ExportBlocked | TokenRefused):
            # Another file would fail as well, after an upload for nothing.
            self._blocked_by = error
        reason = f"{error.what}: {error.why}" if error.why else error.what
        journal = self._opened_journal()
        spent = record_fallback(self.identity, journal, self.user, error)
        self._announce_local(f"The service could not make the video ({reason})")
        is_taken = any(each.target == targets.local.absolute() for each in journal.jobs)
        steps = next_steps(error, self.identity.token(), journal, is_taken=is_taken)
        made = self._make_local(targets, chapters, reason, steps)
        return replace(made, credits=spent, session=journal.name)

    def _announce_local(self, why: str) -> None:
        self.user.show(f"{why}; making it on this machine.")

    def _make_local(
        self, targets: Targets, chapters: Chapters, reason: str, steps: str = ""
    ) -> Delivered:
        made = make_local(
            targets.media,
            chapters,
            targets.local,
            self.options.looks,
            force=self.options.force,
            on_progress=self.user.progress,
        )
        return Delivered(
            where="local",
            reason=reason,
            path=made.video,
            chapters=chapters,
            listing=made.listing,
            notes=made.notes,
            next_steps=steps,
        )
