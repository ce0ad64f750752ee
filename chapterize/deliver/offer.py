"""The offer: what would be sent, shown to the user before anything is."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from statistics import median_high
from typing import Any
from urllib.parse import urlsplit

from chapterize.data import Chapters, Media
from chapterize.errors import FileTooLarge, InputError, RemoteRefused, UnsupportedFile
from chapterize.files import check_file, format_size
from chapterize.media import open_media
from chapterize.remote.answers import ACCEPTED
from chapterize.remote.brief import BriefOptions, write_brief
from chapterize.remote.identity import Identity, is_loopback
from chapterize.remote.journals import journals
from chapterize.remote.spending import spending
from chapterize.rendering.proxy import Proxy, plan_proxy
from chapterize.timecode import format_clock

__all__ = [
    "MOST_BYTES",
    "Choice",
    "Offer",
    "consent_lines",
    "make_offer",
    "named_uploads",
    "offer_json",
    "service_at",
    "upload_name",
]

MOST_BYTES = 500_000_000 - 64 * 1024
"""Largest accepted file: 500·10⁶ bytes less the overhead of a multipart body."""

_WEAK = 0.3
"""Confidence below which a chapter start is called weak."""


class Choice(enum.Enum):
    """The user's answer to an offer."""

    SEND = "send"
    PROXY = "proxy"
    LOCAL = "local"
    STOP = "stop"


@dataclass(frozen=True)
class Offer:
    """A possible delivery.

    `name` is the file's name at the service, None if it does not accept the format. `obstacle`
    says why the file cannot be sent as it is, and `remedy` what would change that; both are empty
    if it can. `proxy` is a smaller copy, planned if only the size is an obstacle. `weak` are the
    numbers, from 1, of the chapters that start at an unclear transition; None if the chapters have
    no confidence. `message` would be sent to the agent. `is_known` : there is a token already.
    `usual_cost` is the median cost of earlier deliveries, in credits. `is_numbered` : there were no
    words to find titles in.
    """

    source: Path
    name: str | None
    host: str
    size_bytes: int
    chapters: Chapters
    message: str
    obstacle: str = ""
    remedy: str = ""
    proxy: Proxy | None = None
    weak: tuple[int, ...] | None = None
    is_known: bool = False
    usual_cost: float | None = None
    is_numbered: bool = False

    @property
    def is_accepted(self) -> bool:
        """Whether the service would accept the file as it is."""
        return not self.obstacle

    @property
    def can_be_sent(self) -> bool:
        """Whether the file or a smaller proxy can be sent."""
        return self.is_accepted or self.proxy is not None

    @property
    def refusal(self) -> type[RemoteRefused]:
        """The error that means its obstacle."""
        if self.name is None:
            return UnsupportedFile
        return FileTooLarge if self.size_bytes > MOST_BYTES else RemoteRefused

    @property
    def service(self) -> str:
        """The host, and what it is."""
        return service_at(f"//{self.host}")

    def upload_seconds(self, mbit: float) -> float:
        """Return the duration of the upload at `mbit` megabits per second."""
        return self.size_bytes * 8 / 1e6 / mbit

    @property
    def cost(self) -> str:
        """The cost, as far as it can be known in advance."""
        more = "a correction of wrong titles may cost a second message"
        if self.usual_cost is not None:
            return f"{self.usual_cost:g} credits, the median of your earlier deliveries; {more}"
        free = "" if self.is_known else "; a new starter token includes 100 free credits"
        return f"credits for the edit and the render; {more}; the service states no price{free}"


def service_at(address: str) -> str:
    """Return the host of `address`, and what it is: every consent text has this."""
    parts = urlsplit(address)
    if is_loopback(parts.hostname or ""):
        return f"{parts.netloc}, a service on this machine"
    return (
        f"{parts.netloc}, the cloud service of NemoVideo (a company's cloud outside this machine)"
    )


def make_offer(
    media: Media,
    chapters: Chapters,
    brief: BriefOptions,
    identity: Identity,
    *,
    is_numbered: bool = False,
) -> Offer:
    """Return what `Delivery.deliver` would send; sends and asks nothing."""
    name = upload_name(media)
    obstacle, remedy, proxy = "", "", None
    if name is None:
        obstacle = f"the service does not accept {media.container.upper()} files"
        remedy = f"convert it to one of {', '.join(ACCEPTED)}"
    elif media.size_bytes > MOST_BYTES:
        proxy = plan_proxy(media, MOST_BYTES)
        obstacle = _too_large(media.size_bytes)
        remedy = "trim it"
        if proxy is not None:
            size = f"{format_size(proxy.size_bytes)} ({proxy.height} lines)"
            remedy = f"send a proxy of at most {size} with --proxy, or trim it"
    if not any(title.strip() for title in chapters.titles):
        obstacle, remedy = "none of its chapters has a title", "give the chapters titles"
        proxy = None
    known = [chapter.confidence for chapter in chapters.chapters]
    weak = tuple(n for n, value in enumerate(known[1:], 2) if value is not None and value < _WEAK)
    return Offer(
        source=media.path,
        name=name,
        host=urlsplit(identity.address).netloc,
        size_bytes=media.size_bytes,
        chapters=chapters,
        message=write_brief(chapters, brief),
        obstacle=obstacle,
        remedy=remedy,
        proxy=proxy,
        weak=None if all(value is None for value in known) else weak,
        is_known=identity.token() is not None,
        usual_cost=_usual_cost(identity.folder),
        is_numbered=is_numbered,
    )


