"""The commands on chapter files: convert, check, embed."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chapterize.cli.options import AsJson, Force, FrameRate
from chapterize.cli.terminal import Terminal, print_json
from chapterize.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chapterize.check import Finding, Fixed
    from chapterize.data import Chapters
    from chapterize.formats import Listing

__all__ = ["check", "convert", "embed"]

PROBLEMS_FOUND = 1
"""Exit code of `check` when rules are broken and were not mended."""

_FORMATS = (
    "json, youtube, webvtt, ffmetadata, podcast, matroska, ogm, podlove, cue, audacity,"
    " losslesscut, vorbis"
)
_WRITTEN = "edl, fcpxml, otio"
_PLATFORMS = "youtube, mp4, mp3, ogg, matroska, podcast, webvtt"

Duration = Annotated[
    str | None,
    typer.Option(
        "--duration",
        help="Length of the media, in seconds or as h:mm:ss.",
        show_default=False,
    ),
]
SourceFormat = Annotated[
    str | None,
    typer.Option(
        "--from",
        help=f"Format of the input, when its name and content do not tell: {_FORMATS}.",
        show_default=False,
    ),
]


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Chapter file; - reads stdin.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="Result; - writes stdout.")],
    source_format: SourceFormat = None,
    target_format: Annotated[
        str | None,
        typer.Option(
            "--to",
            help="Format of the result, when its name does not tell: one of those for --from, or"
            f" {_WRITTEN}.",
            show_default=False,
        ),
    ] = None,
    duration: Duration = None,
    frame_rate: FrameRate = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Convert a chapter file to another format.

    The suffix tells the format: .json, .youtube.txt, .vtt, .ffmeta, .podcast.json, .xml
    (Matroska), .ogm.txt, .psc.xml (Podlove), .cue, .labels.txt (Audacity), .csv (LosslessCut),
    .vorbis.txt; a plain .txt is read by its content and written as a YouTube list. Written only:
    .edl (markers for DaVinci Resolve), .fcpxml (Final Cut), .otio (OpenTimelineIO).
    """
    from chapterize import formats
    from chapterize.cli.options import frame_rate_of
    from chapterize.files import refuse_overwrite, write_text

    name = target_format or ("json" if _is_dash(target) else formats.format_of(target))
    given_rate = frame_rate_of(frame_rate)
    if not _is_dash(target):
        refuse_overwrite(target, force=force)
    listing = _read(source, source_format)
    parsed = formats.tile(listing, _seconds(duration))
    rate = given_rate or formats.known_rate(listing.frame_rate or 0)
    media = listing.media
    text = formats.dumps(parsed.chapters, name, frame_rate=rate, media=media)
    changed = formats.changes(
        parsed.chapters, name, frame_rate=rate, media=media, stated_rate=listing.frame_rate
    )
    notes = (*parsed.notes, *changed)
    with Terminal(str(source)) as terminal:
        for note in notes:
            terminal.note(note)
    if _is_dash(target):
        typer.echo(text, nl=False)
        return
    write_text(target, text, force=force)
    if as_json:
        _print_json(parsed.chapters, target, notes)
    else:
        typer.echo(f"wrote {target}", err=True)


