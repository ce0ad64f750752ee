"""`Delivery`: one or several files, through one session at the service or made locally."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from chapterize.cache import cache_folder
from chapterize.data import Chapters, Media
from chapterize.deliver.offer import Choice, Offer, make_offer
from chapterize.deliver.results import (
    Delivered,
    carry_job,
    check_target,
    listing_path,
    local_target,
    make_local,
)
from chapterize.errors import (
    ChapterizeError,
    Declined,
    ExportBlocked,
    FileTooLarge,
    OutOfCredits,
    RemoteError,
    SessionExpired,
    TokenRefused,
    UnsupportedFile,
)
from chapterize.files import (
    format_size,
    next_to,
    refuse_overwrite,
    refuse_sources,
    refuse_unwritable,
    replacing,
)
from chapterize.fingerprint import file_fingerprint
from chapterize.language import guess_language
from chapterize.remote.brief import BriefOptions
from chapterize.remote.identity import Identity, Token
from chapterize.remote.journal import Job, Link, SessionJournal, User
from chapterize.remote.spending import note_credits, spending
from chapterize.remote.targets import refuse_second
from chapterize.rendering import RenderOptions
from chapterize.rendering.proxy import make_proxy

__all__ = ["DeliverOptions", "Delivery", "Targets"]

_REGISTER = "https://nemovideo.com/register?bind="
_TOP_UP = "https://nemovideo.com"
_ONLY_NUMBERS = "its titles would only be numbers or its name: no captions, no recognised speech"
_TITLES_NEEDED = "give it captions, or titles with --chapters, or send the numbers with --numbered"


@dataclass(frozen=True)
class DeliverOptions:
    """`where` is ``auto``, ``remote`` or ``local``; the last two allow nothing else.

    `looks` is the appearance of burned-in titles in a local result; None for no titles.
    `sends_numbers` : also send titles that are only numbers.
    """

    brief: BriefOptions
    where: str = "auto"
    force: bool = False
    looks: RenderOptions | None = None
    sends_numbers: bool = False

    @classmethod
    def of(
        cls, brief: BriefOptions, where: str, *, force: bool, is_plain: bool = False
    ) -> DeliverOptions:
        """Return options whose local titles look like those of `brief`; none if `is_plain`."""
        # The service is asked for the usual shape; a local video keeps its own.
        aspect = None if brief.aspect == "16:9" else brief.aspect
        looks = RenderOptions(style=brief.style, seconds=brief.seconds, aspect=aspect)
        return cls(brief, where, force, None if is_plain else looks)

    def brief_for(self, chapters: Chapters, language: str | None) -> BriefOptions:
        """Return the brief in `language`, or in that of the titles if it is not known."""
        language = language or guess_language(" ".join(chapters.titles))
        return replace(self.brief, language=language or self.brief.language)


@dataclass(frozen=True)
class Targets:
    """A media file, and where its video goes if the service makes it, or this machine."""

    media: Media
    remote: Path
    local: Path


@dataclass
class Delivery:
    """The files of one command: they share a session, and each has its own render.

    `identity` is used only when something is sent; `consent` is called before the first byte is.
    """

    identity: Identity
    options: DeliverOptions
    user: User
    consent: Callable[[Offer], Choice]
    journal: SessionJournal | None = field(default=None, init=False)
    _blocked_by: RemoteError | None = field(default=None, init=False)

    def targets(self, media: Media, target: Path | None = None) -> Targets:
        """Check where the results of `media` go, before a draft that may take minutes.

        Raises
        ------
        OutputError : a result exists (without `force`), is a source, or cannot be written; or an
            unfinished delivery has the same target.
        """
        wanted = target or next_to(media.path, "-chapters.mp4")
        local = local_target(media, wanted, self.options.looks)
        for path in dict.fromkeys((wanted, local, listing_path(wanted), listing_path(local))):
            refuse_overwrite(path, force=self.options.force)
        refuse_unwritable(local)
        if self.options.where != "local":
            refuse_second(wanted, self.identity.folder, self.journal)
        if self.options.looks is not None and media.has_video:
            refuse_sources(local, media.path)
        if self.options.where == "local" and target is not None and local != target:
            self.user.show(f"writing {local.name} instead of {target.name}, to match its format")
        return Targets(media, wanted, local)

    def deliver(
        self,
        targets: Targets,
        chapters: Chapters,
        *,
        language: str | None = None,
        is_numbered: bool = False,
    ) -> Delivered:
        """Have the service make the video, or make it locally; nothing is sent without consent.

        The user consents to an offer. Then the file is uploaded, the plan sent and checked against
        the timeline, and the video rendered, downloaded and verified: `remote.workflow.carry` has
        the steps. The result is local if the options or the user say so, if the service does not
        accept the file, or if it fails.

        Parameters
        ----------
        language : of the messages to the service; by default that of the titles.
        is_numbered : the titles are only numbers, because there were no words. They are not worth
            the credits, unless the options say so.

        Raises
        ------
        Declined : the user said no.
        RemoteError : the service failed, and the options allow no local result.
        InputError, OutputError, ToolError : as the local result.
        """
        if self.options.where == "local":
            return self._make_local(targets, chapters, "requested by an option")
        brief = self.options.brief_for(chapters, language)
        offer = make_offer(targets.media, chapters, brief, self.identity, is_numbered=is_numbered)
        if is_numbered and offer.can_be_sent and not self.options.sends_numbers:
            offer = replace(offer, obstacle=_ONLY_NUMBERS, remedy=_TITLES_NEEDED, proxy=None)
        if offer.can_be_sent:
            check_target(targets.remote, targets.media)
        kept_local = self._kept_local(offer)
        if kept_local is not None:
            return self._make_local(targets, chapters, *kept_local)
        job = self._job(targets, offer, brief)
        if self.journal is None:
            self.journal = SessionJournal.begin(self.identity.address, self.identity.folder)
        try:
            return carry_job(self.identity, self.journal, job, self.user)
        except RemoteError as error:
            if self.options.where == "remote":
                raise
            return self._fall_back(targets, self.journal, job, error)

    def _kept_local(self, offer: Offer) -> tuple[str, str] | None:
        """Why nothing is sent, and how to get the service's result; None if the user consents.

        Raises
        ------
        Declined, RemoteRefused : a local result is excluded, by the user or by an option.
        """
        is_remote_only = self.options.where == "remote"
        if self._blocked_by is not None and not is_remote_only:
            reason = self._blocked_by.what
            self._announce_local(f"{offer.source.name} is not sent either ({reason})")
            again = f"{_deliver_command(offer.source)} --force"
            return reason, next_steps(self._blocked_by, self.identity.token(), again=again)
        choice = self.consent(offer) if offer.can_be_sent else Choice.LOCAL
        if choice is Choice.STOP:
            raise Declined(
                "nothing was sent",
                why="you said no",
                hint="make the result on this machine with: "
                f"{_deliver_command(offer.source)} --local-only",
            )
        if choice is not Choice.LOCAL:
            return None
        if is_remote_only and offer.is_accepted:
            raise Declined("nothing was sent", why="--remote-only excludes a local result")
        if is_remote_only:
            raise offer.refusal(
                f"{offer.source} was not sent", why=offer.obstacle, hint=offer.remedy
            )
        if offer.obstacle:
            self._announce_local(f"{offer.source.name} is not sent ({offer.obstacle})")
        return offer.obstacle or "requested by the user", offer.remedy

    def _job(self, targets: Targets, offer: Offer, brief: BriefOptions) -> Job:
        media = targets.media
        upload, name = media.path, offer.name or media.path.name
        if not offer.is_accepted:
            upload, name = self._proxy(offer, media), f"{media.path.stem}.mp4"
        return Job(
            source=media.path.absolute(),
            upload=upload.absolute(),
            name=self._unused_name(name),
            fingerprint=file_fingerprint(upload),
            chapters=offer.chapters,
            target=targets.remote.absolute(),
            force=self.options.force,
            style=brief.style,
            seconds=brief.seconds,
            aspect=brief.aspect,
            language=brief.language,
        )

    def _proxy(self, offer: Offer, media: Media) -> Path:
        """The smaller copy of `media` that is sent in its place."""
        assert offer.proxy is not None
        folder = cache_folder() / "proxies"
        folder.mkdir(0o700, parents=True, exist_ok=True)
        target = folder / f"{file_fingerprint(media.path)}.mp4"
        if not target.is_file():
            with replacing(target) as temporary:
                make_proxy(media, offer.proxy, temporary, self.user.progress)
        # The cache keeps what was used last.
        target.touch()
        self.user.show(
            f"Sending a proxy of {format_size(target.stat().st_size)}: the service's video will "
            f"have no more detail than its {offer.proxy.height} lines."
        )
        return target

    def _unused_name(self, name: str) -> str:
        """`name`, with a number if another file of this session has that name."""
        taken = {job.name for job in self.journal.jobs} if self.journal is not None else set()
        path, n = Path(name), 1
        while name in taken:
            n += 1
            name = f"{path.stem} ({n}){path.suffix}"
        return name

    def _fall_back(
        self, targets: Targets, journal: SessionJournal, job: Job, error: RemoteError
    ) -> Delivered:
        """Make the result locally after the service failed; include what was already spent.

        The session stays open, to be resumed once the obstacle is gone.
        """
        if isinstance(error, OutOfCredits | ExportBlocked | TokenRefused):
            # Another file would fail as well, after an upload for nothing.
            self._blocked_by = error
        with suppress(ChapterizeError), Link.opened(self.identity, journal, self.user) as link:
            journal.note("local", job=job, reason=error.what)
            if journal.session_id is not None:
                note_credits(link, job)
        reason = f"{error.what}: {error.why}" if error.why else error.what
        self._announce_local(f"The service could not make the video ({reason})")
        is_taken = any(each.target == targets.local.absolute() for each in journal.jobs)
        steps = next_steps(error, self.identity.token(), journal, is_taken=is_taken)
        made = self._make_local(targets, job.chapters, reason, steps)
        return replace(made, credits=spending(journal, job), session=journal.name)

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
        return replace(made, reason=reason, next_steps=steps)


def next_steps(
    error: RemoteError,
    token: Token | None,
    journal: SessionJournal | None = None,
    *,
    is_taken: bool = False,
    again: str = "",
) -> str:
    """Return how to get the service's result after `error`.

    `is_taken` : the local result has the name that the service's would get. `again` : the command
    to repeat, if there is no `journal` to resume.
    """
    resume = again
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
    if isinstance(error, SessionExpired) and journal is not None:
        return f"start over, and pay again, with: {resume} --pay-again"
    if journal is not None and f"chapterize remote resume {journal.name}" in error.hint:
        named = rf"chapterize remote resume {journal.name}(?: --force)?"
        return re.sub(named, resume, error.hint)
    return f"continue later with: {resume}"


def _deliver_command(source: Path) -> str:
    return f"chapterize deliver {shlex.quote(str(source))}"