def consent_lines(offer: Offer) -> list[str]:
    """Return what the user must know before agreeing: what leaves, to whom, and the cost."""
    lines = [
        f"Would upload {offer.source} ({format_size(offer.size_bytes)}), and the times and titles "
        f"of its {len(offer.chapters)} chapters, to {offer.service}.",
        f"Cost: {offer.cost}.",
    ]
    if offer.is_numbered:
        lines.append("Its titles are only numbers, or its name: no captions, no recognised speech.")
    if offer.obstacle:
        lines.insert(1, f"The service would not accept the file as it is: {offer.obstacle}.")
    if offer.proxy is not None:
        lines.append(
            f"A proxy of {offer.proxy.height} lines would have at most "
            f"{format_size(offer.proxy.size_bytes)}."
        )
    return lines


def upload_name(media: Media) -> str | None:
    """Return the name of the file at the service; None if its format is not accepted there."""
    if media.path.suffix.lower().lstrip(".") in ACCEPTED:
        return media.path.name
    # The service goes by the suffix, not by the content.
    if media.container in ACCEPTED:
        return f"{media.path.stem}.{media.container}"
    return None


def named_uploads(paths: Sequence[Path]) -> dict[str, Path]:
    """Return files by their names at the service.

    Raises
    ------
    UnsupportedFile, FileTooLarge : the service does not accept one of them.
    InputError : one cannot be read, or two have the same name.
    """
    named: dict[str, Path] = {}
    for path in paths:
        size, name = check_file(path), path.name
        if path.suffix.lower().lstrip(".") not in ACCEPTED:
            # Images are recognised by their suffix only.
            name = upload_name(open_media(path)) or ""
        if not name:
            raise UnsupportedFile(
                f"{path} was not sent",
                why="the service does not accept this kind of file",
                hint=f"it accepts {', '.join(ACCEPTED)}",
            )
        if size > MOST_BYTES:
            raise FileTooLarge(
                f"{path} was not sent",
                why=_too_large(size),
                hint=f"trim it, or send a proxy: chapterize deliver {quote(str(path))} --proxy",
            )
        if name in named:
            raise InputError(f"two files are named {name}", hint="upload one of them")
        named[name] = path
    return named


def _too_large(n_bytes: int) -> str:
    size, most = format_size(n_bytes, is_over=True), format_size(MOST_BYTES, is_limit=True)
    return f"it is {size}, and the service accepts at most {most}"


def _usual_cost(folder: Path) -> float | None:
    """The median cost of finished deliveries; the higher of two in the middle."""
    costs = []
    for journal in journals(folder):
        for job in journal.jobs:
            end, found = journal.ended(job), spending(journal, job)
            if end is not None and end["where"] == "remote" and found is not None:
                costs.append(found.spent)
    return median_high(costs) if costs else None


def offer_json(offer: Offer, mbit: float | None) -> dict[str, Any]:
    """Return the offer as JSON, for ``--dry-run --json``."""
    proxy = offer.proxy
    return {
        "source": str(offer.source),
        "host": offer.host,
        "size_bytes": offer.size_bytes,
        "is_accepted": offer.is_accepted,
        "obstacle": offer.obstacle or None,
        "remedy": offer.remedy or None,
        "proxy": None
        if proxy is None
        else {"height": proxy.height, "size_bytes": proxy.size_bytes},
        "upload_seconds": None if mbit is None else round(offer.upload_seconds(mbit), 1),
        "cost": offer.cost,
        "usual_cost": offer.usual_cost,
        "is_numbered": offer.is_numbered,
        "duration": offer.chapters.duration,
        "chapters": [
            {
                "start": chapter.start,
                "end": chapter.end,
                "title": chapter.title,
                "confidence": chapter.confidence,
                "is_weak": offer.weak is not None and number in offer.weak,
                "clock": format_clock(chapter.start),
            }
            for number, chapter in enumerate(offer.chapters.chapters, 1)
        ],
        "message": offer.message,
    }