def check(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="Chapter file; - reads stdin.")],
    platform: Annotated[
        str, typer.Option("--for", help=f"Whose rules to apply: {_PLATFORMS}.")
    ] = "youtube",
    source_format: SourceFormat = None,
    duration: Duration = None,
    mend: Annotated[
        bool,
        typer.Option(
            "--fix", help="Mend what can be mended; write to -o, or with --force back to FILE."
        ),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Where --fix writes.", show_default=False),
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Check chapters against the rules of a platform.

    Leaves with 0 when the rules are kept (warnings do not count) and with 1 when some are broken;
    with --fix, when some are still broken afterwards.
    """
    from chapterize.check import check as find_faults
    from chapterize.formats import marks_of

    if mend and output is None and (_is_dash(source) or not force):
        raise InputError(
            "--fix has nowhere to write",
            why="no result is written over its source unasked",
            hint="name a file with -o, or add --force to change FILE itself",
        )
    listing = _read(source, source_format)
    seconds = _seconds(duration)
    seconds = listing.duration if seconds is None else seconds
    findings = find_faults(listing.marks, platform, duration=seconds)
    notes: tuple[str, ...] = ()
    written: Path | None = None
    left = findings
    if mend:
        fixed = _mend(listing, platform, seconds)
        notes = fixed.notes
        left = find_faults(marks_of(fixed.chapters), platform, duration=seconds)
        written = output or source
        _write_back(fixed.chapters, listing.media, source, written, source_format, force=force)
    broken = [finding for finding in left if not finding.is_warning]
    if as_json:
        report = {
            "platform": platform,
            "is_ok": not broken,
            "findings": [asdict(finding) for finding in findings],
            "fixed": list(notes),
            "left": [asdict(finding) for finding in left] if mend else None,
            "output": str(written) if written else None,
        }
        print_json(report)
    else:
        _show_check(platform, findings, notes, left if mend else ())
    if broken:
        raise typer.Exit(PROBLEMS_FOUND)


def _show_check(
    platform: str, findings: Sequence[Finding], notes: Sequence[str], left: Sequence[Finding]
) -> None:
    _print_findings(findings, platform)
    for note in notes:
        typer.echo(f"fixed: {note}")
    if left:
        typer.echo("still there:")
        _print_findings(left, platform)


def embed(
    media: Annotated[
        Path,
        typer.Argument(metavar="MEDIA", help="Media file: MP4, M4A, MOV, MKV, WebM, MP3, Ogg."),
    ],
    chapters: Annotated[
        Path, typer.Argument(metavar="CHAPTERS", help="Chapter file, in any format; - reads stdin.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="Result; NAME-chapters beside MEDIA if not given.",
            show_default=False,
        ),
    ] = None,
    source_format: SourceFormat = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Put chapters into a copy of a media file; nothing is re-encoded."""
    from chapterize import formats
    from chapterize.files import refuse_overwrite
    from chapterize.media import open_media
    from chapterize.rendering.containers import default_target, embed_chapters

    opened = open_media(media)
    target = output or default_target(media, opened)
    refuse_overwrite(target, force=force)
    parsed = formats.tile(_read(chapters, source_format), opened.duration)
    with Terminal(media.name) as terminal:
        made = embed_chapters(
            opened, parsed.chapters, target, force=force, on_progress=terminal.progress
        )
        notes = (*parsed.notes, *made)
        for note in notes:
            terminal.note(note)
    if as_json:
        _print_json(parsed.chapters, target, notes)
    else:
        typer.echo(f"wrote {target} with {len(parsed.chapters)} chapters", err=True)


def _read(source: Path, name: str | None) -> Listing:
    from chapterize import formats

    if name is not None and name not in formats.FORMATS:
        raise InputError(f"no chapter format {name!r}", hint=f"choose one of {_FORMATS}")
    if not _is_dash(source):
        return formats.read_listing(source, format=name)
    data = sys.stdin.buffer.read(formats.MAX_BYTES + 1)
    if len(data) > formats.MAX_BYTES:
        raise InputError("stdin holds no chapter file", why="it is longer than 16 MB")
    return formats.scan(formats.read_text(data), name)


def _mend(listing: Listing, platform: str, seconds: float | None) -> Fixed:
    from chapterize.check import fix

    if seconds is None and listing.marks:
        seconds = max(listing.marks, key=lambda mark: mark.start).end
    if seconds is None:
        raise InputError(
            "the length of the media is not known",
            why="without it the last chapter cannot be judged or mended",
            hint="add --duration, in seconds or as h:mm:ss",
        )
    return fix(listing.marks, platform, seconds)


def _write_back(
    chapters: Chapters,
    media: str | None,
    source: Path,
    target: Path,
    name: str | None,
    *,
    force: bool,
) -> None:
    from chapterize import formats
    from chapterize.files import write_text

    if target != source:
        wanted = formats.format_of(target)
        write_text(target, formats.dumps(chapters, wanted, media=media), force=force)
        for note in formats.changes(chapters, wanted, media=media):
            typer.echo(f"note: {note}", err=True)
        return
    text = formats.read_text(source.read_bytes())
    name = name or formats.format_to_read(source, text)
    rows = [row for row in text.splitlines() if row.strip()]
    holds_more = len(rows) > len(formats.scan(text, name).marks)
    if '"chapterize.draft/' in text or (name == "youtube" and holds_more):
        raise InputError(
            f"{source} holds more than chapters",
            why="the rest would be lost if the mended list were written over it",
            hint="name a new file with -o",
        )
    write_text(target, formats.dumps(chapters, name or "youtube", media=media), force=force)


def _seconds(duration: str | None) -> float | None:
    from chapterize.errors import FormatError
    from chapterize.timecode import parse_time

    if duration is None:
        return None
    try:
        return parse_time(duration)
    except FormatError as error:
        raise InputError(f"--duration: {error.what}", why=error.why, hint=error.hint) from error


def _is_dash(path: Path) -> bool:
    return str(path) == "-"


def _print_json(chapters: Chapters, target: Path, notes: Sequence[str]) -> None:
    report = {
        "output": str(target),
        "duration": chapters.duration,
        "n_chapters": len(chapters),
        "notes": list(notes),
    }
    print_json(report)


def _print_findings(findings: Sequence[Finding], platform: str) -> None:
    for finding in findings:
        place = f"chapter {finding.chapter}" if finding.chapter else "the list"
        if finding.line is not None:
            place += f" (line {finding.line})"
        kind = "warning" if finding.is_warning else "problem"
        typer.echo(f"{kind} {finding.rule}: {place}: {finding.message}; {finding.fix}")
    if not findings:
        typer.echo(f"ok: every rule of {platform} is kept")
