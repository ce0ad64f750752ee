"""`chapterize deliver`: the finished video, by the remote service or made here."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chapterize.cli.asking import make_user
from chapterize.cli.drafting import chapters_of, media_of, require_own_captions, with_draft_options
from chapterize.cli.fetching import Consent
from chapterize.cli.options import (
    ASPECTS,
    STYLES,
    AsJson,
    ChapterFile,
    Force,
    Output,
    Seconds,
    Style,
    Verbose,
    Yes,
    require_choice,
)
from chapterize.cli.settled import is_typed
from chapterize.cli.terminal import Terminal, for_each, plain, print_json
from chapterize.errors import InputError
from chapterize.settings import variable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chapterize.cli.drafting import Found
    from chapterize.data import Media
    from chapterize.deliver import Delivered, DeliverOptions, Offer
    from chapterize.pipeline import Options

__all__ = ["deliver", "delivered_json", "show_delivered"]

_USUAL_RATE = 10.0

Inputs = Annotated[
    list[Path],
    typer.Argument(metavar="FILE…", help="Videos or recordings.", show_default=False),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would be sent; nothing leaves.")]
Rate = Annotated[float, typer.Option(min=0.01, metavar="MBIT", help="Upload speed, for --dry-run.")]
RemoteOnly = Annotated[
    bool, typer.Option("--remote-only", help="Fail rather than make the result here.")
]
LocalOnly = Annotated[
    bool, typer.Option("--local-only", help="Make the result here; nothing leaves.")
]
AsProxy = Annotated[
    bool, typer.Option("--proxy", help="Send a smaller stand-in for a file over 500 MB.")
]
Aspect = Annotated[str, typer.Option(metavar="|".join(ASPECTS), help="Shape of the picture.")]
IsPlain = Annotated[
    bool, typer.Option("--plain", help="What is made here gets no titles over the picture.")
]
StaysHere = Annotated[
    bool,
    typer.Option(
        "--offline/--no-offline",
        envvar=variable("offline"),
        help="Like --local-only, and never download a model.",
        show_default=False,
    ),
]


@with_draft_options
def deliver(
    ctx: typer.Context,
    inputs: Inputs,
    chapters: ChapterFile = None,
    output: Output = None,
    dry_run: DryRun = False,
    rate: Rate = _USUAL_RATE,
    yes: Yes = False,
    remote_only: RemoteOnly = False,
    local_only: LocalOnly = False,
    proxy: AsProxy = False,
    style: Style = STYLES[0],
    seconds: Seconds = 4.0,
    aspect: Aspect = ASPECTS[0],
    is_plain: IsPlain = False,
    *,
    drafting: Options,
    offline: StaysHere = False,
    as_json: AsJson = False,
    force: Force = False,
    verbose: Verbose = False,
) -> None:
    """Chapters, titles and a 1080p video by the remote service; made here if it cannot.

    Before the first byte leaves you are told what, how large and where to, and asked; --yes
    agrees beforehand.
    """
    from chapterize.deliver import DeliverOptions
    from chapterize.remote.brief import BriefOptions
    from chapterize.rendering.options import RenderOptions

    require_choice("--style", style, STYLES)
    require_choice("--aspect", aspect, ASPECTS)
    if remote_only and (local_only or offline):
        raise InputError("--remote-only excludes --local-only and --offline")
    if len(inputs) > 1 and (output is not None or chapters is not None):
        raise InputError(
            "-o and --chapters name one file each",
            why="there are several inputs",
            hint="deliver them one by one",
        )
    require_own_captions(drafting, inputs)
    # The usual shape is asked of the service; here the picture keeps the shape it has.
    shape = None if aspect == ASPECTS[0] else aspect
    looks = RenderOptions(style=style, seconds=seconds, aspect=shape)
    options = DeliverOptions(
        BriefOptions(style, seconds, aspect),
        where="local" if local_only or offline else "remote" if remote_only else "auto",
        force=force,
        looks=None if is_plain else looks,
    )

    consent = Consent()

    def find(media: Media, terminal: Terminal) -> Found:
        return chapters_of(media, chapters, drafting, terminal, consent)

    if offline and not (dry_run or local_only or is_typed(ctx, "offline")):
        typer.echo(
            "note: Nothing is sent, because offline is set; --no-offline overrides it.",
            err=True,
        )
    if dry_run:
        _look_at_all(inputs, find, options, rate, as_json=as_json)
        return
    _deliver_all(
        inputs,
        find,
        options,
        output,
        as_json=as_json,
        asking={"yes": yes, "is_proxy": proxy, "verbose": verbose},
    )


def _deliver_all(
    inputs: Sequence[Path],
    find: Callable[[Media, Terminal], Found],
    options: DeliverOptions,
    output: Path | None,
    *,
    as_json: bool,
    asking: Mapping[str, bool],
) -> None:
    """One session for all files."""
    from chapterize.deliver import Delivery
    from chapterize.remote.identity import Identity, service_address

    with Terminal("deliver") as terminal:
        # Who we are there is only asked for when something may be sent.
        address = service_address() if options.where != "local" else ""
        delivery = Delivery(Identity(address), options, make_user(terminal, **asking))

        def deliver_one(source: Path) -> None:
            terminal.turn_to(source.name)
            try:
                media = media_of(source)
                delivery.places(media, output)
                found = find(media, terminal)
                made = delivery.deliver(source, found.chapters, output, language=found.language)
            except KeyboardInterrupt:
                if delivery.journal is not None:
                    terminal.say("chapterize remote resume goes on where this stopped")
                raise
            finally:
                terminal.clear()
            show_delivered(made, terminal, as_json=as_json, is_many=len(inputs) > 1)

        for_each(inputs, deliver_one)


def _look_at_all(
    inputs: Sequence[Path],
    find: Callable[[Media, Terminal], Found],
    options: DeliverOptions,
    rate: float,
    *,
    as_json: bool,
) -> None:
    def look_at_one(source: Path) -> None:
        with Terminal(source.name) as terminal:
            media = media_of(source)
            offer = _look(media, find(media, terminal), options)
        _show_offer(offer, rate, as_json=as_json, is_many=len(inputs) > 1)

    for_each(inputs, look_at_one)


def _look(media: Media, found: Found, options: DeliverOptions) -> Offer:
    """What would be sent, and how well the chapters part; nothing leaves."""
    from dataclasses import replace

    from chapterize.deliver import make_offer
    from chapterize.remote.identity import Identity, service_address

    brief = replace(options.brief, language=found.language or options.brief.language)
    return make_offer(media, found.chapters, brief, Identity(service_address()))


def _show_offer(offer: Offer, rate: float, *, as_json: bool, is_many: bool) -> None:
    from chapterize.deliver import offer_json

    if as_json:
        print_json(offer_json(offer, rate), is_many=is_many)
        return
    for line in _offer_lines(offer, rate):
        typer.echo(plain(line))


def _offer_lines(offer: Offer, rate: float) -> list[str]:
    from chapterize.timecode import format_clock, format_length

    taken = f"taken as {offer.name}" if offer.is_accepted else f"not taken: {offer.obstacle}"
    lines = [f"{offer.source}, {offer.size_bytes / 1e6:.1f} MB, would go to {offer.host}: {taken}"]
    if offer.remedy:
        lines.append(f"to change that: {offer.remedy}")
    lines.append(
        f"the upload would last {format_length(offer.upload_seconds(rate))} at {rate:g} Mbit/s"
    )
    lines.append(f"it may cost {offer.cost}")
    n_all, weak = len(offer.chapters) - 1, offer.weak or ()
    clear = f"{n_all - len(weak)} of {n_all} transitions are clear"
    if offer.weak is None:
        clear = "nobody measured how clear the transitions are"
    lines.append(f"{len(offer.chapters)} chapters; {clear}")
    for number, chapter in enumerate(offer.chapters.chapters, 1):
        sure = "" if chapter.confidence is None else f"  ({chapter.confidence:.2f})"
        mark = "  weak: look at it" if number in weak else ""
        lines.append(f"  {format_clock(chapter.start)} {chapter.title}{sure}{mark}")
    lines += ["", "the message:", *(f"  {line}" for line in offer.message.splitlines())]
    return [*lines, "", "nothing was sent"]


def show_delivered(
    made: Delivered, terminal: Terminal, *, as_json: bool, is_many: bool = False
) -> None:
    """The result's path on stdout and the rest on stderr, or all of it as JSON on stdout."""
    if as_json:
        print_json(delivered_json(made), is_many=is_many)
        return
    for note in made.notes:
        terminal.note(note)
    if made.credits is not None:
        before, after = made.credits
        terminal.say(f"credits: {max(0.0, before - after):g} spent, {after:g} left")
    if made.where == "local" and made.way_back:
        terminal.say(f"To get the service's video after all: {made.way_back}")
    if made.listing is not None:
        terminal.say(f"wrote {made.listing}")
    typer.echo(made.path)


def delivered_json(made: Delivered) -> dict[str, Any]:
    """What ``--json`` prints of a delivery."""
    spent = None
    if made.credits is not None:
        before, after = made.credits
        spent = {"before": before, "after": after, "spent": max(0.0, before - after)}
    return {
        "where": made.where,
        "reason": made.reason or None,
        "path": str(made.path),
        "listing": None if made.listing is None else str(made.listing),
        "chapters": [asdict(chapter) for chapter in made.chapters.chapters],
        "changes": list(made.changes),
        "credits": spent,
        "notes": list(made.notes),
        "way_back": made.way_back or None,
        "session": made.session,
    }
