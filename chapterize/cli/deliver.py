"""`chapterize deliver`: the finished video, by the remote service or made here."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from chapterize.cli.asking import make_user
from chapterize.cli.draft import caption_choice
from chapterize.cli.options import (
    AsJson,
    Captions,
    Count,
    Force,
    Language,
    Model,
    Output,
    PerHour,
    Seconds,
    Verbose,
    Yes,
)
from chapterize.cli.terminal import Terminal, plain, report
from chapterize.errors import ChapterizeError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chapterize.data import Chapters
    from chapterize.deliver import Delivered, DeliverOptions, Offer
    from chapterize.pipeline import Options

__all__ = ["ASPECTS", "STYLES", "chapters_of", "deliver", "delivered_json", "show_delivered"]

STYLES = ("lower-third", "card", "corner")
ASPECTS = ("16:9", "9:16", "1:1")
_USUAL_RATE = 10.0


def deliver(
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="Videos or recordings.", show_default=False),
    ],
    chapters: Annotated[
        Path | None,
        typer.Option(
            help="A chapter file, in any format; drafted here if not given.", show_default=False
        ),
    ] = None,
    output: Output = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be sent; nothing leaves.")
    ] = False,
    rate: Annotated[
        float, typer.Option(min=0.01, metavar="MBIT", help="Upload speed, for --dry-run.")
    ] = _USUAL_RATE,
    yes: Yes = False,
    remote_only: Annotated[
        bool, typer.Option("--remote-only", help="Fail rather than make the result here.")
    ] = False,
    local_only: Annotated[
        bool, typer.Option("--local-only", help="Make the result here; nothing leaves.")
    ] = False,
    proxy: Annotated[
        bool, typer.Option("--proxy", help="Send a smaller stand-in for a file over 500 MB.")
    ] = False,
    style: Annotated[
        str, typer.Option(metavar="|".join(STYLES), help="How the titles look.")
    ] = STYLES[0],
    seconds: Seconds = 4.0,
    aspect: Annotated[
        str, typer.Option(metavar="|".join(ASPECTS), help="Shape of the picture.")
    ] = ASPECTS[0],
    is_plain: Annotated[
        bool, typer.Option("--plain", help="What is made here gets no titles over the picture.")
    ] = False,
    captions: Captions = "auto",
    count: Count = None,
    per_hour: PerHour = None,
    language: Language = None,
    model: Model = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="As --local-only; models are not downloaded either.")
    ] = False,
    as_json: AsJson = False,
    force: Force = False,
    verbose: Verbose = False,
) -> None:
    """Chapters, titles and a 1080p video by the remote service; made here if it cannot.

    Before the first byte leaves you are told what, how large and where to, and asked; --yes
    agrees beforehand.
    """
    from chapterize.deliver import DeliverOptions, Looks
    from chapterize.pipeline import Options
    from chapterize.remote.brief import BriefOptions
    from chapterize.render.overlay import OverlayOptions
    from chapterize.render.video import VideoOptions
    from chapterize.segment import SegmentOptions

    _check(style, STYLES, "--style")
    _check(aspect, ASPECTS, "--aspect")
    if remote_only and (local_only or offline):
        raise InputError("--remote-only excludes --local-only and --offline")
    if len(inputs) > 1 and (output is not None or chapters is not None):
        raise InputError(
            "-o and --chapters name one file each",
            why="there are several inputs",
            hint="deliver them one by one",
        )
    draft_options = Options(
        captions=caption_choice(captions, len(inputs)),
        language=language,
        model=model,
        offline=offline,
        segment=SegmentOptions(count=count, per_hour=per_hour),
    )
    # The usual shape is asked of the service; here the picture keeps the shape it has.
    shape = VideoOptions(aspect=None if aspect == ASPECTS[0] else aspect)
    looks = Looks(OverlayOptions(style, seconds), shape)
    options = DeliverOptions(
        BriefOptions(style, seconds, aspect),
        where="local" if local_only or offline else "remote" if remote_only else "auto",
        force=force,
        looks=None if is_plain else looks,
    )

    def find(source: Path, terminal: Terminal) -> Found:
        return chapters_of(source, chapters, draft_options, terminal)

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
    find: Callable[[Path, Terminal], Found],
    options: DeliverOptions,
    output: Path | None,
    *,
    as_json: bool,
    asking: Mapping[str, bool],
) -> None:
    """One session for all files; a bad one of several must not cost the others."""
    from chapterize.deliver import Delivery
    from chapterize.remote.identity import Identity, service_address

    failed: ChapterizeError | None = None
    with Terminal(inputs[0].name if len(inputs) == 1 else "deliver") as terminal:
        # Who we are there is only asked for when something may be sent.
        address = service_address() if options.where != "local" else ""
        delivery = Delivery(Identity(address), options, make_user(terminal, **asking))
        for source in inputs:
            try:
                found = find(source, terminal)
                made = delivery.deliver(source, found.chapters, output, language=found.language)
            except ChapterizeError as error:
                if len(inputs) == 1:
                    raise
                terminal.clear()
                report(error)
                failed = failed or error
            except KeyboardInterrupt:
                if delivery.journal is not None:
                    terminal.say("chapterize remote resume goes on where this stopped")
                raise
            else:
                show_delivered(made, terminal, as_json=as_json, is_many=len(inputs) > 1)
    if failed is not None:
        raise typer.Exit(failed.exit_code)


class Found(NamedTuple):
    """Chapters of a file, and the language they are in, if that is known."""

    chapters: Chapters
    language: str | None


def chapters_of(source: Path, given: Path | None, options: Options, terminal: Terminal) -> Found:
    """Those of the chapter file, or drafted."""
    from chapterize import formats
    from chapterize.captions import is_caption_file
    from chapterize.media import open_media
    from chapterize.pipeline import make_draft

    if source.is_file() and is_caption_file(source):
        raise InputError(
            f"{source} is a caption file",
            why="a video is made of a video",
            hint="give the video; captions beside it are found, others go with --captions",
        )
    if given is not None:
        parsed = formats.read_chapters(given, duration=open_media(source).duration)
        for note in parsed.notes:
            terminal.note(note)
        return Found(parsed.chapters, options.language)
    draft = make_draft(source, options, on_progress=terminal.progress, on_note=terminal.note)
    return Found(draft.chapters, draft.transcript.language)


def _look_at_all(
    inputs: Sequence[Path],
    find: Callable[[Path, Terminal], Found],
    options: DeliverOptions,
    rate: float,
    *,
    as_json: bool,
) -> None:
    failed: ChapterizeError | None = None
    for source in inputs:
        try:
            with Terminal(source.name) as terminal:
                offer = _look(source, find(source, terminal), options)
        except ChapterizeError as error:
            if len(inputs) == 1:
                raise
            report(error)
            failed = failed or error
        else:
            _show_offer(offer, rate, as_json=as_json, is_many=len(inputs) > 1)
    if failed is not None:
        raise typer.Exit(failed.exit_code)


def _look(source: Path, found: Found, options: DeliverOptions) -> Offer:
    """What would be sent, and how well the chapters part; nothing leaves."""
    from dataclasses import replace

    from chapterize.deliver import make_offer
    from chapterize.media import open_media
    from chapterize.remote.identity import Identity, service_address

    brief = replace(options.brief, language=found.language or options.brief.language)
    return make_offer(open_media(source), found.chapters, brief, Identity(service_address()))


def _show_offer(offer: Offer, rate: float, *, as_json: bool, is_many: bool) -> None:
    from chapterize.deliver import offer_json

    if as_json:
        indent = None if is_many else 2
        typer.echo(json.dumps(offer_json(offer, rate), ensure_ascii=False, indent=indent))
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
        indent = None if is_many else 2
        typer.echo(json.dumps(delivered_json(made), ensure_ascii=False, indent=indent))
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


def _check(value: str, allowed: Sequence[str], name: str) -> None:
    if value not in allowed:
        raise typer.BadParameter(f"one of {', '.join(allowed)}", param_hint=name)
