"""`chapterize deliver`: the finished video, made by the remote service or on this machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chapterize.cli.drafting import chapters_of, media_of, require_own_captions, with_draft_options
from chapterize.cli.fetching import Consent
from chapterize.cli.options import (
    ASPECTS,
    STYLES,
    AsJson,
    ChapterFile,
    Force,
    Output,
    PayAgain,
    Redraft,
    Seconds,
    Style,
    Verbose,
    Yes,
    require_choice,
)
from chapterize.cli.person import Person
from chapterize.cli.settled import is_typed
from chapterize.cli.terminal import Terminal, can_ask, for_each, plain, print_json
from chapterize.errors import OptionError
from chapterize.inputs import local_file
from chapterize.settings import variable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chapterize.cli.drafting import Found
    from chapterize.data import Media
    from chapterize.deliver import Delivered, DeliverOptions, Offer
    from chapterize.pipeline import Options
    from chapterize.remote.spending import Spending

__all__ = ["deliver", "show_credits", "show_delivered"]

_USUAL_RATE = 10.0

Inputs = Annotated[
    list[Path], typer.Argument(parser=local_file, metavar="FILE", help="Videos or recordings.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be sent; send nothing.")]
Rate = Annotated[
    float, typer.Option(min=0.01, metavar="MBIT", help="Upload speed in Mbit/s, for --dry-run.")
]
RemoteOnly = Annotated[
    bool, typer.Option("--remote-only", help="Fail if the service cannot make the video.")
]
LocalOnly = Annotated[
    bool, typer.Option("--local-only", help="Make the video on this machine; send nothing.")
]
AsProxy = Annotated[
    bool, typer.Option("--proxy", help="Send a smaller copy of a file over 500 MB.")
]
Numbered = Annotated[
    bool, typer.Option("--numbered", help="With --yes, also send titles that are only numbers.")
]
Aspect = Annotated[str, typer.Option(metavar="|".join(ASPECTS), help="Aspect ratio of the video.")]
IsPlain = Annotated[
    bool, typer.Option("--plain", help="Burn no titles into a video made on this machine.")
]
StaysHere = Annotated[
    bool,
    typer.Option(
        "--offline/--no-offline",
        envvar=variable("offline"),
        show_envvar=False,
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
    numbered: Numbered = False,
    pay_again: PayAgain = False,
    style: Style = STYLES[0],
    seconds: Seconds = 4.0,
    aspect: Aspect = ASPECTS[0],
    is_plain: IsPlain = False,
    *,
    drafting: Options,
    redraft: Redraft = False,
    offline: StaysHere = False,
    as_json: AsJson = False,
    force: Force = False,
    verbose: Verbose = False,
) -> None:
    """Make the finished video, by the service or on this machine.

    Reads the video. The chapters are those of --chapters, those that the video has already, or
    drafted here. Then uploads the video to NemoVideo, a cloud service, with the times and titles of
    its chapters. The service returns a 1080p video with titles; the chapters are embedded in it
    here. If the service cannot make it, the video is made on this machine.

    Before anything is sent, the command shows what would be uploaded, how large it is and where it
    goes, and asks; --yes agrees beforehand. Nothing that was paid for is paid again unasked.
    """
    from chapterize.deliver import DeliverOptions
    from chapterize.remote.brief import BriefOptions

    require_choice("--style", style, STYLES)
    require_choice("--aspect", aspect, ASPECTS)
    if remote_only and (local_only or offline):
        raise OptionError(
            "--remote-only cannot be used with --local-only or --offline",
            why="they exclude each other",
            hint="give one of them",
        )
    if len(inputs) > 1 and (output is not None or chapters is not None):
        raise OptionError(
            "-o and --chapters apply to one file",
            why="there are several inputs",
            hint="deliver them one by one",
        )
    require_own_captions(drafting, inputs)
    where = "local" if local_only or offline else "remote" if remote_only else "auto"
    brief = BriefOptions(style, seconds, aspect)
    options = DeliverOptions.of(brief, where, force=force, is_plain=is_plain)
    options = replace(options, sends_numbers=numbered or (can_ask() and not yes))
    consent = Consent()

    def find(media: Media, terminal: Terminal) -> Found:
        return chapters_of(media, chapters, drafting, terminal, consent, redraft=redraft)

    if offline and not (dry_run or local_only or is_typed(ctx, "offline")):
        typer.echo(
            "note: Nothing is sent, because offline is set; --no-offline overrides it.", err=True
        )
    run = _Run(inputs, output, find, options, as_json)
    if dry_run:
        _show_offers(run, rate)
        return
    with Terminal("deliver") as terminal:
        person = Person(terminal, yes=yes, pay_again=pay_again, is_proxy=proxy, verbose=verbose)
        _deliver_all(run, terminal, person)


@dataclass(frozen=True)
class _Run:
    """The files of one command, how their chapters are found, and how results are shown."""

    inputs: Sequence[Path]
    output: Path | None
    find: Callable[[Media, Terminal], Found]
    options: DeliverOptions
    as_json: bool


def _deliver_all(run: _Run, terminal: Terminal, person: Person) -> None:
    """Deliver all files, in one session."""
    from chapterize.deliver import Delivery
    from chapterize.remote.identity import Identity, service_address

    # A wrong address is no obstacle to a local result.
    address = service_address() if run.options.where != "local" else ""
    delivery = Delivery(Identity(address), run.options, person, person.consent)

    def deliver_one(source: Path) -> None:
        terminal.turn_to(source.name)
        try:
            targets = delivery.targets(media_of(source), run.output)
            found = run.find(targets.media, terminal)
            made = delivery.deliver(
                targets,
                found.chapters,
                language=found.language,
                is_numbered=found.is_numbered,
            )
        except KeyboardInterrupt:
            if delivery.journal is not None:
                terminal.say(f"to continue: chapterize remote resume {delivery.journal.name}")
            raise
        finally:
            terminal.clear()
        show_delivered(made, terminal, as_json=run.as_json, is_many=len(run.inputs) > 1)

    for_each(run.inputs, deliver_one)


def _show_offers(run: _Run, rate: float) -> None:
    """Show what would be sent; send nothing."""
    from chapterize.deliver import make_offer, offer_json
    from chapterize.remote.identity import Identity, service_address

    def show_one(source: Path) -> None:
        with Terminal(source.name) as terminal:
            media = media_of(source)
            found = run.find(media, terminal)
            brief = run.options.brief_for(found.chapters, found.language)
            identity, is_numbered = Identity(service_address()), found.is_numbered
            offer = make_offer(media, found.chapters, brief, identity, is_numbered=is_numbered)
        if run.as_json:
            print_json(offer_json(offer, rate), is_many=len(run.inputs) > 1)
            return
        for line in _offer_lines(offer, rate):
            typer.echo(plain(line))

    for_each(run.inputs, show_one)


def _offer_lines(offer: Offer, rate: float) -> list[str]:
    from chapterize.files import format_size
    from chapterize.timecode import format_clock, format_length

    size = format_size(offer.size_bytes, is_over=not offer.is_accepted)
    lines = [f"would not upload {offer.source} ({size}): {offer.obstacle}"]
    if offer.is_accepted:
        renamed = "" if offer.name == offer.source.name else f" as {offer.name}"
        lines = [f"would upload {offer.source.name}{renamed} ({size}) to {offer.service}"]
    if offer.remedy:
        lines.append(f"to change that: {offer.remedy}")
    duration = format_length(offer.upload_seconds(rate))
    lines.append(f"duration of the upload: {duration} at {rate:g} Mbit/s")
    lines.append(f"cost: {offer.cost}")
    n_all, weak = len(offer.chapters) - 1, offer.weak or ()
    clear = f"; {n_all - len(weak)} of {n_all} transitions are clear"
    if offer.is_numbered:
        lines.append(
            "titles: only numbers, or its name (no captions, no recognised speech); see --numbered"
        )
    lines.append(f"{len(offer.chapters)} chapters{'' if offer.weak is None else clear}")
    for number, chapter in enumerate(offer.chapters.chapters, 1):
        confidence = "" if chapter.confidence is None else f"  ({chapter.confidence:.2f})"
        mark = "  unclear: check it" if number in weak else ""
        lines.append(f"  {format_clock(chapter.start)} {chapter.title}{confidence}{mark}")
    lines += ["", "message to the service:", *(f"  {line}" for line in offer.message.splitlines())]
    return [*lines, "", "nothing was sent"]


def show_credits(found: Spending | None, terminal: Terminal) -> None:
    """Print what was spent on stderr, if that is known."""
    if found is not None:
        spent = f"{'' if found.is_exact else 'at most '}{found.spent:g} spent"
        terminal.say(f"credits: {spent}, {found.after:g} left")


def show_delivered(
    made: Delivered, terminal: Terminal, *, as_json: bool, is_many: bool = False
) -> None:
    """Print the path on stdout and the rest on stderr, or all of it as JSON on stdout."""
    if as_json:
        from chapterize.deliver import delivered_json

        print_json(delivered_json(made), is_many=is_many)
        return
    for note in made.notes:
        terminal.note(note)
    show_credits(made.credits, terminal)
    if made.where == "local" and made.next_steps:
        terminal.say(f"To get the service's video: {made.next_steps}")
    if made.listing is not None:
        terminal.say(f"wrote {made.listing}")
    typer.echo(made.path)
