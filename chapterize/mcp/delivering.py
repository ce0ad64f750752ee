"""The tool that may send something: deliver, which without a confirmation only shows its offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from chapterize.mcp.calls import Call
from chapterize.mcp.chapters import source_path, target_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from chapterize.deliver import Choice, Offer

__all__ = ["deliver"]

_HOW_TO_SEND = (
    "Nothing was sent. Show the user what would be uploaded, its size, the host and the cost. Call "
    "deliver again with confirmed: true only after the user has agreed to this upload."
)


def deliver(
    call: Call,
    source: Annotated[str, "Path of the video or recording."],
    chapters: Annotated[str, "Path of a chapter file that the user has seen."],
    confirmed: Annotated[
        bool, "True only if the user has agreed to this upload and to what it may cost."
    ] = False,
    output: Annotated[str | None, "Where the video goes; NAME-chapters.mp4 by default."] = None,
    where: Annotated[
        Literal["auto", "remote", "local"],
        "auto: by the service, or on this machine if it fails; remote: fail instead; local: on "
        "this machine, and send nothing.",
    ] = "auto",
    style: Annotated[Literal["lower-third", "card", "corner"], "Look of the titles."] = (
        "lower-third"
    ),
    aspect: Annotated[Literal["16:9", "9:16", "1:1"], "Aspect ratio."] = "16:9",
    language: Annotated[str | None, "Language of the chapter titles, as a code."] = None,
    proxy: Annotated[bool, "Send a smaller copy of a file over 500 MB."] = False,
    force: Annotated[bool, "Overwrite `output`."] = False,
) -> dict[str, Any]:
    """Make the finished video with titles, by the NemoVideo cloud service or on this machine.

    Without confirmed, nothing leaves the machine: the result is the offer, with what would be
    uploaded, its size, the host and the cost. With confirmed, the file is uploaded and credits may
    be spent; if the service cannot make the video, it is made here, and `reason` says why. Never
    repeat a call that was interrupted: `chapterize remote resume` continues it, and pays once.
    """
    from chapterize import formats
    from chapterize.deliver import (
        DeliverOptions,
        Delivery,
        delivered_json,
        make_offer,
        offer_json,
    )
    from chapterize.media import open_media
    from chapterize.remote.brief import BriefOptions
    from chapterize.remote.identity import Identity, service_address

    options = DeliverOptions.of(BriefOptions(style, aspect=aspect), where, force=force)
    media = open_media(source_path(source))
    parsed = formats.read_chapters(source_path(chapters), duration=media.duration)
    is_local = where == "local"
    # A wrong address is no obstacle to a local result.
    identity = Identity("" if is_local else service_address())
    target = target_path(output)
    delivery = Delivery(identity, options, call, _consent(proxy=proxy))
    targets = delivery.targets(media, target)
    notes = [*media.notes, *parsed.notes]
    if not (confirmed or is_local):
        brief = options.brief_for(parsed.chapters, language)
        offer = make_offer(media, parsed.chapters, brief, identity)
        shown = {**offer_json(offer, None), "service": offer.service}
        return {"sent": False, "next": _HOW_TO_SEND, "offer": shown, "notes": notes}
    made = delivered_json(delivery.deliver(targets, parsed.chapters, language=language))
    made["notes"] = [*notes, *made["notes"]]
    return {"sent": made["session"] is not None, **made, "messages": call.messages}


def _consent(*, proxy: bool) -> Callable[[Offer], Choice]:
    """What is chosen for an offer that the user has confirmed: never more than was offered."""
    from chapterize.deliver import Choice

    def choose(offer: Offer) -> Choice:
        if offer.is_accepted:
            return Choice.SEND
        return Choice.PROXY if proxy else Choice.LOCAL

    return choose
