"""What would be sent, before a byte of it is: the analysis that precedes an upload."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chapterize.data import Chapters, Media
from chapterize.remote.answers import ACCEPTED
from chapterize.remote.brief import BriefOptions, write_brief
from chapterize.remote.identity import Identity
from chapterize.remote.journal import journals
from chapterize.rendering.proxy import Proxy, plan_proxy
from chapterize.timecode import format_clock

__all__ = ["MOST_BYTES", "Choice", "Offer", "make_offer", "offer_json", "upload_name"]

MOST_BYTES = 500_000_000 - 64 * 1024
"""The largest file that is taken: 500·10⁶ bytes with what a multipart body adds."""

_WEAK = 0.3
"""Confidence below which a transition is called weak."""


class Choice(enum.Enum):
    """What the user says to an offer."""

    SEND = "send"
    PROXY = "proxy"
    LOCAL = "local"
    STOP = "stop"


@dataclass(frozen=True)
class Offer:
    """A delivery that could be made.

    `obstacle` : why the file cannot be sent as it is, and `remedy` what would change that; empty
    when it can. `proxy` : a smaller stand-in, where only the size stands in the way. `weak` : the
    numbers of chapters, from 1, whose beginning is not clear; None where nobody measured.
    `message` : what the service would be told. `is_known` : a token is there already, so no
    starter token is asked for. `usual_cost` : what earlier deliveries took at the median, in
    credits.
    """

    source: Path
    name: str
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

    @property
    def is_accepted(self) -> bool:
        """Whether the service would take the file as it is."""
        return not self.obstacle

    @property
    def can_be_sent(self) -> bool:
        """Whether it can be sent, as it is or as a smaller stand-in."""
        return self.is_accepted or self.proxy is not None

    def upload_seconds(self, mbit: float) -> float:
        """How long the upload lasts at `mbit` megabits a second."""
        return self.size_bytes * 8 / 1e6 / mbit

    @property
    def cost(self) -> str:
        """What it may cost, as far as anybody here can know."""
        if self.usual_cost is not None:
            return f"{self.usual_cost:g} credits, as your earlier deliveries took at the median"
        free = "" if self.is_known else "; a new starter token comes with 100 free ones"
        return f"credits for the edit and the render; the service names no price{free}"


def make_offer(media: Media, chapters: Chapters, brief: BriefOptions, identity: Identity) -> Offer:
    """Look at what `deliver` would send; nothing is sent, and nobody is asked."""
    name = upload_name(media)
    obstacle, remedy, proxy = "", "", None
    if name is None:
        obstacle = f"the service does not take {media.container.upper()} files"
        remedy = f"convert it to one of {', '.join(ACCEPTED)}"
    elif media.size_bytes > MOST_BYTES:
        proxy = plan_proxy(media, MOST_BYTES)
        obstacle = f"it is {media.size_bytes / 1e6:.0f} MB, and the service takes 500 MB at most"
        remedy = (
            "trim it"
            if proxy is None
            else (
                f"send a smaller stand-in of at most {proxy.size_bytes / 1e6:.0f} MB "
                f"({proxy.height} lines) with --proxy, or trim it"
            )
        )
    if not any(title.strip() for title in chapters.titles):
        obstacle, remedy = "none of its chapters has a title to show", "give the chapters titles"
        proxy = None
    known = [chapter.confidence for chapter in chapters.chapters]
    weak = tuple(n for n, sure in enumerate(known[1:], 2) if sure is not None and sure < _WEAK)
    return Offer(
        source=media.path,
        name=name or media.path.name,
        host=urlsplit(identity.address).netloc,
        size_bytes=media.size_bytes,
        chapters=chapters,
        message=write_brief(chapters, brief),
        obstacle=obstacle,
        remedy=remedy,
        proxy=proxy,
        weak=None if all(sure is None for sure in known) else weak,
        is_known=identity.token() is not None,
        usual_cost=_usual_cost(identity.folder),
    )


def upload_name(media: Media) -> str | None:
    """How the file is called when it is sent; None when the service does not take its kind."""
    if media.path.suffix.lower().lstrip(".") in ACCEPTED:
        return media.path.name
    # It looks at the suffix, while players look at the content.
    if media.container in ACCEPTED:
        return f"{media.path.stem}.{media.container}"
    return None


def _usual_cost(folder: Path) -> float | None:
    costs = []
    for journal in journals(folder):
        for job in journal.jobs:
            read = [entry["available"] for entry in journal.all_of("credits", job)]
            ended = journal.ended(job)
            if ended is not None and len(read) > 1 and read[0] >= read[-1]:
                costs.append(read[0] - read[-1])
    return sorted(costs)[len(costs) // 2] if costs else None


def offer_json(offer: Offer, mbit: float | None) -> dict[str, Any]:
    """The offer for ``--dry-run --json``."""
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
